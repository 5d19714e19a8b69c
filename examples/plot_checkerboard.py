"""
A checkerboard and its singular vectors
=======================================

If rows fall into groups and columns into groups, and each block has a level of its own, a matrix
is a checkerboard whose squares have been shuffled. :class:`~skcocluster.SpectralBiclustering` reads
the groups off a few singular vectors: for a checkerboard they are *staircases*, constant on
each group. It is an old method (Kluger and others, 2003, for genes and patients), without a start
that could be unlucky.
"""

# %%
# A shuffled checkerboard
# -----------------------
# scikit-learn makes one, of 4 groups of rows and 3 groups of columns. The noise makes some entries
# negative; the method is for amounts, so they are cut off at 0.
import numpy as np
from sklearn.datasets import make_checkerboard

X, row_members, column_members = make_checkerboard(
    (300, 200), n_clusters=(4, 3), noise=15, random_state=1
)
X = np.maximum(X, 0)
true_rows, true_columns = row_members[::3].argmax(axis=0), column_members[:3].argmax(axis=0)

# %%
# Before and after
# ----------------
import matplotlib.pyplot as plt

from skcocluster import SpectralBiclustering
from skcocluster.metrics import coclustering_adjusted_rand_score
from skcocluster.plot import CoclusterDisplay

model = SpectralBiclustering(n_row_clusters=4, n_column_clusters=3, random_state=0).fit(X)

fig, (left, right) = plt.subplots(
    1, 2, figsize=(9, 4), layout="constrained", width_ratios=[1, 1.12]
)
display = CoclusterDisplay.from_estimator(model, X, ax=right)
left.imshow(X, norm=display.im_.norm, cmap=display.im_.cmap, aspect="auto", interpolation="nearest")
left.set(title="before", xlabel="columns", ylabel="rows", xticks=[], yticks=[])
right.set_title("after")
plt.show()

# %%
# The groups are right: 1 is perfect agreement with the truth, 0 is chance.
agreement = coclustering_adjusted_rand_score(
    true_rows, true_columns, model.row_labels_, model.column_labels_
)
print(f"agreement with the truth: {agreement:.2f}")

# %%
# Staircases
# ----------
# ``embedding_rows_`` has, for each row, its projections on the vectors that were kept. Sorted by
# cluster, the first two are staircases with a little noise. Rows of one cluster are close together
# in the plane of the two, and k-means only has to say where one cluster ends.
points, labels = model.embedding_rows_[:, :2], model.row_labels_
order = np.argsort(labels, kind="stable")

fig, (left, right) = plt.subplots(1, 2, figsize=(9, 3.8), layout="constrained")
for column, marker in ((0, "o"), (1, "s")):
    left.plot(points[order, column], marker, markersize=2.5, label=f"vector {column + 1}")
for edge in np.flatnonzero(np.diff(labels[order])) + 0.5:
    left.axvline(edge, color="0.7", linewidth=0.8, zorder=0)
left.set(xlabel="rows, sorted by cluster", ylabel="projection", title="staircases")
left.legend(frameon=False, markerscale=2)
for g in range(4):
    right.plot(*points[labels == g].T, "o", markersize=3, label=f"cluster {g}")
right.set(xlabel="projection on vector 1", ylabel="on vector 2", title="rows as points")
right.legend(frameon=False)
for ax in (left, right):
    ax.spines[["top", "right"]].set_visible(False)
plt.show()

# %%
# Rows that are larger than others
# --------------------------------
# The normalisation of the method takes the sizes of rows and columns out of the *vectors*. But what
# is projected on them is X itself, so a row with twice the amounts is twice as far out. Here each
# row and each column is multiplied by a factor of its own. If sizes are not what you are after,
# divide them out first: by the sums of the rows, then by those of the columns.
rng = np.random.default_rng(0)
uneven = X * np.exp(0.6 * rng.normal(size=(300, 1))) * np.exp(0.6 * rng.normal(size=(1, 200)))
even = uneven / uneven.sum(axis=1, keepdims=True)
even = even / even.sum(axis=0)

fig, axes = plt.subplots(1, 2, figsize=(9, 3.8), layout="constrained")
for ax, data, name in ((axes[0], uneven, "as it is"), (axes[1], even, "sums divided out")):
    fitted = SpectralBiclustering(4, 3, random_state=0).fit(data)
    score = coclustering_adjusted_rand_score(
        true_rows, true_columns, fitted.row_labels_, fitted.column_labels_
    )
    CoclusterDisplay.from_estimator(fitted, data, ax=ax, colorbar=False)
    ax.set_title(f"{name}: agreement {score:.2f}")
plt.show()

# %%
# Or take a method that models the sizes: :class:`~skcocluster.BBAC` with basis C5 keeps the sums of
# rows and columns, and needs no preparation.
from skcocluster import BBAC

kept = BBAC(4, 3, divergence="i_divergence", basis="C5", random_state=0).fit(uneven)
score = coclustering_adjusted_rand_score(
    true_rows, true_columns, kept.row_labels_, kept.column_labels_
)
print(f"BBAC, I-divergence, basis C5: agreement {score:.2f}")

# %%
# New rows
# --------
# ``predict`` projects rows that were not there on the same vectors.
new = np.maximum(X[:5] + rng.normal(scale=15, size=(5, 200)), 0)
print("labels of five rows:           ", model.row_labels_[:5])
print("labels of the same, more noise:", model.predict(new))
