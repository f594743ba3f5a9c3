"""`Evidence`: validated case, sources and reports, frozen, with a hash of their content."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from functools import cached_property
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

from undercount.collecting import no_collection
from undercount.data import export, frames, subsets
from undercount.data.assembly import all_problems, parsed_reports, parsed_sources
from undercount.data.case_file import CASE_FILE, canonical, parse_case, read_case_file
from undercount.data.cells import CellFault, Parsed, day, parse_reports, parse_sources
from undercount.data.problems import raise_problems, shown, write_one_of
from undercount.data.schema import Case, Lag, Report, Source
from undercount.errors import EvidenceError

if TYPE_CHECKING:
    import os

    import pandas as pd

_FORMAT = "undercount-evidence/1"


@dataclass(frozen=True, repr=False)
class Evidence:
    """What is known: valid, in one order, never changed.

    Parameters
    ----------
    case : Case
        Frame of the evidence; its tables are put into one order.
    sources : tuple of Source
        Sorted by identifier.
    reports : tuple of Report
        Sorted by identifier.
    validation : tuple of mapping
        Totals to hold an estimate against; no evidence, and not in the hash.

    Raises
    ------
    EvidenceError
        If any rule is broken; it lists every problem.
    """

    case: Case
    sources: tuple[Source, ...]
    reports: tuple[Report, ...]
    validation: tuple[Mapping[str, str], ...] = ()

    @no_collection
    def __post_init__(self) -> None:
        problems = all_problems(self.case, parsed_sources(self.sources), parsed_reports(self.reports))
        if problems:
            raise_problems(problems)
        ordered = {
            "case": canonical(self.case),
            "sources": tuple(sorted(self.sources, key=lambda source: source.source)),
            "reports": tuple(sorted(self.reports, key=lambda report: report.report)),
            "validation": tuple(dict(row) for row in self.validation),
        }
        for name, value in ordered.items():
            object.__setattr__(self, name, value)

    @property
    def name(self) -> str:
        """Identifier of the case."""
        return self.case.case

    @classmethod
    def from_frame(
        cls, reports: Any, *, sources: Any, case: Case | Mapping[str, object] | str | os.PathLike[str]
    ) -> Evidence:
        """Take evidence from data frames.

        Parameters
        ----------
        reports : pandas, polars or pyarrow table, or list of mappings
            The columns of ``reports.csv``; those whose cells may be empty may be left out.
        sources : pandas, polars or pyarrow table, or list of mappings
            The columns of ``sources.csv``, likewise.
        case : Case, mapping or path
            The case, the content of a ``case.toml``, or the path of one or of its folder.

        Returns
        -------
        Evidence

        Raises
        ------
        EvidenceError
            If anything is wrong; it lists every problem by row of the frame, counted from 0.
        """
        found, problems = _case_of(case)
        parsed = parse_sources(frames.source_table(sources)), parse_reports(frames.report_table(reports))
        problems = [*problems, *all_problems(found, *parsed)]
        if found is None or problems:
            raise_problems(problems)
        return cls(found, parsed[0].records, parsed[1].records)

    def with_reports(self, frame: Any) -> Evidence:
        """Put other reports in place of these, with the same case and sources.

        Parameters
        ----------
        frame : pandas, polars or pyarrow table, or list of mappings
            As `to_frame` gives it.

        Returns
        -------
        Evidence

        Raises
        ------
        EvidenceError
            If anything is wrong; it lists every problem by row of the frame.
        """
        return self._checked(parsed_sources(self.sources), parse_reports(frames.report_table(frame)))

    def with_sources(self, frame: Any) -> Evidence:
        """Put other sources in place of these, with the same case and reports.

        Parameters
        ----------
        frame : pandas, polars or pyarrow table, or list of mappings
            As `sources_frame` gives it.

        Returns
        -------
        Evidence

        Raises
        ------
        EvidenceError
            If anything is wrong; it lists every problem by row of the frame.
        """
        return self._checked(parse_sources(frames.source_table(frame)), parsed_reports(self.reports))

    def _checked(self, sources: Parsed[Source], reports: Parsed[Report]) -> Evidence:
        problems = all_problems(self.case, sources, reports)
        if problems:
            raise_problems(problems)
        return replace(self, sources=sources.records, reports=reports.records)

    @cached_property
    def sha256(self) -> str:
        """Hash of case, sources and reports; the order of rows, columns and table keys does not matter."""
        head = _text({"format": _FORMAT, "case": self.case.model_dump(mode="json")})
        found = hashlib.sha256(f'{head[:-1]},"reports":['.encode())
        # The keys in their order, report by report: all the texts at once would take more memory than the reports.
        for place, report in enumerate(self.reports):
            found.update(("," * (place > 0) + _text(report.model_dump(mode="json"))).encode())
        sources = _text([_said(source) for source in self.sources])
        found.update(f'],"sources":{sources}}}'.encode())
        return found.hexdigest()

    @cached_property
    def used(self) -> tuple[Report, ...]:
        """The reports that enter the model."""
        return tuple(report for report in self.reports if report.used)

    def to_frame(self) -> pd.DataFrame:
        """Give the reports as a pandas frame.

        Returns
        -------
        pandas.DataFrame
            The columns of ``reports.csv`` in their order: text and ISO dates as written there, whole numbers
            as ``Int64`` with ``<NA>`` for empty cells. `with_reports` takes it back to the same hash.
        """
        return export.report_frame(self.reports)

    def sources_frame(self) -> pd.DataFrame:
        """Give the sources as a pandas frame with the columns of ``sources.csv``."""
        return export.source_frame(self.sources)

    def as_of(self, when: date | str) -> Evidence:
        """Keep what was published by a day.

        A report that stood within, or was derived from, a report that was not yet published is linked to what
        that one was within or derived from, or stands by itself. Population figures and incidents stay.

        Parameters
        ----------
        when : date or str
            The last day of publication that counts; as text, YYYY-MM-DD.

        Returns
        -------
        Evidence

        Raises
        ------
        EvidenceError
            If nothing that can be used was published by then, or the day cannot be read.
        """
        last = _day(when)
        gone = frozenset(report.report for report in self.reports if report.published > last)
        return replace(
            self, case=subsets.case_without(self.case, gone), reports=subsets.reports_without(self.reports, gone)
        )

    def without_source(self, source: str) -> Evidence:
        """Leave out a source, its reports, and every report that was derived from one of them.

        The source itself stays listed only where it relays what another one counted.

        Parameters
        ----------
        source : str
            Identifier of the source.

        Returns
        -------
        Evidence

        Raises
        ------
        EvidenceError
            If there is no such source, or nothing that can be used is left.
        """
        names = [known.source for known in self.sources]
        if source not in names:
            raise EvidenceError(
                f"{shown(source)} is not a source of this case",
                code="evidence-unknown-source",
                where="source",
                hint=write_one_of(source, names),
            )
        gone = subsets.derived(
            self.reports, frozenset(report.report for report in self.reports if report.source == source)
        )
        reports = subsets.reports_without(self.reports, gone)
        relays = {report.relay for report in reports}
        sources = tuple(known for known in self.sources if known.source != source or known.source in relays)
        return replace(self, case=subsets.case_without(self.case, gone), sources=sources, reports=reports)

    def write(self, folder: str | os.PathLike[str]) -> Path:
        """Write the evidence as a new case folder that reads back to the same hash.

        Parameters
        ----------
        folder : path
            Must not exist, or be empty.

        Returns
        -------
        Path
            The folder.

        Raises
        ------
        EvidenceError
            If the folder holds anything, or cannot be written; then nothing is left behind.
        """
        return export.write_case(folder, self.case, self.sources, self.reports, self.validation)

    def __hash__(self) -> int:
        return hash(self.sha256)

    def __repr__(self) -> str:
        return (
            f"<Evidence {self.case.case!r}: {len(self.reports)} reports ({len(self.used)} used), "
            f"{len(self.sources)} sources, sha256 {self.sha256[:12]}>"
        )

    def _repr_html_(self) -> str:
        html: str = import_module("undercount.report.notebook").evidence_html(self)
        return html


def _said(source: Source) -> dict[str, Any]:
    """What a source says; a lag only where it has one, since the hash is older than that field."""
    return source.model_dump(mode="json", exclude={"lag"} if source.lag is Lag.NONE else None)


def _text(content: Any) -> str:
    return json.dumps(content, sort_keys=True, ensure_ascii=False, separators=(",", ":"), allow_nan=False)


def _case_of(case: Case | Mapping[str, object] | str | os.PathLike[str]) -> tuple[Case | None, list[Any]]:
    if isinstance(case, Case):
        return case, []
    if isinstance(case, Mapping):
        return parse_case(case, "case")
    path = Path(case)
    return read_case_file(path / CASE_FILE if path.is_dir() else path)


def _day(when: date | str) -> date:
    if isinstance(when, date) and not isinstance(when, datetime):
        return when
    try:
        return day(when if isinstance(when, str) else str(when))
    except CellFault as fault:
        raise EvidenceError(
            f"{shown(str(when))}: {fault.rule}", code=fault.code, where="as_of", hint=fault.hint
        ) from None
