import numpy as np
import pytest
import torch
from Bio.Seq import Seq
from Bio.SeqRecord import SeqRecord
from msgspec.structs import replace

from dnaseq.bundle.bundle import load_bundle, save_bundle
from dnaseq.bundle.inference import rechunk
from dnaseq.bundle.inference.novelty_features import record_composition
from dnaseq.bundle.postprocess import SAME_WITHIN, SAME_WITHIN_ON_GPU
from dnaseq.bundle.predictor import Predictor
from dnaseq.data.records.lengths import LengthPolicy
from dnaseq.errors import ConfigError, FileAccessError, InputError, ModelFileError
from dnaseq.evaluation.decisions.calibration import Curve, Curves
from dnaseq.evaluation.decisions.novelty import novelty_reference
from dnaseq.evaluation.metrics.classification import predict_classes
from dnaseq.io.results.rows import open_rows, read_rows
from dnaseq.io.sequences.plain import sequence_blocks
from dnaseq.io.sequences.reading import Reading, read_blocks

LENGTHS = (1, 7, 30, 31, 64, 200)


@pytest.fixture(scope="module")
def sequences(random_sequence):
    return [random_sequence(LENGTHS[i % len(LENGTHS)], i) for i in range(60)]


@pytest.fixture(scope="module")
def fasta(sequences, tmp_path_factory):
    path = tmp_path_factory.mktemp("reads") / "reads.fa"
    path.write_text("".join(f">r{i} text\n{s}\n" for i, s in enumerate(sequences)))
    return path


@pytest.fixture(scope="module")
def predictor(bundle):
    return Predictor.load(bundle)


def shares(predictions) -> np.ndarray:
    return np.array([list(p.probabilities.values()) for p in predictions])


def test_one_answer_a_record_in_order(predictor, fasta, sequences):
    answers = predictor.predict(fasta)
    assert [a.id for a in answers] == [f"r{i}" for i in range(60)]
    assert [a.length for a in answers] == [len(s) for s in sequences]
    assert {a.status for a in answers} == {"ok"}


def test_a_file_and_a_list_give_the_same_answers(predictor, fasta, sequences):
    assert (shares(predictor.predict(fasta)) == shares(predictor.predict(sequences))).all()


