"""Warnings that point at the line of the user's code that has called for them."""

import sys
import warnings
from pathlib import Path

import joblib
import sklearn

# How many frames lie between differs by method, by engine and by version of scikit-learn.
_INSIDE = tuple(
    f"{Path(file).resolve().parent}"
    for file in (Path(__file__).parent, joblib.__file__, sklearn.__file__)
)


def warn_caller(message: str, category: type[Warning]) -> None:
    """Warn of the first line outside of this package, scikit-learn and joblib.

    Parameters
    ----------
    message : str
        What it says.
    category : type
        The class of the warning.
    """
    level, frame = 1, sys._getframe()
    while frame.f_back is not None and frame.f_code.co_filename.startswith(_INSIDE):
        level, frame = level + 1, frame.f_back
    warnings.warn(message, category, stacklevel=level)
