"""
Seasons and years that overlap: the sea off Peru
================================================

Sixty years of the sea surface temperature off Peru, month by month. There are warm years and cold
years, warm months and cold months; but also years and months in between, and El Niño, when the
ocean does what it does in no other year. A partition has to put everything somewhere.
:class:`~skcocluster.NEOCC` may put a row or a column into two clusters, or into none.
"""

# %%
# The data
# --------
# Monthly means in degrees Celsius, from 0° to 10° S and from 80° to 90° W; they come with
# statsmodels. El Niño peaks around December, so a year begins in July here: the row "1982" is July
# 1982 to June 1983.
import numpy as np
from statsmodels.datasets import elnino

table = elnino.load_pandas().data.set_index("YEAR")
X = table.to_numpy().ravel()[6:-6].reshape(-1, 12)
years = table.index[:-1].to_numpy().astype(int)
months = np.roll([name.capitalize() for name in table.columns], 6)
print(f"{X.shape[0]} years, {X.shape[1]} months, {X.min():.1f} to {X.max():.1f} degrees")

# %%
# The fit
# -------
# Three clusters of years and three of months. Of the 60 years, three may be outliers (5 %), and
# there are nine memberships more than years (15 %). Of the 12 months, none is left out, and two
# may be in two seasons. Runs start at random, and the one with the lowest objective is kept.
from skcocluster import NEOCC

model = NEOCC(
    n_row_clusters=3,
    n_column_clusters=3,
    row_overlap=0.15,
    row_outliers=0.05,
    column_overlap=2 / 12,
    n_init=20,
    random_state=0,
).fit(X)
U, V = model.row_memberships_, model.column_memberships_
print(f"objective {model.objective_:.1f}")
print("in no cluster:", *years[~U.any(axis=1)])
print("in two clusters:", *years[U.sum(axis=1) == 2])
print("months in two clusters:", *months[V.sum(axis=1) == 2])

# %%
# Nobody told the algorithm about El Niño. The years that it leaves out are those of the two
# strongest of their century, which began in 1982 and in 1997; the first was not over in July 1983,
# when the next row begins.
#
# The matrix, reordered and annotated
# -----------------------------------
# Clusters go from warm to cold. What is in two clusters stands between them, and what is in none
# at the end. So each cluster is one range of rows or columns, a box; boxes overlap where clusters
# do.
import matplotlib.pyplot as plt
from matplotlib.patches import Rectangle


def arrange(memberships, levels):
    """Order of points by the ranks of their clusters, warm first, outliers last."""
    ranks = np.argsort(np.argsort(-levels))
    counts = memberships.sum(axis=1)
    mean_rank = memberships @ ranks / np.maximum(counts, 1)
    return np.argsort(np.where(counts == 0, len(levels), mean_rank), kind="stable")


row_levels, column_levels = model.block_means_.mean(axis=1), model.block_means_.mean(axis=0)
row_order, column_order = arrange(U, row_levels), arrange(V, column_levels)

ROW_COLOURS = ["tab:red", "tab:orange", "gold"]
COLUMN_COLOURS = ["tab:purple", "tab:green", "black"]


def draw_boxes(ax, U, V):
    """Draw a box around each cluster of an ordered matrix, and hatch the outliers."""
    n_covered, m = np.count_nonzero(U.any(axis=1)), len(V)
    style = {"fill": False, "linewidth": 2.2, "clip_on": False}
    for g, colour in enumerate(ROW_COLOURS):
        first, *_, last = np.flatnonzero(U[:, g])
        corner = (-0.7 - 0.14 * g, first - 0.4)
        size = (m + 0.4 + 0.28 * g, last - first + 0.8)
        ax.add_patch(Rectangle(corner, *size, edgecolor=colour, **style))
    for h, colour in enumerate(COLUMN_COLOURS):
        first, *_, last = np.flatnonzero(V[:, h])
        corner = (first - 0.4, -1.3 - 0.5 * h)
        size = (last - first + 0.8, n_covered + 1.1 + 0.5 * h)
        ax.add_patch(Rectangle(corner, *size, edgecolor=colour, **style))
    outliers = (-0.5, n_covered - 0.5), m, len(U) - n_covered
    ax.add_patch(Rectangle(*outliers, fill=False, hatch="////", edgecolor="0.3", linewidth=0))


