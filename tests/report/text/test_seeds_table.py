from msgspec import UNSET

from dnaseq.evaluation.comparison.searches import RunRow
from dnaseq.report.text.comparison import seeds_table


def run(name: str, seed: int, pearson: float | None, failed: str | None = None) -> RunRow:
    return RunRow(name, seed, failed, UNSET if failed else {"pearson": pearson, "pearson/a": 0.1})


def test_a_row_is_the_mean_and_the_spread_over_seeds():
    text = seeds_table([run("gru", 1, 0.5), run("gru", 2, 0.7), run("cnn", 1, 0.9), run("rnn", 1, None)])
    header, gru, cnn, rnn = text.splitlines()
    assert header.strip() == "Pearson's r"
    assert gru.split() == ["gru", "0.600", "sd", "0.141"]
    assert cnn.split() == ["cnn", "0.900"]
    assert rnn.split() == ["rnn", "-"]


def test_a_run_that_failed_has_its_row():
    text = seeds_table([run("gru", 1, 0.5), run("gru", 2, None, "out of memory")])
    assert text.splitlines()[-1] == "gru, seed 2  failed: out of memory"


def test_runs_that_all_failed_are_a_table_too():
    assert seeds_table([run("gru", 2, None, "out of memory")]).splitlines()[1:] == [
        "gru, seed 2  failed: out of memory"
    ]
