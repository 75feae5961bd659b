"""The screen of an audit: what is on it, and that it fits."""

from msgspec.structs import replace

from dnaseq.audit_record import Audit
from dnaseq.report.text.audit import WIDTH, audit_summary
from dnaseq.schemas import convert

ENDS = dict.fromkeys(("mean", "sd", "min", "q25", "median", "q75", "max"), 0.375)
GC = ENDS | {"q05": 0.2, "q95": 0.6}
LENGTHS = ENDS | {"median": 200.0, "q05": 150.0, "q95": 250.0}
SCORE = {"value": 0.815, "low": 0.77, "high": 0.86}
ENTRIES = {
    "classes": ["neg", "a very long name of a class indeed"],
    "records_read": 3368,
    "groups": {"number": 2968, "largest": 3, "records_in_groups": 700, "straddling": 0},
    "lengths": {"min": 150, "median": 200.0, "max": 250},
    "gc": {"neg": 0.375, "a very long name of a class indeed": 0.5},
    "ambiguous_letters": 0,
    "sequences_with_two_labels": 0,
    "labels": {"strong": {"records": 742, "gc": 0.514}, "weak": {"records": 742, "gc": 0.467}},
    "records": {
        "train": {"neg": 2000, "a very long name of a class indeed": 1000},
        "val": {"neg": 0, "a very long name of a class indeed": 0},
        "test": {"neg": 200, "a very long name of a class indeed": 168},
    },
    "composition": {
        "train": {"neg": {"records": 2000, "gc": GC, "lengths": LENGTHS, "n_share": 0.25, "letters": {}}}
    },
    "leaks": {
        "exact": 100,
        "reverse_complement": 0,
        "near": 8,
        "dropped": {"train": 108, "val": 0},
    },
    "shortcuts": {"gc": {"auroc": SCORE, "mcc": SCORE, "accuracy": SCORE}},
    "verdicts": [
        {"check": "lengths", "verdict": "ok", "words": "every record has 200 bases"},
        {"check": "test_size", "verdict": "note", "words": "few records"},
        {"check": "shortcut_gc", "verdict": "warning", "words": "GC content alone " + "says a lot " * 20},
    ],
}
AUDIT = convert(ENTRIES, Audit)


def test_counts_composition_leaks_and_shortcuts_are_shown():
    lines = audit_summary(AUDIT, "enhancers").splitlines()
    assert lines[0] == "enhancers: 3,368 records, 2 classes, 2,968 groups of similar records"
    assert lines[2].split() == ["records", "train", "test"]
    assert lines[3].split() == ["neg", "2,000", "200"]
    assert lines[7].split() == ["neg", "0.375", "[0.200,0.600]", "200", "[150,250]", "25.00%"]
    assert "leaks: 100 exact, 0 reverse complement, 8 near-duplicate; dropped 108 training records" in lines
    assert "GC by label as in the files: strong 0.514, weak 0.467" in lines
    assert ["gc", *["0.815", "[0.770,0.860]"] * 3] in [line.split() for line in lines]


def test_warnings_come_before_notes_and_ok_checks_are_named_alone():
    text = audit_summary(AUDIT, "enhancers")
    assert text.index("warning  GC content alone") < text.index("note     few records")
    assert text.endswith("ok       lengths")
    assert "every record has 200 bases" not in text


def test_every_line_fits():
    assert max(map(len, audit_summary(AUDIT, "enhancers").splitlines())) <= WIDTH


def test_an_audit_without_shortcuts_has_no_table_of_them():
    assert "shortcut" not in audit_summary(replace(AUDIT, shortcuts={}, verdicts=[]), "enhancers")
