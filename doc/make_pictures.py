"""Draw the pictures of the README and of the first pages: ``python doc/make_pictures.py``.

Needs the extra ``doc``, and headless Chromium for the last one, a page of the command line.
"""

import runpy
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import matplotlib

matplotlib.use("Agg")

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from PIL import Image
from scipy import sparse
from statsmodels.datasets import elnino

from skcocluster import BBAC, NEOCC, Coclus, MaxNormCoclustering, SpectralBiclustering
from skcocluster.cli import main as main_of_cli
from skcocluster.datasets import make_block_matrix, make_overlapping_blocks
from skcocluster.model_selection import CoclusterSearch
from skcocluster.plot import BeforeAfterDisplay, CoclusterDisplay, CoclusterSearchDisplay

ROOT = Path(__file__).resolve().parents[1]
STATIC = ROOT / "doc" / "_static"
CARD = (3.2, 2.4)


def save(figure, name, dpi=160, n_colours=200):
    """Store a figure in few colours: noise does not compress, and nobody sees the difference."""
    path = STATIC / f"{name}.png"
    figure.savefig(path, dpi=dpi)
    picture = Image.open(path).convert("RGB")
    picture.quantize(n_colours, dither=Image.Dither.NONE).save(path, optimize=True)
    plt.close(figure)


def draw_first():
    """The first figure of the first example."""
    runpy.run_path(str(ROOT / "examples" / "plot_first_coclustering.py"))
    save(plt.figure("before and after"), "readme", dpi=120, n_colours=48)


def draw_quick_start():
    """The table of the quick start, and its co-clusters."""
    X = pd.DataFrame(
        [
            [12.0, 11.5, 12.2, 15.1, 14.8, 15.3],
            [3.1, 3.0, 2.8, 3.2, 3.1, 2.9],
            [11.8, 12.1, np.nan, 15.0, 15.2, 14.9],
            [2.9, 3.3, 3.1, 3.0, 2.8, 3.1],
            [12.3, 11.9, 12.0, 14.7, 15.0, 15.4],
        ],
        index=["Aby", "Bro", "Dal", "Ek", "Fors"],
        columns=range(2001, 2007),
    )
    model = BBAC(n_row_clusters=2, n_column_clusters=2, random_state=0).fit(X)
    figure = BeforeAfterDisplay.from_estimator(model, X).figure_
    save(figure, "quick_start", dpi=100)


def make_card():
    """Small axes without ticks, as wide as a picture on the first page."""
    figure, ax = plt.subplots(figsize=CARD, layout="constrained")
    return figure, ax


def draw_reordered(model, X, **options):
    """The picture of a fitted model without labels; its display."""
    _, ax = make_card()
    options = {"colorbar": False, "cluster_labels": False, **options}
    display = CoclusterDisplay.from_estimator(model, X, ax=ax, **options)
    ax.set(xlabel="", ylabel="", title="")
    if ax.get_legend():
        ax.get_legend().remove()
    return display


def draw_blocks():
    """Places by years: levels, with gaps in the record."""
    X, _, _ = make_block_matrix(
        (60, 80), n_clusters=(4, 3), noise=0.5, missing=0.08, random_state=3
    )
    display = draw_reordered(BBAC(4, 3, random_state=0).fit(X), X)
    save(display.figure_, "card_bbac")


def draw_diagonal():
    """Documents by words: most counts are on a diagonal of blocks."""
    rng = np.random.default_rng(0)
    document, word = rng.integers(0, 5, 200), rng.integers(0, 5, 150)
    chance = np.where(document[:, None] == word, 0.12, 0.006)
    X = sparse.csr_array(rng.poisson(chance))
    display = draw_reordered(Coclus(5, random_state=0).fit(X), X, values="dots")
    save(display.figure_, "card_coclus")


def draw_checkerboard():
    """Genes by samples: a level for each group of genes in each group of samples."""
    rng = np.random.default_rng(4)
    gene, sample = rng.integers(0, 4, 80), rng.integers(0, 3, 60)
    level = np.array([[6, 1, 2], [1, 5, 1], [3, 1, 6], [1, 3, 3]])
    X = rng.gamma(6.0, level[np.ix_(gene, sample)] / 6.0) + 0.05
    display = draw_reordered(SpectralBiclustering(4, 3, random_state=0).fit(X), X)
    save(display.figure_, "card_spectral")


