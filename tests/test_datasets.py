"""The documents and the generators: what is in them, and that their truth is true."""

import hashlib
import importlib
import re
import subprocess
import sys
import textwrap
import warnings

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.testing import assert_allclose, assert_array_equal
from scipy.sparse import csr_array
from scipy.special import expit, ndtri

from skcocluster.datasets import (
    load_docstrings,
    make_block_matrix,
    make_overlapping_blocks,
    vectorize_docstrings,
)
from skcocluster.metrics import block_divergence, neo_objective


@pytest.fixture(scope="module")
def docstrings():
    return load_docstrings()


# --- load_docstrings, the installed packages ------------------------------------------------------


def test_default_corpus_has_hundreds_of_documents_in_many_classes(docstrings):
    counts = np.bincount(docstrings.target)
    assert len(docstrings.data) > 1000
    assert len(docstrings.target_names) >= 8
    assert len(counts) == len(docstrings.target_names)
    assert counts.min() >= 25
    for package in ("numpy.", "scipy.", "sklearn."):
        assert any(name.startswith(package) for name in docstrings.target_names)


def test_bunch_is_consistent(docstrings):
    n = len(docstrings.data)
    assert len(docstrings.document_names) == len(docstrings.target) == n
    assert docstrings.target.dtype == np.int64
    assert docstrings.target_names == sorted(docstrings.target_names)
    assert docstrings.document_names == sorted(set(docstrings.document_names))
    assert len(set(docstrings.data)) == n
    assert str(n) in docstrings.DESCR
    assert f"numpy {np.__version__}" in docstrings.DESCR


def test_class_is_the_submodule_of_the_document_name(docstrings):
    for name, k in zip(docstrings.document_names, docstrings.target, strict=True):
        assert name.startswith(docstrings.target_names[k] + ".")


@pytest.mark.parametrize(
    ("document", "submodule"),
    [
        ("numpy.add", "numpy"),
        ("numpy.linalg.svd", "numpy.linalg"),
        ("scipy.stats.norm", "scipy.stats"),
        ("scipy.sparse.linalg.eigsh", "scipy.sparse"),
        ("scipy.special.gamma", "scipy.special"),
        ("sklearn.cluster.KMeans", "sklearn.cluster"),
        ("sklearn.metrics.adjusted_rand_score", "sklearn.metrics"),
    ],
)
def test_document_is_in_the_class_a_user_expects(docstrings, document, submodule):
    k = docstrings.target[docstrings.document_names.index(document)]
    assert docstrings.target_names[k] == submodule


def test_document_names_can_be_imported_and_are_public(docstrings):
    for name in docstrings.document_names[::7]:
        module, _, attribute = name.rpartition(".")
        assert getattr(importlib.import_module(module), attribute).__doc__
        assert not any(part.startswith("_") for part in name.split("."))


def test_examples_are_removed_by_default(docstrings):
    assert not any(re.search(r"^ *Examples\n *-+$", text, re.M) for text in docstrings.data)
    # What is left stands in notes.
    n_examples = sum(">>> " in text for text in docstrings.data)
    assert n_examples < 0.025 * len(docstrings.data)
    whole = load_docstrings(packages=("scipy",), remove=())
    assert sum(">>> " in text for text in whole.data) > 0.5 * len(whole.data)


def test_corpus_does_not_depend_on_what_else_was_imported(docstrings):
    script = """
        import hashlib
        from sklearn.experimental import enable_halving_search_cv, enable_iterative_imputer
        import scipy.sparse.linalg, sklearn.metrics.pairwise, numpy.lib.recfunctions
        from skcocluster.datasets import load_docstrings
        print(hashlib.sha256("\\n".join(load_docstrings().document_names).encode()).hexdigest())
    """
    done = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(script)], capture_output=True, text=True, check=True
    )
    expected = hashlib.sha256("\n".join(docstrings.document_names).encode()).hexdigest()
    assert done.stdout.strip() == expected
    assert done.stderr == ""


