"""dnaseq insert: effects of motifs on the score of a small GRU that counts G and C."""

import csv

import pytest

SMALL = ("device=cpu", "backgrounds=12")


@pytest.fixture
def insert(run, described):
    return lambda *arguments: run("insert", f"bundle={described}", *SMALL, *arguments)


def rows(path) -> list[dict[str, str]]:
    with open(path) as handle:
        return list(csv.DictReader(handle, delimiter="\t"))


def test_a_motif_adds_what_the_model_has_learnt(insert, easy_fasta, tmp_path):
    for motif, sign in (("GGCGCCGG", 1), ("AATATTAA", -1)):
        arguments = ("output=e.tsv", f"input={easy_fasta}/test.fa", "places=3", "overwrite=true")
        code, out, err = insert(f"motif={motif}", *arguments)
        assert (code, out) == (0, ""), err
        assert f"{motif} on the + strand adds" in err
        assert "to the logit of rich" in err
        table = rows(tmp_path / "e.tsv")
        assert [row["start"] for row in table] == ["", "0", "16", "32"] * 2
        assert [row["strand"] for row in table] == ["+"] * 4 + ["-"] * 4
        assert all(sign * float(row["effect"]) > 0 for row in table)
        assert all(
            float(row["effect_low"]) <= float(row["effect"]) <= float(row["effect_high"]) for row in table
        )
        assert {row["backgrounds"] for row in table} == {"12"}


def test_the_effect_is_on_the_other_class_with_the_other_sign(insert, easy_fasta, tmp_path):
    for target in ("rich", "poor"):
        arguments = (
            "motif=GGCG",
            f"output={target}.tsv",
            f"input={easy_fasta}/test.fa",
            "place=4",
            f"target={target}",
        )
        assert insert(*arguments)[0] == 0
    rich, poor = (float(rows(tmp_path / f"{name}.tsv")[1]["effect"]) for name in ("rich", "poor"))
    assert rich == pytest.approx(-poor, rel=1e-4)
    assert not (tmp_path / "rich.png").exists()  # one place has no line


def test_two_motifs_are_compared_with_each_alone(insert, easy_fasta, tmp_path):
    pair = ("motif=GGCGC", "second=AATTA", "spacing=2:6:2", f"input={easy_fasta}/test.fa")
    code, _, err = insert(*pair, "output=p.tsv")
    assert code == 0, err
    table = rows(tmp_path / "p.tsv")
    assert [row["distance"] for row in table[:3]] == ["2", "4", "6"]
    assert len({(row["left"], row["right"]) for row in table}) == 8
    assert (table[0]["left"], table[0]["right"]) == ("GGCGC+", "AATTA+")
    for row in table:
        assert float(row["effect"]) - float(row["alone"]) == pytest.approx(float(row["extra"]), abs=1e-5)
    assert "most: " in err
    assert (tmp_path / "p.png").exists()


def test_the_same_seed_gives_the_same_table_and_stdout_has_it_alone(insert, easy_fasta, tmp_path):
    arguments = ("motif=GRNCG", f"input={easy_fasta}/test.fa", "places=2")
    assert insert(*arguments, "output=a.tsv")[0] == 0
    code, out, _ = insert(*arguments, "output=-")
    assert (code, out) == (0, (tmp_path / "a.tsv").read_text())
    assert insert(*arguments, "output=-", "seed=2")[1] != out
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a.png", "a.tsv"]


def test_without_input_backgrounds_are_made(insert, tmp_path):
    assert insert("motif=GGCG", "output=e.tsv", "places=2")[0] == 0
    assert [row["start"] for row in rows(tmp_path / "e.tsv")] == ["", "0", "36"] * 2


def test_a_bundle_without_a_length_needs_records(run, trained):
    code, _, err = run("insert", f"bundle={trained}", "motif=GGCG", "output=e.tsv")
    assert (code, "no length to make backgrounds of. Give records of that length: input=FILE" in err) == (
        2,
        True,
    )


@pytest.mark.parametrize(
    ("arguments", "code", "line"),
    [
        ("motif=GGXG output=e.tsv", 2, "motif=GGXG: letter 'X' at position 3"),
        (f"motif={'A' * 41} output=e.tsv", 2, "a motif of 41 bases has no room in backgrounds of 40 bases"),
        ("motif=GGCG place=38 output=e.tsv", 2, "a motif of 4 bases from base 38 on has no room"),
        ("motif=GGCG second=AATT spacing=10:60 output=e.tsv", 2, "end at base 68, and backgrounds have 40"),
        ("motif=GGCG second=AATT spacing=6:2 output=e.tsv", 2, "spacing must be as spacing=10:60:5"),
        ("motif=GGCG second=AATT spacing=2:6:0 output=e.tsv", 2, "the step must be at least 1"),
        ("motif=GGCG spacing=2:6 output=e.tsv", 2, "Give the other one: second="),
        ("motif=GGCG output=e.txt", 2, "output=e.txt must end in .tsv"),
        ("motif=GGCG output=no/e.tsv", 5, "there is no folder no"),
        ("motif=GGCG output=e.tsv target=blue", 2, "target=blue: the bundle has the classes"),
        ("motif=GGCG output=e.tsv input=none.fa", 5, "none.fa"),
        ("output=e.tsv", 2, "motif must be given"),
    ],
)  # fmt: skip
def test_a_mistake_is_one_line_and_no_file(insert, tmp_path, arguments, code, line):
    got, out, err = insert(*arguments.split())
    assert (got, out, err.count("\n")) == (code, "", 1), err
    assert line in err
    assert not list(tmp_path.iterdir())


def test_a_table_that_is_there_stays(insert, tmp_path):
    (tmp_path / "e.png").write_text("mine")
    code, _, err = insert("motif=GGCG", "output=e.tsv")
    assert (code, "e.png exists" in err) == (2, True)
    assert [path.name for path in tmp_path.iterdir()] == ["e.png"]


def test_records_that_cannot_be_used_are_counted(insert, tmp_path):
    (tmp_path / "in.fa").write_text(">a\nACGTTACGATTACGA\n>b\nNNNN\n>c\nACGGTACTTATTACA\n")
    code, _, err = insert("motif=GGCG", "input=in.fa", "output=e.tsv", "bad_records=keep", "places=2")
    assert (code, "1 of 3 records could not be used and were left out" in err) == (7, True)
    assert len(rows(tmp_path / "e.tsv")) == 6
