from dataclasses import replace

import numpy as np
import pytest

from dnaseq.data.dataset import LabelledSet, Plan, build_labelled_set, parse_source
from dnaseq.data.records.lengths import LengthPolicy, Windows
from dnaseq.data.records.store import Store
from dnaseq.data.sources.files import Fasta
from dnaseq.data.splits import splits
from dnaseq.data.statistics import compute_statistics, conflicting_rows
from dnaseq.data.targets.classes import Classes, LabelSets
from dnaseq.data.targets.per_base import IGNORED, BaseLabels
from dnaseq.data.targets.regression import Numbers
from dnaseq.errors import ConfigError, InputError
from dnaseq.io.sequences.reading import Reading


@pytest.fixture
def store(tmp_path):
    """store(("ACGT", "label"), ...) -> a store of these records, called r0, r1 ..."""

    def make(*records: tuple[str, str]) -> Store:
        text = "".join(f">r{i} label={label}\n{letters}\n" for i, (letters, label) in enumerate(records))
        (tmp_path / "all.fa").write_text(text)
        return parse_source(Fasta(str(tmp_path / "all.fa")), Reading())[0]

    return make


@pytest.fixture
def dealt(store):
    """dealt(kind, ("ACGT", "label"), ...) -> the records as a data set of training records alone."""

    def make(kind, *records: tuple[str, str], stranded: bool = False) -> LabelledSet:
        split = splits.Given(val=0.3, test=0.3, seed=0)
        plan = Plan(split, LengthPolicy(), leaks="keep", targets=kind, stranded=stranded)
        return build_labelled_set(store(*records), {"train": {}}, plan)

    return make


def whole(store: Store, *rows: int) -> Windows:
    lengths = np.asarray(store.lengths)[list(rows)]
    return Windows(np.array(rows), np.zeros(len(rows), dtype=np.int64), lengths)


def four(*labels: str) -> list[tuple[str, str]]:
    """Records of four bases."""
    return [("ACGT", label) for label in labels]


def test_the_class_of_negatives_stands_first_unless_classes_are_named(store, random_sequence):
    """CTCF sorts before negative, which would then be the positive class."""
    records = store(*((random_sequence(60, i), ("CTCF", "negative")[i % 2]) for i in range(20)))
    split = splits.Given(val=0.3, test=0.3, seed=0)
    plan = Plan(split, LengthPolicy(), "keep", stranded=True, first_class="negative")

    def classes(**other) -> tuple[str, ...]:
        return build_labelled_set(records, {"train": {}}, replace(plan, **other)).classes

    assert classes() == ("negative", "CTCF")
    assert classes(first_class=None) == classes(classes=["CTCF", "negative"]) == ("CTCF", "negative")


def test_a_class_is_a_number_in_the_order_of_names(store):
    records = store(*four("y", "x", "y"))
    targets = Classes(records)
    assert (targets.names, targets.task) == (("x", "y"), "binary")
    assert targets.batch(whole(records, 0, 1)).tolist() == [1, 0]
    assert Classes(records, ["y", "x"]).stratum.tolist() == [0, 1, 0]
    assert targets.facts(np.array([0, 2]))["class_counts"].tolist() == [0, 2]


def test_label_sets_are_rows_of_a_table_whatever_their_order(store):
    records = store(*four("b;a", "-", "a;b", "c"))
    targets = LabelSets(records)
    assert targets.names == ("a", "b", "c")
    assert targets.batch(whole(records, 0, 1, 3)).tolist() == [[1, 1, 0], [0, 0, 0], [0, 0, 1]]
    assert targets.texts(np.array([0, 1, 2])) == ["a;b", "-", "a;b"]
    assert targets.facts(np.array([0, 1, 3]))["label_counts"].tolist() == [1, 1, 1]


def test_another_separator_and_another_word_for_none(store):
    targets = LabelSets(store(*four("x|y", "nothing", "y")), separator="|", none="nothing", rename={"y": "z"})
    assert targets.names == ("x", "z")
    assert targets.texts(np.arange(3)) == ["x;z", "-", "z"]


