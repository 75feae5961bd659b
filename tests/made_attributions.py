"""Records of random bases with sites in them, and attributions as a network that reads the sites would give."""

from collections.abc import Sequence

import numpy as np

from dnaseq.encode.alphabet import COMPLEMENT, to_codes


def made(
    sites: Sequence[str],
    n: int = 150,
    length: int = 100,
    share: float = 1.0,
    strength: float = 1.0,
    noise: float = 0.3,
    seed: int = 0,
) -> tuple[np.ndarray, np.ndarray]:
    """(n, L) values and codes. Each site is in a share of the records, on either strand; its bases have attributions
    from 0 to 1.5 times `strength`, beside normal noise everywhere."""
    rng = np.random.default_rng(seed)
    codes = rng.integers(0, 4, (n, length)).astype(np.uint8)
    values = rng.normal(0, noise, (n, length))
    for site in sites:
        for row in np.flatnonzero(rng.random(n) < share):
            letters = to_codes(site)
            letters = COMPLEMENT[letters][::-1] if rng.random() < 0.5 else letters
            start = rng.integers(length - len(site) + 1)
            codes[row, start : start + len(site)] = letters
            values[row, start : start + len(site)] += strength * 1.5 * rng.random(len(site))
    return values.astype(np.float32), codes
