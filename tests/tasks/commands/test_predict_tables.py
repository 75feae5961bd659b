"""Predictions for tables: the same rows as for FASTA of the same records, in every format, and resumed."""

import csv
import gzip
import io
import json
import shutil
import sys
from pathlib import Path

import openpyxl
import pyarrow.parquet as pq
import pytest

from dnaseq.bundle import predictor
from dnaseq.bundle.bundle import load_bundle
from dnaseq.bundle.predictor import Predictor
from dnaseq.io.results.rows import read_rows
from dnaseq.io.tables.parquet import ParquetRows
from dnaseq.tasks.main import run_task

GOLDEN = (
    Path(__file__).parents[2] / "golden" / "bundle_v1" / "bundle"
)  # of a version without columns of tables
N = 90


def rows_of(path: Path, **form) -> list[dict[str, str]]:
    return list(csv.DictReader(path.read_text().splitlines(), **form))


@pytest.fixture(scope="module")
def columns(random_sequence) -> dict[str, list[str]]:
    return {
        "sequence": [random_sequence(20 + i % 9, i) for i in range(N)],
        "id": [f"q {i}" for i in range(N)],
        "note": [f'say "{i}", yes' if i % 2 else "" for i in range(N)],
    }


@pytest.fixture
def write(columns, tmp_path):
    """write("t.csv"): a table of these columns, or with header=False of the same without names."""

    def call(name: str, header: bool = True, mark: str = ",") -> str:
        rows = [*([list(columns)] if header else []), *map(list, zip(*columns.values(), strict=True))]
        path = tmp_path / name
        if name.endswith(".xlsx"):
            book = openpyxl.Workbook()
            for row in rows:
                book.active.append(row)
            book.save(path)
        elif name.endswith(".parquet"):
            with path.open("wb") as file:
                writer = ParquetRows(file, {})
                writer.write(columns)
                writer.close()
        else:
            text = io.StringIO()
            csv.writer(text, delimiter=mark, lineterminator="\n").writerows(rows)
            data = text.getvalue().encode()
            path.write_bytes(gzip.compress(data, mtime=0) if name.endswith(".gz") else data)
        return name

    return call


@pytest.fixture
def predict(run, tmp_path):
    def call(*more: str, bundle: Path = GOLDEN) -> tuple[int, str, str]:
        return run("predict", f"bundle={bundle}", "device=cpu", *more)

    return call


@pytest.fixture
def expected(predict, columns, tmp_path) -> bytes:
    """The rows of the same records in FASTA."""
    pairs = zip(columns["id"], columns["sequence"], strict=True)
    text = "".join(f">{name.replace(' ', '_')}\n{sequence}\n" for name, sequence in pairs)
    (tmp_path / "same.fa").write_text(text)
    assert predict("input=same.fa", "output=same.tsv")[0] == 0
    return (tmp_path / "same.tsv").read_bytes()


@pytest.mark.parametrize("name", ["t.csv", "t.tsv", "t.txt", "t.csv.gz", "t.parquet", "t.xlsx", "-"])
def test_a_table_of_any_kind_gives_the_rows_of_fasta(predict, write, expected, name, tmp_path, monkeypatch):
    file = write("t.csv" if name == "-" else name, mark="\t" if name in ("t.tsv", "t.txt") else ",")
    if name == "-":
        stdin = io.TextIOWrapper(io.BytesIO((tmp_path / file).read_bytes()))
        monkeypatch.setattr(sys, "stdin", stdin)
    code, _, err = predict(f"input={name}", "data.id=ID", "output=o.tsv")
    assert code == 0, err
    assert (tmp_path / "o.tsv").read_bytes() == expected


def test_rows_of_a_table_without_ids_are_numbered_and_names_are_not_needed(
    predict, write, expected, tmp_path
):
    assert predict(f"input={write('a.csv')}", "output=a.tsv")[0] == 0
    assert predict(f"input={write('b.csv', header=False)}", "output=b.tsv")[0] == 0
    first, second = (read_rows(tmp_path / name)[1] for name in ("a.tsv", "b.tsv"))
    assert first.ids == second.ids == [f"row{i + 1}" for i in range(N)]
    (tmp_path / "same.tsv").write_bytes(expected)
    same = read_rows(tmp_path / "same.tsv")[1]
    assert first.scores.tolist() == second.scores.tolist() == same.scores.tolist()


def test_several_inputs_may_be_of_several_kinds(predict, write, expected, tmp_path):
    files = f"{write('a.csv')},same.fa,{write('b.parquet')}"
    assert predict(f"input=[{files}]", "data.id=id", "output=o.tsv")[0] == 0
    header, *rows = expected.decode().splitlines()
    assert (tmp_path / "o.tsv").read_text().splitlines() == [header, *rows, *rows, *rows]


