"""
Every picture of a co-clustering
================================

:class:`~skcocluster.plot.CoclusterDisplay` draws a matrix as pixels, as block means, as the ranges
of blocks or as dots, with what else is known of rows and columns in strips beside it. Each picture
shows one thing well and hides others; :ref:`pictures` says what. All data here are simulated.
"""

# %%
# Before and after, with annotations
# ----------------------------------
# Sales of 80 articles in 40 shops: three groups of shops, four of articles, some numbers missing.
# Of the shops we know the region and the floor space, of the articles the department; the
# co-clustering has seen none of these. In the left picture they are in the order of the file.
import matplotlib.pyplot as plt
import numpy as np
import pandas as pd

from skcocluster import BBAC
from skcocluster.plot import BeforeAfterDisplay, CoclusterDisplay

rng = np.random.default_rng(7)
kind_of_shop, kind_of_article = rng.integers(0, 3, 40), rng.integers(0, 4, 80)
level = np.array([[2, 8, 5, 1], [7, 3, 1, 4], [1, 1, 6, 9]])
sales = rng.poisson(level[np.ix_(kind_of_shop, kind_of_article)]).astype(float)
sales[rng.random(sales.shape) < 0.02] = np.nan

shops = pd.DataFrame(
    {
        "region": np.array(["coast", "hills", "city"])[kind_of_shop],
        "floor space": 100 + 150 * kind_of_shop + rng.normal(0, 40, 40).round(),
    }
)
shops.loc[rng.random(40) < 0.1, "region"] = None
departments = np.array(["garden", "kitchen", "toys", "paper"])[kind_of_article]

model = BBAC(3, 4, divergence="i_divergence", random_state=0).fit(sales)
BeforeAfterDisplay.from_estimator(
    model, sales, row_annotations=shops, column_annotations={"department": departments}
)
plt.show()

# %%
# The region and the department follow the clusters, so the clusters mean something; grey is what
# nobody wrote down.
#
# Blocks only
# -----------
# What remains when entries are replaced by the mean of their block. It is easy to read and hides
# how far entries lie from their mean: here the co-clustering explains the share that is printed.
CoclusterDisplay.from_estimator(model, sales, values="means")
plt.show()
print(f"divergence explained: {model.explained_divergence_ratio_:.0%}")

# %%
# Overlap: once, or in each cluster
# ---------------------------------
# A row of two clusters can be drawn once, with the closest, so that the picture has each row once;
# or in each of its clusters, so that each block is complete, and the picture is higher than the
# matrix. The note says which, and of how many rows. Outliers stand in a band at the end.
from skcocluster import NEOCC
from skcocluster.datasets import make_overlapping_blocks

X, _, _ = make_overlapping_blocks(
    (60, 40), (3, 3), row_overlap=0.25, row_outliers=0.05, random_state=1
)
overlapping = NEOCC(3, 3, row_overlap=0.25, row_outliers=0.05, n_init=5, random_state=0).fit(X)
fig, axes = plt.subplots(1, 2, figsize=(11, 5), layout="constrained")
for overlap, ax in zip(["closest", "repeat"], axes, strict=True):
    CoclusterDisplay.from_estimator(overlapping, X, overlap=overlap, order="label", ax=ax)
    ax.set_title(f'overlap="{overlap}"')
plt.show()

# %%
# Ranges: the maximum norm
# ------------------------
# :class:`~skcocluster.MaxNormCoclustering` keeps the largest difference within a block small. Its
# picture is the differences, with both ends written on the blocks, and a frame around those that
# are the cost. A mean would say nothing of it.
from skcocluster import MaxNormCoclustering

marks = np.clip(
    level[np.ix_(kind_of_shop[:24], kind_of_article[:20])] + rng.integers(-1, 2, (24, 20)), 0, 9
)
exact = MaxNormCoclustering(3, 4).fit(marks)
CoclusterDisplay.from_estimator(exact, marks, values="ranges")
plt.show()
print(f"cost {exact.objective_:g}, proven: {exact.is_optimal_}")

# %%
# Dots: sparse matrices
# ---------------------
# Of a sparse matrix, pixels are means over mostly zeros; dots are its stored entries, one by one.
# Where there are many, a dot is wider than an entry, and the matrix looks fuller than it is: the
# note below says by how much.
from scipy import sparse

from skcocluster import Coclus

member, group = rng.integers(0, 4, 300), rng.integers(0, 4, 120)
chance = np.where(member[:, None] == group, 0.12, 0.01)
visits = sparse.csr_array(rng.poisson(chance))
diagonal = Coclus(4, random_state=0).fit(visits)
BeforeAfterDisplay.from_estimator(diagonal, visits, values="dots")
plt.show()
