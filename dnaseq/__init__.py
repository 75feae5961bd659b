"""dnaseq: from labelled FASTA to a DNA sequence classifier that can be trusted."""

__version__ = "0.1.0"
