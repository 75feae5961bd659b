"""Every command in the README and in docs/ runs as it stands there (training is cut short)."""

import glob
import re
import shlex
from pathlib import Path

import numpy as np
import pytest

from dnaseq.tasks.main import run_task

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text()
OWN_TEST = "docs/plugins.md"  # has files and commands that must fail: test_plugins_page.py
NAMED = dict.fromkeys(re.findall(r"\]\((docs/[^)]+)\)", README))
# In the order in which the README leads to them; each may use what the ones before have made.
PAGES = [README, *((ROOT / path).read_text() for path in NAMED if path != OWN_TEST)]
SHIPPED = "data/enhancers"
SHORT = {
    "audit": [],
    "train": ["trainer=debug", "max_epochs=1"],
    "evaluate": ["device=cpu"],
    "predict": ["device=cpu"],
    "compare": ["resamples=50"],
    "runs": [],
    "doctor": [],
    "explain": ["device=cpu", "records=4", "motifs=none"],
    "insert": ["device=cpu", "backgrounds=4", "places=2"],
    "ablate": ["device=cpu", "scrambles=1"],
    "design": ["device=cpu", "edits=1", "beam=1"],
    "variants": ["device=cpu", "placements=2", "null_changes=20"],
    "peaks": ["device=cpu", "stride=5"],
    "embed": ["epochs=1"],
    "sweep": ["trainer=debug", "max_epochs=1", "sweep.trials=1", "sweep.seeds=[1]"],
}
VCF_COLUMNS = "#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO"
MOTIF = """MEME version 4
MOTIF gata
letter-probability matrix: alength= 4 w= 4 nsites= 20
0 0 1 0
1 0 0 0
0 0 0 1
1 0 0 0
"""
# Of what is there many times over, fewer: folds, networks, processes.
FEWER = {
    "split.folds=3": "split.folds=2",
    "experiment=auto": "ensemble=1",
    "experiment=unaligned": "ensemble=1",
    "ensemble=3": "ensemble=1",
    "workers=2": "workers=1",
}


def commands() -> list[list[str]]:
    """[task, argument, ...] of every dnaseq command in a bash block, in order."""
    found = []
    for block in re.findall(r"```bash\n(.*?)```", "".join(PAGES), re.S):
        for line in block.replace("\\\n", " ").splitlines():
            words = shlex.split(line, comments=True)
            if words[:1] == ["dnaseq"]:
                found.append(words[1:])
            elif words[:1] == ["python"] and words[1].startswith("scripts/"):
                assert (ROOT / words[1]).exists(), line
                found.append([Path(words[1]).stem, *words[2:]])
    return found


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """A folder where a reader would be, with a sixteenth of the shipped data and the small files that the README speaks
    of."""
    folder = tmp_path_factory.mktemp("reader")
    (folder / SHIPPED).mkdir(parents=True)
    for name in ("train.fa", "test.fa"):
        some = (ROOT / SHIPPED / name).read_text().split(">")[1::16]
        (folder / SHIPPED / name).write_text("".join(f">{r}" for r in some))
    chosen = (ROOT / SHIPPED / "train.fa").read_text().split(">")[1::20]
    (folder / "mine.fa").write_text("".join(f">{r}" for r in chosen))
    for name, is_positive in (("enhancers.fa", False), ("background.fa", True)):
        (folder / name).write_text("".join(f">{r}" for r in chosen if ("non_enhancer" in r) is is_positive))
    genome = "".join(r.split("\n")[1] for r in chosen[:10])
    (folder / "genome.fa").write_text(f">chr1\n{genome}\n")
    (folder / "regions.bed").write_text("chr1\t100\t300\t.\t0\t-\n")
    _write_regions(folder)
    base = genome[700]
    calls = f"chr1\t701\t.\t{base}\t{'A' if base != 'A' else 'C'}\t.\t.\t.\n"
    (folder / "calls.vcf").write_text(f"##fileformat=VCFv4.2\n{VCF_COLUMNS}\n{calls}")
    (folder / "constructs.fa").write_text(f">one\n{genome[:200]}\n")
    rows = f"one\t3\t{genome[2]}\t{'A' if genome[2] != 'A' else 'C'}\n"
    (folder / "variants.tsv").write_text(f"id\tposition\tref\talt\n{rows}")
    (folder / "motifs.meme").write_text(MOTIF)
    rows = [(r.split("label=")[1].split()[0], r.split("\n")[1]) for r in chosen]
    (folder / "mine.csv").write_text("label,sequence\n" + "".join(f"{label},{s}\n" for label, s in rows))
    return folder


