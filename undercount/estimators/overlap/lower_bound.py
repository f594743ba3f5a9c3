"""`LowerBound`: no more than what the lists force one to believe."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar
