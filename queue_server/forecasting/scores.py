"""How good a forecast was: errors of points, coverage of intervals, distributions and counts. Pure.

Whatever is not a number on either side is left out; nothing left gives 0.0, never not-a-number.
"""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Numbers = Sequence[float] | Floats


def _pairs(first: Numbers, *others: Numbers) -> list[Floats]:
    arrays = [np.asarray(values, dtype=np.float64) for values in (first, *others)]
    keep = np.all([np.isfinite(values) for values in arrays], axis=0) if arrays[0].size else np.zeros(0, dtype=bool)
    return [values[keep] for values in arrays]


def mean_absolute_error(predicted: Numbers, actual: Numbers) -> float:
    """The mean distance of point and truth."""
    point, truth = _pairs(predicted, actual)
    return float(np.abs(point - truth).mean()) if len(truth) else 0.0


def bias(predicted: Numbers, actual: Numbers) -> float:
    """Mean of predicted minus actual; negative: promised too short."""
    point, truth = _pairs(predicted, actual)
    return float((point - truth).mean()) if len(truth) else 0.0


def coverage(low: Numbers, high: Numbers, actual: Numbers) -> float:
    """The share of truths within their interval, ends included."""
    below, above, truth = _pairs(low, high, actual)
    return float(((truth >= below) & (truth <= above)).mean()) if len(truth) else 0.0


def coverage_over(limit: float, low: Numbers, high: Numbers, actual: Numbers) -> float:
    """The coverage of the truths longer than `limit`."""
    below, above, truth = _pairs(low, high, actual)
    long = truth > limit
    return coverage(below[long], above[long], truth[long])


def coverage_by(
    groups: Sequence[str] | npt.NDArray[np.str_], low: Numbers, high: Numbers, actual: Numbers, least: int = 1
) -> dict[str, float]:
    """The coverage of each group; groups with fewer than `least` truths are counted together as "others"."""
    below, above, truth = (np.asarray(values, dtype=np.float64) for values in (low, high, actual))
    names, place, counts = np.unique(np.asarray(groups), return_inverse=True, return_counts=True)
    result = {
        str(name): coverage(below[place == at], above[place == at], truth[place == at])
        for at, name in enumerate(names)
        if counts[at] >= least
    }
    few = counts[place] < least
    if few.any():
        result["others"] = coverage(below[few], above[few], truth[few])
    return result


def mean_width(low: Numbers, high: Numbers) -> float:
    """The mean length of the intervals."""
    below, above = _pairs(low, high)
    return float((above - below).mean()) if len(below) else 0.0


def winkler(low: Numbers, high: Numbers, actual: Numbers, missing: float = 0.2) -> float:
    """Winkler's interval score: width, plus 2/missing times the distance of each miss. Smaller is better."""
    below, above, truth = _pairs(low, high, actual)
    if not len(truth):
        return 0.0
    short, long = np.maximum(below - truth, 0), np.maximum(truth - above, 0)
    return float((above - below + 2 / missing * (short + long)).mean())


def continuous_ranked(quantiles: Floats, actual: Numbers) -> float:
    """CRPS from equally spaced quantiles (n, k): twice the mean pinball loss. Smaller is better."""
    table, truth = np.asarray(quantiles, dtype=np.float64), np.asarray(actual, dtype=np.float64)
    if not truth.size:
        return 0.0
    levels = (np.arange(table.shape[1]) + 0.5) / table.shape[1]
    gap = truth[:, None] - table
    return float(2 * np.maximum(levels * gap, (levels - 1) * gap).mean())


def weighted_percentage_error(predicted: Numbers, actual: Numbers) -> float:
    """WAPE: the sum of absolute errors over the sum of truths (a share, 0.2 = 20 %)."""
    point, truth = _pairs(predicted, actual)
    total = float(np.abs(truth).sum())
    return float(np.abs(point - truth).sum() / total) if total > 0 else 0.0
