"""
A cube of space and time
========================

Measurements of a climate come as cubes: latitude × longitude × year. Their co-clusters are regions
that change alike, and the periods in which they do. The places of the map become the rows of a
matrix, the years its columns, and labels of rows become a map again.

The cube here is made up after rules that are known, so the answer is known too, and nothing has to
be downloaded.
"""

# %%
# When spring begins
# ------------------
# Hopkins' law: going north or up, spring comes four days later for every degree of latitude and for
# every 400 feet, or 120 metres, of height. Here is a country with a coast in the west and mountains
# in the east, on a grid of a quarter of a degree.
import numpy as np
import xarray as xr

lat = np.arange(40, 52, 0.25)
lon = np.arange(-4, 12, 0.25)
north, east = np.meshgrid(lat, lon, indexing="ij")
ridge = np.exp(-(((east - 7.5) / 2) ** 2)) * (1 + 0.4 * np.sin(1.3 * north))
hills = 0.1 * np.sin(2.1 * east + north) * np.cos(1.7 * north)
height = 1200 * np.clip(ridge + hills, 0, None)
from_sea = east + 2.5 - 1.2 * np.sin(0.9 * north)
normal = 50 + 4 * (north - 40) + height / 30

# %%
# Many records of nature took a step in the late 1980s (Reid et al. 2016, :doi:`10.1111/gcb.13106`).
# So does this one: springs come five days earlier from 1988 on, and eight from 2005 on; less than
# half of that near the sea, twice as much in the mountains. On top of it a year is early or late
# everywhere, by a day or two, and each cell has noise of three days. This is what the fit shall
# find:
rng = np.random.default_rng(0)
years = np.arange(1970, 2020)
strength = np.where(height > 500, 2.0, np.where(from_sea < 2, 0.4, 1.0))
steps = np.select([years < 1988, years < 2005], [0.0, -5.0], -8.0)
onset = normal + strength * steps[:, None, None]
onset += rng.normal(0, 1.2, len(years))[:, None, None]
onset += rng.normal(0, 3.0, onset.shape)

cube = xr.DataArray(
    np.where(from_sea > 0, onset, np.nan),
    dims=("year", "lat", "lon"),
    coords={"year": years, "lat": lat, "lon": lon},
    name="spring_onset",
)

# %%
# Cubes are often larger than memory, with one file for each decade, say, and
# ``xarray.open_mfdataset`` opens them as one cube in chunks. ``chunk`` makes this one such a cube:
# from here on it is a dask array. Results do not depend on the chunks.
cube = cube.chunk({"year": 10})
cube.chunksizes

# %%
# The cube as a matrix
# --------------------
# Spring is late in the mountains and in the north, and that would be all that clusters find. To see
# how springs *change*, each place is compared with its own mean before 1988. With dask this is
# only written down, and done when the fit reads a chunk.
#
# :func:`~skcocluster.io.stack_dimensions` makes rows of the places. It reads nothing either.
from skcocluster.io import stack_dimensions

change = cube - cube.sel(year=slice(1970, 1987)).mean("year")
matrix = stack_dimensions(change, rows=("lat", "lon"))
print(matrix.dims, matrix.shape, type(matrix.data).__name__)

# %%
# Fit
# ---
# The sea is missing in all years. Missing entries are left out of all sums; a row without any value
# is in no cluster and has the label -1.
from skcocluster import BBAC

model = BBAC(n_row_clusters=3, n_column_clusters=3, random_state=0).fit(matrix)
print(f"9 means explain {model.explained_divergence_ratio_:.0%} of the squared differences")

# %%
# Labels on the map
# -----------------
# ``get_row_labels`` gives labels back on the coordinates of the rows, and ``unstack`` makes a map
# of them. Those of the columns are on the years.
regions = model.get_row_labels().unstack()
periods = model.get_column_labels()
print("labels of rows are on", regions.dims, "those of columns on", periods.dims)

# %%
# Clusters have no order of their own. Sorted by how much they changed, regions go from the coast
# to the mountains. Nothing has told the model which years are neighbours; still each cluster of
# years is a period without a gap.
by_change = np.argsort(model.block_means_.min(axis=1))[::-1]
by_period = np.argsort(model.block_means_.min(axis=0))[::-1]
for number, h in enumerate(by_period):
    inside = years[periods == h]
    print(f"period {number}: {len(inside)} years, {inside.min()} to {inside.max()}")
model.block_means_[np.ix_(by_change, by_period)].round(1)

# %%
# The map on the left is made of labels. On the right, lines are means of the regions, year by year;
# bars are the block means, each over the years of its period.
import matplotlib.pyplot as plt
from matplotlib.colors import ListedColormap

colors = ["#4477aa", "#ccbb44", "#aa3377"]
names = ["changed least", "in between", "changed most"]
rank = np.argsort(by_change)
ranks = regions.where(regions < 0, xr.apply_ufunc(lambda labels: rank[labels], regions))

fig, (left, right) = plt.subplots(
    1, 2, figsize=(10, 4.4), layout="constrained", width_ratios=[1, 1.4]
)
ranks.where(ranks >= 0).plot.pcolormesh(ax=left, cmap=ListedColormap(colors), add_colorbar=False)
left.set(title="regions", xlabel="longitude", ylabel="latitude", aspect=1.4, facecolor="0.93")
for g, color, name in zip(by_change, colors, names, strict=True):
    mean = change.where(regions == g).mean(("lat", "lon")).compute()
    right.plot(years, mean, color=color, linewidth=1)
    values = model.block_means_[g, periods]
    right.scatter(years, values, marker="s", s=22, color=color, label=name)
right.set(title="years", xlabel="year", ylabel="days later than before 1988")
right.legend(frameon=False, loc="lower left")
right.spines[["top", "right"]].set_visible(False)
plt.show()

# %%
# How much of it is right?
# ------------------------
# This cube is made up, so one can tell. The adjusted Rand index is 1 for equal partitions and about
# 0 for unrelated ones.
from sklearn.metrics import adjusted_rand_score

is_land = from_sea > 0
true_regions = np.unique(strength[is_land], return_inverse=True)[1]
true_periods = np.unique(steps, return_inverse=True)[1]
print("places:", round(adjusted_rand_score(true_regions, regions.values[is_land]), 2))
print("years: ", round(adjusted_rand_score(true_periods, periods), 2))

# %%
# The number of clusters was known here as well. Where it is not, see
# :ref:`sphx_glr_auto_examples_plot_number_of_coclusters.py`; for cubes that no single machine can
# hold, see :ref:`laptop_to_cluster`.
