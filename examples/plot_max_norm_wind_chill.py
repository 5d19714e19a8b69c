"""
Contiguous blocks: a pocket card for wind chill
===============================================

How cold does it feel? That depends on the temperature and on the wind, and weather services have
tables for it with hundreds of entries. A card for the pocket has room for a few. Which ranges of
temperature and of wind should it have, so that it is never far wrong? That is a co-clustering of
the table under the maximum norm whose clusters are *consecutive* rows and columns: a discretisation
of two axes at once.
"""

# %%
# The table
# ---------
# The formula in official use in Canada and the USA since 2001 (Osczevski and Bluestein,
# `doi:10.1175/BAMS-86-10-1453 <https://doi.org/10.1175/BAMS-86-10-1453>`_), with the temperature in
# degrees Celsius and the wind in kilometres per hour.
import numpy as np

temperatures = np.arange(10, -41, -1)
winds = np.arange(5, 81)


def wind_chill(temperature, wind):
    """Temperature that the face feels, in degrees Celsius."""
    slowed = wind**0.16
    return 13.12 + 0.6215 * temperature - 11.37 * slowed + 0.3965 * temperature * slowed


X = wind_chill(temperatures[:, None], winds)
print(f"{X.shape[0]} temperatures, {X.shape[1]} winds, felt as {X.max():.1f} to {X.min():.1f}")

# %%
# The card
# --------
# Eight ranges of temperature and four of wind. ``contiguous=True`` keeps neighbours together.
from skcocluster import MaxNormCoclustering

model = MaxNormCoclustering(8, 4, contiguous=True).fit(X)
print(f"largest difference within a block {model.objective_:.2f}, proven: {model.is_optimal_}")

# %%
# What does that promise? A card that has the middle of its range in each field is wrong by half
# the range at most. So half of ``objective_`` is the error of the whole card, and no card with as
# many ranges has a smaller one. That is where the maximum norm has its name from: the largest
# absolute error of an approximation by blocks.
card = (model.block_minima_ + model.block_maxima_) / 2
errors = X - card[model.row_labels_][:, model.column_labels_]
print(f"largest error of the card: {abs(errors).max():.2f} degrees")

# %%
# The first card that comes to mind has ranges of equal widths. Its error is another:
from skcocluster.metrics import max_norm_cost

equal_rows = np.arange(len(temperatures)) * 8 // len(temperatures)
equal_columns = np.arange(len(winds)) * 4 // len(winds)
equal = max_norm_cost(X, equal_rows, equal_columns)
print(f"largest error with equal widths: {equal / 2:.2f} degrees")

# %%
# Both cards
# ----------
# On top, the error of both cards at each entry of the table, and their borders. Equal widths are
# far off where the wind is weak, because a little more wind makes a large difference there. Below,
# the cards themselves.
import matplotlib.pyplot as plt


def starts(labels):
    """Where each cluster of consecutive entries begins."""
    return np.flatnonzero(np.diff(labels, prepend=-1))


def name_ranges(values, labels):
    """First and last value of each cluster."""
    first = starts(labels)
    last = np.append(first[1:], len(values)) - 1
    return [f"{values[a]} to {values[b]}" for a, b in zip(first, last, strict=True)]


def middles(row_labels, column_labels):
    """Middle of the range of each block."""
    blocks = np.empty((row_labels.max() + 1, column_labels.max() + 1))
    for g, h in np.ndindex(blocks.shape):
        inside = X[np.ix_(row_labels == g, column_labels == h)]
        blocks[g, h] = (inside.min() + inside.max()) / 2
    return blocks


cards = {
    "equal widths": (equal_rows, equal_columns),
    "least error": (model.row_labels_, model.column_labels_),
}
fig, axes = plt.subplots(2, 2, figsize=(9.5, 8.5), layout="constrained")
for (title, labels), (top, bottom) in zip(cards.items(), axes.T, strict=True):
    blocks = middles(*labels)
    error = X - blocks[labels[0]][:, labels[1]]
    image = top.imshow(error, cmap="PuOr", vmin=-equal / 2, vmax=equal / 2, aspect="auto")
    top.hlines(starts(labels[0])[1:] - 0.5, -0.5, len(winds) - 0.5, color="0.3", linewidth=1)
    top.vlines(starts(labels[1])[1:] - 0.5, -0.5, len(temperatures) - 0.5, color="0.3", linewidth=1)
    top.set_yticks(range(0, len(temperatures), 10), temperatures[::10])
    top.set_xticks(range(5, len(winds), 10), winds[5::10])
    top.set(title=f"{title}: off by {abs(error).max():.1f} at most", xlabel="wind, km/h")
    bottom.imshow(blocks, cmap="Blues_r", vmin=-85, vmax=25, aspect="auto")
    for (g, h), value in np.ndenumerate(blocks):
        color = "white" if value < -30 else "black"
        bottom.text(h, g, f"{value:.0f}", ha="center", va="center", color=color)
    bottom.set_yticks(range(len(blocks)), name_ranges(temperatures, labels[0]))
    bottom.set_xticks(range(blocks.shape[1]), name_ranges(winds, labels[1]))
    bottom.set(xlabel="wind, km/h")
    bottom.tick_params(length=0)
for ax in axes[:, 0]:
    ax.set_ylabel("temperature, °C")
fig.colorbar(image, ax=axes[0], label="error, °C")
plt.show()

# %%
# How many fields
# ---------------
# Larger cards are more exact. If the search for the best borders takes longer than ``time_limit``,
# ``lower_bound_`` still says how much better a card of this size could be.
for k, p in [(4, 2), (6, 3), (8, 4), (10, 5), (12, 6)]:
    bigger = MaxNormCoclustering(k, p, contiguous=True, time_limit=2).fit(X)
    known = "proven" if bigger.is_optimal_ else f"at least {bigger.lower_bound_ / 2:.2f}"
    print(f"{k:2d} x {p} fields: off by {bigger.objective_ / 2:.2f} at most ({known})")

# %%
# Reading a new day off the card
# ------------------------------
# What the card says of any weather is in the block of its ranges:
temperature, wind = -14, 33
g = model.row_labels_[temperatures == temperature][0]
h = model.column_labels_[winds == wind][0]
felt = wind_chill(temperature, wind)
print(f"{temperature} degrees, wind {wind} km/h: the card says {card[g, h]:.0f}, it is {felt:.1f}")
