"""What a user waits for before the first result, each in a Python process of its own."""

import os
import subprocess
import sys
import tempfile

FIRST_FIT = """
import time
import warnings
import numpy as np
from skcocluster import BBAC
warnings.simplefilter("ignore")
X = np.random.default_rng(0).gamma(2.0, size=(200, 100)).astype({dtype!r})
X[{nan_rows}, 0] = np.nan
model = BBAC(4, divergence={divergence!r}, engine={engine!r}, random_state=0)
start = time.process_time()
model.fit(X)
print(time.process_time() - start)
"""

IMPORT = """
import time
start = time.process_time()
import {module}
print(time.process_time() - start)
"""


def run(code: str, variables: dict[str, str] | None = None) -> float:
    """Return the seconds that a program prints, run with every library held to one thread."""
    one_thread = {f"{name}_NUM_THREADS": "1" for name in ("OMP", "OPENBLAS", "MKL", "NUMBA")}
    done = subprocess.run(
        [sys.executable, "-c", code],
        env={**os.environ, **one_thread, **(variables or {})},
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise RuntimeError(done.stderr)
    return float(done.stdout)


class Import:
    """CPU seconds of an import; two of the dependencies for comparison."""

    unit = "seconds"
    param_names = ("module",)
    params = (("numpy", "sklearn.cluster", "skcocluster"),)
    tiny = {"params": (("numpy",),)}

    def track_import(self, module: str) -> float:
        """Return the CPU time in seconds."""
        return run(IMPORT.format(module=module))


class FirstFit:
    """CPU seconds of the first fit in a process; target: 5 with nothing compiled yet.

    "cold": no kernel has ever been compiled; "cached": all lie in numba's cache.
    """

    unit = "seconds"
    param_names = ("input", "divergence", "cache")
    params = (
        ("float64", "float32", "missing"),
        ("squared_euclidean", "i_divergence"),
        ("cold", "cached"),
    )
    engine = "numba"
    tiny = {"params": (("missing",), ("i_divergence",), ("cold",)), "engine": "numpy"}

    def setup(self, kind: str, divergence: str, cache: str) -> None:
        self.code = FIRST_FIT.format(
            dtype="float32" if kind == "float32" else "float64",
            nan_rows="[3]" if kind == "missing" else "[]",
            divergence=divergence,
            engine=self.engine,
        )
        if cache == "cached":
            run(self.code)

    def track_first_fit(self, kind: str, divergence: str, cache: str) -> float:
        """Return the CPU time in seconds."""
        if cache == "cached":
            return run(self.code)
        with tempfile.TemporaryDirectory() as folder:
            return run(self.code, {"NUMBA_CACHE_DIR": folder})
