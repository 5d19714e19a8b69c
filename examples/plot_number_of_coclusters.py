"""
How many co-clusters? What modularity can tell
==============================================

Most objectives get better with every cluster that is added, so they cannot say how many there are.
Modularity is different: it compares the weight inside the co-clusters with what chance would put
there, and cutting a group in two that belongs together loses more than it gains. So the curve of
modularity over the number of co-clusters has something to say. This example shows what it
says when groups are there, when there are none, and on real documents.
"""

# %%
# When groups are there
# ---------------------
# Counts with six co-clusters on the diagonal, in random order. Inside, the mean is 0.3; outside,
# it is 0.05, then 0.1.
import numpy as np

from skcocluster import Coclus


def make_counts(outside, n_clusters=6, shape=(600, 400), seed=0):
    """Poisson counts with the mean 0.3 in the co-clusters and another one elsewhere."""
    rng = np.random.default_rng(seed)
    rows = rng.permutation(np.arange(shape[0]) % n_clusters)
    columns = rng.permutation(np.arange(shape[1]) % n_clusters)
    return rng.poisson(np.where(rows[:, None] == columns, 0.3, outside))


def fit_each(X, numbers, **options):
    """Fit each number of co-clusters."""
    options = {"refine": "split_merge", "random_state": 0, **options}
    return [Coclus(n_clusters=k, **options).fit(X) for k in numbers]


# %%
# ``refine="split_merge"`` goes on where no single row or column can gain any more: co-clusters are
# merged and split. Up to ten co-clusters, Coclus does so by itself.
numbers = range(2, 11)
planted = {
    "0.05 outside": fit_each(make_counts(0.05), numbers),
    "0.10 outside": fit_each(make_counts(0.1), numbers),
}

# %%
# And when there are none: the same mean everywhere.
planted["0.30 outside: no groups"] = fit_each(make_counts(0.3), numbers)

# %%
# On the left, modularity; on the right, ``n_clusters_``, the number of co-clusters that are in
# use. With groups, the curve rises up to six and is flat from there on: asked for more,
# :class:`~skcocluster.Coclus` leaves the others empty. It says by itself that six are enough.
import matplotlib.pyplot as plt

fig, (left, right) = plt.subplots(1, 2, figsize=(9, 3.8), layout="constrained")
markers = dict(zip(planted, ("o-", "s-", "^--"), strict=True))
for name, models in planted.items():
    left.plot(numbers, [m.modularity_ for m in models], markers[name], label=name)
    right.plot(numbers, [m.n_clusters_ for m in models], markers[name], label=name)
right.plot(numbers, numbers, color="0.7", linewidth=1, zorder=0)
left.set(xlabel="co-clusters asked for", ylabel="modularity", ylim=(0, None))
right.set(xlabel="co-clusters asked for", ylabel="co-clusters in use")
left.legend(frameon=False, fontsize="small", loc="upper right", bbox_to_anchor=(1, 0.93))
for ax in (left, right):
    ax.spines[["top", "right"]].set_visible(False)
plt.show()

# %%
# The third curve is a warning. There is nothing to find, and modularity is not 0: the best of all
# partitions of noise is better than chance, too. Nor does the number in use settle. A value by
# itself proves nothing; it has to be well above that of the same matrix with its structure
# destroyed.
#
# Real documents
# --------------
# The docstrings of NumPy, SciPy and scikit-learn come from 28 submodules. For comparison, the same
# numbers of words with each word of each document drawn from all documents.
from sklearn.feature_extraction.text import TfidfTransformer

from skcocluster.datasets import load_docstrings, vectorize_docstrings

docstrings = load_docstrings()
counts, words = vectorize_docstrings(docstrings.data)
documents = TfidfTransformer().fit_transform(counts)

shuffled = documents.copy()
shuffled.indices = np.random.default_rng(0).permutation(shuffled.indices)
shuffled.sum_duplicates()

numbers, few_numbers = (2, 4, 6, 8, 10, 12, 16, 20, 28), (2, 8, 20)
found = fit_each(documents, numbers)
by_chance = fit_each(shuffled, few_numbers)

# %%
# Do more co-clusters come closer to the submodules? The normalised mutual information says so for
# some way beyond the point where modularity is flat.
from sklearn.metrics import normalized_mutual_info_score

agreement = [normalized_mutual_info_score(docstrings.target, m.row_labels_) for m in found]

fig, (left, right) = plt.subplots(1, 2, figsize=(9, 3.8), layout="constrained")
left.plot(numbers, [m.modularity_ for m in found], "o-", label="documents")
left.plot(few_numbers, [m.modularity_ for m in by_chance], "^--", color="C2", label="shuffled")
left.set(xlabel="co-clusters asked for", ylabel="modularity", ylim=(0, None))
left.legend(frameon=False, loc="center right")
right.plot(numbers, agreement, "o-", color="C1")
right.set(xlabel="co-clusters asked for", ylabel="NMI with the 28 submodules", ylim=(0, 1))
for ax in (left, right):
    ax.spines[["top", "right"]].set_visible(False)
plt.show()

# %%
for k, model, value in zip(numbers, found, agreement, strict=True):
    in_use = f"{k:2d} asked for, {model.n_clusters_:2d} in use"
    print(f"{in_use}: modularity {model.modularity_:.3f}, NMI {value:.2f}")

# %%
# An honest reading: the documents have structure, far above that of shuffled words. Modularity
# rises steeply at first and then hardly at all, so anything on the flat part is defensible and the
# curve alone does not say 28. That is no accident. Modularity does not see groups that are small
# beside the whole matrix (its *resolution limit*): it gains by putting two small, similar
# submodules together. Where finer groups are wanted, a ``resolution`` above 1 lets chance weigh
# more:
for resolution in (0.5, 1.5):
    model = fit_each(documents, [28], resolution=resolution)[0]
    value = normalized_mutual_info_score(docstrings.target, model.row_labels_)
    print(f"resolution {resolution}: {model.n_clusters_:2d} co-clusters in use, NMI {value:.2f}")

# %%
# Values of modularity for different resolutions are different objectives, and must not be compared.
