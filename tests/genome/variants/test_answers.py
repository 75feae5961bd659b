"""What a variant does to the logit: the same however it is written, and minus what the change back does."""

import numpy as np
import pytest

from dnaseq.encode.alphabet import to_codes, to_letters
from dnaseq.genome.variants import scoring
from dnaseq.genome.variants.answers import answer_all, survey
from dnaseq.genome.variants.changes import Change
from dnaseq.genome.variants.null import Null, Samples, draw_null, random_changes
from dnaseq.genome.variants.reference import Reference
from dnaseq.genome.variants.scoring import Effect, Scorer, mean_effects
from dnaseq.genome.variants.windows import Placements
from dnaseq.interpret.logit import Logit
from dnaseq.interpret.methods.explanation import MethodSettings
from dnaseq.interpret.methods.perturbation import mutagenesis
from dnaseq.io.variants.vcf import Variant

LETTERS = to_letters(np.random.default_rng(3).integers(4, size=600).astype(np.uint8))
LETTERS = LETTERS[:300] + "ACACACACACAC" + LETTERS[312:]


@pytest.fixture(scope="module")
def logit(predictor_of):
    return Logit(predictor_of("cnn"))


def scorer_of(logit, genome, placements=None):
    def score(pairs):
        return ((mine, mean_effects(logit, windows)) for mine, windows in pairs)

    return Scorer(score, genome, placements or Placements(40, 3))


def answers(logit, genome, *variants, placements=None, mismatch="fail", null=None):
    """The answers to variants (pos, ref, alt, ...) on contig c."""
    reference = Reference(genome, mismatch)
    scorer = scorer_of(logit, genome, placements)
    given = [Variant(i, "c", pos, ".", ref, tuple(alts)) for i, (pos, ref, *alts) in enumerate(variants)]
    found = list(answer_all(given, reference, scorer, null or Null({})))
    assert [variant for variant, _ in found] == given
    return [one for _, every in found for one in every]


CHANGES = [
    (200, "", "ACGTA"),
    (250, LETTERS[250:254], ""),
    (123, LETTERS[123:126], "GGGGG"),
    (99, LETTERS[99], "T"),
]


@pytest.mark.parametrize(("start", "ref", "alt"), CHANGES)
@pytest.mark.parametrize("strands", ["one", "both"])
def test_the_change_back_has_minus_the_effect(start, ref, alt, strands, predictor_of, genome_of):
    logit = Logit(predictor_of("cnn", strands=strands))
    before, after = LETTERS[start - 1] + ref, LETTERS[start - 1] + alt
    other = LETTERS[:start] + alt + LETTERS[start + len(ref) :]
    (there,) = answers(logit, genome_of(c=LETTERS), (start, before, after))
    (back,) = answers(logit, genome_of(c=other), (start, after, before))
    assert abs(there.delta_logit) > 1e-3
    np.testing.assert_allclose(back.delta_logit, -there.delta_logit, atol=1e-5)
    np.testing.assert_allclose([back.ref, back.alt], [there.alt, there.ref], atol=1e-6)
    assert back.placements_sd == pytest.approx(there.placements_sd, abs=1e-5)


def test_a_substitution_in_the_middle_is_that_of_mutagenesis(logit, genome_of):
    codes = to_codes(LETTERS[280:320])[None]
    scores = mutagenesis(logit, codes, np.array([40]), MethodSettings()).hypothetical[0, 20] * 0.75
    own = int(codes[0, 20])
    others = [base for base in range(4) if base != own]
    variant = (301, LETTERS[300], *("ACGT"[base] for base in others))
    found = answers(logit, genome_of(c=LETTERS), variant, placements=Placements(40, 1))
    expected = [scores[base] - scores[own] for base in others]
    np.testing.assert_allclose([one.delta_logit for one in found], expected, atol=1e-4)
    assert [one.placements_sd for one in found] == [None] * 3


def test_the_answer_is_the_mean_of_windows_that_are_predicted_by_hand(logit, genome_of):
    other = LETTERS[:300] + "T" + LETTERS[301:]
    (found,) = answers(logit, genome_of(c=LETTERS), (301, LETTERS[300], "T"))
    begins = [300 - place for place in (6, 20, 33)]
    windows = [[whole[b : b + 40] for b in begins] for whole in (LETTERS, other)]
    predicted = [[one.probabilities["pos"] for one in logit.predictor.predict(some)] for some in windows]
    ref, alt = np.array(predicted)
    deltas = np.log(alt / (1 - alt)) - np.log(ref / (1 - ref))
    np.testing.assert_allclose([found.ref, found.alt], [ref.mean(), alt.mean()], atol=1e-6)
    np.testing.assert_allclose(
        [found.delta_logit, found.delta_p], [deltas.mean(), (alt - ref).mean()], atol=1e-4
    )
    assert found.placements_sd == pytest.approx(deltas.std(ddof=1), abs=1e-4)


