import os
import signal
import subprocess
import sys

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
    monkeypatch.setattr(cli.signal, "signal", lambda *_: None)  # those of the tests stay
    monkeypatch.setattr("dnaseq.tasks.main.run_task", lambda *_: 0)
    with pytest.raises(SystemExit) as end:
        cli.main("predict")
    assert end.value.code == 0
    assert os.environ.get("GOMP_SPINCOUNT") == expected


# A process that gets a signal at the very moment when it imports a package.
STRUCK = """
import os, sys
class Strike:
    def find_spec(self, name, path=None, target=None):
        if name == "{package}":
            sys.meta_path.remove(self)
            os.kill(os.getpid(), {number})
sys.meta_path.insert(0, Strike())
sys.argv = ["dnaseq", "train", "trainer=cpu"]
from dnaseq.cli import main
main()
"""


@pytest.mark.parametrize("package", ["hydra", "torch"])
@pytest.mark.parametrize(
    ("number", "code", "said"),
    [(signal.SIGINT, 130, "dnaseq: interrupted\n"), (signal.SIGTERM, 143, "")],
)
def test_a_signal_while_the_program_starts_is_no_traceback(package, number, code, said):
    program = STRUCK.format(package=package, number=int(number))
    ended = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    assert (ended.returncode, ended.stdout, ended.stderr) == (code, "", said)
