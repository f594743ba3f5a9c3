"""What a file may hold at most, and how one that cannot be read is refused."""

from __future__ import annotations

from typing import Final

from undercount.data.problems import plain
from undercount.errors import EvidenceError

LARGEST_FILE: Final = 2 * 2**30
"""Bytes of the file as it came."""
LARGEST_UNPACKED: Final = 4 * 2**30
"""Bytes that come out of an archive, or that the texts of a table take."""
MOST_UNPACKED_RATIO: Final = 200
"""How many times its size a compressed file may become, once it is larger than `FREELY_UNPACKED`."""
FREELY_UNPACKED: Final = 32 * 2**20
LARGEST_HELD: Final = 512 * 2**20
"""Bytes of a workbook or a Parquet file inside an archive: it is held in memory."""
LARGEST_PART: Final = 64 * 2**20
"""Bytes of a part of a workbook that is no sheet."""
MOST_ENTRIES: Final = 10_000
MOST_COLUMNS: Final = 2_000
MOST_ROWS: Final = 20_000_000
MOST_CELLS: Final = 300_000_000
MOST_SHEET_ROWS: Final = 1_048_576
LONGEST_LINE: Final = 16 * 2**20
"""Characters of a line of text, or bytes of a row of a sheet."""
LONGEST_NAME: Final = 500
"""Characters of the name of a column."""


def refusal(file: str, message: str, hint: str, code: str, row: int | None = None) -> EvidenceError:
    """Say why a file is not read.

    Parameters
    ----------
    file : str
        Its name.
    message : str
        What is wrong with it; never the text of a cell, which may name a person.
    hint : str
        What to do about it.
    code : str
        The end of the code, after ``import-``.
    row : int, optional
        The line or row that the message is about.

    Returns
    -------
    EvidenceError
        To be raised.
    """
    where = plain(file) if row is None else f"{plain(file)}, row {row:,}"
    return EvidenceError(message, code=f"import-{code}", where=where, hint=hint)
