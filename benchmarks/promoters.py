"""Settings of a training on the known promoters of a genome, in stretches that are held out."""

from collections.abc import Iterable
from pathlib import Path

STRETCH = 100_000  # bases


def settings_of_promoters(
    sites: Path, genome: Path, test: Iterable[tuple[str, int]], val: Iterable[tuple[str, int]]
) -> list[str]:
    """List the overrides of dnaseq train; `test` and `val` are contigs and numbers of their stretches, from 0."""
    return [
        "data=regions",
        f"data.train={sites}",
        f"data.genome={genome}",
        f"data.stretch={STRETCH}",
        "data.stranded=true",
        "split=chromosome",
        f"split.test=[{_names(test)}]",
        f"split.val=[{_names(val)}]",
    ]


def _names(stretches: Iterable[tuple[str, int]]) -> str:
    return ",".join(f"'{contig}:{n * STRETCH}-{(n + 1) * STRETCH}'" for contig, n in stretches)
