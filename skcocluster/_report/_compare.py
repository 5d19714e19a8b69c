"""Several algorithms and numbers of clusters on one matrix: fits, their table, their agreement."""

import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from .._cli_registry import ALGORITHMS, COMMAND_NAMES
from ..io._record import CoclusterResults, collect_results
from ._page import count_clusters

DIVERGENCES = {
    "squared_euclidean": "squared error",
    "i_divergence": "I-divergence",
    "itakura_saito": "Itakura-Saito divergence",
    "logistic": "logistic divergence",
}
COMMANDS = {name: command for command, name in COMMAND_NAMES.items()}


@dataclass(frozen=True)
class Counts:
    """Numbers of row and of column clusters; one number where the algorithm chooses the other."""

    rows: int
    columns: int | None = None

    def __str__(self) -> str:
        return str(self.rows) if self.columns is None else f"{self.rows}x{self.columns}"


@dataclass(frozen=True)
class Plan:
    """A fit that is asked for: name of the class, numbers, seed, and all parameters."""

    algorithm: str
    counts: Counts
    seed: int
    parameters: dict[str, Any]
    tells_seed: bool

    @property
    def name(self) -> str:
        """Name for tables and files, of letters, digits and hyphens."""
        seed = f"-seed{self.seed}" if self.tells_seed else ""
        return f"{COMMANDS[self.algorithm]}-{self.counts}{seed}"


@dataclass(frozen=True)
class Done:
    """A fit that was made."""

    plan: Plan
    est: Any
    results: CoclusterResults
    seconds: float

    @property
    def measure(self) -> str:
        """What its objective is called; a divergence by its name."""
        divergence = self.results.parameters.get("divergence")
        return DIVERGENCES.get(str(divergence), ALGORITHMS[self.plan.algorithm].measure)


@dataclass(frozen=True)
class Refused:
    """A fit that could not be made, and why."""

    name: str
    reason: str


def make_plans(
    algorithms: Sequence[str],
    counts: Sequence[Counts],
    seeds: Sequence[int],
    given: dict[str, Any],
) -> tuple[list[Plan], list[Refused]]:
    """Fits to be made, each once, and those that make no sense.

    Parameters
    ----------
    algorithms : sequence of str
        Names of classes.
    counts : sequence of Counts
        Numbers of clusters.
    seeds : sequence of int
        Each fit is made with each of them.
    given : dict
        Further parameters; each goes to the algorithms that have it.

    Returns
    -------
    plans : list of Plan
        By algorithm, numbers and seed, in the order given.
    refused : list of Refused
        Two different numbers for an algorithm with one.

    Raises
    ------
    ValueError
        For a parameter that none of the algorithms has.
    """
    for key in given:
        if not any(key in ALGORITHMS[name].options for name in algorithms):
            flag = f"--{key.replace('_', '-')}"
            raise ValueError(f"none of {', '.join(algorithms)} takes {flag}")
    plans: dict[str, Plan] = {}
    refused: dict[str, Refused] = {}
    for name in dict.fromkeys(algorithms):
        options = ALGORITHMS[name].options
        more = {key: value for key, value in given.items() if key in options}
        for count in dict.fromkeys(counts):
            try:
                numbers = _name_counts(count, options)
            except ValueError as error:
                refusal = Refused(f"{COMMANDS[name]}-{count}", str(error))
                refused[refusal.name] = refusal
                continue
            for seed in dict.fromkeys(seeds):
                parameters = {**more, **numbers, "random_state": seed}
                plan = Plan(name, count, seed, parameters, len(set(seeds)) > 1)
                plans[plan.name] = plan
    return list(plans.values()), list(refused.values())


def _name_counts(counts: Counts, options: Iterable[str]) -> dict[str, int]:
    if "n_clusters" not in options:
        columns = {} if counts.columns is None else {"n_column_clusters": counts.columns}
        return {"n_row_clusters": counts.rows, **columns}
    if counts.columns not in (None, counts.rows):
        raise ValueError(f"it has one number of clusters for both sides, not {counts}")
    return {"n_clusters": counts.rows}


