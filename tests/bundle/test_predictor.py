import numpy as np
import pytest

from dnaseq.bundle.predictor import Predictor
from dnaseq.errors import ConfigError, InputError, ModelFileError

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


def test_probabilities_sum_to_one_and_the_score_is_that_of_the_label(predictor, sequences):
    for answer in predictor.predict(sequences):
        assert sum(answer.probabilities.values()) == pytest.approx(1, abs=1e-9)
        assert answer.score == max(answer.probabilities.values()) == answer.probabilities[answer.label]


@pytest.mark.parametrize("batch_size", [1, 7, 64, 1000])
def test_the_batch_size_changes_no_answer(bundle, predictor, sequences, batch_size):
    other = Predictor.load(bundle, batch_size=batch_size).predict(sequences)
    assert [a.label for a in other] == [a.label for a in predictor.predict(sequences)]
    np.testing.assert_allclose(shares(other), shares(predictor.predict(sequences)), atol=1e-6)


@pytest.mark.parametrize("model", ["bilstm", "gru", "attention", "transformer", "cnn_bilstm"])
@pytest.mark.parametrize("encoding", ["onehot", "kmer"])
def test_batch_mates_change_no_answer(tmp_path, make_bundle, sequences, model, encoding):
    predictor = Predictor.load(make_bundle(tmp_path / "b", model, encoding))
    usable = [s for s in sequences if len(s) >= predictor.encoding.shortest][:12]
    alone = [predictor.predict([s])[0] for s in usable]
    np.testing.assert_allclose(shares(predictor.predict(usable)), shares(alone), atol=1e-6)


def test_lower_case_and_u_read_as_upper_case_and_t(predictor):
    upper, lower, rna = predictor.predict(["ACGTTACG", "acgttacg", "ACGUUACG"])
    assert upper.probabilities == lower.probabilities == rna.probabilities


def test_no_sequences_no_answers(predictor):
    assert predictor.predict([]) == []


def test_a_bad_letter_is_named(predictor):
    with pytest.raises(InputError, match=r"record '2': letter '7' at position 3"):
        predictor.predict(["ACGT", "AC7T"])


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
    np.testing.assert_allclose(shares(whole)[0], shares(parts).mean(axis=0), atol=1e-7)


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


def test_a_score_that_is_not_a_number_is_the_models_fault(bundle):
    predictor = Predictor.load(bundle)
    predictor.net.head.classify[-1].bias.data.fill_(float("nan"))
    with pytest.raises(ModelFileError, match="score of record '1' is not a number"):
        predictor.predict(["ACGT"])


def test_an_unknown_device_lists_the_known(bundle):
    with pytest.raises(ConfigError, match="auto, cpu, cuda; got 'tpu'"):
        Predictor.load(bundle, device="tpu")
