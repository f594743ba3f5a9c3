"""Names in any script: what the font of a chart lacks shows as boxes, and the tables have it in full."""

from __future__ import annotations

import warnings
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator


@contextmanager
def any_script() -> Iterator[None]:
    """Draw without a warning for each letter that the font lacks."""
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="Glyph .* missing from font")
        yield