def test_labels_that_look_joined_are_told(store, caplog):
    rows = np.arange(5)
    with pytest.raises(InputError, match="fewer than 2") as raised:
        LabelSets(store(*four("a,b", "a", "b", "a", "b"))).check(rows)
    told = "label 'a,b' is made of others. If ',' parts labels, add task.separator=,"
    assert told in raised.value.fix
    LabelSets(store(*four("a|b", "a", "b", "a|b", "a", "b"))).check(np.arange(6))
    assert "label 'a|b' is made of others. If '|' parts labels, add task.separator='|'" in caplog.text
    caplog.clear()
    LabelSets(store(*four("a,c", "a", "b", "a,c", "a", "b"))).check(np.arange(6))
    assert not caplog.text


def test_common_sets_are_strata_and_rare_ones_go_with_their_rarest_label(store):
    targets = LabelSets(store(*four(*["a"] * 30, *["a;b"] * 25, "a;c", "b;c", "-")))
    assert dict(zip(targets.strata, np.bincount(targets.stratum).tolist(), strict=True)) == {
        "-": 1,
        "a": 30,
        "a;b": 25,
        "c;...": 2,
    }


def test_a_label_in_training_alone_is_missing_from_the_others(store):
    targets = LabelSets(store(*four("a;b", "a", "b")))
    assert targets.missing(np.array([0]), np.array([1])) == "label 'b'"
    assert targets.missing(np.array([0]), np.array([1, 2])) is None


def test_numbers_are_named_and_kept_to_the_last_digit_of_float32(store):
    records = store(*four("1.5;-2e3", "0.1;7"))
    targets = Numbers(records)
    assert targets.names == ("y1", "y2")
    assert targets.batch(whole(records, 1, 0)).tolist() == np.float32([[0.1, 7], [1.5, -2000]]).tolist()
    assert list(Numbers(records, ["level", "count"]).truths(np.array([0]))) == ["truth_level", "truth_count"]


def test_ten_numbers_and_more_keep_their_order(store):
    """Sorted as text, y10 would name the second number."""
    records = store(*four(";".join(map(str, range(12))), ";".join(map(str, range(1, 13)))))
    assert Numbers(records).names == tuple(f"y{t}" for t in range(1, 13))


def test_numbers_are_dealt_by_quantiles(store):
    targets = Numbers(store(*four(*map(str, range(40)))))
    assert np.bincount(targets.stratum).tolist() == [10, 10, 10, 10]
    assert targets.strata[0] == "y 0 to 9"
    assert (np.diff(targets.stratum) >= 0).all()


def test_many_equal_numbers_share_a_stratum(store):
    targets = Numbers(store(*four(*["0"] * 50, *map(str, range(1, 51)))))
    assert np.bincount(targets.stratum)[0] >= 50
    assert len(targets.strata) == len(set(targets.strata))


def test_a_number_below_0_is_no_count(store):
    with pytest.raises(InputError, match=r"'r1': loss=poisson needs counts, and -3 is below 0. Correct"):
        Numbers(store(*four("2", "-3", "0"))).check_counts()


def test_labels_of_bases_are_cut_as_the_sequence_is(store):
    records = store(("ACGTA", "XXYYZ"), ("ACG", "ZYX"))
    targets = BaseLabels(records)
    assert targets.names == ("X", "Y", "Z")
    assert targets.batch(whole(records, 0, 1)).tolist() == [[0, 0, 1, 1, 2], [2, 1, 0, IGNORED, IGNORED]]
    cut = LengthPolicy("trim", 3).windows(np.asarray(records.lengths))
    assert targets.batch(cut).tolist() == [[0, 1, 1], [2, 1, 0]]
    tiles = LengthPolicy("tile", 2).windows(np.asarray(records.lengths))
    assert targets.batch(tiles).tolist() == [[0, 0], [1, 1], [1, 2], [2, 1], [1, 0]]
    assert targets.facts(np.array([0, 1]))["class_counts"].tolist() == [3, 3, 2]
    assert targets.texts(np.array([1])) == ["ZYX"]


def test_labels_of_bases_can_be_renamed_and_put_in_order(store):
    targets = BaseLabels(store(("ACGTA", "XXYYZ")), ["Z", "Y"], {"X": "Y"})
    assert targets.of_record(0).tolist() == [1, 1, 1, 1, 0]


@pytest.mark.parametrize("letter", ["XY", "", " ", "é"])
def test_a_label_of_a_base_is_one_letter(store, letter):
    with pytest.raises(ConfigError, match="must be one printable ASCII letter"):
        BaseLabels(store(("AC", "XY")), rename={"X": letter})


