"""`Batch`: the results of many cases."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from undercount.data.problems import shown, write_one_of
from undercount.errors import RunError
from undercount.estimators.batches import parquet
from undercount.estimators.batches.columns import HELD, PASSED, STATUSES

if TYPE_CHECKING:
    import pandas as pd
    import pyarrow as pa


RESULTS: Final = "results.parquet"
_MOST_SHOWN: Final = 5
_OF_A_CASE: Final = ("case", "status", "by", "failed_gates", "error", "file")


class Trouble(NamedTuple):
    """A case without an estimate that may be quoted."""

    case: str
    status: str
    why: str


@dataclass(frozen=True, eq=False, repr=False)
class Batch:
    """Results of a batch; they stay on disk if it has a folder, and are read when asked for.

    Parameters
    ----------
    path : Path or None
        The folder; none if the rows are in memory.
    sha256 : str
        Hash of its ``results.parquet``.
    table : pyarrow.Table, optional
        The rows, where there is no folder.
    """

    path: Path | None
    sha256: str = ""
    table: pa.Table | None = None

    def to_arrow(self, columns: tuple[str, ...] | None = None) -> pa.Table:
        """Give the rows as an Arrow table, in the order of the input.

        Parameters
        ----------
        columns : tuple of str, optional
            Only these.

        Raises
        ------
        StoreError
            If ``results.parquet`` is missing or damaged, or another call has written it since.
        """
        if self.path is None or self.table is not None:
            return self.table if self.table is None or columns is None else self.table.select(list(columns))
        return parquet.read(self.path / RESULTS, self.sha256, columns)

    def frame(self) -> pd.DataFrame:
        """Give the rows as a pandas frame, in the order of the input.

        Returns
        -------
        pandas.DataFrame
            The columns of `undercount.estimators.batches.columns.COLUMNS`.

        Raises
        ------
        StoreError
            As `to_arrow`.
        """
        import pandas as pd
        import pyarrow as pa

        kinds = {pa.int64(): pd.Int64Dtype(), pa.bool_(): pd.BooleanDtype()}
        found: pd.DataFrame = self.to_arrow().to_pandas(types_mapper=kinds.get)
        return found

    @cached_property
    def _cases(self) -> list[dict[str, Any]]:
        """One row for each case, without its figures."""
        return [row for row in self.to_arrow(_OF_A_CASE).to_pylist() if row["by"] == "total"]

    @property
    def counts(self) -> Mapping[str, int]:
        """Number of cases by status: passed, held, refused, failed."""
        found = Counter(row["status"] for row in self._cases)
        return {status: found[status] for status in STATUSES}

    @property
    def not_passed(self) -> tuple[Trouble, ...]:
        """Every case that has no estimate to quote, and why."""
        return tuple(
            Trouble(row["case"], row["status"], row["error"] or ", ".join(row["failed_gates"]))
            for row in self._cases
            if row["status"] != PASSED
        )

    def load(self, case: str) -> Any:
        """Read the estimate of a case; the batch must have been run with ``files=True``.

        Parameters
        ----------
        case : str
            Its name in the table.

        Raises
        ------
        RunError
            If there is no such case, or no file of it.
        StoreError
            If its file is missing or damaged.
        """
        from undercount.estimators.store import load

        files = {row["case"]: row["file"] for row in reversed(self._cases)}
        if case not in files:
            raise RunError(
                f"{shown(case)} is not a case of this batch",
                code="batch-unknown-case",
                where="case",
                hint=write_one_of(case, list(files)),
            )
        if self.path is None or files[case] is None:
            raise RunError(
                f"there is no file of {shown(case)}",
                code="batch-no-file",
                where="case",
                hint="call fit_many with files=True and an `out`; a case without an estimate has no file",
            )
        return load(self.path / files[case])

    def __len__(self) -> int:
        return len(self._cases)

    def _repr_html_(self) -> str:
        html: str = import_module("undercount.report.notebook").batch_html(self)
        return html

    def __repr__(self) -> str:
        words = {HELD: "HELD BY GATES: do not quote"}
        counts = ", ".join(
            f"{n} {words.get(status, status)}" for status, n in self.counts.items() if n or status == PASSED
        )
        lines = [f"Batch({len(self)} cases: {counts})"]
        trouble = self.not_passed
        lines += [
            f"  {shown(case)} {status}: {why.splitlines()[0][:200]}" for case, status, why in trouble[:_MOST_SHOWN]
        ]
        if len(trouble) > _MOST_SHOWN:
            lines.append(f"  … and {len(trouble) - _MOST_SHOWN} more: see not_passed")
        return "\n".join(lines)
