"""
No far values in one block: states and what is known of them
============================================================

Most methods judge a block by its mean, and one odd entry among hundreds hardly moves a mean.
:class:`~skcocluster.MaxNormCoclustering` judges a block by its range: the largest difference of any
two of its entries. No block may hold values that lie far apart, so nobody is put where they do not
belong, and what is different from all else ends up by itself.
"""

# %%
# The table
# ---------
# Seven figures on the states of the USA in the year 2009, with statsmodels: violent crimes and
# murders per 100,000 people, the shares of those with a high school degree, in poverty, in single
# parent families, of whites, and of those in towns, in per cent. So that a difference means the
# same in each column, they are counted in standard deviations from the mean of the states.
import numpy as np
from statsmodels.datasets import statecrime

table = statecrime.load_pandas().data
table.index = table.index.str.strip()
X = (table - table.mean()) / table.std()
table.describe().loc[["min", "50%", "max"]].round(1)

# %%
# The fit
# -------
# Six groups of states, five groups of columns.
from skcocluster import MaxNormCoclustering

model = MaxNormCoclustering(n_row_clusters=6, n_column_clusters=5, random_state=0).fit(X)
print(f"largest difference within a block: {model.objective_:.3f} standard deviations")
print(f"no co-clustering does better than: {model.lower_bound_:.3f}")

# %%
# Both numbers are the same, ``is_optimal_`` is True: of all ways to put states and columns into
# so many groups, none has a smaller largest range. ``block_minima_`` and ``block_maxima_`` have the
# ranges of all blocks.
#
# The matrix, reordered
# ---------------------
# Each block has its range written on it, from the lowest to the highest entry. The widest, which
# is what the objective counts, is in a frame.
import matplotlib.pyplot as plt
from matplotlib.patches import Rectangle

row_levels = model.block_maxima_[:, model.column_labels_[0]]
groups = np.argsort(-row_levels, kind="stable")
families = np.arange(5)
row_order = np.concatenate([np.flatnonzero(model.row_labels_ == g) for g in groups])
column_order = np.concatenate([np.flatnonzero(model.column_labels_ == h) for h in families])


def draw_blocks(ax, model, groups, families):
    """Draw borders and ranges of blocks, and a frame around the widest."""
    heights = np.bincount(model.row_labels_)[groups]
    widths = np.bincount(model.column_labels_)[families]
    top, left = np.cumsum(heights) - heights - 0.5, np.cumsum(widths) - widths - 0.5
    ax.hlines(top[1:], -0.5, sum(widths) - 0.5, color="0.55", linewidth=1.2)
    ax.vlines(left[1:], -0.5, sum(heights) - 0.5, color="0.55", linewidth=1.2)
    low = model.block_minima_[np.ix_(groups, families)]
    high = model.block_maxima_[np.ix_(groups, families)]
    for a, b in np.ndindex(low.shape):
        middle = left[b] + widths[b] / 2, top[a] + heights[a] / 2
        text = f"{low[a, b]:+.1f} … {high[a, b]:+.1f}"
        box = {"boxstyle": "round,pad=0.15", "facecolor": "white", "alpha": 0.85, "linewidth": 0}
        ax.text(*middle, text, ha="center", va="center", fontsize=7, bbox=box)
        if high[a, b] - low[a, b] == model.objective_:
            corner = (left[b] + 0.04, top[a] + 0.1)
            size = (widths[b] - 0.08, heights[a] - 0.2)
            ax.add_patch(Rectangle(corner, *size, fill=False, edgecolor="black", linewidth=2))


fig, ax = plt.subplots(figsize=(8, 9.5), layout="constrained")
image = ax.imshow(
    X.to_numpy()[np.ix_(row_order, column_order)], cmap="RdBu_r", vmin=-4, vmax=4, aspect="auto"
)
draw_blocks(ax, model, groups, families)
ax.set_yticks(range(len(X)), X.index[row_order], fontsize=7)
ax.set_xticks(range(X.shape[1]), X.columns[column_order])
ax.tick_params(length=0)
ax.spines[:].set_visible(False)
fig.colorbar(image, ax=ax, label="standard deviations from the mean", shrink=0.4, extend="max")
plt.show()

# %%
# Two rows are groups by themselves. The District of Columbia is a town among states, and its rates
# of violent crime, murder and single parents are four and a half standard deviations above the mean
# and more; Hawaii has far fewer whites than any other state. In a group with others, either would
# make a block wider than all those in the picture. The other four groups are regions, more or less,
# which nobody told the algorithm about: the poor South, the north with few large towns, the
# south-west with some large states, and the rest. A state with room in two groups may be in either:
# only the largest range is least.
for g in groups:
    names = X.index[model.row_labels_ == g]
    more = ", ..." if len(names) > 6 else ""
    print(f"group {g} has {len(names):2d}: {', '.join(names[:6])}{more}")

# %%
# What a method of means does
# ---------------------------
# :class:`~skcocluster.BBAC` has block means that explain as much of the squares of the table as can
# be. It does so better for each number of groups, and its widest block is wider: with four by four
# groups it holds values more than five standard deviations apart, because a single entry weighs
# little in a mean. Each method is the best at what it is for.
from skcocluster import BBAC
from skcocluster.metrics import block_divergence, max_norm_cost

everything = block_divergence(X, np.zeros(51, int), np.zeros(7, int))
print("groups   largest difference   explained by block means")
for k, p in [(2, 2), (3, 3), (4, 4), (5, 5), (6, 5)]:
    by_range = MaxNormCoclustering(k, p, random_state=0).fit(X)
    by_mean = BBAC(k, p, random_state=0).fit(X)
    labels = [(model.row_labels_, model.column_labels_) for model in (by_range, by_mean)]
    widths = [max_norm_cost(X, *both) for both in labels]
    shares = [1 - block_divergence(X, *both) / everything for both in labels]
    print(f"{k} x {p}:   ranges {widths[0]:.2f}, means {widths[1]:.2f}", end="   ")
    print(f"ranges {shares[0]:.0%}, means {shares[1]:.0%}")

# %%
# A slip of the pen
# -----------------
# Nebraska's rate of poverty is 12.3 %. Somebody swaps two digits: 21.3 %. That is not even the
# largest entry of its column, but no state that is otherwise like Nebraska has it. How much do
# blocks grow when the row joins a group? ``transform`` says so, and 0 means that the row fits.
slipped = X.loc[["Nebraska"]].copy()
slipped["poverty"] = (21.3 - table["poverty"].mean()) / table["poverty"].std()
for row in (X.loc[["Nebraska"]], slipped):
    print("growth of the blocks of each group:", model.transform(row).round(2)[0])

# %%
# The true row fits; two groups have room for it. The other one would make the blocks of any group
# grow: there is no state like it. That makes ranges good for checking data as they come in, one row
# at a time, with a limit in the unit of the data.
