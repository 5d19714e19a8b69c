"""
How many co-clusters? Criteria, and what they can tell
======================================================

Most objectives get better with every cluster that is added, so they cannot say how many there are.
:class:`~skcocluster.model_selection.CoclusterSearch` fits a grid of numbers of row and column
clusters and goes by a criterion that can. This example asks four of them about blocks that are
there, then about noise, and modularity about real documents.
"""

# %%
# When blocks are there
# ---------------------
# A hundred rows in four clusters, eighty columns in three. The means of blocks are spread as much
# as the entries within a block, so no entry by itself says where it belongs.
import matplotlib.pyplot as plt

from skcocluster import BBAC
from skcocluster.datasets import make_block_matrix
from skcocluster.model_selection import CoclusterSearch
from skcocluster.plot import CoclusterSearchDisplay

X, row_labels, column_labels = make_block_matrix((100, 80), (4, 3), random_state=0)
grid = {"n_row_clusters": [2, 3, 4, 5, 6], "n_column_clusters": [2, 3, 4, 5]}


def search_by(criterion, X, grid=grid):
    """Search by one criterion."""
    # Starts from the labels of neighbours take the place of the search after each fit.
    estimator = BBAC(refine=None)
    search = CoclusterSearch(estimator, grid, criterion=criterion, n_splits=3, random_state=0)
    return search.fit(X)


# %%
# Each criterion has its own question. The *integrated completed likelihood*: is a better fit worth
# the parameters it takes? *Explained divergence*: where does the curve bend? *Held-out entries*:
# which blocks predict entries that were hidden best? *Stability*: which clusters come out again
# from a part of the rows and columns? The frame is what is chosen.
criteria = ("icl", "explained_divergence", "held_out", "stability")
searches = {criterion: search_by(criterion, X) for criterion in criteria}

fig, axes = plt.subplots(2, 2, figsize=(10, 7.6), layout="constrained")
for ax, (criterion, search) in zip(axes.flat, searches.items(), strict=True):
    CoclusterSearchDisplay.from_estimator(search, ax=ax)
    ax.set_title(criterion)
plt.show()

# %%
# All four say 4 and 3. They choose in different ways: the first takes the greatest value; the
# second the last bend; the third the fewest blocks that are not clearly worse than the best; the
# fourth the most blocks that are stable. ``cv_results_`` has all values, as scikit-learn's searches
# do, and the search is fitted: it has labels, and predicts.
for criterion, search in searches.items():
    print(f"{criterion:21s} {search.best_params_}, chosen by {search.selection_}")

# %%
# When nothing is there
# ---------------------
# The same size, and every block has the same mean.
import warnings

noise = make_block_matrix((100, 80), (4, 3), separation=0, random_state=0)[0]
small = {"n_row_clusters": [1, 2, 3, 4], "n_column_clusters": [1, 2, 3, 4]}
for criterion in criteria:
    with warnings.catch_warnings():
        # Of an elbow where the curve does not bend.
        warnings.simplefilter("ignore", UserWarning)
        search = search_by(criterion, noise, small)
    print(f"{criterion:21s} {search.best_params_}")

# %%
# Likelihood and held-out entries can say "one block" and mean it. Stability says so for want of
# anything else: one cluster is always stable, and it is taken where nothing larger is. An elbow
# cannot say it: the smallest numbers are at the border of the grid, where a curve cannot bend, and
# what it names instead means nothing. It often warns, but by luck it does not.
#
# Real documents
# --------------
# For :class:`~skcocluster.Coclus`, the criterion is its objective: modularity compares the weight
# inside the co-clusters with what chance would put there, and cutting a group in two that belongs
# together loses more than it gains. The docstrings of NumPy, SciPy and scikit-learn come from 28
# submodules. For comparison, the same numbers of words with each word of each document drawn from
# all documents.
import numpy as np
from sklearn.feature_extraction.text import TfidfTransformer

from skcocluster import Coclus
from skcocluster.datasets import load_docstrings, vectorize_docstrings

docstrings = load_docstrings()
counts, words = vectorize_docstrings(docstrings.data)
documents = TfidfTransformer().fit_transform(counts)

shuffled = documents.copy()
shuffled.indices = np.random.default_rng(0).permutation(shuffled.indices)
shuffled.sum_duplicates()

numbers = {"n_clusters": [2, 4, 8, 12, 20, 28]}
found, by_chance = (
    CoclusterSearch(Coclus(refine=None), numbers, random_state=0).fit(data)
    for data in (documents, shuffled)
)

# %%
# Do more co-clusters come closer to the submodules? The normalised mutual information says so for
# some way beyond the point where modularity is flat. A criterion of one's own is a function: this
# one looks at the classes, which nobody has when it matters.
from sklearn.metrics import normalized_mutual_info_score


def agreement(fitted, X):
    """Normalised mutual information of the row labels with the submodules."""
    return normalized_mutual_info_score(docstrings.target, fitted.row_labels_)


known = CoclusterSearch(Coclus(refine=None), numbers, criterion=agreement, random_state=0)
known.fit(documents)

fig, (left, right) = plt.subplots(1, 2, figsize=(9, 3.8), layout="constrained")
for search, name in ((found, "documents"), (by_chance, "shuffled words")):
    CoclusterSearchDisplay.from_estimator(search, ax=left)
    left.lines[-2].set_label(name)
left.set_ylim(bottom=0)
left.legend(frameon=False, loc="center right")
CoclusterSearchDisplay.from_estimator(known, ax=right)
right.set(ylabel="NMI with the 28 submodules", ylim=(0, 1))
plt.show()

# %%
# An honest reading: the documents have structure, far above that of shuffled words, and shuffled
# words have modularity, too: a value by itself proves nothing. It rises steeply at first and then
# hardly at all: asked for more co-clusters than are of use, Coclus leaves some empty, and the ring
# is around the fewest that reach the greatest value, far below 28. That is no accident. Modularity
# does not see groups that are small beside the whole matrix (its *resolution limit*): it gains by
# putting two small, similar submodules together. Where finer groups are wanted, a ``resolution``
# above 1 lets chance weigh more:
finer = CoclusterSearch(Coclus(resolution=2.0, refine=None), numbers, random_state=0)
for search in (found, finer.fit(documents)):
    model = search.best_estimator_
    value = agreement(model, documents)
    in_use = f"{model.n_clusters_:2d} co-clusters in use"
    print(f"resolution {model.resolution}: {in_use}, NMI {value:.2f}")

# %%
# Modularities for different resolutions are different objectives: a search that varies
# ``resolution`` refuses to compare them. The :ref:`user guide <number_of_clusters>` has what each
# criterion assumes, and how often it was right.
