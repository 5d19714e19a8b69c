"""Docstrings of installed packages as documents, labelled by the submodule that they belong to."""

from __future__ import annotations

import inspect
import re
import warnings
from collections import Counter
from collections.abc import Iterator, Sequence
from importlib import import_module
from types import ModuleType
from typing import Any, NamedTuple

import numpy as np
from scipy.sparse import csr_array
from sklearn.feature_extraction.text import ENGLISH_STOP_WORDS, CountVectorizer
from sklearn.utils import Bunch

# "experimental": importing sklearn.experimental's modules changes what scikit-learn exports.
SKIPPED_NAMES = frozenset({"conftest", "experimental", "externals", "test", "tests"})

# A section of numpydoc: its name on one line, underlined on the next. Both stay indented where a
# decorator has put a line of its own on top.
HEADING = re.compile(r"^[ ]*(\S[^\n]*)\n[ ]*[-=]{3,}[ \t]*$", re.MULTILINE)

# Words of letters and inner underscores. Dotted paths (scipy.stats.norm) are left out as a whole,
# because they would give the class away; a full stop at a word's end is no path.
TOKEN_PATTERN = r"(?<![\w.])[a-zA-Z][a-zA-Z_]{2,}(?!\w|\.\w)"

# What numpydoc, Sphinx roles and LaTeX put into any docstring, whatever it is about.
DOCSTRING_WORDS = frozenset(
    "array arrays array_like attr attribute attributes bool bools boolean class code default dict "
    "doc dtype example examples false float floats frac func function functions given instance "
    "int integer integers ints iterable keyword left list literal math mathrm meth method methods "
    "mod ndarray note notes numpy object optional param parameter parameters python ref return "
    "returned returns right scikit scipy sklearn str string true tuple type types use used uses "
    "using value valueerror values versionadded versionchanged".split()
)

DESCR = """Docstrings of the public functions and classes of {packages}.

A document is the docstring of one public object, named by its shortest public path; its class is
the submodule, the first two parts of that path. Without private, deprecated, experimental and test
names, without exact repetitions, without documents below {min_words} words, without submodules
below {min_documents} documents. Sections removed: {removed}.

{n_documents} documents in {n_classes} classes. Both depend on the versions installed: {versions}.
"""


class Place(NamedTuple):
    """Where a public object can be imported from."""

    package: str
    module: str
    name: str

    @property
    def path(self) -> str:
        """The dotted path of the object."""
        return f"{self.module}.{self.name}"


def is_public(name: str) -> bool:
    """Whether no part of a dotted name is private or of a test suite."""
    return not any(part.startswith("_") or part in SKIPPED_NAMES for part in name.split("."))


def get_submodule(module: ModuleType, name: str) -> ModuleType | None:
    """Submodule that a module exports under a public name, imported if that is left to its use."""
    try:
        child = getattr(module, name) if is_public(name) else None
    except (AttributeError, ImportError):  # listed in __all__, but not to be had
        return None
    return child if isinstance(child, ModuleType) else None


def iter_modules(module: ModuleType, package: str, seen: set[str]) -> Iterator[ModuleType]:
    """Yield a module and, below it, the public submodules that ``__all__`` names, each once."""
    seen.add(module.__name__)
    yield module
    for name in sorted(getattr(module, "__all__", ())):
        child = get_submodule(module, name)
        if child is None or child.__name__ in seen or not is_public(child.__name__):
            continue
        if child.__name__.startswith(f"{package}."):
            yield from iter_modules(child, package, seen)


def public_names(module: ModuleType) -> list[str]:
    """Names that ``__all__`` lists; without ``__all__``, those that the module defines itself."""
    # vars, not getattr: what a module gives only on request are its deprecated names.
    namespace = vars(module)
    if "__all__" in namespace:
        return sorted({name for name in module.__all__ if is_public(name) and name in namespace})
    return sorted(
        name
        for name, value in namespace.items()
        if is_public(name) and getattr(value, "__module__", None) == module.__name__
    )


def has_own_docstring(value: Any) -> bool:
    """Whether an object is a function, a class or a callable that documents itself."""
    if isinstance(value, ModuleType) or not isinstance(value.__doc__, str):
        return False
    if inspect.isclass(value) or inspect.isroutine(value):
        return True
    return callable(value) and value.__doc__ is not type(value).__doc__


def is_settled(value: Any) -> bool:
    """Whether an object is neither deprecated nor experimental."""
    docstring = inspect.cleandoc(value.__doc__)
    heading = HEADING.search(docstring)
    # Below the first heading, a deprecation concerns a parameter and not the object.
    opening = docstring[: heading.start()] if heading else docstring
    return not (
        hasattr(value, "__deprecated__")
        or ".. deprecated::" in opening
        or "DEPRECATED" in opening
        or "still **experimental**" in opening
    )


