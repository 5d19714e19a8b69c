"""Spectral co-clustering: the relaxed normalised cut of the bipartite graph."""

from typing import Any

import numpy as np

from ._diagonal import BaseSpectral
from ._objectives import normalized_cut


class SpectralCoclustering(BaseSpectral):
    r"""Spectral co-clustering by the singular vectors of the scaled matrix.

    Rows and columns are the vertices of a bipartite graph whose edges weigh :math:`x_{ij}`. The
    normalised cut

    .. math:: \sum_k \frac{\mathrm{cut}(k)}{\mathrm{vol}(k)}

    is relaxed: rows and columns become points, by singular vectors of
    :math:`(R + \tau)^{-1/2} X (C + \tau)^{-1/2}` with the row sums R and the column sums C, and
    k-means of the points gives the co-clusters. See the :ref:`user guide <spectral>`.

    Parameters
    ----------
    n_clusters : int, default=3
        Number of co-clusters, at most n_rows.
    embedding : {"regularized", "dhillon"}, default="regularized"
        "regularized" takes `n_clusters` vectors of the matrix with regularised degrees, the first
        included, weighs them by their singular values and scales points to length 1; k-means of
        the rows gives the centres, and each column joins the nearest. Rows or words of few
        entries then do not take vectors for themselves. "dhillon" is the algorithm of [1]_:
        ``ceil(log2(n_clusters))`` vectors from the second on, degrees as they are, points
        :math:`R^{-1/2} u` and :math:`C^{-1/2} v`, k-means of rows and columns together.
    regularization : "auto" or float, default="auto"
        :math:`\tau`, in the unit of the degrees, for "regularized"; "auto" is the mean degree of
        the rows, and that of the columns [2]_.
    n_components : int, default=None
        Number of singular vectors; None is what `embedding` says. At most ``min(X.shape)`` are
        used.
    svd_solver : {"auto", "arpack", "randomized"}, default="auto"
        "randomized" is scikit-learn's `randomized_svd`, "arpack" SciPy's `svds`, exact and often
        slower; "auto" is LAPACK for small matrices and "randomized" for others, which is all
        that a dask array of more than 2^25 stored entries takes.
    n_init : "auto" or int, default="auto"
        Runs of k-means. "regularized" starts the first run from rows in directions as different
        as possible, further ones by k-means++, and keeps the labels of least normalised cut;
        "auto" is 1. "dhillon" starts all by k-means++ and keeps the least inertia; "auto" is 10.
    engine : {"auto", "numpy", "numba", "dask"}, default="auto"
        Where and how sums of blocks are computed; products with vectors are SciPy's and BLAS's.
        "auto" is "dask" for dask arrays, whose points come into memory: as many numbers for each
        row as there are vectors. Up to 2^25 stored entries (256 MB), X itself does.
    n_jobs : int, default=None
        Threads over the runs of k-means of "regularized".
    random_state : int, RandomState or None, default=None
        Seeds the decomposition and k-means.
    verbose : int, default=0
        1 or more prints a line for each run.
    checkpoint : str or path, default=None
        A folder from which an interrupted fit of a dask array goes on, see `BBAC`.

    Attributes
    ----------
    row_labels_, column_labels_ : ndarray of shape (n_rows,), (n_columns,), dtype int32
        Co-cluster of each row and column, numbered in the order of the rows; 0 for a row or
        column of zeros.
    labels_ : ndarray of shape (n_rows,), dtype int32
        The same array as `row_labels_`.
    rows_, columns_ : ndarray of shape (n_clusters, n_rows), (n_clusters, n_columns), bool
        Memberships.
    biclusters_ : tuple
        ``(rows_, columns_)``.
    objective_ : float
        The normalised cut, minimised; `skcocluster.metrics.normalized_cut` recomputes it.
    objective_trace_ : ndarray of shape (1,), dtype float64
        ``[objective_]``: the relaxation is solved, not iterated.
    n_iter_ : int
        1, the length of the trace.
    converged_ : bool
        Whether k-means settled.
    n_clusters_ : int
        Number of co-clusters that are not empty: fewer than `n_clusters` where fewer rows
        differ. A constant matrix is one co-cluster.
    embedding_rows_, embedding_columns_ : ndarray of shape (n_lines, n_components), float64
        The points, lines being rows or columns; the zero vector for a row or column of zeros.
    singular_values_ : ndarray of shape (n_components,), dtype float64
        Singular values of the vectors used, descending.
    n_features_in_ : int
        Number of columns in fit.
    feature_names_in_ : ndarray of shape (n_columns,)
        Names of columns, when X has them.

    References
    ----------
    .. [1] I. S. Dhillon, "Co-clustering documents and words using bipartite spectral graph
       partitioning", KDD 2001. :doi:`10.1145/502512.502550`
    .. [2] K. Rohe, T. Qin, B. Yu, "Co-clustering directed graphs to discover asymmetries and
       directional communities", PNAS 113 (2016), 12679-12684. :doi:`10.1073/pnas.1525793113`

    Examples
    --------
    >>> import numpy as np
    >>> from skcocluster import SpectralCoclustering
    >>> X = np.array([[5, 4, 0, 1], [4, 6, 1, 0], [0, 1, 7, 5]])
    >>> model = SpectralCoclustering(n_clusters=2, random_state=0).fit(X)
    >>> model.row_labels_
    array([0, 0, 1], dtype=int32)
    >>> model.column_labels_
    array([0, 0, 1, 1], dtype=int32)
    """

    objective_metric = "normalized_cut"
    objective_compares_counts = False
    _embeddings = ("regularized", "dhillon")
    _measure = "normalised cut"

    def __init__(
        self,
        n_clusters: int = 3,
        *,
        embedding: str = "regularized",
        regularization: Any = "auto",
        n_components: int | None = None,
        svd_solver: str = "auto",
        n_init: Any = "auto",
        engine: str = "auto",
        n_jobs: int | None = None,
        random_state: Any = None,
        verbose: int = 0,
        checkpoint: Any = None,
    ) -> None:
        self.n_clusters = n_clusters
        self.embedding = embedding
        self.regularization = regularization
        self.n_components = n_components
        self.svd_solver = svd_solver
        self.n_init = n_init
        self.engine = engine
        self.n_jobs = n_jobs
        self.random_state = random_state
        self.verbose = verbose
        self.checkpoint = checkpoint

    def _plan(self) -> dict[str, Any]:
        if self.embedding == "dhillon":
            own = max(1, int(np.ceil(np.log2(self.n_clusters))))
            plan: dict[str, Any] = {"n_vectors": own, "tau": 0.0, "deflate": True, "unit": False}
        else:
            tau = None if self.regularization == "auto" else float(self.regularization)
            plan = {"n_vectors": self.n_clusters, "tau": tau, "deflate": False, "unit": True}
        if self.n_components is not None:
            plan["n_vectors"] = int(self.n_components)
        return plan

    _objective = staticmethod(normalized_cut)

    def score(self, X: Any, y: Any = None) -> float:
        """Return minus the mean share of the weight of a co-cluster that leaves it.

        Parameters
        ----------
        X : array-like or sparse matrix of shape (n_new_rows, n_columns)
            Rows, not necessarily those of fit: they get the labels that `predict` gives, columns
            keep those of fit. An honest out-of-sample value.
        y : None
            Ignored.

        Returns
        -------
        score : float
            Minus the normalised cut by `n_clusters`, between -1 and 0; larger is better. It
            compares models of the same `n_clusters`: one co-cluster cuts nothing.
        """
        return -self._objective_of_rows(X) / self._n_clusters()[0]
