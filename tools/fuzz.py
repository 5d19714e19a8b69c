"""Random matrices and parameters for every estimator: a valid result, or an error that explains.

``python3 dev.py fuzz [--seconds 60] [--seed 0] [--case NUMBER]``. A case is made from one number,
which a failure names: ``--case`` runs it again and shows the traceback.

Accepted are a fit whose published attributes are sound and whose methods answer, and a ValueError
or TypeError with a message, raised by this package or by scikit-learn's validation. Anything else
is a failure: another exception, one from inside NumPy or SciPy, a warning other than that a fit did
not converge, NaN in a result, or a case that takes too long.
"""

from __future__ import annotations

import argparse
import signal
import sys
import time
import traceback
import warnings
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from types import FrameType

import numpy as np
from sklearn.exceptions import ConvergenceWarning

from fuzz_cases import FuzzCase, make_case
from skcocluster.testing._case import assert_sound

SLOWEST_CASE = 60  # seconds, a cold cache of compiled code included
# Whose code may say what is wrong with a matrix or a parameter.
SPEAKERS = ("skcocluster", "sklearn")


@dataclass(frozen=True)
class Outcome:
    """How a case ended: ``"fit"``, ``"refused"`` or ``"failed"``, and what there is to say."""

    kind: str
    text: str = ""


class TooSlow(Exception):
    """A case took longer than SLOWEST_CASE."""


@contextmanager
def limited(seconds: int) -> Iterator[None]:
    """Raise TooSlow when the body takes longer, where the system has such an alarm."""
    if not hasattr(signal, "SIGALRM"):
        yield
        return

    def stop(number: int, frame: FrameType | None) -> None:
        raise TooSlow(f"more than {seconds} s")

    before = signal.signal(signal.SIGALRM, stop)
    signal.alarm(seconds)
    try:
        yield
    finally:
        signal.alarm(0)
        signal.signal(signal.SIGALRM, before)


def find_speaker(error: BaseException) -> str:
    """Package whose code raised the error."""
    frame = traceback.extract_tb(error.__traceback__)[-1]
    steps = list(traceback.walk_tb(error.__traceback__))
    name: str = steps[-1][0].f_globals.get("__name__", frame.filename)
    return name.split(".")[0]


def run_case(case: FuzzCase) -> Outcome:
    """Fit and use one estimator on one matrix."""
    try:
        with limited(SLOWEST_CASE), warnings.catch_warnings():
            warnings.simplefilter("error")
            warnings.simplefilter("ignore", ConvergenceWarning)
            case.estimator.fit(case.X)
            check_result(case)
    except (ValueError, TypeError) as error:
        speaker = find_speaker(error)
        if str(error).strip() and speaker in SPEAKERS:
            return Outcome("refused", f"{type(error).__name__}: {error}")
        return Outcome("failed", f"{type(error).__name__} of {speaker}: {error}")
    except Exception as error:
        return Outcome("failed", f"{type(error).__name__}: {error}")
    return Outcome("fit")


def check_result(case: FuzzCase) -> None:
    """Raise AssertionError unless the fitted estimator is sound and its methods answer."""
    fitted, X = case.estimator, case.X
    n_rows, n_columns = fitted.row_labels_.size, fitted.column_labels_.size
    shape = np.shape(X) if isinstance(X, list) else X.shape
    assert (n_rows, n_columns) == tuple(shape), "labels do not fit the matrix"
    assert_sound(fitted, np.empty((n_rows, n_columns)), "fit")
    labels = np.asarray(fitted.predict(X))
    assert labels.shape == (n_rows,), f"predict gives shape {labels.shape}"
    assert labels.dtype == np.int32, f"predict gives {labels.dtype}"
    if hasattr(fitted, "predict_columns"):
        assert np.asarray(fitted.predict_columns(X)).shape == (n_columns,)
    width = len(fitted.get_feature_names_out())
    features = np.asarray(fitted.transform(X))
    assert features.shape == (n_rows, width), f"transform gives {features.shape}, not {width} wide"
    if not case.has_missing:
        assert np.isfinite(features).all(), "transform gives what is not finite"
    score = float(fitted.score(X))
    assert np.isfinite(score), f"score is {score}"


def run_cases(seed: int, seconds: float) -> tuple[Counter[str], list[tuple[int, str]]]:
    """Run cases until the time is up; return how they ended, and the failures."""
    numbers = np.random.default_rng(seed)
    end = time.monotonic() + seconds
    counts: Counter[str] = Counter()
    failures: list[tuple[int, str]] = []
    while time.monotonic() < end:
        number = int(numbers.integers(2**31))
        case = make_case(number)
        outcome = run_case(case)
        counts[outcome.kind] += 1
        if outcome.kind == "failed":
            failures.append((number, f"{case.text}\n    {outcome.text}"))
    return counts, failures


def show_case(number: int) -> int:
    """Run one case with its traceback."""
    case = make_case(number)
    print(case.text)
    outcome = run_case(case)
    print(outcome.kind, outcome.text)
    if outcome.kind == "failed":
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            warnings.simplefilter("ignore", ConvergenceWarning)
            again = make_case(number)
            again.estimator.fit(again.X)
            check_result(again)
    return int(outcome.kind == "failed")


def main() -> int:
    """Run the command line."""
    parser = argparse.ArgumentParser(prog="fuzz", description=__doc__.splitlines()[0])
    parser.add_argument("--seconds", type=float, default=60.0)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--case", type=int, help="run one case again and show what happens")
    options = parser.parse_args()
    if options.case is not None:
        return show_case(options.case)
    counts, failures = run_cases(options.seed, options.seconds)
    print(", ".join(f"{counts[kind]} {kind}" for kind in ("fit", "refused", "failed")))
    for number, text in failures:
        print(f"--case {number}: {text}")
    return int(bool(failures))


if __name__ == "__main__":
    sys.exit(main())