def find_places(packages: Sequence[str]) -> list[tuple[Any, list[Place]]]:
    """Public documented objects of some packages, each with all the places that export it."""
    found: dict[int, tuple[Any, list[Place]]] = {}
    for package in packages:
        for module in iter_modules(import_package(package), package, set()):
            for name in public_names(module):
                value = vars(module)[name]
                if has_own_docstring(value) and is_settled(value):
                    place = Place(package, module.__name__, name)
                    found.setdefault(id(value), (value, []))[1].append(place)
    return list(found.values())


def import_package(package: str) -> ModuleType:
    """Import a package, or say that it has to be installed."""
    try:
        return import_module(package)
    except ImportError as error:
        raise ImportError(
            f"package {package!r} cannot be imported ({error}): load_docstrings reads packages "
            "that are installed, so install it or leave it out of `packages`"
        ) from error


def choose_place(value: Any, places: Sequence[Place]) -> Place | None:
    """Canonical place of an object: the shortest around where it is defined, under its own name.

    None for the object of another package, which is only passed on.
    """
    owner = getattr(value, "__module__", None) or ""
    own = getattr(value, "__name__", None)

    def rank(place: Place) -> tuple[bool, bool, int, str, str]:
        elsewhere = not f"{owner}.".startswith(f"{place.module}.")
        alias = place.name != own
        return elsewhere, alias, place.module.count("."), place.module, place.name

    best = min(places, key=rank)
    foreign = bool(owner) and owner.split(".")[0] != best.package.split(".")[0]
    return None if foreign else best


def remove_sections(docstring: str, removed: frozenset[str]) -> str:
    """Cleaned docstring without the sections of the given names (in lower case)."""
    text = inspect.cleandoc(docstring)
    headings = list(HEADING.finditer(text))
    starts = [0, *(heading.start() for heading in headings), len(text)]
    names = ["", *(heading[1].strip().lower() for heading in headings)]
    return "".join(
        text[start:stop]
        for name, start, stop in zip(names, starts[:-1], starts[1:], strict=True)
        if name not in removed
    ).strip()


def collect_documents(packages: Sequence[str], removed: frozenset[str]) -> dict[str, str]:
    """Map the canonical paths of the public objects, in order, to their texts."""
    with warnings.catch_warnings():
        # Modules that are deprecated as a whole say so when they are imported.
        warnings.simplefilter("ignore")
        objects = find_places(packages)
    documents = {
        place.path: remove_sections(value.__doc__, removed)
        for value, places in objects
        if (place := choose_place(value, places)) is not None
    }
    return dict(sorted(documents.items()))


def select_documents(
    documents: dict[str, str], min_words: int, min_documents: int
) -> list[tuple[str, str, str]]:
    """Triples (path, submodule, text) of the documents that are long enough and not alone."""
    texts: set[str] = set()
    kept = []
    # Shorter paths first: of numpy.add and numpy.ma.add with one text, numpy.add stays.
    for path in sorted(documents, key=lambda path: (path.count("."), path)):
        text = documents[path]
        if len(text.split()) >= min_words and text not in texts:
            texts.add(text)
            submodule = ".".join(path.split(".")[:-1][:2])
            kept.append((path, submodule, text))
    counts = Counter(submodule for _, submodule, _ in kept)
    return sorted(document for document in kept if counts[document[1]] >= min_documents)


