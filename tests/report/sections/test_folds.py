"""What stands in the report of a cross-validation."""


def test_means_pooled_scores_and_the_spread_of_the_folds_are_apart(cross_validated, section):
    text = section(cross_validated, "Summary").text
    # 0.70, 0.71, 0.72, twice: a standard deviation of 0.0089
    pooled = "<td>0.710<small>[0.660, 0.760]</small></td>"
    assert f"accuracy</th>{pooled}<td>0.009</td>{pooled}" in text
    assert "6 folds in 2 repeats" in text


def test_every_fold_is_drawn_and_listed(cross_validated, section):
    found = section(cross_validated, "Folds")
    numbers = found.charts["folds"].numbers
    values = [
        v for v, metric in zip(numbers["value"], numbers["metric"], strict=True) if metric == "accuracy"
    ]
    assert values == [0.7, 0.71, 0.72] * 2 + [0.71]
    assert '<th scope="row">1.2</th><td>40</td><td>20</td><td>0.720</td><td>0.750</td>' in found.text


def test_intervals_of_different_kinds_are_not_compared(cross_validated, section):
    assert "best baseline" not in section(cross_validated, "Summary").text
