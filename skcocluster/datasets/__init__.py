"""Documents from installed packages, and generators with known truth."""

from skcocluster.datasets._docstrings import load_docstrings, vectorize_docstrings
from skcocluster.datasets._generators import make_block_matrix, make_overlapping_blocks

__all__ = [
    "load_docstrings",
    "make_block_matrix",
    "make_overlapping_blocks",
    "vectorize_docstrings",
]
