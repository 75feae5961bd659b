"""Guesses of the format of a file that is not FASTA, for its error message."""

import re

_SAM = re.compile(rb"@(HD|SQ|RG|PG|CO)\t")
_SEQUENCE = "a sequence without a header"
_KINDS = (
    (rb"<!doctype html|<html", "HTML"),
    (rb"<", "XML"),
    (rb"[{\[]", "JSON"),
    (rb"LOCUS\s", "GenBank"),
    (rb"ID   .*(\n.*)*?\n(AC|XX|DE)", "EMBL"),
    (rb"##fileformat=VCF", "VCF"),
    (rb"##gff|\S+\t\S+\t\S+\t\d+\t\d+\t", "GFF"),
    (_SAM.pattern, "SAM"),
    (rb"track\s|browser\s|\S+\t\d+\t\d+(\t|\n|$)", "BED"),
    (rb"CLUSTAL|#NEXUS|# STOCKHOLM", "an alignment"),
    (rb";|#[^\t\n]*(\n|$)", "a line of comment"),
    (rb"[^\t\n]+\t[^\n]*\n|[^,\n]+,[^\n]*\n", "a table"),
    (rb"[ACGTUNacgtun][ACGTUNacgtun ]{7,}(\n|$)", _SEQUENCE),
    (rb"[A-Z*]{20,}\s*(\n|$)", "protein without a header"),
)
_PLACES = "It has places and no sequences. Give the FASTA file that they are places in"
_REGIONS = f"{_PLACES}. Training takes both: data=regions data.train=REGIONS data.genome=GENOME"
_FIX = {
    "SAM": "Turn it into FASTA: samtools fasta",
    **dict.fromkeys(("GFF", "VCF"), _PLACES),
    "BED": _REGIONS,
    "an alignment": "Save it as FASTA, and leave its gaps out with reading.gaps=drop",
    "GenBank": "Rename it to .gb or set reading.format=genbank",
    "EMBL": "Rename it to .embl or set reading.format=embl",
    _SEQUENCE: "Set reading.format=lines for one on each line, or raw for one in the file",
    "a line of comment": "reading.comments=skip skips lines that begin with ; or #",
    "a table": "Read tables with data=table",
    "HTML": "It may be an error page: download it again",
}
_ENOUGH = 2048
_MARKS = (b"\xff\xfe", b"\xfe\xff")  # byte order marks of UTF-16 and UTF-32


def guessed_kind(head: bytes) -> tuple[str, str]:
    """Guess the format of a text by its beginning, and the fix; each "" where it is unknown."""
    head = head[:_ENOUGH]
    for pattern, kind in _KINDS:
        if re.match(pattern, head, re.IGNORECASE if kind == "HTML" else 0):
            return kind, _FIX.get(kind, "")
    return "", ""


def is_sequence(head: bytes) -> bool:
    """Recognise a nucleotide sequence without a header."""
    return guessed_kind(head)[0] == _SEQUENCE


def is_sam(head: bytes) -> bool:
    """Recognise SAM, which begins with '@' as FASTQ does."""
    return bool(_SAM.match(head))


def is_text(head: bytes) -> bool:
    """Check that bytes can begin a text in ASCII or UTF-8; those of UTF-16 and binary files cannot."""
    first = head[:100]
    control = any(byte < 32 and byte not in b"\t\n\f\v" for byte in first)
    return not head.startswith(_MARKS) and b"\0" not in head[:4] and (head[:1] in b">@" or not control)
