"""Matching of the records of a case that imports made, and what it leaves there."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from undercount.data.export import replaced_folder
from undercount.data.files import read_table
from undercount.data.imports.journal import unedited
from undercount.data.imports.windows import RECORDS
from undercount.data.lists.incident_file import INCIDENTS, incidents_text
from undercount.data.matching.files import CLUSTERS, MATCHES, OVERLAP, REVIEW, write_all
from undercount.data.matching.incidents import with_incidents
from undercount.data.matching.linkages import draw_linkages
from undercount.data.matching.matches import Matches, match
from undercount.data.matching.overlap import overlap_lists, pattern_counts
from undercount.data.matching.review import decisions, read_review
from undercount.data.matching.settings import MatchSettings
from undercount.data.matching.sizes import incident_lists
from undercount.errors import EvidenceError

if TYPE_CHECKING:
    from undercount.data.evidence import Evidence
    from undercount.data.lists import Lists, MatchedIncidents
    from undercount.data.matching.linkages import Linkages

_FILES: Final = frozenset({MATCHES, CLUSTERS, REVIEW, OVERLAP, Path(INCIDENTS).name})


@dataclass(frozen=True, eq=False)
class Matched:
    """What matching the records of a case came to.

    Parameters
    ----------
    folder : Path
        Of the files.
    matches : Matches
    lists : Lists
        Of the drawn linkages.
    to_fit : MatchedIncidents or str
        For the fit with the counts; or why there is none.
    unsure : int
        Pairs in doubt.
    incidents : int or None
        How many entered the case; None if none were to.
    """

    folder: Path
    matches: Matches
    lists: Lists
    to_fit: MatchedIncidents | str
    unsure: int
    incidents: int | None

    def content(self) -> dict[str, Any]:
        """Numbers, ready for JSON."""
        matches = self.matches
        sizes = np.bincount(matches.clusters)
        return {
            "sources": list(matches.sources),
            "records": len(matches.units),
            "left_alone": matches.units.left_alone,
            "pairs": len(matches),
            "model": matches.model.basis,
            "threshold": matches.settings.threshold,
            "sure": int(np.sum(matches.probability >= matches.settings.threshold)),
            "decided": int(np.sum(decisions(matches) != 0)),
            "unsure": self.unsure,
            "clusters": int(sizes.size),
            "several": int(np.sum(sizes > 1)),
            "draws": self.lists.replicates,
            "overlap": self._overlap(),
            "incidents": self.incidents,
            "not_to_fit": self.to_fit if isinstance(self.to_fit, str) else None,
            "files": [str(self.folder / name) for name in (MATCHES, CLUSTERS, REVIEW, OVERLAP, *self._fitted)],
        }

    @property
    def _fitted(self) -> tuple[str, ...]:
        return () if isinstance(self.to_fit, str) else (Path(INCIDENTS).name,)

    def _overlap(self) -> list[dict[str, Any]]:
        """Incidents of each pattern: in the clusters, and over the drawn linkages."""
        sources = self.matches.sources
        clustered = pattern_counts(self.matches.clusters, self.matches.source, len(sources))
        drawn = np.stack([table.counts for table in self.lists.tables])
        return [
            {
                "sources": [name for bit, name in enumerate(sources) if pattern >> bit & 1],
                "clusters": int(clustered[pattern]),
                "mean": float(drawn[:, pattern].mean()),
                "low": int(drawn[:, pattern].min()),
                "high": int(drawn[:, pattern].max()),
            }
            for pattern in range(1, clustered.size)
            if clustered[pattern] or drawn[:, pattern].any()
        ]


def match_case(
    folder: Path,
    *,
    review: Path | None = None,
    draws: int = 20,
    least: int | None = None,
    victims: str | None = None,
    **settings: Any,
) -> Matched:
    """Match the records of a case.

    Parameters
    ----------
    folder : Path
        Of a case that imports made.
    review : Path, optional
        Decisions, see `read_review`.
    draws : int
        Linkages to draw.
    least : int, optional
        Let clusters with so many dead enter the case, see `with_incidents`.
    victims : str, optional
        By default the class of the case's estimand.
    **settings
        Others of `MatchSettings`.

    Returns
    -------
    Matched

    Raises
    ------
    EvidenceError
        If the case is another's work, its records cannot be matched, or decisions in it would be lost.
    """
    import pyarrow.parquet as pq

    _, evidence = unedited(folder)
    target = evidence.case.estimand
    asked = MatchSettings(victims=victims or target.victims, quantity=target.quantity, **settings)
    _keep_decisions(folder / "imports" / REVIEW, review)
    matches = match(pq.read_table(folder / RECORDS), asked, evidence.sources)
    if review is not None:
        matches = read_review(review, matches)
    linkages = draw_linkages(matches, draws)
    lists = overlap_lists(linkages, evidence.case.case)
    incidents = None if least is None else with_incidents(folder, matches, least)
    _, evidence = unedited(folder)
    to_fit = _to_fit(matches, linkages, evidence)
    with replaced_folder(folder, _FILES) as place:
        unsure = write_all(place / "imports", matches, lists)
        if not isinstance(to_fit, str):
            text = incidents_text(to_fit, evidence.sha256)
            (place / INCIDENTS).write_text(text, encoding="utf-8", newline="\n")
    return Matched(folder / "imports", matches, lists, to_fit, unsure, incidents)


def _to_fit(matches: Matches, linkages: Linkages, evidence: Evidence) -> MatchedIncidents | str:
    published = max(report.published for report in evidence.reports)
    try:
        return incident_lists(matches, linkages, evidence.case.case, published)
    except EvidenceError as error:
        return error.message


def _keep_decisions(path: Path, review: Path | None) -> None:
    """Refuse to write over decisions that are not read."""
    if not path.is_file() or (review is not None and review.exists() and review.samefile(path)):
        return
    decided = sum(bool(row.cells.get("decision", "").strip()) for row in read_table(path).rows)
    if decided:
        raise EvidenceError(
            f"{decided:,} decisions stand in imports/{REVIEW}, and would be written over",
            code="import-decisions-lost",
            where="--review",
            hint=f"read them with --review {path}, or put the file elsewhere",
        )
