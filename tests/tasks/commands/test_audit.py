"""An audit says what is wrong with data and what shortcuts reach; it fails only where it is told to."""

import json
from functools import partial

import pytest

from dnaseq.evaluation.audit import shortcuts
from dnaseq.evaluation.metrics.classification import scores
from dnaseq.tasks.main import run_task

FILES = {"audit.json", "split.tsv", "config.yaml", "leaks.tsv", "conflicts.tsv", "report.html", "log.txt"}


@pytest.fixture(scope="module", autouse=True)
def _few_resamples():
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(shortcuts, "scores", partial(scores, resamples=50))
        yield


@pytest.fixture
def audit(run, tmp_path):
    """audit(*arguments) -> exit code, stdout, audit.json."""

    def call(*arguments: str) -> tuple[int, str, dict]:
        code, out, err = run("audit", "run_dir=a", *arguments)
        assert code in (0, 3), err
        return code, out, json.loads((tmp_path / "a" / "audit.json").read_text())

    return call


@pytest.fixture
def easy(easy_fasta):
    return ("data=fasta", f"data.train={easy_fasta}/train.fa", f"data.test={easy_fasta}/test.fa")


@pytest.fixture(scope="module")
def faulty(tmp_path_factory, random_sequence):
    """The audit of data with a copy in the test file, two sequences with two labels, and a record that is all N."""
    folder = tmp_path_factory.mktemp("faulty")
    records = [(f"r{i}", "xy"[i % 2], random_sequence(60, i)) for i in range(40)]
    records += [("again", "y", records[0][2]), ("blank", "x", "N" * 60), ("other", "x", records[3][2])]
    records.append(("short", "x", "ACGT"))
    test = [(f"t{i}", "xy"[i % 2], random_sequence(60, 100 + i)) for i in range(10)]
    test.append(("copy", "x", records[4][2]))
    for name, some in (("train", records), ("test", test)):
        (folder / f"{name}.fa").write_text("".join(f">{i} label={c}\n{s}\n" for i, c, s in some))
    files = ("data=fasta", f"data.train={folder}/train.fa", f"data.test={folder}/test.fa")
    lengths = ("bad_records=keep", "data.length=60", "data.length_policy=error")
    assert run_task("audit", [*files, *lengths, f"run_dir={folder}/a"]) == 0
    return folder / "a"


@pytest.fixture
def told(faulty):
    return json.loads((faulty / "audit.json").read_text())


def rows(path) -> list[dict[str, str]]:
    names, *lines = [line.split("\t") for line in path.read_text().splitlines()]
    return [dict(zip(names, cells, strict=True)) for cells in lines]


def verdict_of(told: dict, check: str) -> str:
    return next(v["verdict"] for v in told["verdicts"] if v["check"] == check)


def test_gc_content_that_tells_the_classes_is_warned_of(audit, easy, tmp_path):
    code, out, told = audit(*easy)
    assert code == 0
    assert {path.name for path in (tmp_path / "a").iterdir()} - {"figures"} == FILES
    assert told["shortcuts"]["gc"]["auroc"]["value"] > 0.95
    assert verdict_of(told, "shortcut_gc") == "warning"
    assert "warning  GC content alone reaches an AUROC of" in out
    assert told["positions"]["length"] == 40
    assert told["kmers"]["1"]


def test_warnings_fail_the_audit_only_on_request(audit, easy, run, tmp_path):
    assert audit(*easy, "fail_on=warning")[0] == 3
    assert not (tmp_path / "a" / "INCOMPLETE").exists()
    code, _, err = run("audit", *easy, "fail_on=note", "run_dir=b")
    assert code == 2
    assert "fail_on must be warning or null" in err


def test_records_in_two_parts_are_listed(faulty, told):
    leaks = [(r["kind"], r["id"], r["judge_id"], r["identity"]) for r in rows(faulty / "leaks.tsv")]
    assert leaks == [("exact", "r4", "copy", "1")]
    assert verdict_of(told, "leaks_test") == "warning"


def test_sequences_with_two_labels_are_listed_and_do_not_stop_the_audit(faulty, told):
    named = {(r["id"], r["label"]) for r in rows(faulty / "conflicts.tsv")}
    assert named == {("r0", "x"), ("again", "y"), ("r3", "y"), ("other", "x")}
    assert {(c["id"], c["label"]) for c in told["conflicts"]} == named
    assert verdict_of(told, "conflicting_labels") == "warning"


def test_records_that_cannot_be_used_are_listed_with_their_reason(faulty, told):
    assert [(r["part"], r["id"]) for r in rows(faulty / "rejected.tsv")] == [
        ("train", "blank"),
        ("train", "short"),
    ]
    assert told["rejected_reasons"] == {"every letter is N": 1, "length 4, expected 60": 1}
    assert told["records_read"] == 55
    assert verdict_of(told, "rejected_records") == "warning"


