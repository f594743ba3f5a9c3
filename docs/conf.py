"""Sphinx configuration: MyST pages whose code cells run at every build."""

from importlib.metadata import version as installed_version

project = "undercount"
author = "The undercount authors"
project_copyright = f"2026, {author}"
version = release = installed_version("undercount")

extensions = ["myst_nb", "sphinx.ext.autodoc", "sphinx.ext.napoleon"]
exclude_patterns = ["_build", "jupyter_execute"]
html_theme = "furo"
html_title = "undercount"

myst_enable_extensions = ["amsmath", "colon_fence", "dollarmath"]
myst_heading_anchors = 3

# A cell that writes a file holds a table, which is no Python.
suppress_warnings = ["misc.highlighting_failure"]

nb_execution_mode = "force"
nb_execution_raise_on_error = True
nb_execution_timeout = 300
nb_merge_streams = True

autodoc_typehints = "description"
autodoc_typehints_description_target = "documented"
autodoc_member_order = "bysource"
napoleon_google_docstring = False
napoleon_use_ivar = True
