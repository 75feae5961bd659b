import pytest

from dnaseq.bundle.card import model_card
from dnaseq.bundle.checks import DEFAULT_DECISIONS


@pytest.fixture
def spec() -> dict:
    return {
        "dnaseq_version": "0",
        "classes": ["neg", "pos"],
        "task": "binary",
        **DEFAULT_DECISIONS,
        "threshold": 0.25,
        "architecture": {"_target_": "dnaseq.models.classifier.SequenceClassifier"},
        "strands": "one",
        "lengths": {"policy": "error", "length": 200},
        "training": {"data": "d", "model": "cnn", "encoding": "onehot", "n": 12, "seed": 3},
        "scores": None,
    }


def test_two_classes_have_a_threshold(spec):
    assert "`pos`, is the positive one; it is predicted from a probability of 0.25 on" in model_card(spec)


def test_three_classes_have_none(spec):
    card = model_card(spec | {"classes": ["a", "b", "c"]})
    assert "the likeliest" in card
    assert "0.25" not in card


def test_scores_stand_with_their_interval(spec):
    card = model_card(spec | {"scores": {"auroc": {"value": 0.91234, "low": 0.9, "high": 0.95}}})
    assert "| auroc | 0.912 [0.900, 0.950] |" in card


@pytest.mark.parametrize(
    ("score", "said"),
    [
        ({"value": None, "low": None, "high": None}, "undefined"),
        ({"value": 0.5, "low": None, "high": None}, "0.500, interval undefined"),
    ],
)
def test_what_is_undefined_is_said(spec, score, said):
    assert f"| auroc | {said} |" in model_card(spec | {"scores": {"auroc": score}})


def test_without_scores_it_says_so(spec):
    assert "Not evaluated yet." in model_card(spec)


def test_the_card_of_another_task_has_its_own_title_and_scores(spec):
    score = {"value": 0.5, "low": 0.4, "high": 0.6}
    changes = {"task": "regression", "link": {"kind": "log"}, "scores": {"pearson": score, "auroc": score}}
    card = model_card(spec | changes)
    assert card.startswith("# Numbers from DNA sequences: neg, pos")
    assert "| pearson | 0.500" in card
    assert "auroc" not in card


def test_several_networks_and_both_strands_are_told(spec):
    assert "networks" not in model_card(spec)
    assert "reverse complement" not in model_card(spec)
    card = model_card(spec | {"architecture": {"members": [{}, {}, {}]}, "strands": "both"})
    assert "the mean of 3 networks" in card
    assert "A sequence and its reverse complement have the same prediction" in card


def test_names_are_shown_and_do_nothing(spec):
    classes = ["<script>x</script>", "[a](http://b.c) |`*_x_*`|\u202e"]
    training = spec["training"] | {"data": "a`b``<img>"}
    card = model_card(spec | {"classes": classes, "training": training})
    title = card.splitlines()[0]
    assert "&lt;script&gt;x&lt;/script&gt;, \\[a\\](http\\://b.c)" in title
    assert "\\|\\`\\*\\_x\\_\\*\\`\\|" in title
    assert "\u202e" not in card
    assert "``` a`b``<img> ```" in card


def test_a_usual_name_stays_as_it_is(spec):
    assert model_card(spec | {"classes": ["non_enhancer", "x-1"]}).startswith(
        "# DNA sequence classifier: non_enhancer, x-1\n"
    )
