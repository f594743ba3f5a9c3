"""Texts whose columns are separated by a character: csv, tsv and their relatives."""

from __future__ import annotations

import csv
import io
from contextlib import closing
from itertools import islice
from typing import TYPE_CHECKING, Final

import numpy as np

from undercount.data.files import LONGEST_FIELD, long_fields
from undercount.data.imports import limits
from undercount.data.imports.encodings import decided, utf8
from undercount.data.imports.headers import SEEN, Header, find_header
from undercount.data.imports.limits import refusal
from undercount.data.imports.pools import pooled_type
from undercount.data.imports.raw import Body
from undercount.data.imports.separators import NAMES, separator
from undercount.data.imports.survey import survey
from undercount.data.problems import shown

if TYPE_CHECKING:
    from collections.abc import Generator, Iterator
    from typing import BinaryIO

    import pyarrow as pa
    from numpy.typing import NDArray

    from undercount.data.imports.contents import Content
    from undercount.data.imports.encodings import Encoding
    from undercount.data.imports.survey import Survey

_SAMPLE: Final = 256 * 2**10
_BLOCK: Final = 8 * 2**20
_CHUNK: Final = 200_000
"""Cells that are turned into a column at a time."""

type Record = tuple[int, list[str]]
type Lines = NDArray[np.int64]


def read_delimited(content: Content, head: bytes, encoding: str | None, delimiter: str | None) -> Body:
    """Read a text with separators.

    Parameters
    ----------
    content : Content
        The text.
    head : bytes
        Its beginning.
    encoding, delimiter : str or None
        What the user says they are; decided by content where None.

    Returns
    -------
    Body
        The same whichever of the two readers, the quick or the thorough one, read it.

    Raises
    ------
    EvidenceError
        If it is no text, no table, or a row of it is not well-formed.
    """
    code = decided(content, head, encoding)
    character = separator(content.file, _sample(content, code), delimiter)
    with long_fields(), closing(_records(content, code, character)) as records:
        first = list(islice(records, SEEN))
    numbers = [line for line, _ in first]
    header = find_header(content.file, [tuple(cells) for _, cells in first], numbers)
    line = numbers[header.data] if header.data < len(first) else None
    plainly = len(header.columns) == 1 or character == ","
    told = () if plainly else (f"columns are separated by {NAMES.get(character, shown(character))}",)
    table, lines = _read(content, code, character, header, line)
    return Body(header.columns, header.unnamed, table, lines, (*code.notes, *told, *header.notes(numbers)))


def _sample(content: Content, encoding: Encoding) -> str:
    with utf8(content, encoding) as stream:
        sample = stream.read(_SAMPLE)
    text = sample.decode(errors="ignore")
    if len(sample) < _SAMPLE:
        return text
    cut = max(text.rfind("\n"), text.rfind("\r"))
    return text[: cut + 1] if cut > 0 else text


def _read(
    content: Content, encoding: Encoding, character: str, header: Header, line: int | None
) -> tuple[pa.Table, Lines]:
    width = len(header.columns)
    if line is None:
        return _table([], width), np.zeros(0, dtype=np.int64)
    found = _surveyed(content, encoding, character, line) if character.isascii() else None
    if found is not None:
        _check_extent(content, len(found.lines), width)
        table = _quickly(content, encoding, character, line, width, found)
        if table is not None:
            return table, found.lines
    return _thoroughly(content, encoding, character, line, width)


def _check_extent(content: Content, rows: int, width: int) -> None:
    if rows > limits.MOST_ROWS:
        message = f"more than {limits.MOST_ROWS:,} rows"
        raise refusal(content.file, message, "split it, and import one part after the other", "too-many-rows")
    if rows * width > limits.MOST_CELLS:
        message = f"more than {limits.MOST_CELLS:,} cells"
        raise refusal(content.file, message, "leave out columns that are not needed", "too-many-cells")


def _surveyed(content: Content, encoding: Encoding, character: str, line: int) -> Survey | None:
    with utf8(content, encoding) as stream:
        for _ in range(line - 1):
            stream.readline(limits.LONGEST_LINE)
        return survey(stream, character, line)


