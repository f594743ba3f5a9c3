"""What the cells of a column mean: numbers, ranges, dates, yes and no, and texts."""

from __future__ import annotations

from undercount.data.imports.days import dates
from undercount.data.imports.figures import Ranges, numbers, ranges
from undercount.data.imports.parsed import Parsed, flags, texts

__all__ = ["Parsed", "Ranges", "dates", "flags", "numbers", "ranges", "texts"]
