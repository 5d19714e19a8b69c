"""The list of checks, and which of them an estimator's parameters, methods and tags call for."""

from __future__ import annotations

import importlib.util
from collections.abc import Callable
from dataclasses import dataclass

from skcocluster.testing._case import Case

CheckFunction = Callable[[Case], None]


@dataclass(frozen=True)
class Check:
    """A check and what an estimator must have for it to apply."""

    function: CheckFunction
    needs: tuple[str, ...]

    @property
    def name(self) -> str:
        """Name of the check."""
        return self.function.__name__

    def applies_to(self, case: Case) -> bool:
        """Whether the estimator has all that the check needs."""
        return all(has(case, need) for need in self.needs)


CHECKS: list[Check] = []

CAPABILITIES: dict[str, Callable[[Case], bool]] = {
    "sparse": lambda case: case.takes_sparse,
    "dense only": lambda case: not case.takes_sparse,
    "missing": lambda case: case.takes_nan,
    "complete only": lambda case: not case.takes_nan,
    "objective": lambda case: case.objective is not None,
    "monotone": lambda case: case.is_monotone,
    "starts by objective": lambda case: case.keeps_best_objective,
    "two counts": lambda case: case.has_two_counts,
    "zeros": lambda case: case.domain.has_zero,
    "whole numbers": lambda case: not case.domain.is_unit,
    "bounded domain": lambda case: case.domain.low > -float("inf"),
    "pandas": lambda case: importlib.util.find_spec("pandas") is not None,
}


def has(case: Case, need: str) -> bool:
    """Whether the estimator has a capability, a parameter (``name=``) or a method (``name()``)."""
    if need.endswith("="):
        return need[:-1] in case.parameters
    if need.endswith("()"):
        return callable(getattr(case.estimator, need[:-2], None))
    return CAPABILITIES[need](case)


def register(*needs: str) -> Callable[[CheckFunction], CheckFunction]:
    """Add the decorated check to the list, for estimators that have all of `needs`."""

    def add(function: CheckFunction) -> CheckFunction:
        CHECKS.append(Check(function, needs))
        return function

    return add