def test_two_calls_return_the_same(docstrings):
    data, target = load_docstrings(return_X_y=True)
    assert data == docstrings.data
    assert_array_equal(target, docstrings.target)


# --- load_docstrings, a package made for the purpose ----------------------------------------------

TEXT = "word " * 30


def doc(first, extra=""):
    return f'"""{first} {TEXT}{extra}"""'


PACKAGE = {
    "__init__.py": f"""
        from . import area, old
        from .area import shape as alias, twin
        __all__ = ["area", "old", "root", "gone", "alias", "twin", "lazy"]
        __all__ += ["test", "tests", "CONSTANT"]
        __version__ = "7.5"
        CONSTANT = 1
        from warnings import warn
        warn("about to be imported", DeprecationWarning)
        def root(): {doc("Root.")}
        def test(): {doc("Test runner.")}
        def __getattr__(name):
            if name == "lazy":
                raise ImportError("needs something else")
            raise AttributeError(name)
    """,
    "area/__init__.py": f"""
        from ._code import Figure, shape, twin, outdated, trial, instance, hidden, parameter
        from json import dumps
        from . import deep
        from .. import old as _old
        __all__ = ["Figure", "shape", "twin", "outdated", "trial", "instance", "deep", "_secret",
                   "dumps", "parameter", "short"]
        def _secret(): {doc("Secret.")}
        def short(): '''Too short.'''
    """,
    "area/_code.py": f"""
        class Figure: {doc("Figure.")}
        class Callable:
            '''The class of an instance. {TEXT}'''
            def __call__(self): pass
        instance = Callable()
        instance.__doc__ = "An instance that documents itself. " + {TEXT!r}
        hidden = Callable()
        def shape(): {doc("Shape.")}
        def twin(): {doc("Twin.")}
        def outdated(): {doc("Outdated.", chr(10) * 2 + " " * 12 + ".. deprecated:: 1.0")}
        def trial(): '''Trial.

            .. note:: This is still **experimental**. {TEXT}
            '''
        def parameter():
            '''Parameter.

            Parameters
            ----------
            x : int
                {TEXT}

                .. deprecated:: 1.0

            Examples
            --------
            >>> code

            Notes
            -----
            The end.
            '''
    """,
    "area/deep.py": f"""
        def inner(): {doc("Inner.")}
        def copied(): {doc("Twin.")}
        from ._code import Figure
    """,
    "old.py": f"""
        __all__ = ["relic"]
        def __getattr__(name):
            import warnings
            warnings.warn("relic is deprecated", DeprecationWarning)
            def relic(): {doc("Relic.")}
            return relic
    """,
    "tests/__init__.py": f"""
        def helper(): {doc("Helper.")}
    """,
}


@pytest.fixture
def package(tmp_path, monkeypatch):
    for name, source in PACKAGE.items():
        path = tmp_path / "quarry" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(textwrap.dedent(source))
    monkeypatch.syspath_prepend(tmp_path)
    yield "quarry"
    for name in [name for name in sys.modules if name.split(".")[0] == "quarry"]:
        del sys.modules[name]


def test_public_objects_count_once_under_their_canonical_name(package):
    found = load_docstrings((package,), min_documents=1)
    assert found.document_names == [
        "quarry.area.Figure",
        "quarry.area.deep.inner",
        "quarry.area.instance",
        "quarry.area.parameter",
        "quarry.area.shape",
        "quarry.root",
        "quarry.twin",
    ]
    assert found.target_names == ["quarry", "quarry.area"]
    assert found.target.tolist() == [1, 1, 1, 1, 1, 0, 0]
    assert "quarry 7.5" in found.DESCR


def test_sections_are_removed_by_name_in_any_case(package):
    text = dict_of(load_docstrings((package,), min_documents=1))["quarry.area.parameter"]
    assert "code" not in text
    assert "The end." in text
    everything = dict_of(load_docstrings((package,), min_documents=1, remove=()))
    assert ">>> code" in everything["quarry.area.parameter"]
    kept = dict_of(load_docstrings((package,), min_documents=1, remove=("NOTES",)))
    assert ">>> code" in kept["quarry.area.parameter"]
    assert "The end." not in kept["quarry.area.parameter"]


