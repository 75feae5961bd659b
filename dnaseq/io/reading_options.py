"""Settings for reading sequence files."""

from dataclasses import dataclass

from dnaseq.errors import ConfigError

CHOICES = {
    "bad_records": ("fail", "keep"),
    "gaps": ("fail", "drop"),
    "unknown": ("fail", "N"),
    "words": ("fail", "join"),
    "comments": ("fail", "skip"),
    "format": ("auto", "fasta", "fastq", "genbank", "embl", "2bit", "lines", "raw"),
}


@dataclass(frozen=True)
class Reading:
    """Settings of every reader. Raises ConfigError, naming the key, for a value out of range.

    `bad_records="fail"` stops at the first record that cannot be used; "keep" leaves it in its block, without
    codes and with the reason in `rejected`. A file is an error either way where the next record cannot be found.
    """

    allow_missing_eof: bool = False  # accept BGZF without its end marker
    max_length: int = 50_000_000  # bases in one record
    expect_records: int | None = None  # over all inputs together
    bad_records: str = "fail"
    gaps: str = "fail"  # drop: leave out - and .
    unknown: str = "fail"  # N: read X and I as N, and leave out a * at the end
    comments: str = "fail"  # skip: leave out lines of FASTA and tables that begin with ; or #
    words: str = "fail"  # join: join overlapping k-mers that are parted by blanks
    format: str = "auto"

    def __post_init__(self) -> None:
        if self.max_length < 1:
            raise ConfigError(f"reading.max_length must be at least 1; got {self.max_length}")
        if self.expect_records is not None and self.expect_records < 1:
            raise ConfigError(f"reading.expect_records must be at least 1; got {self.expect_records}")
        for key, allowed in CHOICES.items():
            if (value := getattr(self, key)) not in allowed:
                raise ConfigError(f"reading.{key} must be one of {', '.join(allowed)}; got {value!r}")


DEFAULT = Reading()
