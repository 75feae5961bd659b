"""How the program ends."""

import signal
import sys

from dnaseq.tasks.runs.jobs import Outcome


def test_an_error_that_code_in_c_makes_of_an_interrupt_is_an_interrupt(run, monkeypatch):
    def interrupted(cfg, choices):
        try:
            signal.raise_signal(signal.SIGINT)
        except KeyboardInterrupt:
            raise TypeError("incompatible arguments") from None

    monkeypatch.setattr("dnaseq.tasks.commands.audit.run", interrupted)
    monkeypatch.setattr(signal, "getsignal", lambda _: signal.default_int_handler)  # also in the background
    assert run("audit") == (130, "", "dnaseq audit: interrupted\n")


def test_a_full_disk_under_stdout_is_one_line(run, monkeypatch):
    monkeypatch.setattr("dnaseq.tasks.commands.audit.run", lambda cfg, choices: print("x") or Outcome())
    with open("/dev/full", "w") as full, monkeypatch.context() as patch:
        patch.setattr(sys, "stdout", full)
        code, _, err = run("audit")
    assert (code, err) == (5, "dnaseq audit: <stdout>: No space left on device\n")


def test_a_closed_stderr_loses_the_messages_alone(run, monkeypatch):
    monkeypatch.setattr(sys, "stderr", None)
    assert run("audit", "data=fasta")[:2] == (2, "")
    sys.stderr.close()  # nothing holds what took its place