def dict_of(bunch):
    return dict(zip(bunch.document_names, bunch.data, strict=True))


def test_small_submodules_are_left_out(package):
    found = load_docstrings((package,), min_documents=3)
    assert found.target_names == ["quarry.area"]
    assert len(found.data) == 5


def test_short_documents_are_left_out(package):
    names = load_docstrings((package,), min_documents=1, min_words=1).document_names
    assert "quarry.area.short" in names
    with pytest.raises(ValueError, match="lower min_words=1000"):
        load_docstrings((package,), min_words=1000)


def test_no_warning_leaks_and_the_filters_stay(package):
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        before = list(warnings.filters)
        load_docstrings((package,), min_documents=1)
        assert warnings.filters == before
    assert caught == []


def test_one_name_may_be_given_as_a_string(package):
    as_string = load_docstrings(package, min_documents=1)
    assert as_string.data == load_docstrings([package], min_documents=1).data


def test_missing_package_is_named():
    with pytest.raises(ImportError, match="package 'quarry_that_is_not_there' cannot be imported"):
        load_docstrings(("numpy", "quarry_that_is_not_there"))


# --- vectorize_docstrings -------------------------------------------------------------------------


def test_counts_leave_out_boilerplate_paths_and_stop_words():
    texts = [
        "Parameters\n----------\nx : array_like\n    The matrix, see scipy.linalg.inv. of\n",
        "Eigenvalues of the Matrix with random_state. Eigenvalues.",
    ]
    X, words = vectorize_docstrings(texts, min_df=1, max_df=1.0)
    assert words.tolist() == ["eigenvalues", "matrix", "random_state"]
    assert isinstance(X, csr_array)
    assert X.dtype == np.int64
    assert_array_equal(X.toarray(), [[0, 1, 0], [2, 1, 1]])


def test_word_before_a_full_stop_is_a_word_and_a_path_is_not():
    _, words = vectorize_docstrings(["A knot. Knots.spline,numpy.ma tree."], min_df=1, max_df=1.0)
    assert words.tolist() == ["knot", "tree"]


def test_frequent_and_rare_words_are_left_out():
    texts = ["common rare", "common pair", "common pair", "common single"]
    _, words = vectorize_docstrings(texts, min_df=2, max_df=0.5)
    assert words.tolist() == ["pair"]


def test_default_corpus_leaves_no_document_without_words(docstrings):
    X, words = vectorize_docstrings(docstrings.data)
    assert X.shape == (len(docstrings.data), len(words))
    assert X.shape[1] > 1000
    assert X.sum(axis=1).min() > 0
    assert X.sum(axis=0).min() >= 5
    assert not {"parameters", "returns", "array_like", "the", "scipy"} & set(words)


# --- make_block_matrix ----------------------------------------------------------------------------

LINKS = {"normal": lambda t: t, "gamma": np.exp, "poisson": np.exp, "bernoulli": expit}


def block_values(X, row_labels, column_labels):
    for g in range(row_labels.max() + 1):
        for h in range(column_labels.max() + 1):
            yield X[row_labels == g][:, column_labels == h]


@given(
    n_rows=st.integers(1, 30),
    n_columns=st.integers(1, 30),
    data=st.data(),
    distribution=st.sampled_from(sorted(LINKS)),
    shuffle=st.booleans(),
    seed=st.integers(0, 2**32 - 1),
)
def test_labels_are_balanced_and_cover_all_clusters(
    n_rows, n_columns, data, distribution, shuffle, seed
):
    k, p = data.draw(st.integers(1, n_rows)), data.draw(st.integers(1, n_columns))
    X, rows, columns = make_block_matrix(
        (n_rows, n_columns), (k, p), distribution=distribution, shuffle=shuffle, random_state=seed
    )
    assert X.shape == (n_rows, n_columns)
    assert X.dtype == np.float64
    assert np.isfinite(X).all()
    for labels, n, n_clusters in ((rows, n_rows, k), (columns, n_columns, p)):
        sizes = np.bincount(labels)
        assert labels.dtype == np.int32
        assert labels.shape == (n,)
        assert len(sizes) == n_clusters
        assert np.ptp(sizes) <= 1
        assert shuffle or (np.diff(labels) >= 0).all()