def test_shortcuts_learn_from_what_a_training_would_learn_from(faulty, told):
    dropped = [r["id"] for r in rows(faulty / "split.tsv") if r["split"] == "dropped"]
    assert dropped == ["r4", "short"]
    assert told["leaks"]["dropped"] == {"train": 1, "val": 0, "of_train": 42}
    assert "shortcuts: 41 training records, 11 test records" in (faulty / "log.txt").read_text()


def test_files_of_one_class_each_are_not_called_sorted(audit, tmp_path, random_sequence):
    for c, name in enumerate(("x", "y")):
        records = (f">{name}{i}\n{random_sequence(60, 100 * c + i)}\n" for i in range(60))
        (tmp_path / f"{name}.fa").write_text("".join(records))
    *_, told = audit("data=class_files", "data.train.x=x.fa", "data.train.y=y.fa")
    assert verdict_of(told, "record_order") == "ok"
    assert verdict_of(told, "id_text") == "note"


def test_test_records_alone_are_described_without_shortcuts(audit, easy_fasta):
    *_, told = audit("data=fasta", f"data.test={easy_fasta}/test.fa", "similarity.identity=null")
    assert told["shortcuts"] == {}
    assert told["leaks"]["near"] is None
    assert told["records"]["test"] == {"poor": 16, "rich": 16}


def test_nobody_who_names_no_folder_overwrites_one(run, easy, tmp_path):
    assert run("audit", *easy)[0] == 0
    assert len(list((tmp_path / "runs" / "audit" / "fasta").iterdir())) == 1
    assert not (tmp_path / "runs" / "latest").exists()


@pytest.fixture
def numbered(tmp_path, random_sequence):
    """numbered(name, seed) -> a file of 40 records seq1, seq2, ... with labels."""

    def write(name: str, seed: int) -> str:
        records = [(i, "xy"[i % 2], random_sequence(60, seed + i)) for i in range(1, 41)]
        (tmp_path / name).write_text("".join(f">seq{i} label={c}\n{s}\n" for i, c, s in records))
        return name

    return write


@pytest.mark.parametrize(
    ("kind", "keys", "names"),
    [
        ("class_files", ("data.train.pos", "data.train.neg"), {"pos:seq1", "neg:seq1"}),
        ("fasta", ("data.train", "data.test"), {"train:seq1", "test:seq1"}),
    ],
)
def test_ids_that_two_files_share_are_told_apart_with_a_note(run, numbered, tmp_path, kind, keys, names):
    files = [f"{key}={numbered(f'{key}.fa', seed)}" for key, seed in zip(keys, (0, 100), strict=True)]
    code, _, err = run("audit", f"data={kind}", *files, "run_dir=a")
    note = "note: 40 ids belong to more than one record; these 80 records are told apart, as in"
    assert (code, err.count(note)) == (0, 1)
    assert note in (tmp_path / "a" / "log.txt").read_text()
    ids = [line.split("\t")[0] for line in (tmp_path / "a" / "split.tsv").read_text().splitlines()[1:]]
    assert len(set(ids)) == 80
    assert names <= set(ids)
    if kind == "class_files":  # the new names tell the class, and are no shortcut
        found = json.loads((tmp_path / "a" / "audit.json").read_text())["shortcuts"]["id_text"]
        assert found["auroc"]["low"] < 0.6


def test_ids_that_repeat_need_a_choice_where_labels_are_found_by_them(run, numbered, tmp_path):
    files = (f"data.train={numbered('a.fa', 0)}", f"data.test={numbered('b.fa', 100)}")
    (tmp_path / "l.csv").write_text("id,label\n" + "".join(f"seq{i},{'xy'[i % 2]}\n" for i in range(1, 41)))
    code, _, err = run("audit", "data=fasta", *files, "data.labels=l.csv", "run_dir=a")
    assert code == 3
    assert "b.fa:1: record 'seq1': the id is used twice, first at a.fa:1. Give every record its own id" in err


def test_the_id_can_be_all_of_the_header(run, numbered, tmp_path):
    (tmp_path / "a.fa").write_text((tmp_path / numbered("a.fa", 0)).read_text().replace(">", ">A/New York "))
    code, _, err = run("audit", "data=fasta", "data.train=a.fa", "reading.id=header", "run_dir=a")
    assert (code, "note: " in err) == (0, False)
    assert "\nA/New York seq2 label=x\t" in (tmp_path / "a" / "split.tsv").read_text()
