"""
A matrix that stays on the disk
===============================

Not every matrix fits into memory. This one is written to a store on the disk, a few rows at a time,
and co-clustered from there: the fit reads a chunk, adds it to its sums and lets go of it. What a
fit costs then is how often it reads the store, so this example counts that.

(128 MB would fit, of course. Nothing here changes when it is a terabyte, only the time.)
"""

# %%
# A store, written chunk by chunk
# -------------------------------
# 64,000 rows and 250 columns, in chunks of 2,000 rows. Every row belongs to one of 6 groups, every
# column to one of 5; each of the 30 blocks has a mean of its own, and there is as much noise again.
import tempfile
from pathlib import Path

import numpy as np
import zarr

rng = np.random.default_rng(0)
n_rows, n_columns, height = 64_000, 250, 2_000
means = rng.normal(size=(6, 5))
true_rows = rng.integers(0, 6, n_rows)
true_columns = rng.integers(0, 5, n_columns)

folder = tempfile.TemporaryDirectory()
store = zarr.create_array(
    store=str(Path(folder.name, "X.zarr")),
    shape=(n_rows, n_columns),
    chunks=(height, n_columns),
    dtype="float64",
    compressors=None,  # noise would not get any smaller
)
for start in range(0, n_rows, height):
    rows = slice(start, start + height)
    noise = rng.normal(size=(height, n_columns))
    store[rows] = means[true_rows[rows]][:, true_columns] + noise
print(f"{store.nbytes / 1e6:.0f} MB in {store.nchunks} chunks")

# %%
# Opening it reads nothing
# ------------------------
# ``from_zarr`` makes a dask array: a list of chunks, and how to get each of them. A function that
# only counts is put between the store and the fit.
import dask.array as da

chunks_read = []


def count(block):
    """Note that a chunk has been read, and pass it on."""
    if len(block):
        chunks_read.append(len(block))
    return block


X = da.from_zarr(store).map_blocks(count, dtype=float, meta=np.empty((0, 0)))
X

# %%
# Fit
# ---
# The estimator is the same as for a matrix in memory; it sees a dask array and takes the dask
# engine. Chunks are read by threads, and there is nothing to start before. Four runs from random
# labels, of which the best is kept:
from skcocluster import BBAC
from skcocluster.metrics import coclustering_adjusted_rand_score


def fit(name, **options):
    """Fit, and say what it took: how often all of X was read, and how close to the truth it is."""
    chunks_read.clear()
    model = BBAC(6, 5, tol=1e-4, random_state=0, **options).fit(X)
    n_reads = sum(chunks_read) / n_rows
    agreement = coclustering_adjusted_rand_score(
        true_rows, true_columns, model.row_labels_, model.column_labels_
    )
    explained = model.explained_divergence_ratio_
    print(f"{name:22} {n_reads:5.1f} reads, {explained:.1%} explained, agreement {agreement:.2f}")
    return model


one = fit("one random start", init="random", refine=None)
four = fit("four random starts", init="random", refine=None, n_init=4)

# %%
# Runs share each read: all of them go on with a chunk while it is there. So four runs need no more
# reads than the longest of them alone.
#
# A better start
# --------------
# More reads do not help a run that has settled in a poor optimum; a good start does, and it need
# not see everything. ``init="subsample"`` fits a sample of the rows in memory, search for splits
# and merges included, and the first read of the store then labels all rows. (For more than
# :math:`2^{25}` entries, 256 MB, that is what ``init="auto"`` does.)
sampled = fit("start from a sample", init="subsample")

# %%
# How much memory?
# ----------------
# ``tracemalloc`` sees what Python and NumPy ask for. The most at any moment of the fit is a chunk
# for each thread, the sample (:math:`2^{22}` entries, 34 MB) and what its search keeps beside it.
import tracemalloc

import dask

tracemalloc.start()
with dask.config.set(scheduler="threads", num_workers=2):
    fit("the same once more", init="subsample")
peak = tracemalloc.get_traced_memory()[1]
tracemalloc.stop()
print(f"at most {peak / 1e6:.0f} MB in memory, of a matrix of {store.nbytes / 1e6:.0f} MB")

# %%
# Look at it
# ----------
# A picture has room for a few hundred rows, so a sample of them is enough. On the left they come
# as in the store, on the right in the order of their clusters: rows and columns of the fit.
import matplotlib.pyplot as plt

seen = np.sort(rng.choice(n_rows, 300, replace=False))
sample = X[seen].compute()
row_order = np.argsort(sampled.row_labels_[seen], kind="stable")
column_order = np.argsort(sampled.column_labels_, kind="stable")

fig, axes = plt.subplots(1, 3, figsize=(10, 4), layout="constrained", width_ratios=[1, 1, 0.8])
limits = {"cmap": "RdBu_r", "vmin": -3, "vmax": 3}
shown = {"aspect": "auto", "interpolation": "nearest", **limits}
axes[0].imshow(sample, **shown)
axes[1].imshow(sample[row_order][:, column_order], **shown)
image = axes[2].imshow(sampled.block_means_, aspect="auto", **limits)
titles = ("300 of 64,000 rows", "the same, by clusters", "means of the 6 × 5 blocks")
for ax, title in zip(axes, titles, strict=True):
    ax.set(title=title, xticks=[], yticks=[])
axes[2].set(xlabel="column clusters", ylabel="row clusters")
fig.colorbar(image, ax=axes, label="value")
plt.show()

# %%
# New rows
# --------
# ``predict``, ``transform`` and ``score`` of a dask array are lazy: nothing is read before
# ``compute``, and results may be larger than memory too, or go to the disk at once by ``to_zarr``.
chunks_read.clear()
profiles = sampled.transform(X)
print(f"a dask array of {profiles.shape[0]} × {profiles.shape[1]}: {len(chunks_read)} chunks read")
first = profiles[:3].compute()
print(f"three rows of it: {len(chunks_read)} chunk read")
first.round(2)

# %%
# Where to go from here: the same two lines run on a cluster of machines, see
# :ref:`laptop_to_cluster`; what they cost there is in :ref:`dask_cost`.
folder.cleanup()