@pytest.mark.parametrize("distribution", ["normal", "gamma"])
def test_without_noise_blocks_are_constant_and_distinct(distribution):
    X, rows, columns = make_block_matrix(
        (40, 30), (4, 3), distribution=distribution, noise=0, separation=2.0, random_state=3
    )
    blocks = list(block_values(X, rows, columns))
    assert all(np.ptp(block) == 0 for block in blocks)
    expected = LINKS[distribution](2.0 * ndtri((np.arange(12) + 0.5) / 12))
    assert_allclose(sorted(block[0, 0] for block in blocks), expected)


def test_which_block_is_high_depends_on_the_seed():
    options = {"n_clusters": (3, 2), "noise": 0, "shuffle": False}
    orders = {
        tuple(np.argsort(make_block_matrix(random_state=seed, **options)[0][::100, ::100].ravel()))
        for seed in range(6)
    }
    assert len(orders) > 3


@pytest.mark.parametrize("distribution", sorted(LINKS))
def test_block_means_and_spreads_are_those_of_the_distribution(distribution):
    X, rows, columns = make_block_matrix(
        (1200, 900), (2, 3), distribution=distribution, separation=0.8, random_state=5
    )
    blocks = list(block_values(X, rows, columns))
    means = np.array([block.mean() for block in blocks])
    expected = LINKS[distribution](0.8 * ndtri((np.arange(6) + 0.5) / 6))
    assert_allclose(np.sort(means), expected, rtol=0.02, atol=0.02)
    variances = {
        "normal": np.ones(6),
        "gamma": means**2,
        "poisson": means,
        "bernoulli": means * (1 - means),
    }
    assert_allclose([block.var() for block in blocks], variances[distribution], rtol=0.05)


def test_noise_is_the_spread_of_gamma_entries_relative_to_their_mean():
    X, rows, columns = make_block_matrix(
        (600, 400), 2, distribution="gamma", noise=0.3, random_state=0
    )
    ratios = [block.std() / block.mean() for block in block_values(X, rows, columns)]
    assert_allclose(ratios, 0.3, rtol=0.03)


def test_counts_and_bits_are_counts_and_bits():
    counts, _, _ = make_block_matrix(distribution="poisson", random_state=0)
    assert_array_equal(counts, np.round(counts))
    assert counts.min() >= 0
    bits, _, _ = make_block_matrix(distribution="bernoulli", random_state=0)
    assert_array_equal(np.unique(bits), [0, 1])
    positive, _, _ = make_block_matrix(distribution="gamma", random_state=0)
    assert positive.min() > 0


@pytest.mark.parametrize("options", [{}, {"density": 0.2}, {"missing": 0.1}])
def test_seed_decides_everything(options):
    first, second, other = (make_block_matrix(random_state=seed, **options) for seed in (0, 0, 1))
    for a, b in zip(first, second, strict=True):
        assert_array_equal(a, b)
    assert not np.array_equal(first[0], other[0])
    assert not np.array_equal(first[1], other[1])


def test_random_state_instance_is_used_and_the_global_one_is_not_touched():
    np.random.seed(1)  # noqa: NPY002
    before = np.random.get_state()[1].copy()  # noqa: NPY002
    rng = np.random.RandomState(0)
    first = make_block_matrix(random_state=rng)[0]
    second = make_block_matrix(random_state=rng)[0]
    assert not np.array_equal(first, second)
    assert_array_equal(first, make_block_matrix(random_state=np.random.RandomState(0))[0])
    assert_array_equal(np.random.get_state()[1], before)  # noqa: NPY002


