"""Interrupted fits of dask arrays go on where they stopped, and end as if nothing had happened."""

import json

import dask
import numpy as np
import pytest
import scipy.sparse as sp
from dask_arrays import Reads, to_dask
from sklearn.base import clone

from skcocluster import (
    BBAC,
    NEOCC,
    Coclus,
    NEOKMeans,
    SpecCo,
    SpectralBiclustering,
    SpectralCoclustering,
)
from skcocluster._coclus import _graph
from skcocluster._kernels.engines import dask_
from skcocluster._shared import samples
from skcocluster._shared.digest import digest

pytestmark = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")

HEIGHTS = (17, 1, 0, 42)
ESTIMATORS = [
    BBAC(3, 3, random_state=0),
    BBAC(3, 3, init="random", refine=None, n_init=3, random_state=1),
    BBAC(3, 3, init="random", update="simultaneous", random_state=1),
    BBAC(3, 3, divergence="i_divergence", basis="C5", init="spectral", n_init=2, random_state=0),
    BBAC(3, 3, row_labels="dask", n_init=2, random_state=0),
    Coclus(3, random_state=0),
    Coclus(3, init="random", n_init=3, random_state=1),
    SpecCo(3, random_state=0),
    SpectralCoclustering(3, embedding="dhillon", n_init=2, random_state=0),
    SpectralBiclustering(3, 3, random_state=0),
    NEOCC(3, 3, random_state=0),
    NEOKMeans(3, n_init=2, random_state=0),
]
# Fits of these that start from a sample ask for lists, of rows and of pairs, among the arrays.
SHARES = {"row_overlap": 0.2, "row_outliers": 0.05, "random_state": 0}
LARGE = [
    ESTIMATORS[0],
    Coclus(3, random_state=0),
    SpecCo(3, random_state=0),
    NEOCC(3, 3, n_init=2, **SHARES),
    NEOCC(3, 3, objective="RCM", **SHARES),
    NEOKMeans(3, overlap=0.2, outliers=0.05, random_state=0),
]


@pytest.fixture(autouse=True)
def synchronous():
    with dask.config.set(scheduler="synchronous"):
        yield


def matrix():
    # Not whole numbers: a resumed fit must have the same bits.
    rng = np.random.default_rng(3)
    means = np.where(rng.integers(0, 3, 60)[:, None] == rng.integers(0, 3, 24), 4.0, 1.5)
    return rng.poisson(means) + rng.random((60, 24))


def interrupt_after(monkeypatch, n_reads):
    """Ctrl+C in the read after so many of a fit; return a list with an entry for each read."""
    reads = []
    answer = dask_.answer

    def interrupted(requests):
        if requests:
            if len(reads) == n_reads:
                raise KeyboardInterrupt
            reads.append(len(requests))
        return answer(requests)

    monkeypatch.setattr(dask_, "answer", interrupted)
    return reads


def assert_equal_fits(actual, desired):
    for name, value in vars(desired).items():
        if name.endswith("_") and not name.startswith("_"):
            np.testing.assert_array_equal(getattr(actual, name), value, err_msg=name)


@pytest.mark.parametrize("n_reads", [0, 1, 3, 6])
@pytest.mark.parametrize("estimator", ESTIMATORS, ids=str)
def test_resumed_fit_equals_one_without_interruption(estimator, n_reads, tmp_path, monkeypatch):
    X = to_dask(matrix(), HEIGHTS)
    desired = clone(estimator).fit(X)
    path = tmp_path / "journal"
    model = clone(estimator).set_params(checkpoint=path)
    with monkeypatch.context() as patch:
        reads = interrupt_after(patch, n_reads)
        try:
            model.fit(X)
        except KeyboardInterrupt:
            assert not hasattr(model, "row_labels_")
            assert len(list(path.glob("read-*.npz"))) == n_reads == len(reads)
        else:
            assert len(reads) <= n_reads
    model.fit(X)
    assert_equal_fits(model, desired)
    assert not path.exists()


def test_resumed_fit_reads_only_what_has_not_been_answered(tmp_path, monkeypatch):
    X = matrix()
    model = BBAC(3, 3, init="random", refine=None, n_init=2, random_state=1, tol=0.0)
    reads = Reads(X, (30, 30))
    n_all = model.fit(reads.array) and reads.counts.max()
    model.set_params(checkpoint=tmp_path / "journal")
    before = reads.counts.copy()
    with monkeypatch.context() as patch:
        interrupt_after(patch, 3)
        with pytest.raises(KeyboardInterrupt):
            model.fit(reads.array)
    # Each of the two fits looks at X once; all else is read once.
    model.fit(reads.array)
    assert reads.since(before).max() == n_all + 1


