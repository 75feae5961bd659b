"""What stands in the report of an audit."""

import json
import re


def test_verdicts_have_a_sign_and_a_word_and_warnings_come_first(audited, section):
    text = section(audited, "Verdicts").text
    assert "1 warning, 1 note, 1 check ok." in text
    badges = re.findall(r'class="badge (\w+)">(\S) (\w+)</span><b>(.*?)</b>', text)
    assert badges == [
        ("warning", "!", "warning", "gc content"),
        ("note", "i", "note", "test size"),
        ("ok", "✓", "ok", "class balance"),
    ]


def test_shortcuts_are_drawn_with_their_intervals_and_unknown_ones_left_out(audited, section):
    numbers = section(audited, "Shortcuts").charts["shortcuts"].numbers
    assert numbers["shortcut"] == ["class frequencies", "GC content"]
    assert [numbers[key][1] for key in ("auroc", "low", "high")] == [0.815, 0.815 - 0.05, 0.815 + 0.05]


def test_conflicts_are_named(audited, section):
    text = section(audited, "Conflicting labels").text
    assert "Sequences that carry more than one label, on either strand: 1." in text
    assert "two_faced" in text


def test_kmers_and_positions_that_differ_are_told(audited, section):
    found = section(audited, "Differences between classes")
    assert "<td>2.10 %</td><td>0.61 %</td><td>+1.78</td>" in found.text
    assert "The classes differ most at position 117 of 200" in found.text
    assert len(found.charts["bases_by_position"].numbers["position"]) == 400


def test_nothing_found_is_said(audited, section):
    told = json.loads((audited / "audit.json").read_text()) | {"shortcuts": {}}
    (audited / "audit.json").write_text(json.dumps(told))
    assert section(audited, "Shortcuts").text == "<p>Nothing was found.</p>"