def test_all_spellings_of_an_indel_have_one_score(logit, genome_of):
    spellings = [
        (300, LETTERS[299] + "AC", LETTERS[299]),
        (306, "CAC", "C"),
        (301, "ACACAC", "ACAC"),
        (302, "CAC", "C"),
    ]
    found = answers(logit, genome_of(c=LETTERS), *spellings)
    assert len({one.delta_logit for one in found}) == 1


def test_a_row_of_several_alternatives_equals_its_split_rows(logit, genome_of):
    genome, base = genome_of(c=LETTERS), LETTERS[399]
    alts = [base + "GG", "T" if base != "T" else "A", "<DEL>", base + "A"]
    together = answers(logit, genome, (400, base, *alts))
    assert together == answers(logit, genome, *((400, base, alt) for alt in alts))
    assert [one.is_rejected for one in together] == [False, False, True, False]


def test_a_window_of_the_genome_is_scored_once(logit, genome_of, monkeypatch):
    scored, scores = [], logit.scores_of_stretches

    def counted(codes, starts, lengths):
        scored.append(len(starts))
        return scores(codes, starts, lengths)

    monkeypatch.setattr(logit, "scores_of_stretches", counted)
    # places in the window are 13 bases apart, so variants that are as far apart have two of three windows in common
    variants = [(at + 1, LETTERS[at], *(set("ACGT") - {LETTERS[at]})) for at in (200, 213)]
    assert len(answers(logit, genome_of(c=LETTERS), *variants, placements=Placements(39, 3))) == 6
    assert scored == [4 + 6 * 3]


def test_where_blocks_end_makes_no_difference(logit, genome_of, monkeypatch):
    genome = genome_of(c=LETTERS)
    variants = [(at + 1, LETTERS[at], "A" if LETTERS[at] != "A" else "C") for at in range(50, 80)]
    whole = answers(logit, genome, *variants)
    monkeypatch.setattr(scoring, "WINDOWS_AT_ONCE", 20)
    cut = answers(logit, genome, *variants)
    np.testing.assert_allclose([a.delta_logit for a in cut], [a.delta_logit for a in whole], atol=1e-6)


def test_a_constant_model_sees_nothing(predictor_of, genome_of):
    predictor = predictor_of("cnn", options={"strands": "one"})
    for weight in predictor.net.parameters():
        weight.data.zero_()
    (found,) = answers(Logit(predictor), genome_of(c=LETTERS), (301, "A", "T"))
    assert (found.delta_logit, found.delta_p, found.placements_sd, found.status) == (0, 0, 0, "ok")


@pytest.mark.parametrize(
    ("deltas", "noted"), [([1, 1.2, 0.9], False), ([1, -1, 0.5], True), ([0.01, -0.02, 0.03], False)]
)
def test_a_score_that_depends_on_the_place_is_noted(deltas, noted, logit, genome_of, monkeypatch):
    deltas = np.array(deltas, dtype=float)
    scores = (np.concatenate([np.zeros(3), deltas]), np.full(6, 0.5))
    monkeypatch.setattr(logit, "scores_of_stretches", lambda codes, starts, lengths: scores)
    (found,) = answers(logit, genome_of(c=LETTERS), (301, "A", "T"))
    assert found.status == ("ok:depends on the place in the window" if noted else "ok")


def test_where_the_contig_ends_the_status_counts_the_windows(logit, genome_of):
    genome = genome_of(c=LETTERS, d=LETTERS[:30])
    found = answers(logit, genome, (11, LETTERS[10], "T" if LETTERS[10] != "T" else "A"))
    assert found[0].status.startswith("ok:1 of 3 windows, the contig ends")


def test_a_record_whose_ref_is_elsewhere_is_skipped_or_swapped(logit, genome_of):
    genome, base = genome_of(c=LETTERS), LETTERS[399]
    ref, third = [b for b in "ACGT" if b != base][:2]
    (skipped,) = answers(logit, genome, (400, ref, base), mismatch="skip")
    assert skipped.status == "rejected:REF is not what the genome has"
    assert skipped.delta_logit is None
    swapped, other = answers(logit, genome, (400, ref, base, third), mismatch="swap")
    (plain,) = answers(logit, genome, (400, base, ref))
    assert swapped.status.startswith("ok:swapped")
    assert (swapped.delta_logit, swapped.ref, swapped.alt) == (-plain.delta_logit, plain.alt, plain.ref)
    assert other.is_rejected


STATUSES = [
    ((400, "X", "A"), "REF is not of bases"),
    ((0, "N", "<DEL>"), "ALT is symbolic"),
    ((601, "N", "A]c:3]"), "ALT is a breakend"),
    ((600, "AAA", "A"), "beyond the contig"),
    ((10_000, "A", "T"), "beyond the contig"),
    ((301, "A", "<DEL>"), "ALT is symbolic"),
    ((301, "A", "<*>"), "ALT is symbolic"),
    ((301, "A", "*"), "ALT * is an overlapping deletion"),
    ((301, "A", "A[c:400["), "ALT is a breakend"),
    ((301, "A", ".TT"), "ALT is a breakend"),
    ((301, "A", "."), "no ALT"),
    ((301, "A", "A"), "ALT is REF"),
    ((301, "A", "R"), "a letter that is not one base in ALT"),
    ((301, "R", "T"), "a letter that is not one base in REF"),
    ((301, "A", "J"), "ALT is not of bases"),
    ((301, "A", "A" * 30), "an allele of 29 bases, more than half of a window of 40"),
    ((1, LETTERS[0], "T" if LETTERS[0] != "T" else "A"), "no window within the contig"),
]