def test_fit_may_be_interrupted_again_and_again_and_resumed_in_other_chunks(tmp_path, monkeypatch):
    X = np.floor(matrix())
    desired = BBAC(3, 3, init="random", n_init=2, random_state=4).fit(X)
    model = clone(desired).set_params(checkpoint=str(tmp_path / "a" / "b"))
    n_fits = 0
    while not hasattr(model, "row_labels_"):
        n_fits += 1
        with monkeypatch.context() as patch:
            interrupt_after(patch, 2)
            try:
                model.fit(to_dask(X, [(60,), (20, 40), HEIGHTS][n_fits % 3]))
            except KeyboardInterrupt:
                continue
    assert n_fits > 2
    np.testing.assert_array_equal(model.row_labels_, desired.row_labels_)
    np.testing.assert_array_equal(model.column_labels_, desired.column_labels_)


@pytest.mark.parametrize("sparse", [False, True])
@pytest.mark.parametrize("estimator", LARGE, ids=str)
def test_large_arrays_that_start_from_a_sample_are_resumed(
    estimator, sparse, tmp_path, monkeypatch
):
    monkeypatch.setattr(samples, "ALL_ENTRIES", 100)
    monkeypatch.setattr(samples, "SAMPLE_ENTRIES", 400)
    monkeypatch.setattr(_graph, "SAMPLE_ENTRIES", 400)
    X = to_dask(np.floor(matrix()), HEIGHTS, None, sparse)
    desired = clone(estimator).fit(X)
    model = clone(estimator).set_params(checkpoint=tmp_path / "journal")
    with monkeypatch.context() as patch:
        interrupt_after(patch, 2)
        with pytest.raises(KeyboardInterrupt):
            model.fit(X)
    assert_equal_fits(model.fit(X), desired)


@pytest.fixture
def journal(tmp_path, monkeypatch):
    """The journal of a fit that was interrupted after two reads, and the estimator."""
    model = BBAC(3, 3, random_state=0, checkpoint=tmp_path / "journal")
    with monkeypatch.context() as patch:
        interrupt_after(patch, 2)
        with pytest.raises(KeyboardInterrupt):
            model.fit(to_dask(matrix(), HEIGHTS))
    return tmp_path / "journal", model


def test_journal_of_another_fit_is_refused_and_kept(journal):
    path, model = journal
    X = matrix()
    before = sorted(path.iterdir())
    start = (np.zeros(60, int), np.zeros(24, int))
    for other, array, what in (
        (clone(model).set_params(max_iter=7), X, r"max_iter = 300.*has 7"),
        (clone(model).set_params(random_state=1), X, "random_state"),
        (clone(model).set_params(init=start), X, r"init = 'auto'.*tuple"),
        (Coclus(3, random_state=0, checkpoint=path), X, "estimator = 'BBAC'"),
        (model, X[1:], r"shape of X = \[60, 24\].*\[59, 24\]"),
        (model, X.astype(np.float32), "dtype of X = 'float64'.*'float32'"),
    ):
        with pytest.raises(ValueError, match=what):
            other.fit(to_dask(array, (len(array),)))
    assert sorted(path.iterdir()) == before


def test_other_data_of_the_same_shape_are_refused(journal):
    with pytest.raises(ValueError, match="X is not the matrix"):
        journal[1].fit(to_dask(matrix() + 1.0, HEIGHTS))


def test_number_of_stored_entries_counts(tmp_path, monkeypatch):
    X = np.floor(matrix())
    model = Coclus(3, random_state=0, checkpoint=tmp_path / "journal")
    with monkeypatch.context() as patch:
        interrupt_after(patch, 2)
        with pytest.raises(KeyboardInterrupt):
            model.fit(to_dask(X, HEIGHTS, None, True))
    X[np.nonzero(X)[0][0], np.nonzero(X)[1][0]] = 0.0
    with pytest.raises(ValueError, match="stored entries"):
        model.fit(to_dask(X, HEIGHTS, None, True))


def test_what_does_not_change_a_result_may_differ(journal):
    path, model = journal
    desired = BBAC(3, 3, random_state=0).fit(to_dask(matrix(), HEIGHTS))
    model.set_params(n_jobs=2, verbose=0, engine="dask", checkpoint=str(path))
    assert_equal_fits(model.fit(to_dask(matrix(), HEIGHTS)), desired)


