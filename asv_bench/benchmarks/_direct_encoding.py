"""Max-norm co-clustering by SAT as it is first published: what MaxNormCoclustering is beside.

Bulteau et al. (2016), doi:10.3390/a9010017, decide whether a cost is possible by one formula, the
direct encoding of their Section 4.1, which `decide_directly` hands to python-sat. The least cost is
then found by bisection over all differences of two entries.
"""

import numpy as np

from skcocluster._maxnorm._alphabet import Alphabet
from skcocluster._maxnorm._sat_reference import decide_directly


def solve_directly(X: np.ndarray, n_row_clusters: int, n_column_clusters: int) -> float:
    """Return the least cost of X, of shape (n_rows, n_columns), in its unit."""
    alphabet = Alphabet(X)
    costs = np.unique(alphabet.values[:, None] - alphabet.values)
    low, high = np.searchsorted(costs, 0.0), len(costs) - 1
    while low < high:
        middle = (low + high) // 2
        reach = alphabet.reach(costs[middle])
        answer = decide_directly(alphabet.codes, reach, n_row_clusters, n_column_clusters)
        if answer.status == "feasible":
            high = middle
        else:
            low = middle + 1
    return float(costs[low])
