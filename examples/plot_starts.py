"""
Starts: why one run can be worth fifty
======================================

Every method of this kind goes downhill from a start and ends in some valley, which need not be the
deepest. The usual answer is to start again at random, many times. This example shows how far that
gets on a matrix of many blocks, what the search by splits and merges does instead, and why rows
and columns are better updated in turns.
"""

# %%
# Many blocks
# -----------
# 8 × 8 blocks of gamma distributed entries, each of which varies as much as its mean is large.
import numpy as np

from skcocluster import BBAC
from skcocluster.datasets import make_block_matrix
from skcocluster.metrics import block_divergence

X, true_rows, true_columns = make_block_matrix(
    (400, 300), n_clusters=8, distribution="gamma", random_state=0
)


def fit(**options):
    """Fit 8 × 8 co-clusters under the I-divergence."""
    return BBAC(8, 8, divergence="i_divergence", **options).fit(X)


# %%
# The labels that the matrix was made with explain this share of the divergence. Nothing can be
# expected to explain much more.
one_block = block_divergence(X, 0 * true_rows, 0 * true_columns, divergence="i_divergence")
truth = 1 - block_divergence(X, true_rows, true_columns, divergence="i_divergence") / one_block
print(f"truth: {truth:.1%}")

# %%
# Fifty random starts, and one search
# -----------------------------------
# Without the search (``refine=None``), each of fifty random starts ends somewhere else, and all of
# them below the truth. k-means++ starts do a little better. A single run with the defaults, that is
# from a spectral start and with the search, reaches it.
random = [fit(init="random", refine=None, random_state=i) for i in range(50)]
plus = [fit(init="k-means++", refine=None, random_state=i) for i in range(50)]
searched = [fit(init="random", random_state=i) for i in range(10)]
default = fit(random_state=0)

# %%
import matplotlib.pyplot as plt


def explained(models):
    """Shares of the divergence that models explain."""
    return [model.explained_divergence_ratio_ for model in models]


results = {
    "50 × random": random,
    "50 × k-means++": plus,
    "10 × random,\nthen search": searched,
    "1 × default": [default],
}
rng = np.random.default_rng(0)
fig, ax = plt.subplots(figsize=(7.6, 3.6), layout="constrained")
for y, models in enumerate(results.values()):
    ax.plot(explained(models), y + rng.uniform(-0.2, 0.2, len(models)), "o", alpha=0.6)
ax.axvline(truth, color="k", linewidth=1, zorder=0)
ax.text(truth, -0.6, "truth", ha="center", va="bottom")
ax.set_yticks(range(len(results)), results)
ax.set(xlabel="share of the divergence explained", ylim=(len(results) - 0.5, -0.6))
ax.xaxis.set_major_formatter("{x:.0%}")
ax.spines[["top", "right"]].set_visible(False)
plt.show()

# %%
# Each point is a run; the jitter only keeps them apart. With the search, even random starts arrive:
# it leaves a valley by splitting one cluster and merging two others, wherever the sums say that
# this pays. What a start is like matters less then, and ``n_init=1`` is the default for that
# reason.
#
# What a poor run looks like
# --------------------------
# The best and the worst of the random starts beside the default. In the worst, several true
# clusters share one, and others have been cut in two.
from skcocluster.plot import CoclusterDisplay

shares = explained(random)
chosen = {
    "worst of 50 random": random[int(np.argmin(shares))],
    "best of 50 random": random[int(np.argmax(shares))],
    "default": default,
}
fig, axes = plt.subplots(1, 3, figsize=(10, 3.6), layout="constrained")
for ax, (name, model) in zip(axes, chosen.items(), strict=True):
    CoclusterDisplay.from_estimator(
        model, X, ax=ax, norm="log", colorbar=False, cluster_labels=False
    )
    ax.set(title=f"{name}: {model.explained_divergence_ratio_:.0%}", xlabel="")
plt.show()

# %%
# In turns, or both at once
# -------------------------
# ``update="simultaneous"`` relabels rows and columns from the same averages, as the package CGC
# does. It treats both sides alike, but each step is taken without regard for the other: the
# objective can rise, and a run can end in a cycle. The smallest known example is this matrix of 5 ×
# 5 numbers.
import warnings

from sklearn.exceptions import ConvergenceWarning

Z = np.array([[6, 7, 9, 1, 2], [2, 3, 4, 6, 8], [8, 7, 6, 5, 5], [8, 1, 5, 9, 2], [2, 5, 2, 1, 6]])
start = ([1, 0, 0, 1, 0], [1, 1, 0, 0, 1])

in_turns = BBAC(2, divergence="i_divergence", init=start, refine=None).fit(Z)
with warnings.catch_warnings(record=True) as caught:
    warnings.simplefilter("always", ConvergenceWarning)
    at_once = BBAC(2, divergence="i_divergence", init=start, update="simultaneous").fit(Z)
print(caught[0].message)

# %%
from skcocluster.plot import ConvergenceDisplay

fig, ax = plt.subplots(figsize=(6.4, 3.6), layout="constrained")
ConvergenceDisplay.from_estimator(at_once, ax=ax, label='update="simultaneous"')
ConvergenceDisplay.from_estimator(in_turns, ax=ax, label='update="alternating"')
ax.legend(frameon=False)
plt.show()

# %%
# When the labels of an earlier iteration come back, the run would go round for ever. It is stopped
# there, and the best state that was seen, here the fourth, is what the fit returns:
print(f"least of the trace {at_once.objective_trace_.min():.2f}, kept {at_once.objective_:.2f}")
