"""What a chunk of rows does for NEO-CC and NEO-K-Means: it is read once and sends sums.

Costs, memberships and means of its rows are temporaries. What travels for each row is its nearest
cluster, and its least distance where there may be outliers; further memberships are sent as a list
of the nearest, since their ranks among all rows decide.
"""

from typing import Any, NamedTuple

import numpy as np

from .._kernels.assignment import smallest
from .._kernels.engines.numba_ import NumbaEngine
from .._kernels.primitive import Output, Primitive, a_number
from ._data import Data
from ._fitted import Thresholds, closest_labels
from ._refill import find_gains
from ._row_costs import RowModel
from ._side import Product, SideModel

# More further candidates than were chosen before: thresholds move as means do.
MORE_CANDIDATES = 1.125
SPARE_CANDIDATES = 64
NOTHING = np.zeros(())


class Further(NamedTuple):
    """The nearest pairs of a row and a cluster that is not its nearest.

    Attributes
    ----------
    values, clusters, rows : ndarray of shape (n_pairs,)
        Distances, clusters and rows, which count from the first of the chunk.
    complete : bool
        Whether these are all pairs of the chunk.
    """

    values: np.ndarray
    clusters: np.ndarray
    rows: np.ndarray
    complete: bool


def narrow(labels: np.ndarray, n_clusters: int) -> np.ndarray:
    """Return labels in as few bytes as they need."""
    return labels.astype(np.min_scalar_type(n_clusters))


def without_nearest(distances: np.ndarray, nearest: np.ndarray) -> np.ndarray:
    """Return distances by cluster, infinite for the nearest of each row."""
    left = distances.T.copy()
    left[nearest, np.arange(len(nearest))] = np.inf
    return left


def find_further(left: np.ndarray, threshold: float, share: float) -> Further:
    """Return the least pairs: all up to the threshold, and a share of the rows, and some more.

    Of equally near pairs, the first by cluster and then by row are returned.
    """
    n_clusters, n = left.shape
    flat = left.ravel()
    n_pairs = n * (n_clusters - 1)
    wanted = max(np.count_nonzero(flat <= threshold), share * n)
    count = min(n_pairs, int(MORE_CANDIDATES * wanted) + SPARE_CANDIDATES)
    found = np.flatnonzero(smallest(flat, count))
    clusters, rows = np.divmod(found, n)
    return Further(
        flat[found], narrow(clusters, n_clusters), rows.astype(np.int32), count == n_pairs
    )


def find_edge(
    block: Any, left: np.ndarray, least: np.ndarray, thresholds: Thresholds, count: int
) -> tuple[np.ndarray, Any]:
    """Return the rows whose distances are nearest to the thresholds, and their entries."""
    gaps = np.abs(left - thresholds.extra).min(axis=0)
    if len(least):
        gaps = np.minimum(gaps, np.abs(least - thresholds.cover))
    rows = np.flatnonzero(smallest(gaps, min(count, len(gaps))))
    return rows, block[rows]


def in_memory(block: Any, shift: float) -> Data:
    """Return a chunk as a matrix in memory."""
    return Data(NumbaEngine(), block, shift)


def sum_members(data: Data, memberships: np.ndarray, profiles: np.ndarray | None) -> Product:
    """Return what columns need of rows with these memberships."""
    # Columns read sums over their own clusters out of the profiles: sizes play no part.
    return SideModel("columns", memberships, profiles, NOTHING).read(data)


def as_outputs(product: Product) -> tuple[np.ndarray, ...]:
    """Return sums that merge: zero where there are none."""
    return tuple(NOTHING if part is None else part for part in product)


def _assign(
    block: Any,
    shift: float,
    model: RowModel,
    thresholds: Thresholds,
    share: float,
    outliers: bool,
    n_edge: int,
    weights: np.ndarray | None = None,
) -> tuple[Any, ...]:
    data = in_memory(block, shift)
    distances, _, profiles, levels = model.costs(data)
    nearest = distances.argmin(axis=1)
    least = distances.min(axis=1) if outliers else np.empty(0)
    further, edge = [], []
    if share > 0 or n_edge > 0:
        left = without_nearest(distances, nearest)
        further.append(find_further(left, thresholds.extra, share))
        edge.append(find_edge(block, left, least, thresholds, n_edge))
    weighted = NOTHING if weights is None or levels is None else np.array(weights @ levels)
    totals = sum_members(data, thresholds.memberships(distances), profiles)
    largest = np.array(np.abs(distances).max())
    nearest = narrow(nearest, distances.shape[1])
    return nearest, least, further, edge, largest, weighted, *as_outputs(totals)


_TOTALS = (Output("sum", a_number),) * 4
_ASSIGN_OUTPUTS = (
    Output("concat", a_number),
    Output("concat", a_number),
    Output("list", a_number),
    Output("list", a_number),
    Output("max", a_number),
    Output("sum", a_number),
    *_TOTALS,
)
# Nearest clusters, least distances, further pairs, rows near the thresholds, the largest magnitude
# of a distance, the squares of row means that the rows' present memberships weight, and sums over
# members by the thresholds.
ASSIGN_ROWS = Primitive("row step", _ASSIGN_OUTPUTS, _assign, whole=True)
# The same for rows that are in `weights` clusters at present.
ASSIGN_WEIGHTED_ROWS = Primitive(
    "row step", _ASSIGN_OUTPUTS, _assign, row_params=("weights",), whole=True
)


def _sum_changes(block: Any, shift: float, model: RowModel, changes: Any) -> tuple[Any, ...]:
    """Return sums over members that join (1) less those over members that leave (-1)."""
    rows = np.flatnonzero(np.diff(changes.indptr))
    data = in_memory(block[rows], shift)
    profiles = model.profiles(data)
    signs = changes[rows].toarray()
    joined, left = (as_outputs(sum_members(data, signs == sign, profiles)) for sign in (1, -1))
    return tuple(plus - minus for plus, minus in zip(joined, left, strict=True))


def _without_changes(params: Any) -> bool:
    return params["changes"].nnz == 0


# Sums of members that come and go, from the chunks that have such rows; `changes` are CSR.
SUM_CHANGES = Primitive(
    "sums of changed members",
    _TOTALS,
    _sum_changes,
    row_params=("changes",),
    idle=_without_changes,
    whole=True,
)


def _find_gains(
    block: Any, shift: float, model: RowModel, memberships: np.ndarray
) -> tuple[Any, ...]:
    costs = model.costs(in_memory(block, shift))
    *ranked, total = find_gains(memberships, costs.distances, costs.alone)
    # Each empty cluster takes one, and each other cluster may refuse its last.
    best = [part[: 2 * model.n_clusters] for part in ranked]
    return [best], np.array(total)


# The members of each chunk that gain most by a cluster of their own.
FIND_GAINS = Primitive(
    "gains of single members",
    (Output("list", a_number), Output("sum", a_number)),
    _find_gains,
    row_params=("memberships",),
    whole=True,
)


def _find_closest(
    block: Any, shift: float, model: RowModel, memberships: np.ndarray
) -> tuple[Any, ...]:
    distances = model.costs(in_memory(block, shift)).distances
    return (closest_labels(memberships, distances),)


CLOSEST = Primitive(
    "closest clusters of members",
    (Output("concat", a_number),),
    _find_closest,
    row_params=("memberships",),
    whole=True,
)


def _find_profiles(block: Any, shift: float, model: RowModel) -> tuple[Any, ...]:
    return (model.profiles(in_memory(block, shift)),)


PROFILES = Primitive("means of rows", (Output("concat", a_number),), _find_profiles, whole=True)
