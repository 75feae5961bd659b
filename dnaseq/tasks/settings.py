"""Numbers and switches that a user may set, checked before any file is opened."""

from omegaconf import DictConfig

from dnaseq.errors import ConfigError

WHOLE_NUMBERS = {  # key: smallest, largest
    "seed": (0, 2**32 - 1),
    "batch_size": (1, 10**6),
    "max_epochs": (1, 10**6),
    "patience": (1, 10**6),
    "num_workers": (0, 256),
}
SWITCHES = ("overwrite", "allow_empty")


def check_settings(cfg: DictConfig) -> None:
    """Raise ConfigError naming the first key whose value is of the wrong kind or out of range."""
    for key, (low, high) in WHOLE_NUMBERS.items():
        value = cfg.get(key, low)
        if type(value) is not int or not low <= value <= high:
            raise ConfigError(f"{key} must be a whole number from {low} to {high}; got {value!r}")
    for key in SWITCHES:
        if type(cfg.get(key, False)) is not bool:
            raise ConfigError(f"{key} must be true or false; got {cfg[key]!r}")