def test_copies_with_other_labels_conflict_in_every_kind(dealt):
    cases = {Classes: "xyxyx", LabelSets: ["a;b", "b;a", "a", "-", "b"], Numbers: "12345"}
    sequences = ["AAACC", "GGTTT", "AAACC", "ACGTC", "AGGGA"]  # r1 is r0 on the other strand
    expected = {Classes: ["r0", "r1", "r2"], LabelSets: ["r0", "r1", "r2"], Numbers: ["r0", "r1", "r2"]}
    for kind, labels in cases.items():
        data = dealt(kind, *zip(sequences, labels, strict=True), ("TTTAC", labels[0]), ("TCTAC", labels[1]))
        assert data.store.ids(np.sort(conflicting_rows(data))) == expected[kind]


def test_labels_of_bases_on_the_other_strand_read_backwards(dealt):
    records = [
        ("AAACC", "XXXYY"),
        ("GGTTT", "YYXXX"),
        ("ACGAC", "XXYYY"),
        ("GTCGT", "XXYYY"),
        ("ACGTT", "YXYXY"),
    ]
    data = dealt(BaseLabels, *records)
    assert data.store.ids(np.sort(conflicting_rows(data))) == ["r2", "r3"]


def test_the_census_counts_what_records_are_dealt_by(dealt):
    told = compute_statistics(
        dealt(LabelSets, *[("ACGT" + "ACGT"[i % 4] * i, "a" if i % 3 else "-") for i in range(12)])
    )
    assert told.classes == ["-", "a;..."]
    assert sum(sum(part.values()) for part in told.records.values()) == 12
    assert told.labels is None


UNWRITTEN = (
    "a\tb",
    "a\nb",
    "\x1b[31ma",
    "a\x00",
    " ",
    "",
    "a\u2028b",
    "\ud800",
    "\u202ea",
    "a\xa0b",
    "a\u200b",
)


@pytest.mark.parametrize("name", UNWRITTEN)
def test_a_name_that_no_table_can_hold_is_refused_wherever_it_is_given(store, name):
    """Before any training: files with such a column could not be read again."""
    split = splits.Given(val=0.3, test=0.3, seed=0)
    with pytest.raises(ConfigError, match=r"data\.classes: a class or label cannot be named"):
        Plan(split, LengthPolicy(), classes=["x", name])
    with pytest.raises(ConfigError, match=r"data\.rename: a class or label cannot be named"):
        Plan(split, LengthPolicy(), rename={"x": name})
    records = store(*four("x", "y", "x"))
    for kind, label in ((Classes, name), (LabelSets, f"{name}x" if name.strip() else "x;;y")):
        records = replace(records, label_names=("x", label))
        with pytest.raises(InputError, match=r"^record 'r1': "):
            kind(records)


@pytest.mark.parametrize("name", ["α β", "ü", "a;b", "<b>", "None", "-"])
def test_a_name_that_can_be_seen_is_one(store, name):
    records = replace(store(*four("x", "y", "x")), label_names=("x", name))
    assert name in Classes(records).names


def test_a_label_that_cannot_be_one_is_named_with_its_file(store, tmp_path):
    records = replace(store(*four("x", "y", "x", "x")), label_names=("x", "a\tb"))
    plan = Plan(splits.Given(val=0.3, test=0.3, seed=0), LengthPolicy())
    with pytest.raises(InputError, match=r"all\.fa: record 'r1': .*a\\tb.*visible letters"):
        build_labelled_set(records, {"train": {"all.fa": "sha"}}, plan)


def test_a_number_that_a_network_cannot_hold_is_refused(store):
    with pytest.raises(InputError, match=r"record 'r1': .*is not a finite number"):
        Numbers(store(*four("1", "1e39", "2")))


def test_numbers_as_labels_lead_to_regression(dealt, caplog):
    measured = [("ACGT" + "ACGT"[i % 4] * i, f"{i}.5") for i in range(8)]
    with pytest.raises(InputError, match=r"the labels are 8 different numbers, .* write task=regression"):
        dealt(Classes, *measured)
    dealt(Classes, *[(letters * n, label) for letters, label in measured for n in (1, 2, 3, 4, 5, 6)])
    assert (
        "the labels are 8 numbers, each taken as a class. To predict numbers: task=regression" in caplog.text
    )
