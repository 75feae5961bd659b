import pytest
from specs import ENTRIES, make_spec

from dnaseq.bundle.card import model_card


def card(**changes) -> str:
    return model_card(make_spec(**changes))


def test_two_classes_have_a_threshold():
    assert "`pos`, is the positive one; it is predicted from a probability of 0.25 on" in card(threshold=0.25)


def test_three_classes_have_none():
    text = card(classes=["a", "b", "c"], task="multiclass", threshold=0.25)
    assert "the likeliest" in text
    assert "0.25" not in text


def test_scores_stand_with_their_interval():
    text = card(scores={"auroc": {"value": 0.91234, "low": 0.9, "high": 0.95}})
    assert "| auroc | 0.912 [0.900, 0.950] |" in text


@pytest.mark.parametrize(
    ("score", "said"),
    [
        ({"value": None, "low": None, "high": None}, "undefined"),
        ({"value": 0.5, "low": None, "high": None}, "0.500, interval undefined"),
    ],
)
def test_what_is_undefined_is_said(score, said):
    assert f"| auroc | {said} |" in card(scores={"auroc": score})


def test_without_scores_it_says_so():
    assert "Not evaluated yet." in card()


def test_the_card_of_another_task_has_its_own_title_and_scores():
    score = {"value": 0.5, "low": 0.4, "high": 0.6}
    changes = {"link": {"kind": "log", "mean": [1, 1]}, "scores": {"pearson": score, "auroc": score}}
    text = card(task="regression", **changes)
    assert text.startswith("# Numbers from DNA sequences: neg, pos")
    assert "| pearson | 0.500" in text
    assert "auroc" not in text


def test_several_networks_and_both_strands_are_told():
    assert "networks" not in card()
    assert "reverse complement" not in card()
    text = card(architecture={"members": [{}, {}, {}]}, strands="both")
    assert "the mean of 3 networks" in text
    assert "A sequence and its reverse complement have the same prediction" in text


def test_names_are_shown_and_do_nothing():
    classes = ["<script>x</script>", "[a](http://b.c) |`*_x_*`|"]
    training = ENTRIES["training"] | {"data": "a`b``<img>\u202e"}
    text = card(classes=classes, training=training)
    title = text.splitlines()[0]
    assert "&lt;script&gt;x&lt;/script&gt;, \\[a\\](http\\://b.c)" in title
    assert "\\|\\`\\*\\_x\\_\\*\\`\\|" in title
    assert "\u202e" not in text
    assert "``` a`b``<img>\\u202e ```" in text


def test_a_usual_name_stays_as_it_is():
    assert card(classes=["non_enhancer", "x-1"]).startswith("# DNA sequence classifier: non_enhancer, x-1\n")
