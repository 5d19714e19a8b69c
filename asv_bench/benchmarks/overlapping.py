"""NEOCC and NEOKMeans: half-iterations and their parts, plain NumPy beside them, whole fits."""

from collections.abc import Callable
from typing import Any

import numpy as np

from skcocluster import NEOCC, NEOKMeans
from skcocluster._kernels.engines import get_engine
from skcocluster._neocc._alternation import Alternation
from skcocluster._neocc._counts import Counts, make_counts
from skcocluster._neocc._data import Data, Side

from ._data import documents, planted
from ._measure import InReads, cost
from ._neo_equations import assign_by_sorting, by_equations, by_products
from .memory import peak_of_fit

OVERLAP, OUTLIERS = 0.2, 0.05
SHAPES = {"float64": (20_000, 2000), "csr": (20_000, 5000)}
TINY_SHAPES = {"float64": (30, 21), "csr": (40, 60)}
ENTRIES_PER_ROW = 50


def make_matrix(storage: str, shape: tuple[int, int], n_clusters: int) -> tuple[Any, dict]:
    """Return a matrix with planted blocks, and memberships of both sides with some overlap."""
    if storage == "csr":
        X, labels = documents(shape, n_clusters, min(ENTRIES_PER_ROW, shape[1] // 4))
    else:
        X, labels = planted(shape, n_clusters, storage)
    rng = np.random.default_rng(3)
    memberships = {side: np.eye(n_clusters, dtype=bool)[own] for side, own in labels.items()}
    for side, own in labels.items():
        extra = rng.integers(n_clusters, size=len(own))
        chosen = rng.random(len(own)) < OVERLAP
        memberships[side][chosen, extra[chosen]] = True
    return X, memberships


def make_state(X: Any, objective: str, memberships: dict) -> Alternation:
    """Return the state of a fit on the compiled engine, nothing read yet."""
    engine = get_engine("numba")
    sides: tuple[Side, Side] = ("rows", "columns")
    counts: dict[Side, Counts] = {
        side: make_counts(("overlap", "outliers"), OVERLAP, OUTLIERS, *memberships[side].shape)
        for side in sides
    }
    return Alternation(Data(engine, engine.prepare(X), 0.0), counts, objective, memberships)


def know_other_side(state: Alternation, side: Side) -> None:
    """Read what is known from the last half: RCM makes profiles of the sums of the other side."""
    state.model("columns" if side == "rows" else "rows")


class Distances(InReads):
    """The distances of a half-iteration for M: read, block means, products with them.

    20,000 x 5000 with fifty a row and 20 x 20 clusters; target: 6.
    """

    param_names = ("side",)
    params = (("rows", "columns"),)
    shape, n_clusters = SHAPES["csr"], 20
    tiny = {"shape": TINY_SHAPES["csr"], "n_clusters": 3}

    def setup(self, side: Side) -> None:
        self.X, self.memberships = make_matrix("csr", self.shape, self.n_clusters)
        self.side: Side = side
        self.data = make_state(self.X, "M", self.memberships).data

    def work(self) -> np.ndarray:
        state = Alternation(self.data, {}, "M", self.memberships)
        model, product = state.model(self.side)
        return model.distances(self.data, product)


class HalfIteration(InReads):
    """One half-iteration at 20 x 20 clusters: read, block means, distances, assignment.

    Dense 20,000 x 2000; as CSR 20,000 x 5000 with fifty a row.
    """

    param_names = ("storage", "objective", "side")
    params = (("float64", "csr"), ("M", "RCM"), ("rows", "columns"))
    shapes, n_clusters = SHAPES, 20
    tiny = {"shapes": TINY_SHAPES, "n_clusters": 3}

    def setup(self, storage: str, objective: str, side: Side) -> None:
        self.X, memberships = make_matrix(storage, self.shapes[storage], self.n_clusters)
        self.state = make_state(self.X, objective, memberships)
        self.side: Side = side
        know_other_side(self.state, side)
        self.start = self.state.snapshot()

    def work(self) -> bool:
        self.state.restore(self.start)
        return self.state.step(self.side)


class _Parts:
    """The parts of the row half-iteration, each on its own."""

    def __init__(self, X: Any, objective: str, memberships: dict) -> None:
        self.state = make_state(X, objective, memberships)
        self.model, self.product = self.state.model("rows")
        self.distances = self.measure()

    def read(self) -> Any:
        """Read X once."""
        return self.model.read(self.state.data)

    def blocks(self) -> Any:
        """Add up the blocks."""
        return self.state.data.blocks(self.product.sums, self.state.memberships["rows"])

    def measure(self) -> np.ndarray:
        """Compute distances from what was read."""
        return self.model.distances(self.state.data, self.product)

    def assign(self) -> Any:
        """Assign by partition."""
        return self.state.data.assign(self.distances, self.state.counts["rows"])

    def sort(self) -> np.ndarray:
        """Assign by sorts."""
        counts = self.state.counts["rows"]
        return assign_by_sorting(self.distances, counts.n_assignments, counts.n_covered)


PARTS: dict[str, Callable[[_Parts], Any]] = {
    "read": _Parts.read,
    "block sums": _Parts.blocks,
    "distances": _Parts.measure,
    "assignment": _Parts.assign,
    "assignment by sorting": _Parts.sort,
}


class Part(InReads):
    """The parts of the half-iteration of the rows, for M at 20 x 20 clusters."""

    param_names = ("storage", "part")
    params = (("float64", "csr"), tuple(PARTS))
    shapes, n_clusters = SHAPES, 20
    tiny = {"shapes": TINY_SHAPES, "n_clusters": 3}

    def setup(self, storage: str, part: str) -> None:
        self.X, memberships = make_matrix(storage, self.shapes[storage], self.n_clusters)
        self.parts, self.part = _Parts(self.X, "M", memberships), PARTS[part]

    def work(self) -> Any:
        return self.part(self.parts)


class Assignment(InReads):
    """Assignments in units of the distances that they are made from; target: below 1.

    20,000 rows with fifty entries each. Distances here are what one read of X, block sums and the
    products with block means cost together.
    """

    unit = "computations of the distances"
    param_names = ("n_clusters", "way")
    params = ((5, 20, 50), ("assignment", "assignment by sorting"))
    shape = SHAPES["csr"]
    tiny = {"params": ((3,), params[1]), "shape": TINY_SHAPES["csr"]}

    def setup(self, n_clusters: int, way: str) -> None:
        self.X, memberships = make_matrix("csr", self.shape, n_clusters)
        self.parts, self.way = _Parts(self.X, "M", memberships), PARTS[way]

    def work(self) -> Any:
        return self.way(self.parts)

    def measure_distances(self) -> None:
        """Compute the distances: the unit."""
        self.parts.read(), self.parts.blocks(), self.parts.measure()

    def track_cost(self, *params: Any) -> float:
        """Return the cost in computations of the distances."""
        return cost(self.work, self.measure_distances)


class Peer(InReads):
    """Half-iteration of the rows of a dense 20,000 x 2000 matrix, beside plain NumPy.

    Target: 10 times below "equations", the norms of the paper with sorts. "products" multiplies
    the squares out, for BLAS, and sorts as well.
    """

    param_names = ("objective", "package")
    params = (("M", "RCM"), ("skcocluster", "products", "equations"))
    shape, n_clusters = SHAPES["float64"], 20
    tiny = {"shape": TINY_SHAPES["float64"], "n_clusters": 3}

    def setup(self, objective: str, package: str) -> None:
        self.X, self.memberships = make_matrix("float64", self.shape, self.n_clusters)
        self.objective, self.package = objective, package
        self.state = make_state(self.X, objective, self.memberships)
        know_other_side(self.state, "rows")
        self.start = self.state.snapshot()

    def work(self) -> Any:
        self.state.restore(self.start)
        if self.package == "skcocluster":
            return self.state.step("rows")
        measure = by_equations if self.package == "equations" else by_products
        U, V = self.memberships["rows"], self.memberships["columns"]
        counts = self.state.counts["rows"]
        distances = measure(self.X, U, V, self.objective)
        return assign_by_sorting(distances, counts.n_assignments, counts.n_covered)


class Fit(InReads):
    """Whole fits from each start: 3000 x 500, eight by six clusters."""

    param_names = ("init", "anneal")
    params = (("auto", "random", "neo-kmeans", "k-means"), (False, True))
    shape, n_clusters = (3000, 500), (8, 6)
    tiny = {"shape": (30, 21), "n_clusters": (3, 2)}

    def setup(self, init: str, anneal: bool) -> None:
        self.X, _ = planted(self.shape, max(self.n_clusters))
        self.model = NEOCC(
            *self.n_clusters,
            row_overlap=OVERLAP,
            column_overlap=OVERLAP,
            row_outliers=OUTLIERS,
            init=init,
            anneal=anneal,
            random_state=0,
        )

    def work(self) -> NEOCC:
        return self.model.fit(self.X)


class OneWay(InReads):
    """Whole fits of NEOKMeans, 5000 x 500 and eight clusters."""

    param_names = ("storage", "init")
    params = (("float64", "csr"), ("auto", "random", "k-means"))
    shape, n_clusters = (5000, 500), 8
    tiny = {"shape": (40, 60), "n_clusters": 3}

    def setup(self, storage: str, init: str) -> None:
        self.X, _ = make_matrix(storage, self.shape, self.n_clusters)
        self.model = NEOKMeans(
            self.n_clusters, overlap=OVERLAP, outliers=OUTLIERS, init=init, random_state=0
        )

    def work(self) -> NEOKMeans:
        return self.model.fit(self.X)


class Peak:
    """X and all that a fit allocates beside it, in X's bytes; target: 1.5.

    5000 x 2000 as float64, 20,000 x 5000 with fifty a row as CSR; 20 x 20 clusters.
    """

    unit = "X's bytes"
    param_names = ("storage", "objective")
    params = (("float64", "csr"), ("M", "RCM"))
    shapes, n_clusters = {"float64": (5000, 2000), "csr": SHAPES["csr"]}, 20
    tiny = {"shapes": TINY_SHAPES, "n_clusters": 3}

    def setup(self, storage: str, objective: str) -> None:
        self.X, memberships = make_matrix(storage, self.shapes[storage], self.n_clusters)
        start = memberships["rows"], memberships["columns"]
        options = {"row_overlap": OVERLAP, "column_overlap": OVERLAP, "row_outliers": OUTLIERS}
        self.model = NEOCC(
            self.n_clusters, self.n_clusters, objective=objective, init=start, tol=1e-3, **options
        )
        # Compilation would be counted: every loop is compiled by a fit of the same kind.
        self.model.fit(self.X)

    def track_peak(self, *params: Any) -> float:
        """Return (X's bytes + peak of the fit) / X's bytes."""
        X = self.X
        dense = isinstance(X, np.ndarray)
        own = X.nbytes if dense else X.data.nbytes + X.indices.nbytes + X.indptr.nbytes
        return (own + peak_of_fit(self.model, X)) / own
