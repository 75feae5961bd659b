import os
from types import SimpleNamespace

import pytest

from dnaseq import cli


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ({}, cli.SPINS),
        ({"GOMP_SPINCOUNT": "7"}, "7"),
        ({"OMP_WAIT_POLICY": "active"}, None),
    ],
)
def test_idle_threads_sleep_soon_unless_the_user_says_how_they_wait(given, expected, monkeypatch):
    for name in ("GOMP_SPINCOUNT", "OMP_WAIT_POLICY"):
        monkeypatch.setenv(name, "")  # so that it is put back afterwards
        monkeypatch.delenv(name)
    for name, value in given.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr(cli.importlib, "import_module", lambda name: SimpleNamespace(run_task=lambda *_: 0))
    with pytest.raises(SystemExit) as end:
        cli.main("predict")
    assert end.value.code == 0
    assert os.environ.get("GOMP_SPINCOUNT") == expected
