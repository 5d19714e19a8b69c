"""What the tests of pipelines share: all estimators, a small matrix with classes, small texts."""

import numpy as np

import skcocluster
from skcocluster import (
    BBAC,
    NEOCC,
    Coclus,
    MaxNormCoclustering,
    NEOKMeans,
    SpecCo,
    SpectralBiclustering,
    SpectralCoclustering,
)

ESTIMATORS = [
    BBAC(3, 2, random_state=0),
    Coclus(3, random_state=0),
    SpecCo(3, random_state=0),
    SpectralCoclustering(3, random_state=0),
    SpectralBiclustering(3, 2, random_state=0),
    NEOCC(3, 2, row_overlap=0.2, row_outliers=0.1, random_state=0),
    NEOKMeans(3, overlap=0.2, random_state=0),
    MaxNormCoclustering(2, 2, random_state=0),
]


def list_missing():
    """Names of public estimators that the list above has forgotten."""
    public = {
        name for name in skcocluster.__all__ if hasattr(getattr(skcocluster, name), "fit_predict")
    }
    return sorted(public - {type(estimator).__name__ for estimator in ESTIMATORS})


def make_matrix():
    """Counts of 36 rows in three classes over 12 columns, each class with columns of its own."""
    rng = np.random.default_rng(0)
    classes = rng.permutation(np.repeat(np.arange(3), 12))
    rates = np.where(classes[:, None] == np.arange(12) // 4, 9.0, 2.0)
    return rng.poisson(rates).astype(float) + 1.0, classes


def make_documents():
    """Texts of three topics, thirty of them, and the topics."""
    words = [
        "goal team match score league".split(),
        "engine wheel brake motor gear".split(),
        "flour sugar butter oven dough".split(),
    ]
    rng = np.random.default_rng(0)
    topics = np.repeat(np.arange(3), 10)
    common = "the of and with".split()
    texts = [" ".join([*rng.choice(words[topic], 8), *rng.choice(common, 3)]) for topic in topics]
    order = rng.permutation(len(texts))
    return [texts[i] for i in order], topics[order]
