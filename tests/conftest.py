"""Fixtures and settings that all tests share."""

import os
import signal
from pathlib import Path

# Before anything can import matplotlib: no test opens a window.
os.environ["MPLBACKEND"] = "Agg"
# A shell that starts tests in the background has them ignore Ctrl-C, and tests send it.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)

import numpy as np
import pytest
from hypothesis import HealthCheck, settings

# Real sets that the project may measure with but not ship; elsewhere their tests are skipped.
REAL_DATA = Path(__file__).resolve().parents[2] / "shared" / "data"

# A slow machine, or a kernel that is compiled on its first call, is no failure.
settings.register_profile(
    "developer", deadline=None, suppress_health_check=[HealthCheck.too_slow], print_blob=True
)
settings.register_profile("ci", settings.get_profile("developer"), derandomize=True)
settings.load_profile("ci" if os.environ.get("CI") else "developer")


@pytest.fixture(params=["numpy", "numba"])
def engine(request):
    """Each engine that holds X in memory."""
    return request.param


@pytest.fixture
def real_data():
    """Load a real data set by name, as a dict of its arrays; skip the test where it is missing."""

    def load(name):
        path = REAL_DATA / f"{name}.npz"
        if not path.exists():
            pytest.skip(f"real data set {name!r} is not at {path.parent}")
        with np.load(path) as arrays:
            return {key: arrays[key] for key in arrays.files}

    return load
