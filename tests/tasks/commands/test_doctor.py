"""dnaseq doctor: every fact on a line, whatever is installed."""

import torch

from dnaseq import __version__
from dnaseq.tasks.main import run_task


def test_versions_devices_and_folders_are_printed(capsys, tmp_path):
    (tmp_path / "parsed").write_bytes(bytes(3_000_000))
    assert run_task("doctor", [f"cache_dir={tmp_path}"]) == 0
    facts = dict(line.split(None, 1) for line in capsys.readouterr().out.splitlines())
    assert facts["dnaseq"].startswith(f"{__version__}, in ")
    assert facts["torch"] == torch.__version__.partition("+")[0] or facts["torch"] == torch.__version__
    assert {"python", "system", "hydra-core", "pytorch-lightning", "GPUs", "processors"} <= set(facts)
    assert facts["dnaseq[sweep]"].startswith("filelock ")
    assert f"{tmp_path}: 1 files, 3.0 MB, " in facts["cache"]


def test_a_cache_that_is_not_there_is_empty(capsys, tmp_path):
    assert run_task("doctor", [f"cache_dir={tmp_path}/none"]) == 0
    assert "0 files, 0.0 MB" in capsys.readouterr().out
