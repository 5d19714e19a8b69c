"""
Overlap and outliers: the case study of the NEO-CC paper
========================================================

A matrix of 7 rows and 6 columns is small enough to see why clusters should be allowed to overlap,
and to leave something out. It is the one by which Whang and Dhillon
(:doi:`10.1145/3132847.3133078`) explain the objective of :class:`~skcocluster.NEOCC`.
"""

# %%
# The matrix
# ----------
# Counted from 0, rows 0 and 1 go with the first three columns, rows 4 and 5 with the last three,
# and rows 2 and 3 with both. The last row has one entry, larger than all others, and goes with
# nothing.
import numpy as np

X = np.array(
    [
        [0.05, 0.05, 0.05, 0, 0, 0],
        [0.05, 0.05, 0.05, 0, 0, 0],
        [0.04, 0.04, 0.04, 0, 0.04, 0.04],
        [0.04, 0.04, 0, 0.04, 0.04, 0.04],
        [0, 0, 0, 0.05, 0.05, 0.05],
        [0, 0, 0, 0.05, 0.05, 0.05],
        [0, 0, 0.3, 0, 0, 0],
    ]
)

# %%
# Four configurations
# -------------------
# Memberships are matrices of True and False: one row for each row of X, one column for each
# cluster. A row with two True is in two clusters, one with none is an outlier. These are the four
# configurations of the paper's Figure 3, written as the clusters of each row and each column:


def members(clusters, n_clusters):
    """Memberships from one string of clusters for each point; "" is an outlier."""
    return np.array([[str(g) in listed for g in range(n_clusters)] for listed in clusters])


halves = members(["0", "0", "0", "1", "1", "1"], 2)
shared = members(["0", "0", "01", "01", "1", "1", ""], 2)
configurations = {
    "a": (members(["0", "0", "0", "1", "1", "1", "0"], 2), halves),
    "b": (members(["0", "0", "1", "1", "2", "2", "0"], 3), halves),
    "c": (shared, halves),
    "d": (shared, members(["0", "0", "", "1", "1", "1"], 2)),
}

# %%
# The objective M is the sum of squared differences between entries and the means of their
# co-clusters, over all co-clusters. An entry in two of them counts twice, one in none does not
# count.
from skcocluster.metrics import neo_objective

for name, (U, V) in configurations.items():
    print(f"({name}) {U.sum()} + {V.sum()} memberships, J_M = {neo_objective(X, U, V):.6f}")

# %%
# What costs how much
# -------------------
# Strips at the left and at the top show the clusters of the rows and of the columns; a strip that
# is interrupted is an outlier's, and the outlier's entries are hatched. Above, the matrix; below,
# what each entry adds to the objective.
import matplotlib.pyplot as plt
from matplotlib.colors import PowerNorm
from matplotlib.patches import Rectangle

ROW_COLOURS = ["tab:red", "tab:orange", "tab:brown"]
COLUMN_COLOURS = ["tab:purple", "tab:green"]


def costs(X, U, V):
    """What each entry adds to the objective, over all co-clusters that hold it."""
    total = np.zeros_like(X)
    for u in U.T:
        for v in V.T:
            block = np.ix_(u, v)
            total[block] += (X[block] - X[block].mean()) ** 2
    return total


def draw_strips(ax, U, V):
    """Draw the clusters of the rows at the left, of the columns at the top; hatch outliers."""
    n, m = len(U), len(V)
    for i, g in zip(*np.nonzero(U), strict=True):
        corner = (-1 - 0.4 * (U.shape[1] - 1 - g), i - 0.42)
        ax.add_patch(Rectangle(corner, 0.3, 0.84, color=ROW_COLOURS[g], clip_on=False))
    for j, h in zip(*np.nonzero(V), strict=True):
        corner = (j - 0.42, -1 - 0.4 * (V.shape[1] - 1 - h))
        ax.add_patch(Rectangle(corner, 0.84, 0.3, color=COLUMN_COLOURS[h], clip_on=False))
    style = {"fill": False, "hatch": "////", "edgecolor": "0.6", "linewidth": 0, "zorder": 1}
    for i in np.flatnonzero(~U.any(axis=1)):
        ax.add_patch(Rectangle((-0.5, i - 0.5), m, 1, **style))
    for j in np.flatnonzero(~V.any(axis=1)):
        ax.add_patch(Rectangle((j - 0.5, -0.5), 1, n, **style))