def test_one_text_is_one_sequence_or_a_missing_file(predictor, sequences, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (only,) = predictor.predict(sequences[5])
    assert only == predictor.predict([sequences[5]])[0]
    with pytest.raises(FileAccessError, match=r"^reads\.fa: does not exist"):
        predictor.predict("reads.fa")


def test_records_of_biopython_keep_their_ids(predictor, sequences):
    (only,) = predictor.predict([SeqRecord(Seq(sequences[5]), id="chr1", description="text")])
    assert only.id == "chr1"
    assert only.probabilities == predictor.predict([sequences[5]])[0].probabilities


def test_probabilities_as_an_array(predictor, sequences, fasta):
    expected = shares(predictor.predict(sequences))
    np.testing.assert_array_equal(predictor.predict_proba(np.array(sequences)), expected)
    np.testing.assert_array_equal(predictor.predict_proba(fasta), expected)
    assert predictor.predict_proba([]).shape == (0, len(predictor.classes))
    assert np.isnan(predictor.predict_proba([""], bad_records="keep")).all()


def test_the_table_has_what_the_predictions_have(predictor, fasta):
    columns, answers = predictor.table(fasta).columns, predictor.predict(fasta)
    assert columns["id"] == [a.id for a in answers]
    assert columns["score"] == [a.score for a in answers]
    last = predictor.classes[-1]
    assert columns[f"p_{last}"] == [a.probabilities[last] for a in answers]


def test_windows_have_their_places_in_the_table(bundle, sequences):
    columns = Predictor.load(bundle, window=30, stride=15).table([sequences[4]]).columns
    assert list(zip(columns["start"], columns["end"], strict=True)) == [(0, 30), (15, 45), (30, 60), (34, 64)]


def test_probabilities_sum_to_one_and_the_score_is_that_of_the_label(predictor, sequences):
    for answer in predictor.predict(sequences):
        # each is rounded to the seven digits that are written
        assert sum(answer.probabilities.values()) == pytest.approx(1, abs=1.1e-7, rel=0)
        assert answer.score == max(answer.probabilities.values()) == answer.probabilities[answer.label]


@pytest.mark.parametrize("batch_size", [1, 7, 64, 1000])
def test_the_batch_size_changes_no_answer(bundle, predictor, sequences, batch_size):
    other = Predictor.load(bundle, batch_size=batch_size).predict(sequences)
    assert [a.label for a in other] == [a.label for a in predictor.predict(sequences)]
    np.testing.assert_allclose(shares(other), shares(predictor.predict(sequences)), atol=SAME_WITHIN, rtol=0)


@pytest.mark.parametrize("model", ["rnn", "bilstm", "transformer", "dilated_cnn"])
def test_no_batch_size_changes_an_answer_for_200_bases(tmp_path, make_bundle, random_sequence, model):
    folder = make_bundle(tmp_path / "b", model)
    records = [random_sequence(200, i) for i in range(20)]
    due, *found = (shares(Predictor.load(folder, batch_size=n).predict(records)) for n in (1000, 17, 1))
    for one in found:
        np.testing.assert_allclose(one, due, atol=SAME_WITHIN, rtol=0)


@pytest.mark.gpu
@pytest.mark.skipif(not torch.cuda.is_available(), reason="no GPU")
@pytest.mark.parametrize("model", ["rnn", "bilstm", "transformer", "dilated_cnn"])
def test_a_gpu_gives_nearly_the_same_answers(tmp_path, make_bundle, random_sequence, model):
    folder = make_bundle(tmp_path / "b", model)
    records = [random_sequence(200, i) for i in range(70)]
    due, found = (
        shares(Predictor.load(folder, device=device).predict(records)) for device in ("cpu", "cuda")
    )
    np.testing.assert_allclose(found, due, atol=SAME_WITHIN_ON_GPU, rtol=0)


@pytest.mark.parametrize("model", ["bilstm", "gru", "attention", "transformer", "cnn_bilstm"])
@pytest.mark.parametrize("encoding", ["onehot", "kmer"])
def test_batch_mates_change_no_answer(tmp_path, make_bundle, sequences, model, encoding):
    predictor = Predictor.load(make_bundle(tmp_path / "b", model, encoding))
    usable = [s for s in sequences if len(s) >= predictor.encoding.shortest][:12]
    alone = [predictor.predict([s])[0] for s in usable]
    np.testing.assert_allclose(shares(predictor.predict(usable)), shares(alone), atol=SAME_WITHIN, rtol=0)


def test_lower_case_and_u_read_as_upper_case_and_t(predictor):
    upper, lower, rna = predictor.predict(["ACGTTACG", "acgttacg", "ACGUUACG"])
    assert upper.probabilities == lower.probabilities == rna.probabilities


def test_no_sequences_no_answers(predictor):
    assert predictor.predict([]) == []


def test_a_bad_letter_is_named(predictor):
    with pytest.raises(InputError, match=r"record '2': letter '7' at position 3"):
        predictor.predict(["ACGT", "AC7T"])


@pytest.mark.parametrize("bad_records", ["foo", "", None])
def test_an_unknown_bad_records_lists_the_known(predictor, bad_records):
    with pytest.raises(ConfigError, match="bad_records must be one of fail, keep; got"):
        predictor.predict(["ACGT"], bad_records=bad_records)


def test_an_unknown_bad_records_is_known_before_anything_is_read(predictor):
    with pytest.raises(ConfigError, match="bad_records must be one of fail, keep; got 'foo'"):
        predictor.predict_blocks([], bad_records="foo")


BAD = ("AC7T", "", "NNNN", "protein")


def test_a_list_rejects_what_a_file_rejects(predictor, tmp_path):
    sequences = ["ACGT", *BAD, "GGCC"]
    (tmp_path / "a.fa").write_text("".join(f">{i}\n{s}\n" for i, s in enumerate(sequences, start=1)))
    listed = predictor.predict(sequences, bad_records="keep")
    filed = predictor.predict(tmp_path / "a.fa", bad_records="keep")
    assert [a.status for a in listed] == [a.status for a in filed]
    assert [a.status == "ok" for a in listed] == [True, False, False, False, False, True]
    assert [(a.id, a.length, a.label) for a in listed] == [(a.id, a.length, a.label) for a in filed]


@pytest.mark.parametrize("sequence", BAD)
def test_a_bad_one_among_good_ones_changes_no_other_answer(predictor, sequence):
    first, _, last = predictor.predict(["ACGT", sequence, "GGCC"], bad_records="keep")
    alone = predictor.predict(["ACGT", "GGCC"])
    assert [first.probabilities, last.probabilities] == [a.probabilities for a in alone]


def test_an_empty_sequence_is_called_empty(predictor):
    with pytest.raises(InputError, match=r"^record '2': empty sequence"):
        predictor.predict(["ACGT", ""])


def test_a_bad_record_of_the_second_file_names_that_file(tmp_path, make_bundle):
    strict = Predictor.load(make_bundle(tmp_path / "b", lengths={"policy": "error", "length": 4}))
    (tmp_path / "one.fa").write_text(">a\nACGT\n")
    (tmp_path / "two.fa").write_text(">b\nACGT\n>c\nACGTA\n")
    blocks = read_blocks([tmp_path / "one.fa", tmp_path / "two.fa"])
    with pytest.raises(
        InputError, match=r"two.fa:3: record 'c': length 5, expected 4. Choose length_policy="
    ):
        list(strict.predict_blocks(blocks))


def test_kept_bad_records_keep_their_place(predictor, tmp_path):
    (tmp_path / "a.fa").write_text(">a\nACGT\n>b\nAC7T\n>c\nGGCC\n")
    first, bad, last = predictor.predict(tmp_path / "a.fa", bad_records="keep")
    assert (first.status, last.status) == ("ok", "ok")
    assert bad.id == "b"
    assert bad.status.startswith("rejected:letter '7'")
    assert bad.label == ""


def test_a_record_of_another_length_is_refused_by_a_strict_bundle(tmp_path, make_bundle):
    strict = Predictor.load(make_bundle(tmp_path / "b", lengths={"policy": "error", "length": 8}))
    assert len(strict.predict(["ACGTACGT"])) == 1
    with pytest.raises(InputError, match=r"record '2': length 4, expected 8"):
        strict.predict(["ACGTACGT", "ACGT"])


def test_a_tiled_record_gets_the_mean_of_its_windows(tmp_path, make_bundle, random_sequence):
    make_bundle(tmp_path / "b", lengths={"policy": "error", "length": 20})
    long = random_sequence(60, 5)
    whole = Predictor.load(tmp_path / "b", length_policy="tile").predict([long])
    parts = Predictor.load(tmp_path / "b").predict([long[:20], long[20:40], long[40:]])
    np.testing.assert_allclose(shares(whole)[0], shares(parts).mean(axis=0), atol=1.1e-7)


@pytest.mark.parametrize("policy", ["tile", "trim", "error"])
def test_a_bundle_without_a_length_cuts_nothing(bundle, policy):
    with pytest.raises(ConfigError, match=rf"length_policy={policy}: the bundle has no length; it takes"):
        Predictor.load(bundle, length_policy=policy)


def test_an_unknown_length_policy_lists_the_known(bundle):
    with pytest.raises(ConfigError, match="one of error, pad, trim, tile; got 'cut'"):
        Predictor.load(bundle, length_policy="cut")


def test_a_trimmed_record_is_judged_by_its_middle(tmp_path, make_bundle, random_sequence):
    make_bundle(tmp_path / "b", lengths={"policy": "trim", "length": 20})
    long = random_sequence(60, 5)
    trimmed, middle = Predictor.load(tmp_path / "b").predict([long, long[20:40]])
    assert trimmed.probabilities == pytest.approx(middle.probabilities)


def test_a_record_shorter_than_k_is_refused(tmp_path, make_bundle):
    kmers = Predictor.load(make_bundle(tmp_path / "b", encoding="kmer"))
    with pytest.raises(InputError, match=r"record '2': 2 bases, shorter than k = 3"):
        kmers.predict(["ACGT", "AC"])


def test_ambiguous_letters_can_be_refused(tmp_path, make_bundle):
    strict = Predictor.load(make_bundle(tmp_path / "b", overrides=["encoding.ambiguous=error"]))
    with pytest.raises(InputError, match=r"record '2': ambiguous letter at position 3"):
        strict.predict(["ACGT", "ACNT"])


def test_three_classes_are_decided_by_the_largest(tmp_path, make_bundle, sequences):
    predictor = Predictor.load(make_bundle(tmp_path / "b", classes=("x", "y", "z")))
    for answer in predictor.predict(sequences[:20]):
        assert list(answer.probabilities) == ["x", "y", "z"]
        assert answer.probabilities[answer.label] == max(answer.probabilities.values())


def just_below_half(bundle) -> Predictor:
    """Every record's probability of the second class is 0.49999999, which is written as 0.5."""
    predictor = Predictor.load(bundle)
    last = predictor.net.head.classify[-1]
    last.weight.data.zero_()
    last.bias.data = torch.tensor([0.0, -4e-8])
    return predictor


def test_a_label_is_decided_on_the_number_that_is_written(bundle):
    (answer,) = just_below_half(bundle).predict(["ACGT"])
    assert (answer.label, answer.score) == ("pos", 0.5)


@pytest.mark.parametrize("suffix", ["tsv", "tsv.gz"])
@pytest.mark.parametrize("load", [Predictor.load, just_below_half])
def test_a_table_holds_the_very_numbers_and_scores_of_it_the_very_labels(
    bundle, sequences, tmp_path, suffix, load
):
    predictor = load(bundle)
    predictor.postprocessor.threshold = (
        0.5 if load is just_below_half else predictor.predict(sequences[7:8])[0].score
    )
    path = str(tmp_path / f"out.{suffix}")
    (rows,) = predictor.predict_blocks(sequence_blocks(sequences, Reading()))
    with open_rows(path, predictor.classes, overwrite=False) as table:
        table.write(rows)
    classes, read = read_rows(path)
    assert (read.probabilities == rows.probabilities).all()
    assert (read.scores == rows.scores).all()
    predicted = predict_classes(read.probabilities, predictor.postprocessor.threshold)
    assert [classes[i] for i in predicted] == read.labels == rows.labels


def test_long_records_share_no_large_batch(bundle, monkeypatch, random_sequence):
    monkeypatch.setattr(rechunk, "MOST_POSITIONS", 1000)
    predictor, shapes = Predictor.load(bundle), []
    predictor.net.register_forward_pre_hook(
        lambda net, arguments: shapes.append(tuple(arguments[0].shape[:2]))
    )
    predictor.predict([random_sequence(n, n) for n in (400, 10, 410, 420, 20, 1001)])
    assert [length for length, _ in shapes] == [20, 410, 420, 1001]


def test_a_score_that_is_not_a_number_is_the_models_fault(bundle):
    predictor = Predictor.load(bundle)
    predictor.net.head.classify[-1].bias.data.fill_(float("nan"))
    with pytest.raises(ModelFileError, match="score of record '1' is not a number"):
        predictor.predict(["ACGT"])


@pytest.mark.parametrize("batch_size", [0, -1, 2.5, "64"])
def test_a_batch_size_is_a_whole_number(bundle, batch_size):
    with pytest.raises(ConfigError, match="batch_size must be a whole number of at least 1; got"):
        Predictor.load(bundle, batch_size=batch_size)


def test_an_unknown_device_lists_the_known(bundle):
    with pytest.raises(ConfigError, match="auto, cpu, gpu, cuda; got 'tpu'"):
        Predictor.load(bundle, device="tpu")


@pytest.fixture
def told(bundle, tmp_path):
    """told(calibration=..., ...) -> the predictor of the bundle with these entries."""

    def make(**entries) -> Predictor:
        found = load_bundle(bundle)
        save_bundle(tmp_path / "told", replace(found.spec, **entries), found.net)
        return Predictor.load(tmp_path / "told")

    return make


def rule_of(confidence: float) -> dict:
    return {
        "at_most": 0.1, "reached": True, "confidence": confidence, "error_rate": 0.1, "coverage": 0.5, "n": 40,
    }  # fmt: skip


def test_a_temperature_divides_the_logits(told, predictor, sequences):
    own = shares(predictor.predict(sequences))
    found = shares(told(calibration={"kind": "temperature", "temperature": 2.0, "n": 40}).predict(sequences))
    np.testing.assert_allclose(
        np.log(found[:, 1] / found[:, 0]), np.log(own[:, 1] / own[:, 0]) / 2, atol=1e-4
    )
    assert np.abs(found - own).max() > 0.02


def test_a_calibrated_answer_is_written_decided_and_scored_as_it_is(told, sequences):
    curve = {"x": [0.0, 1.0], "y": [0.2, 0.6]}
    predictor = told(calibration={"kind": "isotonic", "curves": [curve], "n": 40}, threshold=0.4)
    own = told().predict(sequences)
    for answer, before in zip(predictor.predict(sequences), own, strict=True):
        expected = 0.2 + 0.4 * before.probabilities["pos"]
        assert answer.probabilities["pos"] == pytest.approx(expected, abs=1e-6)
        assert answer.probabilities["pos"] == float(f"{answer.probabilities['pos']:.7g}")
        assert answer.label == ("pos" if answer.probabilities["pos"] >= 0.4 else "neg")
        assert answer.score == answer.probabilities[answer.label]


def test_a_tiled_record_is_calibrated_as_a_whole(tmp_path, make_bundle, random_sequence):
    found = load_bundle(make_bundle(tmp_path / "b", lengths={"policy": "error", "length": 20}))
    curves = Curves([Curve([0.0, 1.0], [0.2, 0.6])], 40)
    save_bundle(tmp_path / "c", replace(found.spec, calibration=curves), found.net)
    long = [random_sequence(67, 5)]
    before, after = (
        Predictor.load(tmp_path / n, length_policy="tile").predict(long)[0].probabilities for n in "bc"
    )
    assert after["pos"] == pytest.approx(0.2 + 0.4 * before["pos"], abs=1e-6)


def test_a_record_of_too_little_confidence_has_all_but_its_label(told, predictor, sequences):
    sure = predictor.predict(sequences)
    cut = float(np.median([a.score for a in sure]))
    found = told(abstention=rule_of(cut)).predict(sequences)
    assert {a.label == "" for a in found} == {True, False}
    for answer, before in zip(found, sure, strict=True):
        unsure = before.score < cut
        assert answer.label == ("" if unsure else before.label)
        assert answer.note == ("abstained" if unsure else "")
        assert (answer.probabilities, answer.score, answer.status) == (
            before.probabilities,
            before.score,
            "ok",
        )


def test_confidence_is_lowest_at_the_threshold_of_the_bundle(told, predictor, sequences):
    threshold = predictor.predict(sequences[:1])[0].probabilities["pos"]
    abstaining = told(threshold=threshold, abstention=rule_of(0.51))
    assert abstaining.predict(sequences)[0].note == "abstained"
    assert "" in {a.note for a in abstaining.predict(sequences)}


def test_who_scores_all_records_gets_all_labels(told, predictor, sequences):
    abstaining = told(abstention=rule_of(1.0))
    (rows,) = abstaining.predict_blocks(sequence_blocks(sequences, Reading()), abstain=False)
    assert rows.labels == [a.label for a in predictor.predict(sequences)]
    assert set(rows.notes) == {""}


def test_a_rule_that_was_not_reached_leaves_no_record_out(told, sequences):
    rule = rule_of(0.9) | {"reached": False, "confidence": None}
    predictor = told(abstention=rule)
    assert not predictor.abstains
    assert "" not in {a.label for a in predictor.predict(sequences)}


@pytest.fixture
def novelty(random_sequence):
    """What 40 % GC records of 200 bases look like."""
    (block,) = sequence_blocks([random_sequence(200, i, "AATTACGTCG") for i in range(400)], Reading())
    features = record_composition(block, np.arange(400), LengthPolicy())
    return novelty_reference(features[:300], features[300:], 0.01)


def test_records_unlike_the_training_records_are_noted(told, novelty, random_sequence):
    usual = [random_sequence(200, i, "AATTACGTCG") for i in range(1000, 1100)]
    other = [random_sequence(200, i, "CG") for i in range(50)]
    answers = told(novelty=novelty).predict(usual + other)
    noted = [a.note == "unlike training" for a in answers]
    assert sum(noted[:100]) <= 5
    assert all(noted[100:])
    assert "" not in {a.label for a in answers}


def test_a_record_can_have_both_notes_and_a_rejected_one_has_none(told, novelty):
    predictor = told(novelty=novelty, abstention=rule_of(1.0))
    bad, both = predictor.predict(["AC7T", "CG" * 100], bad_records="keep")
    assert (bad.note, both.note) == ("", "abstained; unlike training")


def test_notes_do_not_depend_on_batch_mates_or_strand(told, novelty, sequences):
    predictor = told(novelty=novelty)
    notes = [a.note for a in predictor.predict(sequences)]
    assert [predictor.predict([s])[0].note for s in sequences[:6]] == notes[:6]
    other = [s[::-1].translate(str.maketrans("ACGT", "TGCA")) for s in sequences]
    assert [a.note for a in predictor.predict(other)] == notes
