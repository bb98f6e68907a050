"""How Sphinx builds these pages: `nox -s docs`. Nothing is fetched."""

from importlib.metadata import version as installed_version

project = "ganzoo"
author = "the ganzoo authors"
copyright = "the ganzoo authors; Apache-2.0"
version = release = installed_version("ganzoo-core")

extensions = ["myst_parser", "sphinx.ext.autodoc", "sphinx.ext.napoleon"]
exclude_patterns = ["_build"]
html_theme = "furo"
html_title = f"ganzoo {release}"

smartquotes_action = "qe"  # two hyphens begin an option here, they are no dash
myst_enable_extensions = ["deflist"]
myst_heading_anchors = 3
autodoc_member_order = "bysource"
autodoc_typehints = "description"
autodoc_typehints_description_target = "documented"
napoleon_numpy_docstring = False
