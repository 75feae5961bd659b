"""What a file looks like."""

import pytest

from dnaseq.io.format_sniffing import guessed_kind, is_sam, is_text


@pytest.mark.parametrize(
    ("head", "kind"),
    [
        (b"<HTML><body>", "HTML"),
        (b"#NEXUS\n", "an alignment"),
        (b"ID   X56734; SV 1\nXX\n", "EMBL"),
        (b"id\tlabel\n", "a table"),
        (b"acgtacgtacgt\n", "a sequence without a header"),
        (b"ACGT ACGT ACG\n", "a sequence without a header"),
        (b"; made by hand, with commas\n>a\n", "a line of comment"),
        (b"# made by hand\n>a\n", "a line of comment"),
        (b"#id\tlabel\n", "a table"),
        (b"Forbidden\n", ""),
    ],
)
def test_a_beginning_is_recognised(head, kind):
    assert guessed_kind(head)[0] == kind


def test_a_fastq_header_is_not_sam():
    assert not is_sam(b"@SQ1 read\nACGT\n+\nIIII\n")


@pytest.mark.parametrize("head", [b">a\nAC\x01T", b"plain words", "Ünïcode".encode(), b""])
def test_text_is_text(head):
    assert is_text(head)
