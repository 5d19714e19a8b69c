"""Files and folders that are there in full or not at all."""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from uuid import uuid4


def make_sibling(path: Path) -> Path:
    """Name of a file that does not exist, beside `path` and with its suffix."""
    return path.with_name(f".{path.stem}.{uuid4().hex}{path.suffix}")


def remove(path: Path) -> None:
    """Remove a file or a folder, or do nothing where there is none."""
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)


@contextmanager
def replace_on_success(path: Path) -> Iterator[Path]:
    """Temporary path for the caller to write to; it takes the name of `path` if nothing fails.

    What was at `path` stays as it is until then. Works for files and for folders. The temporary
    path is in the same folder, for a file can be renamed but not moved in one step.

    Parameters
    ----------
    path : Path
        Where the file or folder shall be.

    Yields
    ------
    temporary : Path
        Does not exist; the caller makes a file or a folder of it.
    """
    path = path.resolve()
    if not path.parent.is_dir():
        raise FileNotFoundError(f"the folder {path.parent} does not exist")
    temporary = make_sibling(path)
    try:
        yield temporary
        if temporary.is_dir():
            _replace_folder(temporary, path)
        else:
            os.replace(temporary, path)
    finally:
        remove(temporary)


def _replace_folder(new: Path, path: Path) -> None:
    # A folder cannot be renamed onto one that holds files: the old one steps aside first.
    old = make_sibling(path)
    if path.exists():
        os.replace(path, old)
    try:
        os.replace(new, path)
    except BaseException:
        if old.exists():
            os.replace(old, path)
        raise
    remove(old)


def write_text(path: Path, text: str) -> None:
    """Write UTF-8 text to a file in one step, on the disk before it takes the name."""
    with replace_on_success(path) as temporary, open(temporary, "xb") as file:
        file.write(text.encode())
        file.flush()
        os.fsync(file.fileno())


@contextmanager
def fill_folder(path: Path) -> Iterator[Path]:
    """Temporary folder whose files are put into the folder `path` if nothing fails.

    Makes the folder when there is none. In one that exists, files of the same name are replaced
    and all others left alone.

    Parameters
    ----------
    path : Path
        Where the files shall be.

    Yields
    ------
    temporary : Path
        An empty folder.
    """
    path = path.resolve()
    exists = path.is_dir()
    if not exists:
        path.parent.mkdir(parents=True, exist_ok=True)
    temporary = make_sibling(path / "files" if exists else path)
    temporary.mkdir()
    try:
        yield temporary
        if exists:
            for file in sorted(temporary.iterdir()):
                os.replace(file, path / file.name)
        else:
            os.replace(temporary, path)
    finally:
        remove(temporary)
