"""The page is complete in itself, says what was found, and escapes what it is given."""

import base64
import re
from html.parser import HTMLParser

import numpy as np
import pytest
from scipy import sparse

from skcocluster import BBAC, NEOCC, MaxNormCoclustering
from skcocluster.io._record import collect_results
from skcocluster.plot import top_terms

pytest.importorskip("matplotlib")

from skcocluster._report import Run, write_run
from skcocluster._report._figures import make_figures
from skcocluster._report._html import format_number

VOID = {"meta", "img", "br", "hr", "link", "input"}


class Page(HTMLParser):
    """What a browser would find in a page; unbalanced tags are an error."""

    def __init__(self, text):
        super().__init__()
        self.tags, self.open, self.text, self.cells = [], [], [], []
        self.feed(text)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        if not {"style", "title"} & set(self.open):
            self.text.append(data)

    def find(self, tag):
        return [attrs for name, attrs in self.tags if name == tag]


def make_page(tmp_path, X, row_names=None, column_names=None, est=None, **options):
    est = est or BBAC(2, 2, random_state=0).fit(X)
    results = collect_results(est, row_names, column_names)
    options = {"title": "A title", "lead": "A lead.", **options}
    write_run(Run(est, X, results, **options), tmp_path / "out")
    return (tmp_path / "out" / "report.html").read_text("utf-8")


@pytest.fixture
def X():
    return np.array([[9.0, 8, 1, 1], [8, 9, 1, 2], [1, 1, 7, 7], [2, 1, 8, 7], [9, 9, 1, 1]])


def test_the_page_needs_nothing_but_itself(tmp_path, X):
    text = make_page(tmp_path, X)
    page = Page(text)
    assert not re.search(r"https?:|@import|url\(", text)
    for _, attributes in page.tags:
        assert not {"href", "srcset", "action", "onload", "onclick"} & set(attributes)
    assert not {"script", "link", "iframe", "object"} & {tag for tag, _ in page.tags}
    for image in page.find("img"):
        kind, data = image["src"].split(",")
        assert kind == "data:image/png;base64"
        assert base64.b64decode(data, validate=True).startswith(b"\x89PNG")
    policy = next(m for m in page.find("meta") if m.get("http-equiv") == "Content-Security-Policy")
    assert "default-src 'none'" in policy["content"]


def test_the_page_fits_phones_both_colour_schemes_and_screen_readers(tmp_path, X):
    text = make_page(tmp_path, X)
    page = Page(text)
    assert page.find("html") == [{"lang": "en"}]
    viewport = next(m for m in page.find("meta") if m.get("name") == "viewport")
    assert "width=device-width" in viewport["content"]
    assert "prefers-color-scheme: dark" in text
    alts = [image["alt"] for image in page.find("img")]
    assert len(alts) == len(set(alts)) == 4
    assert all(len(alt) > 20 for alt in alts)
    assert len(page.find("caption")) == len(page.find("table"))
    assert {cell.get("scope") for cell in page.find("th")} == {"col", "row"}


def test_the_page_says_what_was_found(tmp_path, X):
    est = BBAC(2, 2, random_state=0).fit(X)
    text = make_page(tmp_path, X, est=est, seconds=1.25)
    words = " ".join(Page(text).text)
    assert format_number(est.objective_) in words
    assert f"{est.explained_divergence_ratio_:.1%}" in words
    assert "1.25 s" in words
    for mean in est.block_means_.ravel():
        assert f">{format_number(mean)}</td>" in text
    for name, value in est.get_params().items():
        assert f'"parameter">{name}</td><td data-label="value">{value}</td>' in text
    for heading in ("before and after", "Block means", "Convergence", "Row clusters"):
        assert heading in words


@pytest.mark.parametrize(
    ("value", "text"),
    [(0.0, "0"), (-2.0, "~2"), (1234.5678, "1235"), (65088578.3, "65,088,578"), (1e-7, "1e~07")],
)
def test_numbers_are_short(value, text):
    assert format_number(value) == text.replace("~", "\N{MINUS SIGN}")


