"""Settings of the documentation site. `make docs` builds it, with the programs of its own environment."""

import os
import sys
from pathlib import Path

from dnaseq import __version__

DOCS = Path(__file__).parent
sys.path.insert(0, str(DOCS / "_extensions"))

# Pages run commands: one thread each, and the program `dnaseq` of the environment that builds the site.
os.environ["PATH"] = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
os.environ["OMP_NUM_THREADS"] = "1"
os.environ["PYDEVD_DISABLE_FILE_VALIDATION"] = "1"

project = "dnaseq"
author = copyright = "The dnaseq developers"
version = release = __version__
language = "en"

extensions = [
    "myst_nb",
    "sphinx.ext.autodoc",
    "sphinx.ext.autosummary",
    "sphinx.ext.viewcode",
    "plain_docstrings",
    "source_links",
    "whole_streams",
]
exclude_patterns = ["_build", "_extensions"]
default_role = "code"

myst_enable_extensions = ["attrs_inline", "colon_fence", "deflist"]
myst_heading_anchors = 3

nb_execution_mode = "force"  # a page is never older than the program
nb_execution_in_temp = True
nb_execution_timeout = 900  # seconds of a cell that hangs
nb_execution_raise_on_error = True
nb_merge_streams = True
suppress_warnings = [
    "misc.highlighting_failure"
]  # of shell cells, where no cell is run: they are taken for Python

autodoc_member_order = "bysource"
autodoc_typehints = "signature"
autodoc_default_options = {"members": True}
autosummary_generate = False
python_use_unqualified_type_names = True

html_theme = "pydata_sphinx_theme"
html_title = "dnaseq"
html_static_path = ["_static"]
html_css_files = ["site.css"]
html_show_sourcelink = True
html_copy_source = True
html_domain_indices = False
html_theme_options = {
    "navigation_with_keys": False,
    "show_toc_level": 2,
    "footer_start": ["copyright"],
    "footer_end": ["theme-version"],
    "article_footer_items": [],
}