def draw_overlap():
    """Rows and columns of two co-clusters at once, and of none: a frame around two blocks."""
    amounts = {"row_overlap": 0.2, "column_overlap": 0.2}
    amounts |= {"row_outliers": 0.07, "column_outliers": 0.07}
    X, _, _ = make_overlapping_blocks((60, 60), (2, 2), **amounts, random_state=1)
    model = NEOCC(2, 2, **amounts, n_init=20, random_state=0).fit(X)
    (row_order, rows), (column_order, columns) = (
        sort_members(side) for side in (model.row_memberships_, model.column_memberships_)
    )
    figure, ax = make_card()
    ax.imshow(X[row_order][:, column_order], cmap="RdBu_r", vmin=-4, vmax=4, aspect="auto")
    for g, colour in enumerate(("black", "darkorange")):
        corner = columns[g][0] - 0.5, rows[g][0] - 0.5
        frame = plt.Rectangle(corner, len(columns[g]), len(rows[g]), fill=False)
        frame.set(edgecolor=colour, linewidth=2)
        ax.add_patch(frame)
    ax.set_axis_off()
    save(figure, "card_neocc")


def sort_members(memberships):
    """Order by cluster, what is in both in the middle, in none at the end; members' places."""
    first, second = memberships.T
    order = np.lexsort([second, ~first, ~(first | second)])
    return order, [np.flatnonzero(members[order]) for members in (first, second)]


def draw_ranges():
    """Blocks within which no two entries are far from each other."""
    rng = np.random.default_rng(7)
    shop, article = (rng.permutation(np.arange(n) % 3) for n in (24, 20))
    level = np.array([[2, 7, 4], [7, 3, 1], [1, 1, 6]])
    X = np.clip(level[np.ix_(shop, article)] + rng.integers(-1, 2, (24, 20)), 0, 9)
    model = MaxNormCoclustering(3, 3).fit(X)
    display = draw_reordered(model, X)
    for g, row in zip(display.row_clusters, get_centres(display.row_sizes), strict=True):
        for h, column in zip(
            display.column_clusters, get_centres(display.column_sizes), strict=True
        ):
            low, high = model.block_minima_[g, h], model.block_maxima_[g, h]
            text = {"ha": "center", "va": "center", "fontsize": 9}
            box = {"boxstyle": "round", "facecolor": "white", "edgecolor": "none", "alpha": 0.85}
            display.ax_.text(column, row, f"{low:g} to {high:g}", bbox=box, **text)
    save(display.figure_, "card_max_norm")


def get_centres(sizes):
    """Places in the middle of clusters that follow each other."""
    return np.cumsum(sizes) - sizes / 2 - 0.5


def draw_search():
    """The criterion over all pairs of numbers of clusters."""
    X, _, _ = make_block_matrix((60, 40), n_clusters=(3, 2), random_state=0)
    grid = {"n_row_clusters": [1, 2, 3, 4, 5], "n_column_clusters": [1, 2, 3, 4]}
    search = CoclusterSearch(BBAC(), grid, criterion="icl", random_state=0).fit(X)
    figure, ax = make_card()
    CoclusterSearchDisplay.from_estimator(search, ax=ax, annotate=False)
    ax.set(title="", xlabel="column clusters", ylabel="row clusters")
    figure.axes[1].remove()
    save(figure, "card_search")


def draw_comparison():
    """The page that ``skcocluster compare`` writes, from its head to the first agreements."""
    browser = shutil.which("chromium") or sys.exit(
        "doc/make_pictures.py: chromium is not installed"
    )
    with tempfile.TemporaryDirectory() as folder:
        elnino.load_pandas().data.astype({"YEAR": int}).to_csv(f"{folder}/sea.csv", index=False)
        asked = "--index-column YEAR --algorithms bbac,neocc,max-norm --clusters 3,5x4"
        output = ["--output", f"{folder}/compared"]
        main_of_cli(["compare", f"{folder}/sea.csv", *asked.split(), *output])
        flags = "--headless=new --no-sandbox --disable-gpu --hide-scrollbars --window-size=960,1110"
        shot = f"{folder}/shot.png"
        page = f"file://{folder}/compared/report.html"
        subprocess.run([browser, *flags.split(), f"--screenshot={shot}", page], check=True)
        picture = Image.open(shot).convert("RGB")
    picture.quantize(64, dither=Image.Dither.NONE).save(STATIC / "compare.png", optimize=True)


def main():
    """Draw all of them."""
    plt.rcParams["figure.max_open_warning"] = 0
    draw_first()
    draw_quick_start()
    for draw in (
        draw_blocks,
        draw_diagonal,
        draw_checkerboard,
        draw_overlap,
        draw_ranges,
        draw_search,
        draw_comparison,
    ):
        draw()


if __name__ == "__main__":
    main()
