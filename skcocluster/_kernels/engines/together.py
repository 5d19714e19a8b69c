"""The jobs of one chunk: what they can share of its entries, they do."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from ..blocks import RELABEL
from ..blocks_compiled import cluster_sizes
from ..blocks_together import can_share, relabel_together
from ..ruled_rows import SUMS_BY_RULE


def run_jobs(
    block: Any, functions: Sequence[tuple[Any, Any]], own: Sequence[Mapping[str, Any] | None]
) -> list[list[Any] | None]:
    """Run jobs on a block and return the outputs of each; None for one that has no use for it.

    Parameters
    ----------
    block : ndarray or csr_array
        The chunk.
    functions : sequence of tuple (function, dict)
        For each job what runs, and the parameters that all chunks have in common.
    own : sequence of dict or None
        For each job the parameters of this chunk.

    Returns
    -------
    results : list
        The same as of the jobs one by one, to the last bit.
    """
    results: list[list[Any] | None] = [None] * len(functions)
    calls = {
        number: {**common, **mine}
        for number, ((_, common), mine) in enumerate(zip(functions, own, strict=True))
        if mine is not None
    }
    sweeps = {number: call for number, call in calls.items() if _is_sweep(call)}
    if isinstance(block, np.ndarray) and can_share(list(sweeps.values())):
        full = [_with_rows(call, len(block)) for call in sweeps.values()]
        outputs = relabel_together(block, full)
        for (number, call), found in zip(sweeps.items(), outputs, strict=True):
            results[number] = _only_what_is_asked(call, *found)
            del calls[number]
    for number, call in calls.items():
        results[number] = list(functions[number][0](block, **call))
    return results


def _is_sweep(call: Mapping[str, Any]) -> bool:
    primitive = call.get("primitive")
    return primitive == RELABEL or (primitive == SUMS_BY_RULE and not len(call["named"].rows))


def _with_rows(call: Mapping[str, Any], n_rows: int) -> Mapping[str, Any]:
    """Return the call of a relabelling sweep."""
    if call["primitive"] == RELABEL:
        return call
    return {**call, "row_labels": np.full(n_rows, -1, np.int32)}


def _only_what_is_asked(
    call: Mapping[str, Any], labels: np.ndarray, sums: np.ndarray
) -> list[np.ndarray]:
    if call["primitive"] == RELABEL:
        return [labels, sums]
    return [sums, cluster_sizes(labels, len(sums))]
