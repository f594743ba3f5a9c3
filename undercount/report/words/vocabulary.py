"""Words of the package that figures and tables show as they are, marked for translation: give them to `w(...)`."""

from __future__ import annotations

from typing import Final

from undercount.report.words.messages import message

GATES: Final = (
    message("chains"),
    message("draws not finite"),
    message("largest R-hat"),
    message("smallest bulk ESS"),
    message("smallest tail ESS"),
    message("share of divergences"),
    message("smallest E-BFMI"),
    message("share at largest tree depth"),
    message("reports far from their prediction"),
    message("lists far from the counts"),
)
"""What `undercount.estimators.gates` calls its checks."""
KINDS: Final = (message("recorder"), message("claimant"), message("belligerent"), message("relay"))
"""What a source does (`undercount.data.Kind`)."""
