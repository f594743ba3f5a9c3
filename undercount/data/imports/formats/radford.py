"""Tables of losses in the form of Radford et al. (2023): one row for each figure of the war in Ukraine.

Its rows are no incidents but reports: some are of a day, most of the war up to a day, several people speak for one
source, and what they say of one day does not add up. So no row goes into a window with others: the file becomes a case
in which each row is one report, as `undercount.read_loss_table` reads it. ``--window``, ``--where``, ``--since`` and
``--until`` have no meaning here, and the folder must be new.

J. Radford et al., PNAS 120, e2307372120 (2023), https://doi.org/10.1073/pnas.2307372120; table under the MIT licence.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from undercount.data.imports.columns import Field
from undercount.data.imports.contract import Asked, Format
from undercount.data.loss_table import CITATION, COLUMNS, read_loss_table
from undercount.errors import EvidenceError
from undercount.errors.naming import plain

if TYPE_CHECKING:
    from undercount.data.imports.columns import Columns
    from undercount.data.imports.incidents import Incidents


def fields(_: Asked) -> tuple[Field, ...]:
    """Columns of the table."""
    return tuple(Field(name, (), is_needed=True) for name in COLUMNS)


def read(columns: Columns, _: Asked) -> Incidents:
    """Refuse: there are no incidents in the table."""
    raise EvidenceError(
        "a table of losses holds reports, not incidents",
        code="import-no-incidents",
        where=plain(columns.raw.file),
        hint="read it with undercount.read_loss_table(path), or `undercount import FILE --format radford --into CASE`",
    )


FORMAT: Final = Format(
    name="radford",
    title="Radford et al. (losses of the war in Ukraine)",
    about="each row is a report of a day or of the war up to it; they are not added up",
    licence="MIT",
    citation=CITATION,
    fields=fields,
    read=read,
    evidence=read_loss_table,
)
