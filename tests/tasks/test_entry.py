"""How the program ends."""

import signal


def test_an_error_that_code_in_c_makes_of_an_interrupt_is_an_interrupt(run, monkeypatch):
    def interrupted(cfg, choices):
        try:
            signal.raise_signal(signal.SIGINT)
        except KeyboardInterrupt:
            raise TypeError("incompatible arguments") from None

    monkeypatch.setattr("dnaseq.tasks.audit.run", interrupted)
    monkeypatch.setattr(signal, "getsignal", lambda _: signal.default_int_handler)  # also in the background
    assert run("audit") == (130, "", "dnaseq audit: interrupted\n")
