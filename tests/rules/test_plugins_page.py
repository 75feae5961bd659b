"""The page on parts of one's own: its files, its commands with their exit codes, and its Python do what it says."""

import json
import re
import shlex
from pathlib import Path

import pytest

from dnaseq.tasks.main import run_task

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "plugins.md").read_text()
QUICK = {
    "train": ["recipe=none", "trainer=debug", "max_epochs=1"],
    "predict": ["device=cpu"],
    "check-plugin": [],
}
SHIPPED = "data/enhancers"


def blocks(kind: str) -> list[str]:
    return re.findall(rf"```{kind}\n(.*?)```", PAGE, re.S)


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """A folder with the files of the page, a few of the shipped records, and as many to answer."""
    for text in (*blocks("python"), *blocks("yaml")):
        if named := re.match(r"# (\S+\.(?:py|yaml))\n", text):
            path = tmp_path / named[1]
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text.partition("\n")[2])
    (tmp_path / SHIPPED).mkdir(parents=True)
    for part in ("train", "test"):
        some = (ROOT / SHIPPED / f"{part}.fa").read_text().split(">")[1::24]
        (tmp_path / SHIPPED / f"{part}.fa").write_text("".join(f">{record}" for record in some))
    (tmp_path / "mine.fa").write_bytes((tmp_path / SHIPPED / "test.fa").read_bytes())
    monkeypatch.chdir(tmp_path)
    for name in ("write_report", "explain_run"):
        monkeypatch.setattr(f"dnaseq.tasks.pipeline.training_run.{name}", lambda *_: None)
    return tmp_path


def test_the_page_does_what_it_says(folder, quick_baselines, capsys):
    codes = []
    for line in "".join(blocks("bash")).splitlines():
        program, *words = shlex.split(line, comments=True)
        if program == "echo":
            text, arrow, name = words
            assert arrow == ">>"
            (folder / name).write_text((folder / name).read_text() + f"{text}\n")
            continue
        task, *arguments = words
        data = [f"data.{part}={SHIPPED}/{part}.fa" for part in ("train", "test")] * (task == "train")
        code = run_task(task, [*arguments, *data, *QUICK[task]])
        due = re.search(r"# exit code (\d+)", line)
        assert code == (int(due[1]) if due else 0), (line, capsys.readouterr().err)
        codes.append(code)
    assert codes == [0, 0, 0, 4, 4, 0]
    spec = json.loads((folder / "runs" / "gated" / "bundle" / "spec.json").read_text())
    assert spec["architecture"]["encoder"]["_target_"] == "plugin:mylab/GatedCnn"
    capsys.readouterr()
    (usage,) = [text for text in blocks("python") if not text.startswith("# ")]
    exec(compile(usage, "docs/plugins.md", "exec"), {})
    assert capsys.readouterr().out.strip() in spec["classes"]


def test_the_model_of_the_page_has_ten_lines():
    (own,) = [text for text in blocks("python") if text.startswith("# mylab.py")]
    assert len([line for line in own.splitlines()[1:] if line.strip()]) <= 10
