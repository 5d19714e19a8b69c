"""Draw the picture of the README and of the first page: ``python doc/make_pictures.py``."""

import runpy
from pathlib import Path

import matplotlib

matplotlib.use("Agg")

import matplotlib.pyplot as plt
from PIL import Image

ROOT = Path(__file__).resolve().parents[1]


def main():
    """Run the first example, keep its first figure."""
    plt.rcParams["figure.max_open_warning"] = 0
    runpy.run_path(str(ROOT / "examples" / "plot_first_coclustering.py"))
    path = ROOT / "doc" / "_static" / "readme.png"
    plt.figure("before and after").savefig(path, dpi=120)
    # Noise does not compress; few colours do, and nobody sees the difference.
    Image.open(path).convert("RGB").quantize(48, dither=Image.Dither.NONE).save(path, optimize=True)


if __name__ == "__main__":
    main()
