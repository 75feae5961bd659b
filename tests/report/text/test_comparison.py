from dnaseq.evaluation.comparison.results import Comparison
from dnaseq.report.text.comparison import comparison_table
from dnaseq.schemas import convert


def model(name: str, seeds: list[float], **costs) -> dict:
    spread = 0.012 if len(seeds) > 1 else None
    auroc = {"value": 0.8, "low": 0.7, "high": 0.9, "seeds": seeds, "sd_seeds": spread}
    return {"name": name, "metrics": {"auroc": auroc}} | costs


def comparison(*models: dict, **more) -> Comparison:
    least = {"n": 9, "classes": ["no", "yes"], "pairs": [], "words": ["gru is better"]}
    return convert(least | {"models": models} | more, Comparison)


def test_costs_stand_beside_the_scores_and_the_spread_below_them():
    text = comparison_table(
        comparison(model("gru", [0.7, 0.9], parameters=13570, seconds=2.54), model("cnn", [0.8]))
    )
    header, gru, seeds, cnn, _, words = text.splitlines()
    assert header.split() == ["AUROC", "parameters", "seconds"]
    assert gru.split() == ["gru", "0.800", "[0.700,0.900]", "13,570", "2.5"]
    assert seeds.split() == ["2", "seeds", "sd", "0.012"]
    assert cnn.split() == ["cnn", "0.800", "[0.700,0.900]"]
    assert words == "- gru is better"
    assert gru.index("0.800") == cnn.index("0.800") == seeds.index("sd")


def test_costs_that_are_not_known_have_no_column():
    assert comparison_table(comparison(model("gru", [0.8]))).splitlines()[0].split() == ["AUROC"]


def test_what_failed_has_a_row_with_the_reason_even_if_its_name_is_long():
    long = "gru-onehot optimizer.lr=0.003 model.encoder.hidden=64"
    failed = [{"name": long, "seed": seed, "reason": "training diverged"} for seed in (1, 2)]
    rows = comparison_table(comparison(model("gru", [0.8]), failed=failed)).splitlines()[2:4]
    assert [row.split("...")[1] for row in rows] == [
        f", seed {seed}  failed: training diverged" for seed in (1, 2)
    ]
