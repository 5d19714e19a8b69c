"""Links of the built documentation: what is inside must be there, what is outside well-formed.

``python tools/check_links.py`` reads the pages in doc/_build/html and the addresses in the sources;
a folder of pages, or files, may be named instead. It needs no network, so an address outside is
judged by its form alone; ``python3 dev.py links`` asks for each of them. Exit code 1 and one line
``file: message`` for each offence.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterable, Iterator
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit

ROOT = Path(__file__).resolve().parents[1]
PAGES = ROOT / "doc" / "_build" / "html"
# Addresses stand in these too, and not all of them become pages.
TEXT_PATTERNS = ("*.rst", "*.toml", "*.cff", "doc/**/*.rst", "examples/*.py", "skcocluster/**/*.py")
GENERATED = frozenset({"_build", "auto_examples", "generated"})

# Schemes with a letter too many or too few as well.
ADDRESS = re.compile(r"\b[a-z]*tp+s*:/+[^\s<>\"'`{}|\\^]+")
DOI_ROLE = re.compile(r":doi:`([^`]*)`")
DOI = re.compile(r"10\.\d{4,9}/\S*[^\s.,;]")
HOST = re.compile(r"(?:[a-z\d](?:[a-z\d-]*[a-z\d])?\.)+[a-z]{2,}")
MAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")
# A scheme, or the host of another site.
OUTSIDE = re.compile(r"(?:([a-z][a-z\d+.-]*):|//)", re.IGNORECASE)
# Neither files nor addresses: contents of their own.
SILENT_SCHEMES = frozenset({"data", "javascript"})


class Page(HTMLParser):
    """What a page can be linked to by, and what it links to."""

    def __init__(self, path: Path) -> None:
        super().__init__()
        self.anchors: set[str] = set()
        self.links: list[str] = []
        self.feed(path.read_text("utf-8"))

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Keep the attributes that name this place or another."""
        for name, value in attrs:
            if name == "id" or (tag == "a" and name == "name"):
                self.anchors.add(value or "")
            elif name in {"href", "src", "xlink:href"}:
                self.links.append(value or "")
            elif name == "srcset":
                self.links += [part.split()[0] for part in (value or "").split(",") if part.strip()]


def check_doi(doi: str) -> Iterator[str]:
    """Yield an offence if this cannot be a DOI."""
    if not DOI.fullmatch(doi):
        yield f"not a DOI: {doi}"


def check_address(address: str) -> Iterator[str]:
    """Yield what is wrong with the form of an address outside."""
    try:
        parts = urlsplit(address)
        host = parts.hostname or ""
    except ValueError:
        yield f"not an address: {address}"
        return
    if parts.scheme == "mailto":
        if not MAIL.fullmatch(parts.path):
            yield f"not a mail address: {address}"
    elif parts.scheme != "https":
        yield f"{parts.scheme or 'no scheme'} instead of https: {address}"
    elif not HOST.fullmatch(host) or re.search(r"\s", address):
        yield f"not an address: {address}"
    elif host in {"dx.doi.org", "www.doi.org"}:
        yield f"a DOI is looked up at doi.org: {address}"
    elif host == "doi.org":
        yield from check_doi(unquote(parts.path.removeprefix("/")))


def check_link(folder: Path, pages: dict[Path, Page], path: Path, link: str) -> Iterator[str]:
    """Yield what is wrong with one link of one of the pages of a folder."""
    outside = OUTSIDE.match(link)
    if outside:
        yield from check_address(link) if outside[1] not in SILENT_SCHEMES else ()
        return
    parts = urlsplit(link)
    start = folder if parts.path.startswith("/") else path.parent
    target = (start / unquote(parts.path).lstrip("/")).resolve() if parts.path else path
    target = target / "index.html" if target.is_dir() else target
    anchor = unquote(parts.fragment)
    if not target.is_relative_to(folder):
        yield f"leaves the pages: {link}"
    elif not target.is_file():
        yield f"no such file: {link}"
    elif anchor and target in pages and anchor not in pages[target].anchors:
        yield f"no such place on the page: {link}"


def check_pages(folder: Path) -> Iterator[tuple[Path, str]]:
    """Yield the page and what is wrong for each link of the pages of a folder."""
    folder = folder.resolve()
    # Themes keep templates among their static files.
    static = folder / "_static"
    paths = (path for path in sorted(folder.rglob("*.html")) if not path.is_relative_to(static))
    pages = {path: Page(path) for path in paths}
    if not pages:
        yield folder, "no pages; python3 dev.py doc builds them"
    for path, page in pages.items():
        for link in dict.fromkeys(page.links):
            yield from ((path, message) for message in check_link(folder, pages, path, link))


def check_text(text: str) -> Iterator[str]:
    """Yield what is wrong with the addresses and the DOIs of a source."""
    for address in ADDRESS.findall(text):
        # A sentence or a bracket may end right after an address.
        address = address.rstrip(".,;:*]")
        yield from check_address(address if "(" in address else address.rstrip(")"))
    for doi in DOI_ROLE.findall(text):
        yield from check_doi(doi)


def iter_texts(root: Path) -> Iterator[Path]:
    """Sources of the project that hold addresses."""
    for pattern in TEXT_PATTERNS:
        for path in sorted(root.glob(pattern)):
            if not GENERATED & set(path.relative_to(root).parts):
                yield path


def main(arguments: Iterable[str]) -> int:
    """Check the folders and files named, or those of the project; print offences."""
    paths = [Path(argument) for argument in arguments] or [PAGES, *iter_texts(ROOT)]
    found = []
    for path in paths:
        if path.is_file():
            found += [(path, message) for message in check_text(path.read_text("utf-8"))]
        else:
            found += check_pages(path)
    for path, message in found:
        print(f"{path}: {message}")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
