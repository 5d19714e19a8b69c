"""
Places and years: how many children?
====================================

Tables of places by years are what co-clustering is used for most in the geosciences: groups of
places that went through the same, and the periods in which they did.

Here the places are countries, the values are numbers of children per woman, and the result is
the demographic transition, with its dates. Entries are missing, and so are whole countries and
whole years; none of that needs any preparation.
"""

# %%
# The table
# ---------
# The World Bank's fertility rates (children per woman) come with statsmodels: countries, and a few
# groups of countries, from 1960 on.
import pandas as pd
from statsmodels.datasets import fertility

table = fertility.load_pandas().data.set_index("Country Name")
rates = table.filter(regex=r"^\d{4}$").rename(columns=int).astype(float)
rates.iloc[:5, [0, 10, 20, 30, 40, 50, 53]]

# %%
# Some entries are missing. In the last two years all of them are, and so they are for a few small
# countries:
import textwrap

empty_years = rates.columns[rates.isna().all()]
empty_places = rates.index[rates.isna().all(axis=1)]
print(f"{rates.shape[0]} places, {rates.shape[1]} years, {rates.isna().mean().mean():.1%} missing")
print("years without data: ", list(empty_years))
print(textwrap.fill(f"places without data: {', '.join(empty_places)}", 90))

# %%
# Co-clusters of countries and years
# ----------------------------------
# The rates are positive, and they vary more where they are high. That is what the I-divergence
# expects; squared differences would spend most clusters on the highest rates. NaN is a missing
# entry and is left out of all sums.
from skcocluster import BBAC

model = BBAC(5, 4, divergence="i_divergence", random_state=0).fit(rates)
print(f"20 block means explain {model.explained_divergence_ratio_:.0%} of the divergence")

# %%
# ``get_row_labels`` and ``get_column_labels`` give the labels back on the names of the table. The
# empty years, and the empty places, are in no cluster: their label is -1.
years = model.get_column_labels()
years.loc[2005:]

# %%
# Nothing has told the model that the columns are years, let alone their order: for BBAC, columns
# may be exchanged at will. Still its clusters are four periods without a gap, which speaks for
# them.
periods = years[years >= 0].reset_index(name="cluster").groupby("cluster")["index"]
periods = periods.agg(["min", "max", "count"]).sort_values("min")
periods

# %%
# The matrix, reordered
# ---------------------
# On the left, places in the order of the table and years from left to right. On the right,
# :class:`~skcocluster.plot.CoclusterDisplay` has put clusters together, the highest first: in that
# order the periods run from left to right again. Grey is missing. What has no cluster is the band
# at the end, called *none*.
import matplotlib.pyplot as plt

from skcocluster.plot import CoclusterDisplay

fig, (left, right) = plt.subplots(1, 2, figsize=(10, 5.4), layout="constrained")
display = CoclusterDisplay.from_estimator(model, rates, ax=right)
image = left.imshow(
    rates, norm=display.im_.norm, cmap=display.im_.cmap, aspect="auto", interpolation="nearest"
)
image.set_extent((rates.columns[0], rates.columns[-1] + 1, len(rates), 0))
left.set(title="as in the table", xlabel="year", ylabel="place")
right.set_title("co-clusters")
plt.show()

# %%
# Five histories
# --------------
# Block means are easier to read against time. Steps are the block means, lines the mean rates of
# each group of countries, year by year; vertical lines are the borders of the periods.
groups = model.get_row_labels()
order = pd.Series(model.block_means_.mean(axis=1)).sort_values(ascending=False).index
colors = plt.colormaps["viridis"](range(0, 256, 51))

fig, ax = plt.subplots(figsize=(8.5, 4.6), layout="constrained")
for color, g in zip(colors, order, strict=False):
    observed = rates[groups == g].mean().dropna()
    ax.plot(observed.index + 0.5, observed, color=color, linewidth=1, alpha=0.7)
    for h, period in periods.iterrows():
        mean = model.block_means_[g, h]
        ax.hlines(mean, period["min"] + 0.3, period["max"] + 0.7, color=color, linewidth=6)
    size = model.row_cluster_sizes_[g]
    ax.text(2012.2, observed.iloc[-1], f"cluster {g}: {size} places", color=color, va="center")
for start in periods["min"].iloc[1:]:
    ax.axvline(start, color="0.85", zorder=0)
ax.set(xlim=(1960, 2012), xlabel="year", ylabel="children per woman", title="Five histories")
ax.spines[["top", "right"]].set_visible(False)
plt.show()

# %%
# The lowest group was through the transition before the table begins, the highest has only just
# entered it. The three between go down the same slope one after another. Who is in which? Every
# seventh:
for g in order:
    print(f"cluster {g}: {', '.join(groups.index[groups == g][::7])}, ...")

# %%
# Blocks that are alike
# ---------------------
# If the histories are the same slope at different times, then blocks of different countries at
# different times should hold the same values. :func:`~skcocluster.refine_blocks` finds such blocks:
# k-means on statistics of each block's entries (mean, standard deviation, 5 % and 95 % quantiles,
# maximum and minimum), where the silhouette chooses the number of groups. Left alone it would
# choose two, high and low; ``k_range`` asks for more.
from skcocluster import refine_blocks

stages = refine_blocks(model, rates, k_range=range(3, 9), random_state=0)
print("mean silhouette:", {k: round(v, 2) for k, v in stages.silhouette_scores.items()})
pd.DataFrame(stages.group_means, columns=stages.statistic_names).round(2)

# %%
# Drawn over time, the groups are stages of the transition. Each group of countries goes through
# them in the same order, some decades later than the one before.
level = pd.Series(stages.group_means[:, 0]).rank(ascending=False).astype(int)

fig, ax = plt.subplots(figsize=(8.5, 3.4), layout="constrained")
for y, g in enumerate(order):
    for h, period in periods.iterrows():
        stage = stages.labels[g, h]
        color = plt.colormaps["viridis"]((level[stage] - 1) / max(stages.n_groups - 1, 1))
        ax.barh(y, period["count"], left=period["min"], height=0.85, color=color, edgecolor="w")
        ax.text(
            period[["min", "max"]].mean() + 0.5,
            y,
            f"stage {level[stage]}\n{model.block_means_[g, h]:.1f}",
            ha="center",
            va="center",
            color="k" if level[stage] == stages.n_groups else "w",
        )
ax.set_yticks(range(len(order)), [f"cluster {g}" for g in order])
ax.set(xlabel="year", title="Stages, with the mean number of children in each block")
ax.invert_yaxis()
ax.spines[:].set_visible(False)
plt.show()