@pytest.mark.parametrize(("variant", "reason"), STATUSES)
def test_what_has_no_score_has_a_status(variant, reason, logit, genome_of):
    (found,) = answers(logit, genome_of(c=LETTERS), variant, mismatch="skip")
    assert found.status == f"rejected:{reason}"


def test_a_letter_of_the_genome_that_is_no_base_is_no_mismatch(logit, genome_of):
    genome = genome_of(c=LETTERS[:300] + "N" + LETTERS[301:])
    assert (
        answers(logit, genome, (301, "A", "T"))[0].status == "rejected:a letter that is not one base in REF"
    )


def found_in(genome, *variants):
    records = [Variant(i + 4, "c", pos, ".", ref, ("T",)) for i, (pos, ref) in enumerate(variants)]
    return survey(records, Reference(genome), Samples(0, 1), lambda n: None).mismatches


def test_all_mismatches_are_counted_and_the_first_named(genome_of):
    wrong = {base: "A" if base != "A" else "C" for base in "ACGT"}
    records = [(at + 1, wrong[LETTERS[at]]) for at in range(7)] + [(9, LETTERS[8])]
    found = found_in(genome_of(c=LETTERS), *records)
    assert (found.count, found.records) == (7, 8)
    message = str(found.error("v.vcf"))
    assert message.startswith("v.vcf: 7 of 8 records do not fit the genome: line 4 c:1 ")
    assert message.count("line ") == 5


def test_breakends_at_the_ends_of_chromosomes_are_no_mismatch(genome_of):
    records = [Variant(1, "c", pos, ".", "N", ("]c:9]N",)) for pos in (0, 601)]
    found = survey(records, Reference(genome_of(c=LETTERS)), Samples(0, 1), lambda n: None).mismatches
    assert (found.count, found.records) == (0, 2)


def test_positions_that_count_from_0_are_recognised(genome_of):
    found = found_in(genome_of(c=LETTERS), *((at, LETTERS[at]) for at in range(1, 100)))
    assert "would fit one base further on: POS counts from 1" in str(found.error("v.vcf"))


def test_a_percentile_is_the_share_of_smaller_effects():
    null = Null({"A>C": np.arange(1, 101) / 100, "0>1": np.zeros(30), "A>G": np.ones(19)})
    change = Change("c", 1, "A", "C")
    assert [null.percentile(change, delta) for delta in (0.0, -0.505, 0.5, 2)] == [0, 50, 49.5, 100]
    assert null.percentile(Change("c", 1, "", "T"), 0.0) == 50
    assert null.percentile(Change("c", 1, "A", "G"), 0.0) is None


def test_random_changes_are_of_the_kind_and_near(genome_of):
    genome = genome_of(c=LETTERS)
    snv = list(random_changes("A>C", [Change("c", 300, "A", "C")], 50, genome, 20, 1))
    assert len(snv) == 50
    assert {LETTERS[one.start] for one in snv} == {"A"}
    assert all(abs(one.start - 300) <= 20 and one.start != 300 for one in snv)
    indels = list(random_changes("3>0", [Change("c", 200, LETTERS[200:204], "")], 50, genome, 20, 1))
    assert all(len(one.ref) == 4 and not one.alt for one in indels)


def test_the_null_of_a_table_is_the_same_each_time(logit, genome_of):
    genome = genome_of(c=LETTERS)
    scorer = scorer_of(logit, genome)
    samples = Samples(30, seed=1)
    for start in range(100, 200):
        samples.add(Change("c", start, LETTERS[start], "A" if LETTERS[start] != "A" else "C"))
    assert {kind: len(found) for kind, found in samples.changes.items()}.keys() == {
        "A>C",
        "C>A",
        "G>A",
        "T>A",
    }
    one, two = (draw_null(samples, scorer, 20, seed=1) for _ in range(2))
    change = Change("c", 150, "C", "A")
    percentiles = [one.percentile(change, delta) for delta in (0.0, 0.01, 0.1, 10.0)]
    assert percentiles == sorted(percentiles)
    assert percentiles == [two.percentile(change, delta) for delta in (0.0, 0.01, 0.1, 10.0)]
    assert (percentiles[0], percentiles[-1]) == (0, 100)


def test_nothing_turned_round_is_nothing():
    assert str(Effect(0.0, 0.2, 0.2, 0.0).turned().delta_logit) == "0.0"


def test_an_effect_is_turned_round():
    assert Effect(1.0, 0.2, 0.5, 0.1).turned() == Effect(-1.0, 0.5, 0.2, 0.1)
