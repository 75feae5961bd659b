"""The interval of a share (Wilson 1927): it holds near 0 and 1, where the usual one has no width."""

import numpy as np
from scipy.stats import norm

Z = norm.ppf(0.975)


def wilson(share: np.ndarray | float, n: np.ndarray | int) -> tuple[np.ndarray, np.ndarray]:
    """Shares of n records each -> low and high ends of their 95 % intervals."""
    spread = Z * np.sqrt(share * (1 - share) / n + (Z / (2 * n)) ** 2)
    middle = share + Z**2 / (2 * n)
    return (middle - spread) / (1 + Z**2 / n), (middle + spread) / (1 + Z**2 / n)