@pytest.mark.parametrize("output", ["o.tsv", "o.csv", "o.jsonl", "o.parquet"])
@pytest.mark.parametrize("more", [(), ("window=10",), ("workers=1",)])
def test_columns_are_kept_beside_their_records(
    predict, write, columns, output, more, tmp_path, quick_processes
):
    assert predict(f"input={write('t.csv')}", "keep=[note,sequence]", f"output={output}", *more)[0] == 0
    path = tmp_path / output
    rows = {
        ".tsv": lambda: rows_of(path, delimiter="\t", quoting=csv.QUOTE_NONE),
        ".csv": lambda: rows_of(path),
        ".jsonl": lambda: [json.loads(line) for line in path.read_text().splitlines()],
        ".parquet": lambda: pq.read_table(path).to_pylist(),
    }[path.suffix]()
    kept = dict.fromkeys((row["id"], row["note"], row["sequence"]) for row in rows)
    expected = zip((f"row{i + 1}" for i in range(N)), columns["note"], columns["sequence"], strict=True)
    assert list(kept) == list(expected)
    assert len(rows) >= N


def test_a_kept_column_does_not_take_the_name_of_another(predict, tmp_path):
    (tmp_path / "t.csv").write_text("sequence,label,note\nACGTACGTAC,x,y\n")
    assert predict("input=t.csv", "keep=[label,note,sequence]", "notes=true", "output=o.csv")[0] == 0
    (row,) = rows_of(tmp_path / "o.csv")
    assert (row["input_label"], row["input_note"], row["sequence"]) == ("x", "y", "ACGTACGTAC")
    assert row["note"] == ""
    (tmp_path / "t.csv").write_text("sequence,label,input_label\nACGTACGTAC,x,y\n")
    code, _, err = predict("input=t.csv", "keep=[label,input_label]")
    assert code == 2
    assert "keep: two columns of one name" in err


def test_the_description_of_a_sequence_file_can_be_kept_and_nothing_else(predict, tmp_path):
    (tmp_path / "a.fa").write_text(">a of one, kind\nACGTACGTAC\n>b\nACGTACGTAC\n")
    assert predict("input=a.fa", "keep=description", "output=o.csv")[0] == 0
    rows = rows_of(tmp_path / "o.csv")
    assert [row["description"] for row in rows] == ["of one, kind", ""]
    code, _, err = predict("input=a.fa", "keep=[note]")
    assert code == 2
    assert "a.fa is no table and has no column 'note'. Write keep=description or keep=file" in err


def test_the_files_of_a_folder_are_predicted_in_the_order_of_their_names(predict, tmp_path):
    (tmp_path / "reads").mkdir()
    for name in ("b.fa", "a.fa"):
        (tmp_path / "reads" / name).write_text(">seq1 of b\nACGTACGTAC\n>seq2\nACGTACGTAC\n")
    (tmp_path / "reads" / "c.txt").write_text("ACGTACGTAC\n")
    code, _, err = predict("input=reads", "keep=[file,description]", "output=o.csv")
    assert code == 0
    rows = rows_of(tmp_path / "o.csv")
    assert [row["id"] for row in rows] == ["seq1", "seq2", "seq1", "seq2", "c"]
    assert [row["file"] for row in rows] == [
        f"reads/{name}" for name in ("a.fa", "a.fa", "b.fa", "b.fa", "c.txt")
    ]
    assert [row["description"] for row in rows] == ["of b", "", "of b", "", ""]
    assert (
        "note: the rows of 3 files, in the order of their names: reads/a.fa, reads/b.fa, reads/c.txt" in err
    )
    assert "4 of 5 records have the id of another record" in err
    assert "keep=file writes the file of each" in err


def test_a_rejected_row_keeps_its_place_and_its_columns(predict, tmp_path):
    (tmp_path / "t.csv").write_text("sequence,note\nACGTACGTAC,a\nACGE,b\n,c\nACGTACGTAC,d\n")
    code, _, err = predict("input=t.csv")
    assert (code, "t.csv:3: record 'row2': letter 'E'" in err) == (3, True)
    assert predict("input=t.csv", "keep=[note]", "bad_records=keep", "output=o.csv")[0] == 7
    rows = rows_of(tmp_path / "o.csv")
    assert [(row["id"], row["note"], row["status"][:8]) for row in rows] == [
        ("row1", "a", "ok"), ("row2", "b", "rejected"), ("row3", "c", "rejected"), ("row4", "d", "ok"),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("text", "what"),
    [
        (
            "name,dna\nx,ACGTACGTAC\n",
            r"no column 'sequence'; the columns are name, dna. Set data.sequence=COLUMN",
        ),
        ("sequence,label\nACGTACGTAC\n", "1 cells, but the first line has 2"),
        ("sequence,label\n", "no records"),
    ],
)
def test_a_table_that_does_not_fit_is_an_error(predict, text, what, tmp_path):
    (tmp_path / "t.csv").write_text(text)
    code, out, err = predict("input=t.csv")
    assert (code, out, err.count("\n")) == (3, "", 1)
    assert what in err


