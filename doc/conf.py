"""Configuration of the documentation; ``python3 dev.py doc`` builds it, without any network."""

import os
import sys
from pathlib import Path

# Examples run one after another; threads of BLAS would only get into each other's way.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
sys.path.insert(0, str(Path(__file__).parent / "_ext"))

import skcocluster

project = "skcocluster"
author = "The skcocluster developers"
copyright = author
release = version = skcocluster.__version__

extensions = [
    "sphinx.ext.autodoc",
    "sphinx.ext.autosummary",
    "sphinx.ext.doctest",
    "sphinx.ext.extlinks",
    "numpydoc",
    "sphinx_gallery.gen_gallery",
    "mathml",
]
exclude_patterns = ["_build", "**/GALLERY_HEADER.rst"]
default_role = "code"
extlinks = {"doi": ("https://doi.org/%s", "doi:%s")}

# -- API -------------------------------------------------------------------------------------------

autosummary_generate = True
templates_path = ["_templates"]
autodoc_typehints = "none"
add_module_names = False
numpydoc_show_class_members = False
numpydoc_class_members_toctree = False

# -- code on the pages -----------------------------------------------------------------------------

doctest_global_setup = "import numpy as np\nfrom skcocluster import BBAC"
doctest_test_doctest_blocks = "default"

# -- gallery ---------------------------------------------------------------------------------------

sphinx_gallery_conf = {
    "examples_dirs": "../examples",
    "gallery_dirs": "auto_examples",
    "filename_pattern": r"/plot_",
    "within_subsection_order": "gallery_order.InOrder",
    "doc_module": ("skcocluster",),
    "reference_url": {"skcocluster": None},
    "backreferences_dir": "generated/backreferences",
    "image_srcset": ["2x"],
    "remove_config_comments": True,
    "show_memory": False,
    "show_signature": False,
    "write_computation_times": False,
    "min_reported_time": 3600,
    "plot_gallery": "True",
}

# -- pages -----------------------------------------------------------------------------------------

html_theme = "pydata_sphinx_theme"
html_title = f"skcocluster {release}"
html_static_path = ["_static"]
html_css_files = ["custom.css"]
html_show_sourcelink = False
html_copy_source = False
html_theme_options = {
    "logo": {"text": "skcocluster"},
    "navbar_align": "left",
    "header_links_before_dropdown": 5,
    "navigation_with_keys": False,
    "show_nav_level": 2,
    "show_toc_level": 2,
    "secondary_sidebar_items": ["page-toc"],
    "footer_start": ["copyright"],
    "footer_end": [],
}
# Pages without pages below them have nothing to show at the left.
html_sidebars = {
    page: []
    for page in (
        "index",
        "install",
        "quick_start",
        "coming_from_cgc",
        "coming_from_scikit_learn",
        "coming_from_coclust",
        "notation",
        "changelog",
    )
}

# -- addresses outside -----------------------------------------------------------------------------

linkcheck_timeout = 30
# Links between pages; tools/check_links.py knows where they lead once the pages are built.
linkcheck_ignore = [r"(?!https?://)"]


def look_up_doi(app, uri):
    """Ask the register of DOIs: publishers turn away many programs that are no browser."""
    return uri.replace("https://doi.org/10.", "https://doi.org/api/handles/10.", 1)


def setup(app):
    """Change addresses before they are asked for by ``python3 dev.py links``."""
    app.connect("linkcheck-process-uri", look_up_doi)