@given(missing=st.floats(0, 1), seed=st.integers(0, 100))
def test_share_of_missing_entries_is_exact(missing, seed):
    X, _, _ = make_block_matrix((13, 7), 2, missing=missing, random_state=seed)
    assert np.isnan(X).sum() == int(missing * 91 + 0.5)


def test_missing_entries_leave_the_others_as_they_are():
    complete, _, _ = make_block_matrix(random_state=0)
    X, _, _ = make_block_matrix(random_state=0, missing=0.3)
    observed = ~np.isnan(X)
    assert_array_equal(X[observed], complete[observed])


@given(density=st.floats(0, 1), seed=st.integers(0, 100))
def test_density_is_the_share_of_stored_entries(density, seed):
    X, _, _ = make_block_matrix((13, 7), 2, density=density, sparse_output=True, random_state=seed)
    assert X.nnz == (91 if density == 1 else int(density * 91 + 0.5))


@pytest.mark.parametrize("distribution", sorted(LINKS))
@pytest.mark.parametrize("density", [0.0, 0.25, 1.0])
def test_sparse_and_dense_output_are_equal(distribution, density):
    options = {"distribution": distribution, "density": density, "random_state": 0}
    dense, *labels = make_block_matrix((30, 20), **options)
    sparse, *sparse_labels = make_block_matrix((30, 20), sparse_output=True, **options)
    assert isinstance(sparse, csr_array)
    assert sparse.nnz == np.count_nonzero(dense)
    assert_array_equal(sparse.toarray(), dense)
    for a, b in zip(labels, sparse_labels, strict=True):
        assert_array_equal(a, b)


def test_large_sparse_matrix_is_made_without_its_zeros():
    X, rows, columns = make_block_matrix(
        (1_000_000, 50_000), (10, 8), density=2e-7, sparse_output=True, random_state=0
    )
    assert X.shape == (len(rows), len(columns)) == (1_000_000, 50_000)
    assert X.nnz == 10_000


@pytest.mark.parametrize("distribution", sorted(LINKS))
def test_planted_labels_beat_random_ones(distribution):
    X, rows, columns = make_block_matrix(distribution=distribution, random_state=0)
    rng = np.random.default_rng(0)
    planted = block_divergence(X, rows, columns)
    assert planted < block_divergence(X, rng.permutation(rows), columns)
    assert planted < block_divergence(X, rows, rng.permutation(columns))


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"distribution": "cauchy"}, "distribution='cauchy' is not one of"),
        ({"shape": (3, 3)}, "4 clusters of 3 rows"),
        ({"n_clusters": (2, 0)}, "0 clusters of 200 columns"),
        ({"n_clusters": (2, 2, 2)}, "n_clusters must be two integers"),
        ({"shape": (30.0, 20)}, "shape must be two integers"),
        ({"separation": -1.0}, "separation=-1.0 must be finite and at least 0"),
        ({"noise": float("nan")}, "noise=nan must be finite"),
        ({"distribution": "poisson", "noise": 1.0}, "has no noise to set"),
        ({"missing": 1.5}, "missing=1.5 must be finite and between 0 and 1"),
        ({"density": -0.1}, "density=-0.1"),
        ({"missing": 0.1, "sparse_output": True}, "sparse_output=False"),
    ],
)
def test_bad_parameters_of_blocks_are_named(options, message):
    with pytest.raises(ValueError, match=message):
        make_block_matrix(**options)


# --- make_overlapping_blocks ----------------------------------------------------------------------


