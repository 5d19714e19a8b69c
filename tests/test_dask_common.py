"""The common checks of co-clustering, with every array in memory cut into chunks on its way in."""

import dask
import dask.array as da
import numpy as np
import pytest
import scipy.sparse as sp

from skcocluster import BBAC, Coclus
from skcocluster.testing import coclusterer_checks


def cut(X):
    """A matrix in memory as a dask array in chunks of uneven height; all else as it is."""
    is_array = type(X) is np.ndarray and X.ndim == 2 and X.dtype.kind in "biuf" and X.size
    if not is_array and not (sp.issparse(X) and X.dtype.kind in "biuf" and min(X.shape)):
        return X
    n_rows = X.shape[0]
    heights = tuple(h for h in (1, n_rows // 2, n_rows - 1 - n_rows // 2) if h > 0)
    if not sp.issparse(X):
        return da.from_array(X, chunks=(heights, -1))
    whole = sp.csr_array(X)
    # from_array asks for the shape of slices, which SciPy's own containers do not always keep.
    stops = np.cumsum(heights)
    parts = [
        da.from_delayed(dask.delayed(whole[stop - h : stop]), (h, X.shape[1]), meta=whole[:0])
        for h, stop in zip(heights, stops, strict=True)
    ]
    return da.concatenate(parts)


def computed(result):
    """What a lazy result comes to."""
    return result.compute() if isinstance(result, da.Array) else result


class OnChunks:
    """Passes what is in memory on in chunks, and hands back what is computed."""

    def fit(self, X, y=None):
        return super().fit(cut(X), y)

    def predict(self, X):
        return computed(super().predict(cut(X)))

    def transform(self, X):
        return computed(super().transform(cut(X)))

    def score(self, X, y=None):
        return float(super().score(cut(X), y))

    def predict_columns(self, X):
        return super().predict_columns(cut(X))


class ChunkedBBAC(OnChunks, BBAC):
    """BBAC on dask arrays."""


class ChunkedCoclus(OnChunks, Coclus):
    """Coclus on dask arrays."""


ESTIMATORS = [
    ChunkedBBAC(refine=None),
    ChunkedBBAC(divergence="i_divergence", basis="C5", refine=None),
    ChunkedBBAC(init="random", update="simultaneous", n_init=2),
    ChunkedCoclus(refine=None),
    ChunkedCoclus(init="random", n_init=5),
]
CASES = [
    pytest.param(check, id=f"{number}-{name}")
    for number, estimator in enumerate(ESTIMATORS)
    for name, check in coclusterer_checks(estimator)
    # It asks for the engines of arrays in memory.
    if name != "check_engines_give_the_same_labels"
]


@pytest.mark.parametrize("check", CASES)
def test_common_checks_hold_on_chunks(check):
    with dask.config.set(scheduler="synchronous"):
        check()
