"""SpecCo: the spectral relaxation of bipartite modularity."""

from typing import Any

from ._diagonal import BaseSpectral
from ._objectives import modularity

# Share of the mean degree that is added to degrees: what is left after the deflation needs less
# of it than the whole matrix does.
AUTO_SHARE = 0.1


class SpecCo(BaseSpectral):
    r"""Spectral relaxation of bipartite modularity.

    The modularity

    .. math:: Q = \frac{1}{N} \sum_{ij} \left( x_{ij} - \frac{r_i c_j}{N} \right)
        [\text{row } i \text{ and column } j \text{ have the same label}]

    with the row sums r, the column sums c and the total N, normalised by the weights of the
    co-clusters, is relaxed: rows and columns become points by the leading singular vectors of
    :math:`R^{-1/2} (X - r c^\top / N) C^{-1/2}`, and k-means of the points gives the co-clusters.
    :class:`~skcocluster.Coclus` maximises Q itself. See the :ref:`user guide <spectral>`.

    Parameters
    ----------
    n_clusters : int, default=3
        Number of co-clusters, at most n_rows.
    embedding : {"regularized", "labiod"}, default="regularized"
        "regularized" weighs vectors by their singular values and scales points to length 1;
        k-means of the rows gives the centres, and each column joins the nearest. "labiod" is the
        algorithm of [1]_: degrees as they are, points :math:`R^{-1/2} u` and
        :math:`C^{-1/2} v`, k-means of rows and columns together.
    regularization : "auto" or float, default="auto"
        What is added to the row sums and the column sums before their roots scale the matrix, in
        the unit of the degrees, for "regularized"; "auto" is a tenth of their mean.
    n_components : int, default=None
        Number of singular vectors; None is `n_clusters` for "regularized" and
        ``n_clusters - 1`` for "labiod". At most ``min(X.shape)`` are used.
    svd_solver : {"auto", "arpack", "randomized"}, default="auto"
        "randomized" is scikit-learn's `randomized_svd`, "arpack" SciPy's `svds`, exact and often
        slower; "auto" is LAPACK for small matrices and "randomized" for others, which is all
        that a dask array of more than 2^25 stored entries takes.
    n_init : "auto" or int, default="auto"
        Runs of k-means. "regularized" starts the first run from rows in directions as different
        as possible, further ones by k-means++, and keeps the labels of largest modularity; "auto"
        is 1. "labiod" starts all by k-means++ and keeps the least inertia; "auto" is 10.
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
        The modularity Q, maximised; `skcocluster.metrics.modularity` recomputes it.
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
    .. [1] L. Labiod, M. Nadif, "Co-clustering for binary and categorical data with maximum
       modularity", ICDM 2011, 1140-1145. :doi:`10.1109/ICDM.2011.37`

    Examples
    --------
    >>> import numpy as np
    >>> from skcocluster import SpecCo
    >>> X = np.array([[5, 4, 0, 1], [4, 6, 1, 0], [0, 1, 7, 5]])
    >>> model = SpecCo(n_clusters=2, random_state=0).fit(X)
    >>> model.row_labels_
    array([0, 0, 1], dtype=int32)
    >>> model.column_labels_
    array([0, 0, 1, 1], dtype=int32)
    """

    objective_is_maximised = True
    objective_metric = "modularity"
    _embeddings = ("regularized", "labiod")
    _measure = "modularity"

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
        plan: dict[str, Any] = {"tau": 0.0, "deflate": True, "unit": False}
        own = max(1, self.n_clusters - 1)
        if self.embedding == "regularized":
            own = self.n_clusters
            tau = None if self.regularization == "auto" else float(self.regularization)
            plan |= {"tau": tau, "share": AUTO_SHARE, "unit": True}
        return plan | {"n_vectors": own if self.n_components is None else int(self.n_components)}

    _objective = staticmethod(modularity)

    def score(self, X: Any, y: Any = None) -> float:
        """Return the modularity of rows with the labels that `predict` gives them.

        Parameters
        ----------
        X : array-like or sparse matrix of shape (n_new_rows, n_columns)
            Rows, not necessarily those of fit; columns keep the labels of fit. An honest
            out-of-sample value, over the margins of these rows.
        y : None
            Ignored.

        Returns
        -------
        score : float
            Below 1; larger is better.
        """
        return self._objective_of_rows(X)
