"""
A first co-clustering
=====================

Somebody has shuffled the rows and the columns of a matrix that was made of blocks. Co-clustering
finds the groups of rows *and* the groups of columns, and the blocks are back.

It is the smallest complete use of the package: make data, fit, look, and check the result against
the truth.
"""

# %%
# A matrix with hidden blocks
# ---------------------------
# :func:`~skcocluster.datasets.make_block_matrix` draws a matrix of 4 row clusters times 3 column
# clusters. Each of the 12 blocks has a mean of its own, every entry has noise on top, and rows and
# columns come in random order. The function also returns the truth, which no algorithm gets to
# see: the cluster of each row and of each column.
from skcocluster.datasets import make_block_matrix

X, true_rows, true_columns = make_block_matrix(
    (300, 200), n_clusters=(4, 3), noise=0.6, random_state=0
)
X.shape

# %%
# Fit
# ---
# :class:`~skcocluster.BBAC` needs the two numbers of clusters, nothing else. By default it looks
# for blocks of equal mean in the sense of squared differences.
from skcocluster import BBAC

model = BBAC(n_row_clusters=4, n_column_clusters=3, random_state=0).fit(X)
print("first rows in clusters:   ", model.row_labels_[:12])
print("first columns in clusters:", model.column_labels_[:12])
print(f"explained: {model.explained_divergence_ratio_:.0%} of the squared differences")

# %%
# Look
# ----
# :class:`~skcocluster.plot.CoclusterDisplay` puts the rows of a cluster next to each other, and the
# columns too. The clusters with the highest means come first, so what is high meets in the top left
# corner. Both pictures show the same numbers in the same colours.
import matplotlib.pyplot as plt

from skcocluster.plot import CoclusterDisplay

fig, (left, right) = plt.subplots(
    1, 2, num="before and after", figsize=(9, 4), layout="constrained", width_ratios=[1, 1.12]
)
display = CoclusterDisplay.from_estimator(model, X, ax=right)
left.imshow(X, norm=display.im_.norm, cmap=display.im_.cmap, aspect="auto", interpolation="nearest")
left.set(title="before: 300 × 200 numbers", xlabel="columns", ylabel="rows", xticks=[], yticks=[])
right.set_title("after: 4 × 3 co-clusters")
plt.show()

# %%
# On the left, there is hardly a pattern to be seen. On the right, the labels at the margins name
# the clusters, with the number of their rows or columns in brackets. Within a block there is only
# noise left: its entries vary around one value, the mean of the block.
#
# What 12 numbers can say
# -----------------------
# Those means are the model: 12 numbers and the labels stand for 60,000 entries.
# ``block_means_[g, h]`` belongs to row cluster ``g`` and column cluster ``h``.
model.block_means_.round(2)

# %%
# :meth:`~skcocluster.BBAC.reconstruct` writes them out again as a matrix of the shape of X. The
# same display draws them with ``values="means"``.
display.plot(values="means")
plt.show()

# %%
# Was it right?
# -------------
# Names of clusters mean nothing: what is called 0 here may be called 2 in the truth. The
# :func:`co-clustering adjusted Rand index
# <skcocluster.metrics.coclustering_adjusted_rand_score>` compares two co-clusterings regardless of
# names: 1 is the same partition into blocks, 0 is what chance would give.
from skcocluster.metrics import coclustering_adjusted_rand_score

coclustering_adjusted_rand_score(true_rows, true_columns, model.row_labels_, model.column_labels_)

# %%
# New rows
# --------
# A fitted model labels rows that it has never seen, here the first five with fresh noise, and
# describes them by their means over the three column clusters.
import numpy as np

new_rows = X[:5] + np.random.default_rng(1).normal(scale=0.6, size=(5, X.shape[1]))
print("labels of the old rows:", model.row_labels_[:5])
print("labels of the new rows:", model.predict(new_rows))
model.transform(new_rows).round(2)

# %%
# .. seealso::
#    The :ref:`user guide <bbac>` explains what is minimised, and how to choose the divergence and
#    the numbers of clusters.