def load_docstrings(
    packages: Sequence[str] = ("numpy", "scipy", "sklearn"),
    *,
    min_words: int = 20,
    min_documents: int = 25,
    remove: Sequence[str] = ("examples", "references"),
    return_X_y: bool = False,
) -> Bunch | tuple[list[str], np.ndarray]:
    """Load the docstrings of installed packages, classified by submodule.

    A document is the docstring of one public function, class or self-documenting callable (such as
    a distribution of :mod:`scipy.stats`); its class is the submodule that it belongs to. Nothing
    is downloaded: the corpus is as large as the packages installed, and changes with their
    versions.

    Public are the names that ``__all__`` lists, from the package down through the submodules that
    it lists too. An object exported in several places counts once, in the shortest public module
    around the place of its definition: ``numpy.add``, not ``numpy.ma.add``. Functions of NumPy's
    main namespace make a class of their own, ``"numpy"``. Private, deprecated, experimental and
    test names are left out, and so are exact repetitions of another document.

    Parameters
    ----------
    packages : sequence of str, default=("numpy", "scipy", "sklearn")
        Names of the packages, as imported.
    min_words : int, default=20
        Shorter documents are left out. Counted after `remove`.
    min_documents : int, default=25
        Submodules with fewer documents are left out.
    remove : sequence of str, default=("examples", "references")
        Names of the docstring sections to remove, in any case; ``()`` keeps whole docstrings.
        Examples are code, and they import from the submodule that is the document's class.
    return_X_y : bool, default=False
        If True, return ``(data, target)`` instead of a Bunch.

    Returns
    -------
    docstrings : :class:`~sklearn.utils.Bunch`
        Dictionary-like object, sorted by `document_names`, with the attributes:

        data : list of str, of length n_documents
            The documents.
        target : ndarray of shape (n_documents,), dtype int64
            Class of each document, an index into `target_names`.
        target_names : list of str, of length n_classes
            The submodules, sorted, for instance ``"scipy.stats"``.
        document_names : list of str, of length n_documents
            Paths of the documented objects, for instance ``"scipy.stats.norm"``.
        DESCR : str
            Description of this corpus, with the versions of the packages.

    Raises
    ------
    ImportError
        If a package is not installed.
    ValueError
        If no document is left.

    See Also
    --------
    vectorize_docstrings : Count the words of the documents.

    Notes
    -----
    The documents are sorted by name, therefore nearly by class: shuffle them before anything that
    depends on order.

    Examples
    --------
    >>> from skcocluster.datasets import load_docstrings
    >>> docstrings = load_docstrings(packages=("scipy",))
    >>> "scipy.stats" in docstrings.target_names
    True
    >>> i = docstrings.document_names.index("scipy.stats.norm")
    >>> docstrings.target_names[docstrings.target[i]]
    'scipy.stats'
    """
    packages = (packages,) if isinstance(packages, str) else tuple(packages)
    removed = frozenset(name.lower() for name in remove)
    documents = collect_documents(packages, removed)
    selected = select_documents(documents, min_words, min_documents)
    if not selected:
        raise ValueError(
            f"no docstring left of {len(documents)} in {', '.join(packages)}: lower "
            f"min_words={min_words} or min_documents={min_documents}"
        )
    paths, submodules, data = (list(part) for part in zip(*selected, strict=True))
    target_names, target = np.unique(submodules, return_inverse=True)
    target = target.astype(np.int64)
    if return_X_y:
        return data, target
    descr = DESCR.format(
        packages=", ".join(packages),
        min_words=min_words,
        min_documents=min_documents,
        removed=", ".join(sorted(removed)) or "none",
        n_documents=len(data),
        n_classes=len(target_names),
        versions=", ".join(f"{name} {get_version(name)}" for name in packages),
    )
    return Bunch(
        data=data,
        target=target,
        target_names=target_names.tolist(),
        document_names=paths,
        DESCR=descr,
    )


def get_version(package: str) -> str:
    """Version that a package gives itself."""
    return str(getattr(import_module(package), "__version__", "of unknown version"))


def vectorize_docstrings(
    documents: Sequence[str], *, min_df: float = 5, max_df: float = 0.2
) -> tuple[csr_array, np.ndarray]:
    """Count the words of docstrings, without the boilerplate of docstrings.

    :class:`~sklearn.feature_extraction.text.CountVectorizer` with a token pattern and stop words
    made for docstrings: words and identifiers (``random_state``) of three letters or more, in lower
    case; neither English stop words nor the terms of numpydoc, Sphinx and LaTeX (``array_like``,
    ``versionadded``, ``frac``); no dotted paths (``scipy.stats.norm``), which would name the class.

    Parameters
    ----------
    documents : sequence of str, of length n_documents
        The docstrings, for instance ``load_docstrings().data``.
    min_df : float or int, default=5
        Words in fewer documents are left out: a number of documents if int, a share if float.
    max_df : float or int, default=0.2
        Words in more documents are left out, likewise. A phrase that a package repeats in every
        other docstring says nothing about the subject.

    Returns
    -------
    X : csr_array of shape (n_documents, n_words), dtype int64
        Number of times that each word occurs in each document.
    feature_names : ndarray of shape (n_words,), dtype object
        The words, sorted.

    Raises
    ------
    ValueError
        If no word is left.

    See Also
    --------
    load_docstrings : Load the documents.

    Examples
    --------
    >>> from skcocluster.datasets import vectorize_docstrings
    >>> X, feature_names = vectorize_docstrings(
    ...     ["Return the matrix inverse. See scipy.linalg.inv.", "Eigenvalues of a matrix."],
    ...     min_df=1,
    ...     max_df=1.0,
    ... )
    >>> feature_names.tolist()
    ['eigenvalues', 'inverse', 'matrix']
    >>> X.toarray()
    array([[0, 1, 1],
           [1, 0, 1]])
    """
    vectorizer = CountVectorizer(
        token_pattern=TOKEN_PATTERN,
        stop_words=sorted(ENGLISH_STOP_WORDS | DOCSTRING_WORDS),
        min_df=min_df,
        max_df=max_df,
    )
    X = csr_array(vectorizer.fit_transform(documents))
    return X, vectorizer.get_feature_names_out()
