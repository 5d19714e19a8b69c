"""
Documents and words: a vocabulary for each subject
==================================================

:class:`~skcocluster.Coclus` puts documents *and* words into the same groups. Each co-cluster is a
set of documents together with the words that are theirs: words that occur in these documents
more often than in others. There is one number of co-clusters, no choice of a divergence, and
nothing to tune. What is maximised is the *modularity*: the share of all words that stand inside
the co-clusters, less the share that would stand there if every document used the same words.

:ref:`sphx_glr_auto_examples_plot_documents.py` co-clusters docstrings by block averages. There
every group of documents meets every group of words. Here each word belongs to one subject, so the
matrix becomes a chain of blocks along its diagonal.
"""

# %%
# The documents
# -------------
# The docstrings of eight parts of NumPy, SciPy and scikit-learn, as they are installed. The parts
# are not used for the fit; they only tell afterwards whether the subjects make sense.
import numpy as np

from skcocluster.datasets import load_docstrings, vectorize_docstrings

PARTS = [
    "numpy.random",
    "numpy.strings",
    "scipy.fft",
    "scipy.interpolate",
    "scipy.ndimage",
    "scipy.sparse",
    "sklearn.linear_model",
    "sklearn.metrics",
]
docstrings = load_docstrings()
part_of = np.array(docstrings.target_names)[docstrings.target]
chosen = np.flatnonzero(np.isin(part_of, PARTS))
parts = part_of[chosen]
names = np.array(docstrings.document_names)[chosen]

X, words = vectorize_docstrings([docstrings.data[i] for i in chosen])
print(f"{X.shape[0]} docstrings, {X.shape[1]} words, {X.nnz / X.shape[0]:.0f} of them in each")

# %%
# The fit
# -------
# Words that are in most documents weigh little and rare ones more (tf-idf). That is customary for
# text, and Coclus takes any weights that are not negative.
from scipy.sparse import csr_array
from sklearn.feature_extraction.text import TfidfTransformer

from skcocluster import Coclus

weighting = TfidfTransformer().fit(X)
weights = csr_array(weighting.transform(X))
model = Coclus(n_clusters=len(PARTS), random_state=0).fit(weights)
print(f"modularity {model.modularity_:.3f} after {model.n_iter_} iterations")

# %%
# The matrix
# ----------
# Row cluster 0 and column cluster 0 are one co-cluster, and so on down the diagonal.
import matplotlib.pyplot as plt

from skcocluster.plot import CoclusterDisplay

fig, ax = plt.subplots(figsize=(8, 6.2), layout="constrained")
CoclusterDisplay.from_estimator(model, weights, norm="log", ax=ax)
ax.set(title="Documents × words", ylabel="documents", xlabel="words")
plt.show()

# %%
# The words of each co-cluster
# ----------------------------
# Of the words that belong to a co-cluster, these are the ones with the most weight inside it.
# Beside them, the part that most of the documents come from.
for k in range(model.n_clusters):
    rows, columns = model.get_indices(k)
    inside = model.get_submatrix(k, weights).sum(axis=0)
    top = words[columns][np.argsort(-inside)[:6]]
    sources, counts = np.unique(parts[rows], return_counts=True)
    mostly = f"{sources[counts.argmax()]} {counts.max() / counts.sum():.0%}"
    print(f"{k} {len(rows):4d} docs, {len(columns):3d} words, {mostly:25} {', '.join(top)}")

# %%
# How much of a subject is in its own words?
# ------------------------------------------
# ``transform`` returns what a document gains in each co-cluster: the share of its words that are
# there, less the share that an average document has there. Each line is the average of a
# co-cluster's documents. Beside the diagonal, all is below expectation: these subjects have few
# words in common.
gains = model.transform(weights)
average = np.array([gains[model.row_labels_ == k].mean(axis=0) for k in range(model.n_clusters)])

fig, ax = plt.subplots(figsize=(6, 4.6), layout="constrained")
limit = np.abs(average).max()
image = ax.imshow(average, cmap="RdBu_r", vmin=-limit, vmax=limit)
for (i, k), value in np.ndenumerate(average):
    shade = "white" if abs(value) > 0.6 * limit else "black"
    ax.text(k, i, f"{100 * value:.0f}", ha="center", va="center", color=shade)
ax.set(xlabel="words of co-cluster", ylabel="documents of co-cluster")
ax.set(xticks=range(model.n_clusters), yticks=range(model.n_clusters))
ax.set_title("Share of words, less what is expected, in per cent")
ax.tick_params(length=0)
ax.spines[:].set_visible(False)
plt.show()

# %%
# Documents between two subjects
# ------------------------------
# A partition has to put each document somewhere. The difference between the best and the second
# best gain says how firmly. These are the documents that could as well be elsewhere:
second, best = np.sort(gains, axis=1)[:, -2:].T
order = np.argsort(gains, axis=1)
for i in np.argsort(best - second)[:5]:
    print(f"{names[i]:45} {order[i, -1]} or {order[i, -2]}")

# %%
# A new text
# ----------
# A fitted model labels texts that it has never seen, by their words.
from sklearn.feature_extraction.text import CountVectorizer

texts = [
    "Fit a linear model with a penalty on the size of the coefficients.",
    "Draw random samples from a normal distribution.",
    "Remove spaces from the end of each string.",
]
counts = CountVectorizer(vocabulary=words).transform(texts)
for text, label in zip(texts, model.predict(weighting.transform(counts)), strict=True):
    sources, sizes = np.unique(parts[model.row_labels_ == label], return_counts=True)
    print(f"{sources[sizes.argmax()]:22} {text}")