def _write_regions(folder: Path) -> None:
    """Write a genome of four contigs, and regions of it as BED and narrowPeak."""
    rng = np.random.default_rng(1)
    names = ("chr1", "chr2", "chr8", "chr9")
    letters = ("".join(rng.choice(list("ACGTacgt"), 12_000)) for _ in names)
    (folder / "hg38.fa").write_text(
        "".join(f">{n}\n{text}\n" for n, text in zip(names, letters, strict=True))
    )
    places = [(name, at, at + 150) for name in names for at in range(300, 12_000, 900)]
    for number, end in ((0, ""), (30, "\tp\t9\t.\t7.5\t3\t2\t60")):
        file = folder / ("ctcf.narrowPeak" if end else "peaks.bed")
        file.write_text("".join(f"{name}\t{a + number}\t{b + number}{end}\n" for name, a, b in places))
    (folder / "blacklist.bed").write_text("chr1\t5000\t5100\n")


def test_the_commands_of_the_readme_run_in_order(
    folder, quick_pictures, quick_baselines, monkeypatch, capsys
):
    monkeypatch.chdir(folder)
    monkeypatch.setattr("dnaseq.tasks.pipeline.training_run.explain_run", lambda *_: None)
    assert len(commands()) >= 7
    for task, *arguments in commands():
        fewer = [FEWER[a] for a in arguments if a in FEWER]
        shorter = SHORT[task] + _smaller(task, arguments) + _without_recipe(arguments) + fewer
        code = run_task(task, _expanded(arguments) + shorter)
        assert code == 0, (task, arguments, capsys.readouterr().err)


def _smaller(task: str, arguments: list[str]) -> list[str]:
    """The sixteenth of the shipped data for a command that takes the shipped data."""
    data = [a for a in arguments if a.startswith("data=") and "enhancer" not in a]
    if task not in ("audit", "train", "sweep") or data or arguments[0].startswith("@"):
        return []
    return [f"data.{part}={SHIPPED}/{part}.fa" for part in ("train", "test")]


def _without_recipe(arguments: list[str]) -> list[str]:
    """Linear models find a recipe for the first training alone, and for what a file or an experiment sets."""
    names_a_model = any(a.startswith("model=") for a in arguments)
    return ["recipe=none"] if names_a_model and arguments != ["model=bilstm"] else []


def _expanded(arguments: list[str]) -> list[str]:
    """Patterns as the shell fills them in."""
    return [path for a in arguments for path in (sorted(glob.glob(a)) if "*" in a else [a])]


@pytest.mark.filterwarnings("ignore::dnaseq.SimilarRecordsWarning")  # there are some in the shipped data
@pytest.mark.filterwarnings("ignore::dnaseq.api.similarity.SimilarRecordsWarning")  # as the pages say
def test_the_python_of_the_readme_runs(folder, monkeypatch):
    """After the commands, which leave a bundle in runs/latest."""
    monkeypatch.chdir(folder)
    blocks = re.findall(r"```python\n(.*?)```", "".join(PAGES), re.S)
    assert blocks
    for block in blocks:
        exec(compile(block, "docs", "exec"), {})


def test_every_page_is_named_and_the_files_that_pages_name_exist():
    assert NAMED.keys() >= {f"docs/{path.name}" for path in (ROOT / "docs").glob("*.md")}
    for page in (ROOT / "README.md", *(ROOT / "docs").glob("*.md")):
        for path in re.findall(r"\]\((?!http)([^)#]+)\)", page.read_text()):
            assert (page.parent / path).exists(), (page.name, path)


def test_the_readme_is_short():
    lines = README.splitlines()
    assert len(lines) <= 120
    assert max(map(len, lines)) <= 120
