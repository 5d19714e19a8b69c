"""A fitted estimator shows its blocks as HTML: from attributes alone, small, never in the way."""

import re
import subprocess
import sys
from html.parser import HTMLParser

import numpy as np
import pytest
import sklearn
from numpy.testing import assert_array_equal
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

import skcocluster
from skcocluster import BBAC, NEOCC, Coclus, MaxNormCoclustering, NEOKMeans
from skcocluster._shared.html_repr import MAX_CLUSTERS, make_picture

ESTIMATORS = [
    getattr(skcocluster, name)
    for name in skcocluster.__all__
    if hasattr(getattr(skcocluster, name), "fit")
]


class Svg(HTMLParser):
    """Paths and texts of a picture; unbalanced tags are an error."""

    def __init__(self, text):
        super().__init__()
        self.blocks, self.texts, self.open = {}, [], []
        self.feed(text)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag, attrs):
        self.open.append(tag)
        if tag == "path":
            attrs = dict(attrs)
            for block in re.findall(r"M[^z]*z", attrs["d"]):
                self.blocks[block] = attrs["fill"]

    def handle_startendtag(self, tag, attrs):
        self.handle_starttag(tag, attrs)
        self.open.pop()

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        self.texts.append(data)


@pytest.fixture
def X():
    rng = np.random.default_rng(0)
    return rng.poisson(2, (24, 18)) + 6.0 * (np.arange(24)[:, None] % 3 == np.arange(18) % 3)


def make(estimator, n_clusters=3):
    counts = ("n_clusters", "n_row_clusters", "n_column_clusters")
    wanted = {name: n_clusters for name in counts if name in estimator().get_params()}
    return estimator(**wanted)


@pytest.mark.parametrize("estimator", ESTIMATORS, ids=lambda e: e.__name__)
def test_every_fitted_estimator_shows_its_blocks_below_the_diagram(estimator, X):
    est = make(estimator)
    before = est._repr_html_()
    assert "<figure" not in before
    est.fit(X)
    text = est._repr_html_()
    picture = make_picture(est)
    assert text.endswith(picture)
    assert est._repr_mimebundle_()["text/html"].endswith(picture)
    assert "sk-container" in text
    n_column_clusters = np.unique(est.column_labels_).size
    assert len(Svg(picture).blocks) == 3 * n_column_clusters
    assert len(picture) < 4000


def test_sizes_and_means_are_those_of_the_fit(X):
    est = make(BBAC).fit(X)
    texts = Svg(make_picture(est)).texts
    for mean in est.block_means_.ravel():
        assert f"{mean:.3g}" in texts
    for label, size in enumerate(est.row_cluster_sizes_):
        assert f"{label} ({size})" in texts
    assert f"rows by cluster: {' '.join(map(str, est.row_cluster_sizes_))}" in make_picture(est)


def read_colours(est):
    """Red, green and blue of each block, row by row."""
    blocks = Svg(make_picture(est)).blocks
    places = {b: tuple(map(int, re.match(r"M(\d+) (\d+)", b).groups()))[::-1] for b in blocks}
    ordered = sorted(blocks, key=places.get)
    return np.array([list(bytes.fromhex(blocks[block][1:])) for block in ordered])


def test_darker_is_higher(X):
    est = make(BBAC).fit(X)
    lightness = read_colours(est).sum(axis=1)[np.argsort(est.block_means_.ravel())]
    assert (np.diff(lightness) <= 0).all()
    assert lightness[0] > 2 * lightness[-1]


def test_red_is_above_zero_and_blue_below(X):
    est = make(BBAC).fit(X - 5)
    means, colours = est.block_means_.ravel(), read_colours(est)
    assert (means.min() < 0) & (means.max() > 0)
    assert_array_equal(colours[:, 0] > colours[:, 2], means > 0)
    assert "(red)" in make_picture(est)


def test_coclusters_of_a_diagonal_method_lie_on_the_diagonal(X):
    fills = list(Svg(make_picture(Coclus(3, random_state=0).fit(X))).blocks.values())
    assert sorted(fills.count(fill) for fill in set(fills)) == [3, 6]


def test_overlap_and_what_is_in_no_cluster_are_told(X):
    est = NEOCC(3, 3, row_overlap=0.25, row_outliers=0.1, random_state=0).fit(X)
    picture = make_picture(est)
    assert f"{(~est.row_memberships_.any(axis=1)).sum()} rows in no cluster" in picture
    for label, size in enumerate(est.row_memberships_.sum(axis=0)):
        assert f">{label} ({size})<" in picture
    assert "mean of each cluster" in make_picture(NEOKMeans(3).fit(X))
    assert "middle of each block" in make_picture(MaxNormCoclustering(2, 2).fit(X))


def test_rows_without_entries_are_told(X):
    X[4] = np.nan
    assert "1 rows in no cluster" in make_picture(BBAC(2, 2, random_state=0).fit(X))


def test_of_many_clusters_the_largest_are_drawn():
    X = np.random.default_rng(0).normal(size=(90, 70))
    rows = np.concatenate([np.arange(40), np.repeat([3, 17, 30], 20)[:50]])
    est = BBAC(40, 30, init=(rows, np.arange(70) % 30), refine=None, max_iter=1, tol=1.0).fit(X)
    picture = make_picture(est)
    assert f"the {MAX_CLUSTERS} largest of {(est.row_cluster_sizes_ > 0).sum()} row" in picture
    assert len(Svg(picture).blocks) == MAX_CLUSTERS**2
    assert len(picture) < 8000
    largest = int(est.row_cluster_sizes_.argmax())
    assert f">{largest} ({est.row_cluster_sizes_[largest]})<" in picture


@pytest.mark.parametrize("X", [np.zeros((4, 3)), np.full((4, 3), 7.0), np.eye(1), np.eye(2)])
def test_degenerate_fits_have_a_picture(X):
    est = BBAC(1, 1).fit(X)
    assert Svg(make_picture(est)).texts


def test_labels_that_are_not_in_memory_are_left_where_they_are(X):
    class Lazy:
        def __array__(self, *_, **__):
            raise AssertionError("computed")

    est = Coclus(3, random_state=0).fit(X)
    est.row_labels_ = Lazy()
    assert make_picture(est) == ""


def test_the_name_of_a_subclass_is_escaped(X):
    evil = type("<script>", (BBAC,), {})
    assert "<script>" not in make_picture(evil(2, 2).fit(X))


def test_the_display_configuration_of_scikit_learn_holds(X):
    est = BBAC(2, 2).fit(X)
    with sklearn.config_context(display="text"):
        assert not hasattr(est, "_repr_html_")
        assert set(est._repr_mimebundle_()) == {"text/plain"}
        assert repr(est) == "BBAC(n_column_clusters=2, n_row_clusters=2)"


def test_a_pipeline_is_shown_as_scikit_learn_does(X):
    pipeline = make_pipeline(StandardScaler(), BBAC(2, 2)).fit(X)
    assert "<figure" not in pipeline._repr_html_()


def test_no_picture_library_is_needed():
    code = (
        "import sys, numpy as np\n"
        "from skcocluster import BBAC\n"
        "assert '<svg' in BBAC(2, 2).fit(np.eye(4))._repr_html_()\n"
        "print('matplotlib' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"
