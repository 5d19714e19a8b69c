"""Annotations of rows and columns: what is known of each, as colours or as numbers."""

from dataclasses import dataclass
from typing import Any

import numpy as np

MAX_CATEGORIES = 10
MAX_LETTERS = 24
# Okabe and Ito's colours that differ for all readers, then some more; no grey, which is missing.
PALETTE = (
    *("#0072b2", "#e69f00", "#009e73", "#cc79a7", "#56b4e9", "#d55e00", "#f0e442"),
    *("#5f3a9b", "#8c564b", "#17365c"),
)
OTHER_COLOUR = "#111111"
MISSING_COLOUR = "#d6d6d6"
NUMERIC_MAP = "cividis"


@dataclass(frozen=True)
class Annotation:
    """What is known of each row, or column.

    Parameters
    ----------
    name : str
        Written beside the strip; may be empty.
    values : ndarray of shape (n,), dtype float64 or intp
        Numbers, NaN where missing; or positions in `categories`, -1 where missing.
    categories : tuple of str, default=None
        Their names; None for numbers.
    ends : tuple of str, default=("", "")
        Texts of the smallest and the largest number.
    """

    name: str
    values: np.ndarray
    categories: tuple[str, ...] | None = None
    ends: tuple[str, str] = ("", "")

    @property
    def has_missing(self) -> bool:
        """Whether a value is missing."""
        missing = np.isnan(self.values) if self.categories is None else self.values < 0
        return bool(missing.any())

    def average(self, order: np.ndarray, n_pixels: int) -> np.ndarray:
        """Value of each pixel: the mean of the numbers, or the most frequent category, on it."""
        pixels = np.arange(order.size) * n_pixels // max(order.size, 1)
        drawn = self.values[order]
        if self.categories is not None:
            # Missing is one more category; of as frequent ones, the first.
            n = len(self.categories) + 1
            codes = np.where(drawn < 0, n - 1, drawn)
            counts = np.bincount(pixels * n + codes, minlength=n_pixels * n).reshape(n_pixels, n)
            best = counts.argmax(axis=1)
            return np.where(best == n - 1, np.nan, best.astype(float))
        observed = ~np.isnan(drawn)
        counts = np.bincount(pixels[observed], minlength=n_pixels)
        sums = np.bincount(pixels[observed], drawn[observed], minlength=n_pixels)
        return np.divide(sums, counts, out=np.full(n_pixels, np.nan), where=counts > 0)


def as_annotations(given: Any, n: int, axis: str) -> list[Annotation]:
    """Annotations from a DataFrame, a dict of arrays, a Series or a one-dimensional array.

    Parameters
    ----------
    given : DataFrame, dict, Series, array-like of shape (n,) or None
        Values in the order of the rows (or columns) of X.
    n : int
        Their number.
    axis : {"row", "column"}
        What they are of.

    Returns
    -------
    annotations : list of Annotation
        One for each column of a table.
    """
    if given is None:
        return []
    if isinstance(given, dict) or hasattr(given, "columns"):
        names = given if isinstance(given, dict) else given.columns
        columns = {str(name): given[name] for name in names}
    else:
        columns = {str(getattr(given, "name", None) or ""): given}
    return [_as_annotation(name, values, n, axis) for name, values in columns.items()]


def _as_annotation(name: str, values: Any, n: int, axis: str) -> Annotation:
    values = _as_column(values)
    shape = values.shape
    if shape != (n,):
        what = f"{axis}_annotations" + (f" {name!r}" if name else "")
        raise ValueError(f"{what} must have one value for each of the {n} {axis}s, got {shape}.")
    missing = _find_missing(values)
    kind = values.dtype.kind
    if kind in "iuf":
        numbers = np.full(n, np.nan)
        numbers[~missing] = np.asarray(values[~missing], dtype=float)
        # An infinite value has no place on a scale.
        numbers[np.isinf(numbers)] = np.nan
        return Annotation(name, numbers, ends=_name_ends(numbers, str_number))
    if kind == "M":
        numbers = np.full(n, np.nan)
        dates = np.asarray(values[~missing], dtype="datetime64[s]")
        numbers[~missing] = dates.astype(np.int64)
        return Annotation(name, numbers, ends=_name_ends(numbers, str_date))
    return _categorise(name, values, missing)


def _as_column(values: Any) -> Any:
    """Array, or pandas Series, in which None and text stay what they are."""
    if hasattr(values, "isna"):
        return values
    if hasattr(values, "is_null"):
        values = values.to_numpy()
    array = np.asarray(values)
    is_text = array.dtype.kind == "U" and not hasattr(values, "dtype")
    return np.asarray(values, dtype=object) if is_text else array


def _find_missing(values: Any) -> np.ndarray:
    """Where a value is None, NaN, NaT or the null of its library."""
    if hasattr(values, "isna"):
        return np.asarray(values.isna(), dtype=bool)
    if values.dtype.kind == "O":
        return np.array([value is None or value != value for value in values], dtype=bool)
    return np.asarray(values != values)


def _name_ends(numbers: np.ndarray, name: Any) -> tuple[str, str]:
    if np.isnan(numbers).all():
        return ("", "")
    return name(np.nanmin(numbers)), name(np.nanmax(numbers))


def str_number(value: float) -> str:
    """Short text of a number."""
    text = f"{value:.0f}" if value == round(value) and abs(value) < 1e5 else f"{value:.4g}"
    return text.replace("-", "\N{MINUS SIGN}")


def str_date(value: float) -> str:
    """Day of a time in seconds."""
    return str(np.datetime64(int(value), "s"))[:10]


def _categorise(name: str, values: Any, missing: np.ndarray) -> Annotation:
    """Categories in the order of their dtype, or of the alphabet; rare ones put together."""
    texts = np.array([str(value) for value in values], dtype=object)
    ordered = getattr(getattr(values, "dtype", None), "categories", None)
    known = sorted(set(texts[~missing]))
    if ordered is not None and hasattr(ordered, "tolist"):
        known = [text for text in map(str, ordered) if text in set(known)]
    counts = {text: 0 for text in known}
    for text in texts[~missing]:
        counts[text] += 1
    if len(known) > MAX_CATEGORIES:
        kept = set(sorted(known, key=lambda text: (-counts[text], text))[:MAX_CATEGORIES])
        known = [text for text in known if text in kept]
    codes = {text: i for i, text in enumerate(known)}
    n_others = len(counts) - len(known)
    positions = [codes.get(text, len(known)) for text in texts]
    categories = (*known, f"{n_others} others") if n_others else tuple(known)
    return Annotation(name, np.where(missing, -1, np.array(positions, dtype=np.intp)), categories)


def get_colours(categories: tuple[str, ...]) -> list[str]:
    """Colour of each category; what was put together is nearly black."""
    return [*PALETTE, OTHER_COLOUR][: len(categories)]
