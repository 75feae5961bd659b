"""HTML that escapes what it is given."""

from dnaseq.report.html.markup import Markup, element, table


def test_plain_text_is_escaped():
    assert element("p", "<b> & 'c'") == "<p>&lt;b&gt; &amp; &#x27;c&#x27;</p>"


def test_markup_is_kept():
    assert element("p", element("b", "x")) == "<p><b>x</b></p>"


def test_attributes_are_escaped():
    assert element("p", class_='"><script>') == '<p class="&quot;&gt;&lt;script&gt;"></p>'


def test_joining_markup_and_text_does_not_make_the_text_markup():
    assert element("p", Markup("<b></b>") + "<i>") == "<p>&lt;b&gt;&lt;/b&gt;&lt;i&gt;</p>"


def test_table_escapes_every_cell():
    assert "<x>" not in table(["<x>"], [["<x>", "<x>"]], "<x>")


def test_table_is_named_outside_of_what_scrolls():
    text = table(["a"], [["b"]], "a name")
    assert text.index("a name</p>") < text.index('class="scroll"')
    assert 'aria-label="a name"' in text


def test_table_without_header_has_no_empty_line():
    assert "<thead" not in table([], [["b", "c"]])
