"""The fuzz target: some cases of it, and that it tells a defect from an error that explains."""

import sys

import numpy as np
import pytest
from sklearn.base import ClusterMixin
from sklearn.utils import check_array

import fuzz
import skcocluster
from fuzz_cases import CONTAINERS, CONTENTS, PARAMETERS, FuzzCase, make_case
from skcocluster import BBAC

X = np.arange(1.0, 25.0).reshape(6, 4)


def case(estimator, X=X):
    return FuzzCase(estimator, X, "a case", False)


def test_fuzzed_cases_are_fitted_or_refused():
    failures = []
    for number in range(300):
        outcome = fuzz.run_case(make_case(number))
        if outcome.kind == "failed":
            failures.append((number, outcome.text))
    assert failures == []


def test_every_clusterer_is_fuzzed_over_its_own_parameters():
    public = {n for n in skcocluster.__all__ if hasattr(getattr(skcocluster, n), "fit")}
    assert set(PARAMETERS) == public
    for name, choices in PARAMETERS.items():
        assert set(choices) <= set(getattr(skcocluster, name)().get_params())


def test_a_number_makes_one_case():
    first, second = make_case(7), make_case(7)
    assert first.text == second.text
    np.testing.assert_array_equal(np.asarray(first.X), np.asarray(second.X))


def test_all_contents_and_containers_come_up():
    texts = "\n".join(make_case(number).text for number in range(1500))
    assert [name for name in (*CONTENTS, *CONTAINERS) if f" {name}" not in texts] == []


class Broken(BBAC):
    """Breaks in a way that the name of the mode says."""

    mode = ""

    def fit(self, X, y=None):
        if self.mode == "key":
            raise KeyError("no such key")
        if self.mode == "mute":
            raise ValueError("")
        if self.mode == "numpy":
            np.zeros(3).reshape(2, 2)
        if self.mode == "validation":
            check_array(np.array([["a"]], dtype=object), dtype="numeric")
        if self.mode == "warning":
            np.array([1.0]) / np.array([0.0])
        fitted = super().fit(X)
        if self.mode == "nan":
            fitted.block_means_[0, 0] = np.nan
        if self.mode == "labels":
            fitted.row_labels_ = fitted.row_labels_[:-1]
        return fitted

    def score(self, X, y=None):
        return np.nan if self.mode == "score" else super().score(X)


@pytest.mark.parametrize("mode", ["key", "mute", "numpy", "warning", "nan", "labels", "score"])
def test_a_defect_is_a_failure(mode):
    estimator = Broken(2)
    estimator.mode = mode
    assert fuzz.run_case(case(estimator)).kind == "failed"


@pytest.mark.parametrize(("mode", "kind"), [("", "fit"), ("validation", "refused")])
def test_a_result_and_an_error_that_explains_are_none(mode, kind):
    estimator = Broken(2)
    estimator.mode = mode
    assert isinstance(estimator, ClusterMixin)
    assert fuzz.run_case(case(estimator)).kind == kind


@pytest.mark.skipif(sys.platform == "win32", reason="the time limit is an alarm of POSIX")
def test_a_case_that_takes_too_long_is_a_failure(monkeypatch):
    monkeypatch.setattr(fuzz, "SLOWEST_CASE", 1)
    estimator = Broken(2)
    monkeypatch.setattr(estimator, "fit", lambda X: [None for _ in iter(int, 1)], raising=False)
    assert "more than 1 s" in fuzz.run_case(case(estimator)).text


def test_failures_are_told_with_the_number_that_makes_them_again(monkeypatch, capsys):
    monkeypatch.setattr(fuzz, "run_case", lambda case: fuzz.Outcome("failed", "so"))
    monkeypatch.setattr(sys, "argv", ["fuzz", "--seconds", "0.01", "--seed", "3"])
    assert fuzz.main() == 1
    printed = capsys.readouterr().out
    number = int(printed.split("--case ")[1].split(":")[0])
    assert make_case(number).text in printed
