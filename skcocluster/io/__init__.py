"""Files: matrices to read, results to save and load; data cubes as matrices."""

from .._shared.containers import stack_dimensions
from ._matrix import read_matrix
from ._record import CoclusterResults
from ._results import load_results, save_results

__all__ = ["CoclusterResults", "load_results", "read_matrix", "save_results", "stack_dimensions"]
