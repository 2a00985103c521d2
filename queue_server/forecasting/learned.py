"""Quantile regression by boosted trees: the learned waiting-time predictor. Pure.

Least-absolute-deviation boosting (Friedman 2001): each tree splits on the sign of the residual and each leaf
answers with the quantile of its residuals. Fitting needs numba and is for the nightly process; predicting
needs numpy alone, so the server never loads a compiler.
"""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

MAX_BINS = 64


@dataclass(frozen=True, slots=True, kw_only=True)
class Growth:
    """How the trees grow. `rows` and `columns` are the shares drawn for each tree."""

    trees: int = 300
    depth: int = 6
    rate: float = 0.06
    least_leaf: int = 40
    rows: float = 0.5
    columns: float = 0.5
    shrink: float = 20.0  # a leaf of `shrink` rows moves half of what it asks for
    seed: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Forest:
    """A fitted ensemble: complete binary trees, so node k has the children 2k+1 and 2k+2.

    `feature` (trees, nodes) int, -1 in a leaf; `threshold` the same shape, go right when above;
    `value` the same shape, already multiplied by the learning rate.
    """

    start: float
    depth: int
    feature: Ints
    threshold: Floats
    value: Floats

    def predict(self, rows: Floats) -> Floats:
        """The predicted quantile for each row of a (rows, features) table; not-a-number counts as very small."""
        table = np.nan_to_num(np.atleast_2d(np.asarray(rows, dtype=np.float64)), nan=-1e30, posinf=1e30, neginf=-1e30)
        count, trees = len(table), len(self.feature)
        if not count or not trees:
            return np.full(count, self.start)
        out = np.full(count, self.start)
        step = max(1, 2_000_000 // max(1, trees))  # keeps the working arrays small
        for begin in range(0, count, step):
            out[begin : begin + step] += self._sum(table[begin : begin + step])
        return out

    def _sum(self, table: Floats) -> Floats:
        trees = np.arange(len(self.feature))
        node = np.zeros((len(table), len(trees)), dtype=np.int64)
        lines = np.arange(len(table))[:, None]
        for _ in range(self.depth):
            feature = self.feature[trees, node]
            inner = feature >= 0
            right = table[lines, np.maximum(feature, 0)] > self.threshold[trees, node]
            node = np.where(inner, 2 * node + 1 + right, node)
        return np.asarray(self.value[trees, node].sum(axis=1))

    def to_state(self) -> dict[str, Any]:
        """The ensemble as plain JSON values."""
        state = asdict(self)
        return {key: value.tolist() if isinstance(value, np.ndarray) else value for key, value in state.items()}

    @classmethod
    def from_state(cls, state: dict[str, Any]) -> "Forest":
        """The ensemble that `to_state` wrote."""
        shape = (len(state["feature"]), -1)
        nodes = 2 ** (state["depth"] + 1) - 1
        if not state["feature"]:
            shape = (0, nodes)
        return cls(
            start=float(state["start"]),
            depth=int(state["depth"]),
            feature=np.asarray(state["feature"], dtype=np.int64).reshape(shape),
            threshold=np.asarray(state["threshold"], dtype=np.float64).reshape(shape),
            value=np.asarray(state["value"], dtype=np.float64).reshape(shape),
        )


def constant(value: float) -> Forest:
    """A forest without trees: what an office with too little history gets."""
    nodes = np.zeros((0, 1))
    return Forest(start=value, depth=0, feature=nodes.astype(np.int64), threshold=nodes, value=nodes)


def bin_edges(table: Floats, bins: int = MAX_BINS) -> list[Floats]:
    """For each column the thresholds that part it into at most `bins` about equally full bins."""
    edges = []
    for column in table.T:
        cuts = np.unique(np.quantile(column, np.linspace(0, 1, bins + 1)[1:-1], method="lower"))
        edges.append(cuts[cuts < column.max()] if len(column) else cuts)
    return edges


def to_bins(table: Floats, edges: Sequence[Floats]) -> npt.NDArray[np.uint8]:
    """The bin number of every cell: how many thresholds lie strictly below it."""
    out = np.empty(table.shape, dtype=np.uint8)
    for index, cuts in enumerate(edges):
        out[:, index] = np.searchsorted(cuts, table[:, index], side="left")
    return out


def fit(
    rows: Floats, target: Floats, quantile: float = 0.5, *, growth: Growth | None = None, weight: Floats | None = None
) -> Forest:
    """Fit one quantile of `target` (n,) on `rows` (n, features). Fewer than 200 rows give the plain quantile."""
    growth = growth or Growth()
    table = np.nan_to_num(np.asarray(rows, dtype=np.float64), nan=-1e30, posinf=1e30, neginf=-1e30)
    goal = np.asarray(target, dtype=np.float64)
    if len(goal) < 200 or table.shape[1] == 0:
        return constant(float(np.quantile(goal, quantile)) if len(goal) else 0.0)
    from queue_server.forecasting import trees

    weights = np.ones(len(goal)) if weight is None else np.asarray(weight, dtype=np.float64)
    edges = bin_edges(table)
    binned = to_bins(table, edges)
    return _boost(trees.grow, binned, edges, goal, weights, quantile, growth)


def _boost(
    grow: Any,
    binned: npt.NDArray[np.uint8],
    edges: Sequence[Floats],
    goal: Floats,
    weights: Floats,
    quantile: float,
    growth: Growth,
) -> Forest:
    rng = np.random.default_rng(growth.seed)
    count, columns = binned.shape
    nodes = 2 ** (growth.depth + 1) - 1
    feature = np.full((growth.trees, nodes), -1, dtype=np.int64)
    threshold = np.zeros((growth.trees, nodes))
    value = np.zeros((growth.trees, nodes))
    start = float(np.quantile(goal, quantile))
    reached = np.full(count, start)
    some = max(1, round(columns * growth.columns))
    for tree in range(growth.trees):
        taken = np.flatnonzero(rng.random(count) < growth.rows)
        chosen = np.sort(rng.choice(columns, some, replace=False))
        cut, answers = grow(
            binned, goal - reached, weights, taken, chosen, quantile, growth.depth, growth.least_leaf,
            growth.shrink, feature[tree],
        )  # fmt: skip
        value[tree] = growth.rate * answers[:nodes]
        reached += growth.rate * answers[nodes:]
        for node in np.flatnonzero(feature[tree] >= 0):
            threshold[tree, node] = edges[feature[tree, node]][cut[node]]
    return Forest(start=start, depth=growth.depth, feature=feature, threshold=threshold, value=value)


@dataclass(frozen=True, slots=True, kw_only=True)
class WaitModel:
    """Low, likely and high wait: three quantiles fitted to log(wait + unit), so that errors count as ratios.

    `unit` (the wait's own unit) keeps short waits from ruling the fit.
    """

    unit: float
    forests: tuple[Forest, Forest, Forest]

    def predict(self, rows: Floats) -> Floats:
        """(rows, 3): low, likely and high as log(wait + unit), in order."""
        return np.sort(np.stack([forest.predict(rows) for forest in self.forests], axis=1), axis=1)

    def to_log(self, wait: Floats) -> Floats:
        """The scale the quantiles are fitted on."""
        return np.asarray(np.log(np.maximum(wait, 0.0) + self.unit))

    def from_log(self, value: Floats) -> Floats:
        """Back to waits, never negative."""
        return np.asarray(np.maximum(np.exp(np.minimum(value, 30.0)) - self.unit, 0.0))

    def to_state(self) -> dict[str, Any]:
        """Plain JSON values."""
        return {"unit": self.unit, "forests": [forest.to_state() for forest in self.forests]}

    @classmethod
    def from_state(cls, state: dict[str, Any]) -> "WaitModel":
        """The model that `to_state` wrote."""
        low, likely, high = (Forest.from_state(one) for one in state["forests"])
        return cls(unit=float(state["unit"]), forests=(low, likely, high))


def fit_waits(
    rows: Floats, waits: Floats, *, unit: float, missing: float = 0.1, growth: Growth | None = None
) -> WaitModel:
    """Fit the three quantiles on `rows` (n, features) and `waits` (n,); `missing` is left out at each end."""
    goal = np.log(np.maximum(np.asarray(waits, dtype=np.float64), 0.0) + unit)
    low, likely, high = (fit(rows, goal, q, growth=growth) for q in (missing, 0.5, 1.0 - missing))
    return WaitModel(unit=unit, forests=(low, likely, high))
