"""Settings of negatives, as they stand in a configuration."""

from dataclasses import dataclass

from dnaseq.data.regions.negatives import MATCHED, RANDOM, SHUFFLED
from dnaseq.errors import ConfigError

AUTO, NONE, FILE = "auto", "none", "file"
KINDS = (AUTO, NONE, MATCHED, RANDOM, SHUFFLED, FILE)
_MOST = 1000.0  # negatives of a positive


@dataclass(frozen=True)
class Negatives:
    """Negatives of a data set of regions.

    kind: matched: windows of the same genome with the composition of the positives; random: without regard to it;
        shuffled: the positives with their dinucleotides in another order; file: the regions in `path`; none; auto:
        matched where the regions have one label, none where they have several.
    ratio: negatives for each positive.
    distance: bases between a negative and a region, at least.
    """

    kind: str = AUTO
    ratio: float = 1.0
    seed: int = 1
    distance: int = 0
    path: str | None = None

    def __post_init__(self) -> None:
        if self.kind not in KINDS:
            raise ConfigError(f"negatives.kind must be one of {', '.join(KINDS)}; got {self.kind!r}")
        if not isinstance(self.ratio, int | float) or not 0 < self.ratio <= _MOST:
            raise ConfigError(f"negatives.ratio must be above 0 and at most {_MOST:g}; got {self.ratio!r}")
        for key in ("seed", "distance"):
            if type(getattr(self, key)) is not int or getattr(self, key) < 0:
                what = f"must be a whole number of at least 0; got {getattr(self, key)!r}"
                raise ConfigError(f"negatives.{key} {what}")
        if (self.kind == FILE) != bool(self.path):
            given = (
                "negatives=file needs the file"
                if self.kind == FILE
                else "negatives.path needs negatives=file"
            )
            raise ConfigError(f"{given}: negatives=file negatives.path=FILE")

    @property
    def chosen(self) -> list[object]:
        """Return the settings that decide which negatives there are."""
        return [self.kind, self.ratio, self.seed, self.distance, bool(self.path)]
