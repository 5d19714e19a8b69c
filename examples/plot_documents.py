"""
Documents and words: topics, or just lengths?
=============================================

Rows are documents, columns are words, entries say how often a word occurs in a document.
Co-clustering groups documents by their words and words by their documents, so that a group of
documents comes with the words to describe it.

One choice decides whether topics come out. A long document has high counts whatever it is about,
and an approximation by block means alone (basis C2) sorts documents by their length. Basis C5 keeps
the totals of rows and columns and leaves the clusters free to say something else: with the
I-divergence it is *information-theoretic co-clustering*.
"""

# %%
# The documents
# -------------
# :func:`~skcocluster.datasets.load_docstrings` downloads nothing: its documents are the docstrings
# of the public functions of NumPy, SciPy and scikit-learn as they are installed. The class of each
# is its submodule, such as ``scipy.stats``. Classes are not used for the fit, only to judge it.
import numpy as np

from skcocluster.datasets import load_docstrings, vectorize_docstrings

docstrings = load_docstrings()
X, words = vectorize_docstrings(docstrings.data)
submodules = np.array(docstrings.target_names)[docstrings.target]
n_classes = len(docstrings.target_names)

print(f"{X.shape[0]} docstrings of {n_classes} submodules, {X.shape[1]} different words")
print(f"{X.nnz / (X.shape[0] * X.shape[1]):.1%} of the counts are not zero")

# %%
# The matrix is sparse and stays so: zeros are neither stored nor visited.
#
# Two fits
# --------
# They differ in nothing but the basis. As many clusters as there are submodules, for words too.
from skcocluster import BBAC

model = BBAC(n_classes, n_classes, divergence="i_divergence", basis="C5", random_state=0).fit(X)
by_means = BBAC(n_classes, n_classes, divergence="i_divergence", random_state=0).fit(X)

# %%
# What are the documents about?
# -----------------------------
# :func:`~skcocluster.plot.top_terms` lists the words that set a cluster of documents apart: both
# frequent in it and more frequent than elsewhere. Beside them, the submodule that most of the
# cluster's documents come from, which the fit has not seen.
from skcocluster.plot import top_terms

for g, terms in enumerate(top_terms(model, X, words, n_terms=6)):
    names, counts = np.unique(submodules[model.row_labels_ == g], return_counts=True)
    mostly = f"{names[counts.argmax()]} {counts.max() / counts.sum():.0%}"
    print(f"{g:3d} {counts.sum():4d} docs, {mostly:26} {', '.join(terms)}")

# %%
# The matrix
# ----------
# ``order="diagonal"`` puts next to each cluster of documents the words that it has more of than
# others. Colours are logarithmic, a pixel is the mean of several counts. The dark blocks on the
# diagonal are the words of a subject in the documents about it; dark columns are words that
# everybody uses.
import matplotlib.pyplot as plt

from skcocluster.plot import CoclusterDisplay

fig, ax = plt.subplots(figsize=(8, 6.4), layout="constrained")
CoclusterDisplay.from_estimator(model, X, order="diagonal", norm="log", ax=ax)
ax.set_title("Documents × words")
plt.show()

# %%
# C2 sorts by length
# ------------------
# How much does the cluster of a document say about its length? Each box is a cluster, with the
# number of counted words in its documents; clusters are sorted by their median. Under C2 they
# form a staircase. Under C5 some subjects have longer docstrings than others, as is to be
# expected, but the boxes overlap.
lengths = X.sum(axis=1)


def draw_lengths(ax, labels, title):
    """Draw lengths of documents by cluster; the title tells how much of them clusters explain."""
    log_lengths = np.log(lengths)
    means = np.array([log_lengths[labels == g].mean() for g in range(labels.max() + 1)])
    share = means[labels].var() / log_lengths.var()
    boxes = sorted((lengths[labels == g] for g in range(labels.max() + 1)), key=np.median)
    style = {"patch_artist": True, "boxprops": {"facecolor": "C0", "alpha": 0.4}}
    ax.boxplot(boxes, showfliers=False, widths=0.7, medianprops={"color": "k"}, **style)
    ax.set(title=f"{title}\nclusters explain {share:.0%} of the (log) lengths", yscale="log")
    ax.set(xlabel="clusters of documents", xticks=[])
    ax.spines[["top", "right"]].set_visible(False)


fig, axes = plt.subplots(1, 2, figsize=(9, 4), sharey=True, layout="constrained")
draw_lengths(axes[0], by_means.row_labels_, "C2: block means")
draw_lengths(axes[1], model.row_labels_, "C5: block means and margins")
axes[0].set_ylabel("counted words in a document")
plt.show()

# %%
# Are the submodules found?
# -------------------------
# Three measures of agreement between clusters and submodules; 1 is perfect. The accuracy counts the
# documents in the right place under the best matching of clusters to submodules, so one big cluster
# already scores as much as the largest submodule is large. The other two are about 0 for it.
from sklearn.metrics import adjusted_rand_score, normalized_mutual_info_score

from skcocluster.metrics import clustering_accuracy

candidates = {
    "C5, information-theoretic": model.row_labels_,
    "C2, block means": by_means.row_labels_,
    "all in one cluster": np.zeros(X.shape[0], dtype=int),
}
print(f"{'':28}{'accuracy':>10}{'NMI':>10}{'ARI':>10}")
for name, labels in candidates.items():
    scores = [
        measure(docstrings.target, labels)
        for measure in (clustering_accuracy, normalized_mutual_info_score, adjusted_rand_score)
    ]
    print(f"{name:28}" + "".join(f"{score:10.2f}" for score in scores))

# %%
# Submodules are not topics: ``numpy`` is about everything, and ``scipy.special`` shares its
# polynomials with ``numpy.polynomial``. What is found is closer to what the functions do than to
# where they are kept.
#
# A word on ``explained_divergence_ratio_``: it compares a model with the one-block model *of the
# same basis*. C5 has less left to explain, because its one block already knows all margins. Ratios
# of different bases must not be compared with each other; objectives may be.
for name, est in (("C2", by_means), ("C5", model)):
    ratio = est.explained_divergence_ratio_
    print(f"{name}: objective {est.objective_:,.0f}, ratio {ratio:.2f}")