@given(
    n=st.integers(20, 60),
    overlap=st.floats(0, 0.5),
    outliers=st.floats(0, 0.3),
    shuffle=st.booleans(),
    seed=st.integers(0, 1000),
)
def test_numbers_of_memberships_and_outliers_are_those_asked_for(
    n, overlap, outliers, shuffle, seed
):
    X, U, V = make_overlapping_blocks(
        (n, n + 1),
        (3, 4),
        row_overlap=overlap,
        row_outliers=outliers,
        column_overlap=outliers,
        column_outliers=0.0,
        shuffle=shuffle,
        random_state=seed,
    )
    assert X.shape == (n, n + 1)
    assert np.isfinite(X).all()
    assert U.dtype == V.dtype == bool
    assert U.shape == (n, 3)
    assert V.shape == (n + 1, 4)
    assert (~U.any(axis=1)).sum() == int(outliers * n + 0.5)
    assert U.sum() == n + int(overlap * n + 0.5)
    assert V.any(axis=1).all()
    assert V.sum() == n + 1 + int(outliers * (n + 1) + 0.5)
    assert U.any(axis=0).all()
    assert V.any(axis=0).all()


def test_without_noise_an_entry_is_the_average_of_its_blocks():
    X, U, V = make_overlapping_blocks((40, 30), (3, 3), noise=0, separation=1.0, random_state=0)
    means = np.empty((3, 3))
    for g in range(3):
        for h in range(3):
            only_g = U[:, g] & (U.sum(axis=1) == 1)
            only_h = V[:, h] & (V.sum(axis=1) == 1)
            block = X[only_g][:, only_h]
            assert np.ptp(block) == 0
            means[g, h] = block[0, 0]
    assert_allclose(np.sort(means.ravel()), ndtri((np.arange(9) + 0.5) / 9))
    for i in np.flatnonzero(U.any(axis=1)):
        for j in np.flatnonzero(V.any(axis=1)):
            held = [means[g, h] for g in range(3) for h in range(3) if U[i, g] and V[j, h]]
            assert_allclose(X[i, j], np.mean(held), atol=1e-12)


def test_outliers_spread_three_times_as_far():
    X, U, V = make_overlapping_blocks(
        (400, 400), row_outliers=0.3, column_outliers=0.3, separation=2.0, random_state=0
    )
    outside = X[~U.any(axis=1)]
    assert_allclose(outside.std(), 3 * np.hypot(2.0, 1.0), rtol=0.02)
    assert abs(outside.mean()) < 0.1
    inside = X[U.any(axis=1)][:, V.any(axis=1)]
    assert inside.std() < 0.5 * outside.std()


def test_without_shuffle_rows_are_sorted_and_outliers_last():
    _, U, _ = make_overlapping_blocks(shuffle=False, random_state=0)
    n_clusters = U.sum(axis=1)
    assert (np.diff(U[n_clusters == 1].argmax(axis=1)) >= 0).all()
    assert_array_equal(np.flatnonzero(n_clusters == 0), np.arange(114, 120))


def test_overlapping_blocks_are_reproducible():
    first, second, other = (make_overlapping_blocks(random_state=seed) for seed in (0, 0, 1))
    for a, b, c in zip(first, second, other, strict=True):
        assert_array_equal(a, b)
        assert not np.array_equal(a, c)


def test_planted_memberships_beat_random_ones():
    X, U, V = make_overlapping_blocks(random_state=0)
    rng = np.random.default_rng(0)
    planted = neo_objective(X, U, V)
    assert planted < neo_objective(X, rng.permutation(U), V)
    assert planted < neo_objective(X, U, rng.permutation(V))


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"row_overlap": -0.1}, "row_overlap=-0.1 must be finite and at least 0"),
        ({"column_outliers": 1.1}, "column_outliers=1.1"),
        ({"row_outliers": 1.0}, "leaves 0 of 120 for 4 clusters"),
        ({"column_overlap": 2.5}, "memberships of 76 in 3 clusters"),
        ({"n_clusters": 1}, "row_overlap=0.1 and row_outliers=0.05 ask for"),
        ({"noise": -1.0}, "noise=-1.0"),
        ({"separation": np.inf}, "separation=inf"),
    ],
)
def test_bad_parameters_of_overlapping_blocks_are_named(options, message):
    with pytest.raises(ValueError, match=message):
        make_overlapping_blocks(**options)
