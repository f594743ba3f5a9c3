"""Hierarchical log-linear models of overlapping lists.

What makes the number of victims on no list an estimate is the assumption of the model: that the association of all
lists together, and all those that the model leaves out, are none. `highest_order_sweep` shows what the first does.
"""

from undercount.models.overlap.loglinear.batches import Intervals, bootstrap_each
from undercount.models.overlap.loglinear.existence import Existence
from undercount.models.overlap.loglinear.fit import Fit, fit_model
from undercount.models.overlap.loglinear.hierarchy import close, generators, hierarchical_models
from undercount.models.overlap.loglinear.highest_order import highest_order_sweep
from undercount.models.overlap.loglinear.names import model_name, parse_model
from undercount.models.overlap.loglinear.profile import Profile, profile_interval
from undercount.models.overlap.loglinear.resampling import Bootstrap, bootstrap
from undercount.models.overlap.loglinear.selected import Selected, select_each, select_model
from undercount.models.overlap.loglinear.selection import Ranking, Selection, rank_models

__all__ = [
    "Bootstrap",
    "Existence",
    "Fit",
    "Intervals",
    "Profile",
    "Ranking",
    "Selected",
    "Selection",
    "bootstrap",
    "bootstrap_each",
    "close",
    "fit_model",
    "generators",
    "hierarchical_models",
    "highest_order_sweep",
    "model_name",
    "parse_model",
    "profile_interval",
    "rank_models",
    "select_each",
    "select_model",
]
