"""What a change did, judged on pairs: the mean difference with Student's interval. Pure, stdlib only."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import sqrt, tan
from statistics import NormalDist, mean, stdev

CONFIDENCE = 0.95


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """Changed minus unchanged, paired by day; the interval is None with fewer than two days."""

    mean: float
    low: float | None
    high: float | None


def difference(pairs: Sequence[float]) -> Difference:
    """Mean of paired differences with Student's interval at CONFIDENCE."""
    if len(pairs) < 2:
        return Difference(mean=pairs[0] if pairs else 0.0, low=None, high=None)
    half = student(len(pairs) - 1, 0.5 + CONFIDENCE / 2) * stdev(pairs) / sqrt(len(pairs))
    middle = mean(pairs)
    return Difference(mean=middle, low=middle - half, high=middle + half)


def student(freedom: int, share: float) -> float:
    """Quantile of Student's t: exact for 1 and 2 degrees of freedom, else Fisher's expansion (error below 0.5 %)."""
    if freedom == 1:
        return tan(3.141592653589793 * (share - 0.5))
    if freedom == 2:
        return (2 * share - 1) * sqrt(2 / (4 * share * (1 - share)))
    z, n = NormalDist().inv_cdf(share), float(freedom)
    first = (z**3 + z) / (4 * n)
    second = (5 * z**5 + 16 * z**3 + 3 * z) / (96 * n**2)
    third = (3 * z**7 + 19 * z**5 + 17 * z**3 - 15 * z) / (384 * n**3)
    fourth = (79 * z**9 + 776 * z**7 + 1482 * z**5 - 1920 * z**3 - 945 * z) / (92160 * n**4)
    return z + first + second + third + fourth