def fit_plans(
    plans: Sequence[Plan], X: Any, source: dict[str, Any], tell: Callable[[str], None]
) -> tuple[list[Done], list[Refused]]:
    """Make the fits; what an algorithm refuses is told with its reason.

    Parameters
    ----------
    plans : sequence of Plan
        What to fit.
    X : array-like of shape (n_rows, n_columns)
        The data.
    source : dict
        Metadata of the results: where X came from.
    tell : callable
        Called with the name of each fit before it starts.

    Returns
    -------
    done : list of Done
        In the order of `plans`.
    refused : list of Refused
        The others.
    """
    done, refused = [], []
    for plan in plans:
        tell(plan.name)
        try:
            est = ALGORITHMS[plan.algorithm].load()(**plan.parameters)
            start = time.perf_counter()
            est.fit(X)
            seconds = time.perf_counter() - start
        except (ValueError, TypeError, ImportError) as error:
            refused.append(Refused(plan.name, " ".join(str(error).split())))
        else:
            done.append(Done(plan, est, collect_results(est, metadata=source), seconds))
    return done, refused


def measure_agreement(done: Sequence[Done]) -> dict[str, np.ndarray]:
    """Agreement of each pair of results, by what it is of.

    Parameters
    ----------
    done : sequence of Done
        The results; -1, in no cluster, counts as one more cluster.

    Returns
    -------
    agreement : dict of ndarray of shape (n, n), dtype float64
        Adjusted Rand indices of "entries" (two co-clusterings as partitions of the entries),
        "rows" and "columns": 1 is the same, 0 what chance gives.
    """
    from sklearn.metrics import adjusted_rand_score

    from ..metrics import coclustering_adjusted_rand_score

    n = len(done)
    agreement = {what: np.eye(n) for what in ("entries", "rows", "columns")}
    for i in range(n):
        for j in range(i):
            a, b = done[i].results, done[j].results
            rows, columns = (a.row_labels, b.row_labels), (a.column_labels, b.column_labels)
            found = {
                "entries": coclustering_adjusted_rand_score(
                    rows[0], columns[0], rows[1], columns[1]
                ),
                "rows": adjusted_rand_score(*rows),
                "columns": adjusted_rand_score(*columns),
            }
            for what, value in found.items():
                agreement[what][i, j] = agreement[what][j, i] = value
    return agreement


def find_best_pair(done: Sequence[Done], agreement: np.ndarray) -> tuple[int, int] | None:
    """The pair that agrees best: of different algorithms, where there are several."""
    algorithms = [one.plan.algorithm for one in done]
    several = len(set(algorithms)) > 1
    pairs = [
        (i, j)
        for i in range(len(done))
        for j in range(i + 1, len(done))
        if not several or algorithms[i] != algorithms[j]
    ]
    return max(pairs, key=lambda pair: agreement[pair]) if pairs else None


def average_agreement(agreement: np.ndarray) -> np.ndarray:
    """Mean agreement of each result with the others; NaN for a single one."""
    n = len(agreement)
    return (agreement.sum(axis=1) - 1) / (n - 1) if n > 1 else np.full(n, np.nan)


def list_runs(done: Sequence[Done], agreement: np.ndarray) -> dict[str, list[Any]]:
    """Columns of the table of all fits."""
    return {
        "run": [one.plan.name for one in done],
        "algorithm": [one.plan.algorithm for one in done],
        "clusters": [" × ".join(_count(one.results)) for one in done],
        "seed": [one.plan.seed for one in done],
        "measure": [one.measure for one in done],
        "objective": [float(one.results.objective) for one in done],
        "seconds": [one.seconds for one in done],
        "converged": ["yes" if one.results.converged else "no" for one in done],
        "agreement": average_agreement(agreement).tolist(),
    }


def _count(results: CoclusterResults) -> list[str]:
    return [str(count_clusters(results, axis)) for axis in ("row", "column")]