def _quickly(
    content: Content, encoding: Encoding, character: str, line: int, width: int, found: Survey
) -> pa.Table | None:
    """Read with Arrow; None where it does not find the cells that the survey and the header promise."""
    import pyarrow as pa
    from pyarrow import csv as arrow_csv

    names = list(map(str, range(width)))
    try:
        with utf8(content, encoding) as stream:
            for _ in range(line - 1):
                stream.readline(limits.LONGEST_LINE)
            table = arrow_csv.read_csv(
                stream,
                arrow_csv.ReadOptions(column_names=names, block_size=_BLOCK),
                arrow_csv.ParseOptions(
                    delimiter=character, newlines_in_values=found.within, double_quote=True, escape_char=False
                ),
                arrow_csv.ConvertOptions(
                    column_types=dict.fromkeys(names, pooled_type()),
                    strings_can_be_null=True,
                    null_values=[""],
                ),
            )
        if len(table) != len(found.lines) - int(found.empty.sum()) or _longest(table) > LONGEST_FIELD:
            return None
        return _with_empty_rows(table, found)
    except (pa.ArrowException, OverflowError):
        return None


def _longest(table: pa.Table) -> int:
    import pyarrow.compute as pc

    pools = (chunk.dictionary for column in table.columns for chunk in column.chunks)
    return max((pc.max(pc.binary_length(texts)).as_py() or 0 for texts in pools), default=0)


def _with_empty_rows(table: pa.Table, found: Survey) -> pa.Table:
    import pyarrow as pa

    if not found.empty.any():
        return table
    return table.take(pa.array(np.cumsum(~found.empty) - 1, mask=found.empty))


def _thoroughly(content: Content, encoding: Encoding, character: str, line: int, width: int) -> tuple[pa.Table, Lines]:
    """Read record by record: slower, and every fault has a row."""
    parts: list[pa.Table] = []
    lines: list[int] = []
    rows: list[list[str]] = []
    empty = [""] * width
    most = max(1, _CHUNK // width)
    with long_fields(), closing(_records(content, encoding, character)) as records:
        for start, cells in records:
            if start < line:
                continue
            if cells and len(cells) != width:
                raise _ragged(content, start, len(cells), width)
            lines.append(start)
            rows.append(cells or empty)
            if len(rows) >= most:
                _check_extent(content, len(lines), width)
                parts.append(_table(rows, width))
                rows = []
    import pyarrow as pa

    return pa.concat_tables([*parts, _table(rows, width)]), np.array(lines, dtype=np.int64)


def _table(rows: list[list[str]], width: int) -> pa.Table:
    import pyarrow as pa

    columns = zip(*rows, strict=True) if rows else [()] * width
    arrays = [pa.array([cell or None for cell in column], pooled_type()) for column in columns]
    return pa.Table.from_arrays(arrays, names=list(map(str, range(width))))


def _ragged(content: Content, line: int, cells: int, width: int) -> Exception:
    message = f"the row has {cells:,} cells, the header {width:,}"
    hint = "put '\"' around cells that hold the separator" if cells > width else "add the missing cells, even if empty"
    return refusal(content.file, message, hint, "ragged-row", line)


def _records(content: Content, encoding: Encoding, character: str) -> Generator[Record]:
    line = 1
    with io.TextIOWrapper(utf8(content, encoding), encoding="utf-8", newline="") as text:
        reader = csv.reader(_lines(content, text), delimiter=character, strict=True)
        try:
            for cells in reader:
                if len(cells) > limits.MOST_COLUMNS:
                    message = f"more than {limits.MOST_COLUMNS:,} columns"
                    hint = "leave out columns that are not needed"
                    raise refusal(content.file, message, hint, "too-many-columns", line)
                yield line, cells
                line = reader.line_num + 1
        except csv.Error as error:
            raise _malformed(content, str(error), line) from None


def _lines(content: Content, text: io.TextIOWrapper[BinaryIO]) -> Iterator[str]:
    number = 1
    while line := text.readline(limits.LONGEST_LINE):
        if len(line) >= limits.LONGEST_LINE:
            message = f"a line is longer than {limits.LONGEST_LINE:,} characters"
            raise refusal(content.file, message, "see whether it is a table", "line-too-long", number)
        yield line
        number += 1


def _malformed(content: Content, error: str, line: int) -> Exception:
    if "field larger" in error:
        message = f"a cell is longer than {LONGEST_FIELD:,} characters"
        hint = "shorten it, or close the quotation mark that is still open"
        return refusal(content.file, message, hint, "cell-too-long", line)
    if "unexpected end" in error:
        hint = "close the quotation mark, or export the file again"
        return refusal(content.file, "a quotation mark that opens here is never closed", hint, "open-quote", line)
    hint = "write '\"\"' for a quotation mark inside a quoted cell"
    return refusal(content.file, "a quotation mark inside a quoted cell", hint, "stray-quote", line)
