"""
How many clusters? The cost curve of the maximum norm
=====================================================

The cost of a co-clustering under the maximum norm is a difference of two entries, in the unit of
the data, and the least cost for each number of clusters can often be proven. So there is a curve to
choose from: so many clusters, and no block mixes values that are farther apart than this.
"""

# %%
# When groups are there
# ---------------------
# Five by four blocks, each with a level of its own and noise of at most one unit up or down, rows
# and columns in random order.
import numpy as np

rng = np.random.default_rng(0)
levels = rng.integers(0, 21, size=(5, 4))
noise = rng.uniform(-1, 1, size=(60, 40))
X = levels[rng.integers(5, size=60)][:, rng.integers(4, size=40)] + noise

# %%
# :func:`~skcocluster.max_norm.cost_curve` returns the least cost for many numbers of row and column
# clusters at once: more clusters never cost more, so each point starts from its neighbours.
# :class:`~skcocluster.plot.CostCurveDisplay` draws a grid of them as a heat map. An entry with a
# question mark is the best found in the time, not proven.
import matplotlib.pyplot as plt

from skcocluster.max_norm import cost_curve
from skcocluster.plot import CostCurveDisplay

planted = cost_curve(X, range(1, 9), range(1, 8), time_limit=2, random_state=0)
display = CostCurveDisplay(planted).plot()
display.ax_.set_title("planted: five by four blocks")
plt.show()

# %%
# The cliff is where the truth is. With five by four clusters the cost is what the noise makes it,
# two units; with one cluster less on either side, two levels have to share a block, and it costs
# several times as much. More clusters gain next to nothing. A sum of squares has an elbow at best:
# the mean hides what is in the wrong block. A range does not.
#
# Real tables have no cliff
# -------------------------
# Children per woman in 192 countries and 52 years. With equal numbers of clusters on both sides the
# curve is a line. Where the optimum was not proven within 0.3 seconds, the band reaches down to the
# lower bound: the least cost is somewhere in it.
from statsmodels.datasets import fertility

table = fertility.load_pandas().data.set_index("Country Name").filter(regex=r"^\d{4}$")
rates = table.loc[:, :"2011"].astype(float).dropna()
curve = cost_curve(rates, range(1, 15), time_limit=0.3, random_state=0)

display = CostCurveDisplay(curve).plot()
display.ax_.set_ylabel("children per woman, largest difference\nwithin a block")
plt.show()

# %%
# No number of clusters is the right one here; the curve says what each is worth. It falls fast up
# to about six, from 8.4 children to below four, and slowly from there on. What is shaded does not
# matter for that: the bounds are close enough to choose by.
for k, cost, lower in zip(curve.n_row_clusters, curve.costs, curve.lower_bounds, strict=True):
    proof = "proven" if cost == lower else f"at least {lower:.3f}"
    print(f"{k:2d} by {k:2d}: {cost:.3f}, {proof}")

# %%
# Both sides are not alike
# ------------------------
# On the grid, one can see which side is short of clusters. With one group of countries, the bottom
# row, periods are of no use: there is a year in which countries differ by 7.9 children. With one
# period, the left column, it stays above 5.5, which is how far Libya alone came down. From five
# periods on, more groups are worth more than more periods.
counts = [1, 2, 3, 4, 5, 6, 8, 10, 12]
grid = cost_curve(rates, counts, [1, 2, 3, 4, 5, 6, 8], time_limit=0.3, random_state=0)
display = CostCurveDisplay(grid).plot()
display.ax_.set(xlabel="periods", ylabel="groups of countries")
plt.show()

# %%
# From the cost to the number
# ---------------------------
# Often it is the other way round: it is known which difference within a block would be too much.
# With at most four children, and four periods, how many groups of countries does it take?
# :func:`~skcocluster.max_norm.min_blocks` answers that, with a proof.
from skcocluster.max_norm import min_blocks

for cost in (5, 4, 3):
    answer = min_blocks(rates, cost, n_column_clusters=4, time_limit=5, random_state=0)
    known = "" if answer.lower_bound == answer.n_clusters else f", at least {answer.lower_bound}"
    print(f"no difference above {cost} children: {answer.n_clusters} groups{known}")

# %%
# And two children? However four periods are chosen, there is a country with rates that differ by
# more within one of them, so no number of groups helps:
try:
    min_blocks(rates, 2, n_column_clusters=4, random_state=0)
except ValueError as error:
    print(error)

# %%
# The groups for four children, with a few names each. There are other groupings into six with the
# same promise, and the promise is all that they have in common: within a group and a period, no two
# rates differ by more than four.
answer = min_blocks(rates, 4, n_column_clusters=4, random_state=0)
periods = rates.columns.to_numpy()
for h in range(4):
    years = periods[answer.column_labels == h]
    print(f"period {h}: {len(years)} years, {years[0]} to {years[-1]}")
for g in range(answer.n_clusters):
    names = rates.index[answer.row_labels == g]
    print(f"group {g} has {len(names):2d}: {', '.join(names[:: len(names) // 4 + 1])}")