def test_a_table_needs_no_choice_of_data(predict, write):
    code, _, err = predict(f"input={write('t.csv')}", "data=table")
    assert code == 2
    assert (
        "data names the columns of a table, such as data.sequence=COLUMN. The table is known by its name"
        in err
    )


def test_a_stopped_prediction_of_a_table_resumes(predict, write, expected, tmp_path, monkeypatch):
    monkeypatch.setattr(predictor, "RECORDS_AT_ONCE", 20)
    answer, calls = Predictor.predict_piece, []

    def stop(self, block, abstain=True):
        calls.append(len(block.headers))
        if len(calls) == 3:
            raise KeyboardInterrupt
        return answer(self, block, abstain)

    given = (f"input={write('t.csv')}", "data.id=id", "keep=[note]", "output=o.csv")
    assert predict(*given)[0] == 0
    whole = (tmp_path / "o.csv").read_bytes()
    (tmp_path / "o.csv").unlink()
    monkeypatch.setattr(Predictor, "predict_piece", stop)
    assert predict(*given)[0] == 130
    assert (tmp_path / "o.csv.dnaseq-part").is_dir()
    code, _, err = predict(*given[:-2], "keep=[sequence]", "output=o.csv")
    assert (code, "reading" in err or "keep" in err) == (2, True)
    assert predict(*given)[0] == 0
    assert calls == [20, 20, 20, 20, 20, 10]
    assert (tmp_path / "o.csv").read_bytes() == whole


@pytest.fixture(scope="module")
def trained(random_sequence, tmp_path_factory, quick_pictures, quick_baselines) -> Path:
    """The run folder of a training on a table whose columns have names of their own."""
    folder = tmp_path_factory.mktemp("of_table")
    rows = [f"r{i},{random_sequence(30, i)},{'ab'[i % 2]}\n" for i in range(60)]
    (folder / "t.csv").write_text("Name,DNA,kind\n" + "".join(rows))
    given = (
        "data=table",
        f"data.train={folder}/t.csv",
        "data.id=name",
        "data.sequence=dna",
        "data.label=kind",
    )
    quick = ("recipe=none", "trainer=cpu", "max_epochs=1", "model=gru", "model.encoder.hidden=4")
    assert run_task("train", [*given, *quick, f"run_dir={folder}/run"]) == 0
    return folder


def test_the_columns_of_the_training_are_those_of_predictions(predict, trained, tmp_path):
    bundle = trained / "run" / "bundle"
    assert load_bundle(bundle).spec.training.columns.sequence == "dna"
    assert predict(f"input={trained}/t.csv", "output=o.tsv", bundle=bundle)[0] == 0
    assert read_rows(tmp_path / "o.tsv")[1].ids == [f"r{i}" for i in range(60)]
    assert [one.id for one in Predictor.load(bundle, device="cpu").predict(trained / "t.csv")][:2] == [
        "r0",
        "r1",
    ]
    (tmp_path / "other.csv").write_text("seq\nACGTACGTAC\n")
    code, _, err = predict("input=other.csv", "data.sequence=seq", bundle=bundle)
    assert (code, "no column 'name'; the columns are seq. Set data.id=COLUMN, or data.id= to" in err) == (
        3,
        True,
    )
    assert predict("input=other.csv", "data.sequence=seq", "data.id=", "output=p.tsv", bundle=bundle)[0] == 0
    assert read_rows(tmp_path / "p.tsv")[1].ids == ["row1"]


def test_the_columns_of_the_training_are_those_of_an_evaluation(run, trained, tmp_path):
    shutil.copy(trained / "t.csv", tmp_path / "test.csv")
    given = (f"bundle={trained}/run/bundle", "data=table", "data.test=test.csv", "leaks=keep", "device=cpu")
    code, out, err = run("evaluate", *given, "run_dir=e")
    assert code == 0, err
    assert "n = 60" in out
    assert run("evaluate", *given, "data.label=other", "run_dir=f")[0] == 3
