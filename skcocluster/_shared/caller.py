"""Warnings that point at the line of the user's code that has called for them."""

import os
import sys
import warnings

import joblib
import sklearn

# How many frames lie between differs by method, by engine and by version of scikit-learn. Frames
# name files as modules do; the separator tells scikit-learn from packages named after it.
_INSIDE = tuple(
    os.path.dirname(file) + os.sep
    for file in (os.path.dirname(__file__), joblib.__file__, sklearn.__file__)
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
