"""Growing one regression tree for a quantile, compiled by numba. Pure; imported only where a model is fitted."""

from typing import Any

import numpy as np
import numpy.typing as npt
from numba import njit

BINS = 64


@njit(cache=True)
def _best_cut(pull: Any, mass: Any, columns: Any, least: float) -> tuple[int, int]:
    """The feature and bin that part one node best, or (-1, 0). Gain is that of squared pull over mass."""
    best, best_feature, best_bin = 1e-9, -1, 0
    for at in range(len(columns)):
        all_pull, all_mass = 0.0, 0.0
        for index in range(BINS):
            all_pull += pull[at, index]
            all_mass += mass[at, index]
        base = all_pull * all_pull / max(all_mass, 1e-9)
        left_pull, left_mass = 0.0, 0.0
        for index in range(BINS - 1):
            left_pull += pull[at, index]
            left_mass += mass[at, index]
            right_mass = all_mass - left_mass
            if mass[at, index] == 0.0 or left_mass < least or right_mass < least:
                continue
            right_pull = all_pull - left_pull
            gain = left_pull * left_pull / left_mass + right_pull * right_pull / right_mass - base
            if gain > best:
                best, best_feature, best_bin = gain, columns[at], index
    return best_feature, best_bin


@njit(cache=True)
def _route(binned: Any, row: int, feature: Any, cut: Any) -> int:
    """The leaf a row falls into."""
    node = 0
    while feature[node] >= 0:
        node = 2 * node + 1 + (1 if binned[row, feature[node]] > cut[node] else 0)
    return node


@njit(cache=True)
def _answers(residual: Any, taken: Any, place: Any, nodes: int, quantile: float, shrink: float) -> Any:
    """For every node the shrunk quantile of the residuals of the taken rows that ended in it."""
    answers = np.zeros(nodes)
    order = np.argsort(place, kind="mergesort")
    begin = 0
    while begin < len(order):
        node = place[order[begin]]
        end = begin
        while end < len(order) and place[order[end]] == node:
            end += 1
        inside = np.empty(end - begin)
        for index in range(begin, end):
            inside[index - begin] = residual[taken[order[index]]]
        size = end - begin
        answers[node] = np.quantile(inside, quantile) * size / (size + shrink)
        begin = end
    return answers


@njit(cache=True)
def grow(
    binned: Any,
    residual: Any,
    weight: Any,
    taken: Any,
    columns: Any,
    quantile: float,
    depth: int,
    least: float,
    shrink: float,
    feature: Any,
) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.float64]]:
    """Grow one tree into `feature` (in place).

    Returns the bin of each node's cut, and one array holding the answer of each node followed by the answer
    for every row of `binned`, so that rows outside the sample move too.
    """
    nodes = 2 ** (depth + 1) - 1
    cut = np.zeros(nodes, dtype=np.int64)
    place = np.zeros(len(taken), dtype=np.int64)
    for level in range(depth):
        first, width = 2**level - 1, 2**level
        pull = np.zeros((width, len(columns), BINS))
        mass = np.zeros((width, len(columns), BINS))
        for index in range(len(taken)):
            node = place[index] - first
            if node < 0:
                continue
            row = taken[index]
            push = weight[row] * (quantile if residual[row] > 0 else quantile - 1.0)
            for at in range(len(columns)):
                bucket = binned[row, columns[at]]
                pull[node, at, bucket] += push
                mass[node, at, bucket] += weight[row]
        for node in range(width):
            found, where = _best_cut(pull[node], mass[node], columns, least)
            feature[first + node] = found
            cut[first + node] = where
        for index in range(len(taken)):
            node = place[index]
            if node >= first and feature[node] >= 0:
                right = binned[taken[index], feature[node]] > cut[node]
                place[index] = 2 * node + 1 + (1 if right else 0)
    answers = np.zeros(nodes + len(binned))
    answers[:nodes] = _answers(residual, taken, place, nodes, quantile, shrink)
    for row in range(len(binned)):
        answers[nodes + row] = answers[_route(binned, row, feature, cut)]
    return cut, answers
