"""What the command line writes about a run: tables, results, a picture and a page."""

from ._figures import require_matplotlib
from ._files import Run, write_run

__all__ = ["Run", "require_matplotlib", "write_run"]