def test_names_are_escaped_wherever_they_come_from(tmp_path, X):
    evil = '<script>alert("1")</script>'
    columns = np.array([evil + str(j) for j in range(4)], dtype=object)
    rows = np.array([f"{evil}&{i}" for i in range(5)], dtype=object)
    text = make_page(
        tmp_path,
        X,
        rows,
        columns,
        title=evil,
        lead=evil,
        row_classes=[evil] * 5,
        facts=[(evil, evil)],
    )
    assert "<script" not in text
    assert "script" not in {tag for tag, _ in Page(text).tags}
    assert "&lt;script&gt;alert(&quot;1&quot;)&lt;/script&gt;0" in text


def test_a_title_with_a_dollar_sign_is_kept(tmp_path, X):
    assert "<h1>$title costs $5</h1>" in make_page(tmp_path, X, title="$title costs $5")


def test_clusters_are_listed_with_sizes_members_classes_and_terms(tmp_path, X):
    est = BBAC(2, 2, random_state=0).fit(X)
    rows, columns = np.array(list("pqrst"), dtype=object), np.array(["aa", "bb", "cc", "dd"])
    text = make_page(tmp_path, X, rows, columns, est=est, row_classes=["u", "u", "v", "v", "u"])
    words = re.sub(r"\s+", " ", re.sub("<[^>]*>", " ", text))
    assert "p q t" in words
    assert "u 100%" in words
    assert "v 100%" in words
    assert "60.0%" in words
    for terms in top_terms(est, X, columns, 10):
        assert " ".join(terms) in words


def test_without_names_no_terms_are_invented(tmp_path, X):
    words = " ".join(Page(make_page(tmp_path, X)).text)
    assert "what sets it apart" not in words
    assert "telling members" not in words


@pytest.mark.parametrize("n_clusters", [1, 40])
def test_any_number_of_clusters_has_a_page(tmp_path, n_clusters):
    X = np.random.default_rng(0).poisson(2.0, (90, 60)).astype(float)
    labels = np.arange(90) % n_clusters, np.arange(60) % n_clusters
    est = BBAC(n_clusters, n_clusters, init=labels, refine=None, max_iter=1, tol=1.0).fit(X)
    page = Page(make_page(tmp_path, X, est=est))
    assert len(page.find("img")) == 4
    assert any(attrs.get("class") == "heat" for attrs in page.find("table")) == (n_clusters == 1)


@pytest.mark.parametrize("norm", ["log", "symlog"])
def test_sparse_matrices_and_scales_have_a_page(tmp_path, norm):
    X = sparse.random_array((60, 40), density=0.2, rng=np.random.default_rng(0), format="csr")
    names = np.array([f"w{j}" for j in range(40)])
    Page(make_page(tmp_path, X, None, names, order="diagonal", norm=norm))


def test_the_page_of_the_maximum_norm_shows_ranges(tmp_path, X):
    text = make_page(tmp_path, X, est=MaxNormCoclustering(2, 2).fit(X))
    page = Page(text)
    assert "Block ranges" in " ".join(page.text)
    assert len({image["src"] for image in page.find("img")}) == 4
    assert "Block ranges" not in make_page(tmp_path, X)


def test_the_page_of_overlapping_clusters_shows_all_members(tmp_path, X):
    est = NEOCC(2, 2, row_overlap=0.4, random_state=0).fit(X)
    assert (est.row_memberships_.sum(axis=1) > 1).any()
    text = make_page(tmp_path, X, est=est)
    assert "Clusters with all their members" in text
    figures = make_figures(est, X, None, None)
    assert "drawn in one" in figures.after_display.ax_.get_xlabel()
    # Means are over all members, drawn there or not.
    assert "drawn in one" not in figures.means_display.ax_.get_xlabel()
    assert len({image["src"] for image in Page(text).find("img")}) == 5


def test_rows_in_no_cluster_and_missing_blocks_have_a_page(tmp_path, X):
    X[3] = np.nan
    X[0, 1] = np.nan
    text = make_page(tmp_path, X, None, np.array(["aa", "bb", "cc", "dd"]))
    assert '<th scope="row">none</th>' in text
    assert "<td>–</td>" in text
    assert "nan" not in " ".join(Page(text).text)


def test_dataarrays_have_a_page(tmp_path, X):
    xarray = pytest.importorskip("xarray")
    years = {"year": np.arange(1980, 1984)}
    text = make_page(tmp_path, xarray.DataArray(X, dims=("place", "year"), coords=years))
    assert "1980" in " ".join(Page(text).text)
