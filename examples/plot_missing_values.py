"""
Missing values: fill them, and learn from them
==============================================

NaN is a missing entry: it is left out of every sum, and nothing has to be filled in first. A fitted
model then says what the missing entries probably are, namely what the rest of their block is.

Entries that are hidden on purpose are useful too. They are the honest judge of how many clusters
the data can bear.
"""

# %%
# Real measurements, with holes
# -----------------------------
# The breast cancer data of scikit-learn: 569 tumours, 30 measurements of each. They are in
# different units, so columns are standardised; otherwise the areas would outweigh everything else.
# Then 20 % of the entries are hidden at random.
import numpy as np
from sklearn.datasets import load_breast_cancer
from sklearn.preprocessing import StandardScaler

data = load_breast_cancer(as_frame=True)
complete = StandardScaler().set_output(transform="pandas").fit_transform(data.data)

rng = np.random.default_rng(0)
hidden = rng.random(complete.shape) < 0.2
X = complete.mask(hidden)
X.iloc[:4, :6].round(2)

# %%
# Fit as usual
# ------------
from skcocluster import BBAC

model = BBAC(n_row_clusters=20, n_column_clusters=12, random_state=0).fit(X)
print(f"{X.isna().to_numpy().mean():.0%} missing")
print(f"explained: {model.explained_divergence_ratio_:.0%} of what was observed")

# %%
# What belongs together
# ~~~~~~~~~~~~~~~~~~~~~
# ``get_column_labels`` gives the labels on the names of the columns. Measurements of one property
# have found each other: radius, perimeter and area are in one cluster, and so are concavity and
# concave points.
for _, names in model.get_column_labels().groupby(model.column_labels_):
    print("-", ", ".join(names.index))

# %%
# Fill the holes
# --------------
# ``reconstruct`` returns the mean of the block for every entry, missing or not. The hidden values
# are known here, so it can be checked. The usual first choice, the mean of the column, is the
# model with one row cluster.
filled = model.reconstruct()
column_means = np.broadcast_to(X.mean(), X.shape)


def rms(approximation):
    """Root mean square error of the entries that were hidden."""
    return np.sqrt(np.mean((approximation - complete.to_numpy())[hidden] ** 2))


print(f"mean of the column: {rms(column_means):.3f}")
print(f"mean of the block:  {rms(filled):.3f}")

# %%
# The same in a picture: the true value of each hidden entry against the value that is filled in.
# Column means know nothing about a row; after standardising they are all close to zero.
import matplotlib.pyplot as plt

fig, axes = plt.subplots(1, 2, figsize=(8.6, 4.3), sharex=True, sharey=True, layout="constrained")
for ax, values, title in [
    (axes[0], column_means, "filled with the mean of the column"),
    (axes[1], filled, "filled with the mean of the block"),
]:
    ax.plot(complete.to_numpy()[hidden], values[hidden], ".", markersize=3, alpha=0.35)
    ax.axline((0, 0), slope=1, color="k", linewidth=0.8)
    ax.set(title=f"{title}\nerror {rms(values):.2f}", xlim=(-2.5, 6), ylim=(-2.5, 6))
    ax.set(xlabel="true value (hidden)", aspect="equal")
axes[0].set_ylabel("value filled in")
plt.show()

# %%
# Blocks get the direction right, and are too careful in the extremes: an average is never as far
# out as its members. Methods that were made for nothing but imputation can do better, such as
# :class:`~sklearn.impute.KNNImputer`, which keeps all data to look in:
from sklearn.impute import KNNImputer

print(f"10 nearest neighbours: {rms(KNNImputer(n_neighbors=10).fit_transform(X)):.3f}")

# %%
# How many clusters?
# ------------------
# More clusters always explain more of what was observed. What was hidden tells when they begin to
# explain noise. So: hide some entries, fit with more and more clusters, and look at both errors.
sizes = [(1, 1), (2, 2), (4, 4), (8, 8), (12, 10), (20, 12), (30, 15), (50, 20), (80, 25)]
observed_error, hidden_error = [], []
for n_row_clusters, n_column_clusters in sizes:
    est = BBAC(n_row_clusters, n_column_clusters, random_state=0).fit(X)
    observed_error.append(np.sqrt(est.objective_ / (~hidden).sum()))
    hidden_error.append(rms(est.reconstruct()))

fig, ax = plt.subplots(figsize=(7.4, 4), layout="constrained")
ax.plot(observed_error, "o-", label="observed entries")
ax.plot(hidden_error, "o-", label="hidden entries")
best = int(np.argmin(hidden_error))
ax.annotate(
    "best",
    (best, hidden_error[best]),
    xytext=(0, 18),
    textcoords="offset points",
    ha="center",
    arrowprops={"arrowstyle": "->"},
)
ax.set_xticks(range(len(sizes)), [f"{k} × {p}" for k, p in sizes])
ax.set(xlabel="row × column clusters", ylabel="root mean square error", ylim=(0, None))
ax.spines[["top", "right"]].set_visible(False)
ax.legend(frameon=False)
plt.show()

# %%
# The error of the observed entries goes on falling. That of the hidden ones turns: from there on,
# further clusters describe the noise of this sample.
#
# New rows may have holes as well
# -------------------------------
# ``predict``, ``transform`` and ``score`` leave out what is missing in the same way. A row without
# any observed entry is in no cluster: label -1.
new = X.iloc[:3].copy()
new.iloc[2] = np.nan
print("labels:", model.predict(new))
print("means over the first column clusters:")
print(model.transform(new)[:, :6].round(2))