fig, axes = plt.subplots(1, 3, figsize=(10.5, 8), layout="constrained")
every_row, every_column = np.arange(len(years)), np.arange(len(months))
orders = [(every_row, every_column), (row_order, column_order), (row_order, column_order)]
titles = "as it comes", "reordered", "with its clusters"
for ax, (rows, columns), title in zip(axes, orders, titles, strict=True):
    image = ax.imshow(X[np.ix_(rows, columns)], cmap="RdYlBu_r", aspect="auto")
    ax.set_xticks(every_column, months[columns], fontsize=7, rotation=90)
    ax.set_yticks(every_row, years[rows], fontsize=6)
    ax.tick_params(length=0, pad=7)
    ax.spines[:].set_visible(False)
    ax.set_title(title, pad=24)
axes[2].set_yticks([])
draw_boxes(axes[2], U[row_order], V[column_order])
fig.colorbar(image, ax=axes, label="°C", shrink=0.5, aspect=30)
plt.show()

# %%
# What the clusters mean
# ----------------------
# The mean of each cluster of years through the year, with the years in no cluster as broken lines.
# Years in the red cluster are warm, in the yellow one cool throughout; in the orange one, a warm
# summer follows a cool winter (these are the south's). A year in two clusters is nearly as close to
# the one as to the other.
fig, ax = plt.subplots(figsize=(8, 4.2), layout="constrained")
for g in np.argsort(-row_levels):
    label = f"cluster {g}: {U[:, g].sum()} years"
    ax.plot(months, X[U[:, g]].mean(axis=0), color=ROW_COLOURS[g], linewidth=2.5, label=label)
for i, shade in zip(np.flatnonzero(~U.any(axis=1)), ("0.0", "0.45", "0.65"), strict=True):
    ax.plot(months, X[i], color=shade, linestyle="--", label=f"{years[i]}, in no cluster")
ax.set(ylabel="°C", title="Clusters of years, and the years in none")
ax.legend(frameon=False)
plt.show()

# %%
# What a partition does
# ---------------------
# Without overlap and outliers, the same objective has to put El Niño somewhere. It costs so much
# anywhere else that it gets one of the three clusters for itself, and two are left for all other
# years.
partition = NEOCC(3, 3, n_init=20, random_state=0).fit(X)
for g in range(3):
    inside = years[partition.row_labels_ == g]
    print(f"cluster {g}: {len(inside)} years", *(inside if len(inside) < 10 else ""))

# %%
# How much overlap, how many outliers
# -----------------------------------
# The shares were chosen by hand here. ``"auto"`` estimates them from k-means. These are rules of
# thumb: where clusters lie close together, as here, many points count as shared, and an outlier
# has to be six standard deviations away, which in 60 rows hardly anything is.
automatic = NEOCC(3, 3, row_overlap="auto", row_outliers="auto", random_state=0).fit(X)
print(f"overlap {automatic.row_overlap_:.2f}, outliers {automatic.row_outliers_:.2f}")

# %%
# New years
# ---------
# ``predict_memberships`` admits a new row to every cluster that is no farther than those that the
# fit admitted. Three made-up years: the mean of the first cluster, the mean of all years, and that
# five degrees warmer.
warmest = int(row_levels.argmax())
new = np.array([X[U[:, warmest]].mean(axis=0), X.mean(axis=0), X.mean(axis=0) + 5])
print(model.predict_memberships(new).astype(int))
print(model.predict(new))