@pytest.mark.parametrize("n_bytes", [0, 10, 200, -1])
def test_damaged_entry_is_a_clear_error(journal, n_bytes):
    path, model = journal
    entry = path / "read-000001.npz"
    content = entry.read_bytes()
    if n_bytes < 0:
        middle = len(content) // 2
        content = content[:middle] + bytes([content[middle] ^ 255]) + content[middle + 1 :]
    entry.write_bytes(content[:n_bytes] if n_bytes >= 0 else content)
    with pytest.raises(ValueError, match=r"read-000001\.npz is damaged.*Remove the folder"):
        model.fit(to_dask(matrix(), HEIGHTS))


@pytest.mark.parametrize("text", ["", "{", "[]", "{}", '{"kind": "other"}'])
def test_damaged_header_is_a_clear_error(journal, text):
    path, model = journal
    (path / "fit.json").write_text(text)
    with pytest.raises(ValueError, match=r"fit\.json cannot be read"):
        model.fit(to_dask(matrix(), HEIGHTS))


def test_entry_that_answers_another_question_is_refused(journal):
    path, model = journal
    (path / "read-000000.npz").write_bytes((path / "read-000001.npz").read_bytes())
    with pytest.raises(ValueError, match="does not answer what this fit asks"):
        model.fit(to_dask(matrix(), HEIGHTS))


def test_folder_of_something_else_is_left_alone(tmp_path):
    (tmp_path / "thesis.txt").write_text("ten years of work")
    X = to_dask(matrix(), HEIGHTS)
    for path in (tmp_path, tmp_path / "thesis.txt"):
        with pytest.raises(ValueError, match="no checkpoint"):
            BBAC(2, 2, random_state=0, checkpoint=path).fit(X)
    assert (tmp_path / "thesis.txt").read_text() == "ten years of work"


def test_entry_is_there_in_full_or_not_at_all(tmp_path, monkeypatch):
    X = to_dask(matrix(), HEIGHTS)
    model = BBAC(3, 3, random_state=0, checkpoint=tmp_path / "journal")

    def fail(file, **arrays):
        file.write(b"half")
        raise OSError("no space left")

    with monkeypatch.context() as patch:
        patch.setattr(np, "savez", fail)
        with pytest.raises(OSError, match="no space"):
            model.fit(X)
    assert [path.name for path in (tmp_path / "journal").iterdir()] == ["fit.json"]
    json.loads((tmp_path / "journal" / "fit.json").read_text())
    model.fit(X)


@pytest.mark.parametrize("estimator", [BBAC(2, 2), Coclus(2)], ids=str)
def test_invalid_use_is_refused(estimator, tmp_path):
    X, path = matrix(), tmp_path / "journal"
    estimator = clone(estimator)
    with pytest.raises(TypeError, match="must be a path"):
        estimator.set_params(checkpoint=3, random_state=0).fit(to_dask(X, HEIGHTS))
    for engine in ("auto", "numpy"):
        with pytest.raises(ValueError, match="X is in memory"):
            clone(estimator).set_params(checkpoint=path, engine=engine).fit(X)
    for seed in (None, np.random.RandomState(0), True):
        with pytest.raises(ValueError, match="random_state to be an int"):
            estimator.set_params(checkpoint=path, random_state=seed).fit(to_dask(X, HEIGHTS))
    assert not path.exists()


class Thing:
    def __init__(self, value):
        self.value = value


def test_digest_tells_contents_apart_and_not_their_containers():
    values = [
        None, 0, False, 0.0, "0", b"0", np.zeros(2), np.zeros((2, 1)), np.zeros(2, int), [0.0, 0.0],
        {"a": 1}, {"b": 1}, Thing(0), Thing(1), sp.csr_array(np.eye(2)), np.exp, len, digest,
    ]  # fmt: skip
    names = [digest(value) for value in values]
    assert len(set(names)) == len(values)
    assert digest({"a": 1, "b": 2}) == digest({"b": 2, "a": 1})
    assert digest((1, 2)) == digest([1, 2])
    assert digest(np.arange(4)[::2]) == digest(np.array([0, 2]))


def test_digest_may_leave_out_what_another_machine_rounds():
    assert digest([0.1 + 0.2, np.array([0.3])], floats=False) == digest(
        [0.3, np.array([0.1])], floats=False
    )
    assert digest(np.array([0.3]), floats=False) != digest(np.array([0.3, 0.1]), floats=False)
    assert digest(np.array([1]), floats=False) != digest(np.array([2]), floats=False)
