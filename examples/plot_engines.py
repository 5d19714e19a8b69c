"""
Engines, restarts and progress
==============================

Where a fit is computed must not decide what comes out. This example fits one matrix in several ways
(engines, storages, threads) and checks that the labels are the same; then it watches a fit at
work, and stops one.
"""

# %%
# Counts, in a sparse matrix
# --------------------------
import numpy as np

from skcocluster.datasets import make_block_matrix

X, _, _ = make_block_matrix(
    (2000, 500), n_clusters=6, distribution="poisson", sparse_output=True, random_state=0
)
print(f"{X.shape[0]} × {X.shape[1]}, {X.nnz:,} entries that are not zero")

# %%
# Two engines
# -----------
# ``engine="numpy"`` computes with a few lines of NumPy and SciPy for each statistic. It is the
# reference: slow and easy to check. ``engine="numba"`` has compiled loops for the same statistics
# and is what ``engine="auto"`` takes. Both see the same tiles of the matrix, add in the same order
# and break ties alike.
from skcocluster import BBAC

options = {"n_row_clusters": 6, "divergence": "i_divergence", "random_state": 0}
fits = {engine: BBAC(engine=engine, **options).fit(X) for engine in ("numpy", "numba")}

for engine, model in fits.items():
    print(f"{engine}: objective {model.objective_!r}")
np.array_equal(fits["numpy"].row_labels_, fits["numba"].row_labels_)

# %%
# Any storage
# -----------
# Sparse or dense, rows first or columns first, double or single precision, in memory or mapped from
# a file: the values count, not how they are kept. (These are counts, small whole numbers. Of other
# data, single precision keeps seven digits, and close calls may differ.)
import tempfile
from pathlib import Path

folder = tempfile.TemporaryDirectory()
np.save(Path(folder.name, "X.npy"), X.toarray())

storages = {
    "CSR": X.tocsr(),
    "CSC": X.tocsc(),
    "dense, C order": X.toarray(),
    "dense, Fortran order": np.asfortranarray(X.toarray()),
    "dense, float32": X.toarray().astype(np.float32),
    "read-only memory map": np.load(Path(folder.name, "X.npy"), mmap_mode="r"),
}
for name, data in storages.items():
    labels = BBAC(**options).fit(data).row_labels_
    print(f"{name:22}", "same labels:", np.array_equal(labels, fits["numba"].row_labels_))
del storages, data
folder.cleanup()

# %%
# Restarts in threads
# -------------------
# With ``n_init`` runs, the one with the least objective is kept. All seeds are drawn before the
# first run starts, so it does not matter how many runs are under way at once: ``n_jobs`` changes
# the time and nothing else. The runs share one X.
#
# ``verbose=1`` prints a line for each run as it ends. The value in it is what the co-clusters
# explain, so more is better. (With two threads, lines may come in another order.)
one = BBAC(init="random", refine=None, n_init=4, n_jobs=1, verbose=1, **options).fit(X)
two = BBAC(init="random", refine=None, n_init=4, n_jobs=2, **options).fit(X)
np.array_equal(one.row_labels_, two.row_labels_)

# %%
# Without ``init="random"`` and ``refine=None``, which are only here to give the runs something to
# differ in, one run is usually enough: see :ref:`sphx_glr_auto_examples_plot_starts.py`.
#
# Watching a fit
# --------------
# ``verbose=2`` prints every iteration as well. scikit-learn 1.9 brings callbacks, which see the
# same events: the fit, its restarts, their iterations. Its own progress bar is
# ``model.set_callbacks(sklearn.callback.ProgressBar())``, which needs the package rich. A callback
# of one's own is a class with four methods. This one counts iterations, and asks a run to stop
# after a given number of them.


class Counter:
    """Count the iterations of each restart; stop a restart after `most` of them."""

    def __init__(self, most=None):
        self.most = most
        self.counts = {}

    def setup(self, estimator, context):
        """Called before the fit."""

    def on_fit_task_begin(self, estimator, context, **data):
        """Called before the fit, a restart or an iteration begins."""

    def on_fit_task_end(self, estimator, context, **data):
        """Called after it; True stops the restart that an iteration belongs to."""
        if context.task_name == "iteration":
            restart = context.parent.task_id
            self.counts[restart] = self.counts.get(restart, 0) + 1
            return self.most is not None and self.counts[restart] >= self.most
        return False

    def teardown(self, estimator, context):
        """Called after the fit, whether it ended well or not."""


# %%
# A stopped run is a run: it has labels, an objective, a trace. As it has not converged, a warning
# says so, and ``converged_`` is False. (An older scikit-learn has no ``set_callbacks``; then
# nothing is watched here.)
import warnings

from sklearn.exceptions import ConvergenceWarning

watched, stopped = (BBAC(init="random", **options) for _ in range(2))
if hasattr(watched, "set_callbacks"):
    counter = Counter()
    watched.set_callbacks(counter)
    stopped.set_callbacks(Counter(most=4))
watched.fit(X)
with warnings.catch_warnings():
    warnings.simplefilter("ignore", ConvergenceWarning)
    stopped.fit(X)

print("left alone:", watched.n_iter_, "iterations, converged:", watched.converged_)
print("stopped:   ", stopped.n_iter_, "iterations, converged:", stopped.converged_)

# %%
# :class:`~skcocluster.plot.ConvergenceDisplay` draws the trace of a fit. The objective never rises.
# Where it has settled, the search splits a cluster and merges two others: that is the next drop.
import matplotlib.pyplot as plt

from skcocluster.plot import ConvergenceDisplay

fig, ax = plt.subplots(figsize=(9, 3.8), layout="constrained")
ConvergenceDisplay.from_estimator(watched, ax=ax, label="left alone")
ConvergenceDisplay.from_estimator(stopped, ax=ax, label="stopped after 4 iterations")
ax.legend(frameon=False)
plt.show()
