"""``python -m skcocluster`` is the command ``skcocluster``."""

import sys

from .cli import main

sys.exit(main())
