"""Writes the defective files of this folder, one defect each; index.toml says what reading them must give.

Run it as `python tests/bad/make_files.py` after a change; the same bytes come out every time.
"""

import bz2
import gzip
import io
import lzma
import random
import zipfile
from pathlib import Path

import zstandard
from Bio import bgzf

TWO = b">a one\nACGTACGTAC\nGGGTTTCCCA\n>b two\nTTGACCATGA\nTTGACCATGC\n"
FASTQ = b"@a\nACGTACGT\n+\nIIIIIIII\n@b\nTTGACCAT\n+\nIIIIIIII\n"
GENBANK = b"""LOCUS       AB000001                  12 bp    DNA     linear   SYN 01-JAN-2020
DEFINITION  A sequence.
ACCESSION   AB000001
VERSION     AB000001.1
FEATURES             Location/Qualifiers
ORIGIN
        1 acgtacgtac gt
//
"""
EMBL = b"ID   AB000001; SV 1; linear; genomic DNA; STD; SYN; 12 BP.\nXX\nAC   AB000001;\nXX\n"
PROTEIN = b"MKWVTFISLLFLFSSAYSRGVFRRDAHKSEVAHRFKDLGEENFKALVLIAFAQYLQQCPFEDHVK"


class Kept(io.BytesIO):
    """Bytes that outlive the writer that closes them."""

    def close(self):
        pass


def bgzipped(text: bytes) -> bytes:
    out = Kept()
    with bgzf.BgzfWriter(fileobj=out) as writer:
        writer.write(text)
    return out.getvalue()


def zipped(text: bytes) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr(zipfile.ZipInfo("a.fa"), text)
    return out.getvalue()


def flipped(data: bytes, at: int) -> bytes:
    changed = bytearray(data)
    changed[at] ^= 4
    return bytes(changed)


def many_records() -> bytes:
    """Letters too mixed to be compressed away, so that a cut leaves whole records before it."""
    letters = random.Random(0)
    return b"".join(b">r%d\n%s\n" % (i, bytes(letters.choices(b"ACGT", k=60))) for i in range(40))


GZ = gzip.compress(TWO, mtime=0)
LONG_GZ = gzip.compress(many_records(), mtime=0)
ZST = zstandard.ZstdCompressor(write_checksum=True).compress(TWO)

FILES = {
    "empty.fa": b"",
    "blank_lines.fa": b"\n \n\t\n\n",
    "empty.fa.gz": b"",
    "empty.fa.zst": b"",
    "gzip_of_nothing.fa.gz": gzip.compress(b"", mtime=0),
    "no_header.fa": b"ACGTACGTACGT\nACGT\n",
    "comment_first.fa": b"\n# made by hand\n" + TWO,
    "html.fa": b"<!DOCTYPE html>\n<html><body>404 Not Found</body></html>\n",
    "xml.fa": b'<?xml version="1.0"?>\n<a/>\n',
    "json.fa": b'{"error": "not found"}\n',
    "genbank.fa": GENBANK,
    "embl.fa": EMBL,
    "sam.fa": b"@HD\tVN:1.6\n@SQ\tSN:chr1\tLN:100\n",
    "vcf.fa": b"##fileformat=VCFv4.2\n#CHROM\tPOS\n",
    "bed.fa": b"chr1\t100\t200\tpeak1\n",
    "gff.fa": b"chr1\thavana\tgene\t100\t200\t.\t+\t.\tID=g\n",
    "csv.fa": b"sequence,label\nACGT,1\n",
    "protein_no_header.fa": PROTEIN + b"\n",
    "utf16.fa": TWO.decode().encode("utf-16"),
    "utf16_no_mark.fa": TWO.decode().encode("utf-16-le"),
    "binary.fa": bytes(range(128, 160)) + bytes(range(32)),
    "cut.fa.gz": LONG_GZ[:-300],
    "cut_header.fa.gz": GZ[:7],
    "bad_crc.fa.gz": flipped(GZ, -6),
    "bad_length.fa.gz": flipped(GZ, -3),
    "bad_method.fa.gz": flipped(GZ, 2),
    "garbage.fa.gz": GZ + b"\0\0\0garbage",
    "hole.fa.gz": GZ + bytes(40) + GZ,
    "no_marker.fa.gz": bgzipped(TWO)[:-28],  # as if cut between two blocks
    "cut.fa.zst": ZST[:-5],
    "bad_checksum.fa.zst": flipped(ZST, -1),
    "garbage.fa.zst": ZST + b"garbage",
    "xz.fa.xz": lzma.compress(TWO),
    "bzip2.fa.bz2": bz2.compress(TWO),
    "zip.fa.zip": zipped(TWO),
    "header_at_end.fa": TWO + b">c three",
    "empty_sequence.fa": b">a\n\n \n>b\nACGT\n",
    "empty_id.fa": TWO + b">\nACGT\n",
    "blank_id.fa": TWO + b"> \nACGT\n",
    "digit.fa": b">a\nACGT\nAC4T\n",
    "dash.fa": b">a\nACGT\n>b\nAC-T\n",
    "star.fa": b">a\nACGT*\n",
    "dot.fa": b">a\n.ACGT\n",
    "protein.fa": b">a\n" + PROTEIN + b"\n",
    "header_in_line.fa": b">a\nACGT>b\nACGT\n",
    "hash_line.fa": b">a\nACGT\n#note\nACGT\n",
    "semicolon_line.fa": b">a\nACGT\n;note\nACGT\n",
    "nul.fa": b">a\nACGT\nAC\0T\n",
    "not_ascii.fa": ">a\nACGT\nACÄT\n".encode("latin-1"),
    "carriage_returns.fa": b">a\rACGT\rAC4T\r",
    "all_n.fa": b">a\nACGT\n>b\nNNNN\nnnRY\n",
    "too_long.fa": b">a\nACGT\n>b\nACGTAC\nGTACGT\n",
    "few.fa": TWO,
    "qualities.fq": FASTQ[:-2] + b"\n",
    "no_plus.fq": b"@a\nACGT\nACGT\nIIII\n",
    "no_at.fq": FASTQ + b"c\nACGT\n+\nIIII\n",
    "cut.fq": FASTQ + b"@c\nACGT\n",
    "letter.fq": FASTQ + b"@c\nACXT\n+\nIIII\n",
    "no_sequence.fq": FASTQ + b"@c\n\n+\n\n",
    "cut.gb": GENBANK + GENBANK[:200],
    "damaged.gb": b"LOCUS       what is this\n//\n",
    "no_sequence.gb": GENBANK.replace(b"ORIGIN\n        1 acgtacgtac gt\n", b""),
    "fasta.gb": TWO,
    "not.2bit": TWO,
    "wrong_column.csv": b"name,class\na,1\n",
    "empty_label.csv": b"id,label\na,1\nb,\nc,2\n",
    "doubled.tsv": b"id\tlabel\na\t1\nb\t1\na\t2\n",
    "only_names.csv": b"id,label\n",
    "nothing.csv": b"",
    "uneven.csv": b"id,label\na,1\nb\n",
    "quote.csv": b'id,label\na,1\n"b,2\nc,3\n',
    "utf16.csv": "id,label\na,1\n".encode("utf-16"),
    "not.parquet": b"id,label\na,1\n",
}


if __name__ == "__main__":
    for name, data in FILES.items():
        (Path(__file__).parent / name).write_bytes(data)