def draw(ax, values, norm, cmap, U, V, form):
    """Draw a matrix with its numbers and its clusters."""
    image = ax.imshow(values, norm=norm, cmap=cmap)
    for (i, j), value in np.ndenumerate(values):
        text = form(value)
        if text.strip("0."):
            shade = "white" if image.norm(value) > 0.6 else "black"
            ax.text(j, i, text, ha="center", va="center", fontsize=7.5, color=shade, zorder=3)
    draw_strips(ax, U, V)
    ax.set(xticks=[], yticks=[])
    ax.spines[:].set_color("0.7")


fig, axes = plt.subplots(2, 4, figsize=(10.5, 6.6), layout="constrained")
for (above, below), (name, (U, V)) in zip(axes.T, configurations.items(), strict=True):
    draw(above, X, PowerNorm(0.5, 0, 0.3), "Blues", U, V, lambda x: f"{x:.2f}"[1:])
    above.set_title(f"({name})  J = {neo_objective(X, U, V):.4f}", pad=32)
    cost = costs(X, U, V)
    draw(below, cost, PowerNorm(0.5, 0, 0.07), "Reds", U, V, lambda x: f"{1e4 * x:.0f}")
axes[1, 0].set_ylabel("cost of each entry, in 1/10,000", labelpad=34)
axes[0, 0].set_ylabel("the matrix", labelpad=34)
plt.show()

# %%
# In (a) and (b), one entry costs nearly everything, because its row has to be somewhere, and a
# third row cluster is of little help. In (c), the last row is an outlier and the two rows that go
# with both sides are in both row clusters. In (d), the third column, the least regular one, is out
# as well.
#
# Finding them
# ------------
# :class:`~skcocluster.NEOCC` is told how many memberships there are, not which. Of 7 rows, one may
# be an outlier: ``row_outliers=1/7``. The memberships in all are 8, one more than there are rows:
# ``row_overlap=1/7``. Without the outlier that is two rows that are in both clusters. In (d), one
# column may be left out, and no other column makes up for it: ``column_overlap=-1/6``.
from skcocluster import NEOCC

row_shares = {"row_overlap": 1 / 7, "row_outliers": 1 / 7}
column_shares = {"column_overlap": -1 / 6, "column_outliers": 1 / 6}
for name, shares in (("c", row_shares), ("d", row_shares | column_shares)):
    model = NEOCC(2, 2, **shares, n_init=20, random_state=0).fit(X)
    same = sorted(model.row_memberships_.T.tolist()) == sorted(shared.T.tolist())
    print(f"({name}) J_M = {model.objective_:.6f}, rows as above: {same}")
    print("    closest clusters of the rows:", model.row_labels_)

# %%
# Both are the best that can be had with so many memberships: the tests try them all. Which names
# the clusters have is a matter of chance.
#
# What partitions do
# ------------------
# (a) and (b) are not the best partitions. Those shut the large entry in:
for n_row_clusters in (2, 3):
    model = NEOCC(n_row_clusters, 2, n_init=20, random_state=0).fit(X)
    print(f"J_M = {model.objective_:.6f}, rows", model.row_labels_, "columns", model.column_labels_)

# %%
# The price is high: a row cluster for the last row alone, and a column cluster for the third
# column. The pattern of the matrix is lost with two row clusters, and with three the columns are
# no longer in halves. Two memberships, moved to where they are needed, say more than a further
# cluster.
#
# .. seealso::
#    :ref:`neocc` in the user guide, and
#    :ref:`sphx_glr_auto_examples_plot_overlapping_groups.py` for a real matrix.
