"""What moved the figure: the model and its versions, the evidence, and each report of it.

The logarithm of the ratio of two medians is the sum of two parts. The first is what the present model makes of the
old evidence, against the old figure; the second is what the new evidence adds to it. The effect of a single report is
what is lost when its change alone is taken back; since reports speak to each other, these do not add up.
"""

from __future__ import annotations

import hashlib
import json
from collections import defaultdict
from dataclasses import dataclass, replace
from math import isinf
from typing import TYPE_CHECKING, Any, Final, Protocol

from undercount.errors import EvidenceError, ModelError
from undercount.estimators.batches.settings import different
from undercount.estimators.forecast import verified_tallies
from undercount.estimators.foresight import Foreseen, foresee
from undercount.models.sameness import same, same_model
from undercount.runs.changes import Changes, changes
from undercount.runs.effects import NONE, Effect
from undercount.runs.taking_back import Key, Without, keys_of, taken_back

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from undercount.data.evidence import Evidence
    from undercount.estimators.estimate import Estimate
    from undercount.sampling.progress import Callback

MOST_REFITS: Final = 20
_NOT_THE_MODEL: Final = frozenset({"chains", "draws", "tune", "target_accept", "as_of"})
"""How long was sampled (a repeated fit samples longer), and what was known."""


class Estimator(Protocol):
    """What can be fitted again."""

    @property
    def fit(self) -> Callable[..., Estimate]:
        """Called as ``fit(evidence, seed=..., progress=...)``, with `as_of` where an estimate has one."""


@dataclass(frozen=True)
class Part:
    """Changes that were taken back together, and what they had done."""

    keys: tuple[Key, ...]
    effect: Effect | None
    reason: str = ""
    """Why there is no figure."""
    foreseen: tuple[Foreseen, ...] = ()
    """The reports that came or changed, beside what was expected of their sources without them."""

    @property
    def name(self) -> str:
        """What was changed."""
        return ", ".join(f"{key.what} {key.name}" for key in self.keys)

    def __str__(self) -> str:
        return f"{self.name}: {self.effect if self.effect is not None else f'no figure, {self.reason}'}"


@dataclass(frozen=True)
class Moves:
    """What led from one figure to another; effects are on the log scale of the medians."""

    total: Effect
    model: Effect
    """Of another configuration or other versions; exactly zero where these are the same."""
    evidence: Effect
    differences: str
    """What differs in the configuration and the versions; empty if nothing does."""
    refitted: float | None
    """Median that the present model finds in the old evidence; none where the model is the same."""
    parts: tuple[Part, ...]
    """The largest effect first, those without a figure last."""

    def of(self, report: str) -> Part | None:
        """The smallest group of changes that the report is in."""
        mine = [part for part in self.parts if any(key[:2] == ("report", report) for key in part.keys)]
        return min(mine, key=lambda part: len(part.keys), default=None)

    def rows(self) -> list[dict[str, Any]]:
        """Plain rows, ready for JSON: what, names, log_ratio, error, share, reason."""
        whole = [("total", self.total), ("model or versions", self.model), ("new evidence", self.evidence)]
        rows = [_row(what, [], effect, self.differences if what.startswith("model") else "") for what, effect in whole]
        return rows + [_row("changes", part.keys, part.effect, part.reason) for part in self.parts]

    def words(self) -> tuple[str, ...]:
        """Sentences, the sum first."""
        return (
            f"the median moved by {self.total}",
            f"by the model or its versions: {self.model}" + (f" ({self.differences})" if self.differences else ""),
            f"by new evidence: {self.evidence}",
            *(f"by {part}" for part in self.parts),
        )


def moves(estimator: Estimator, before: Estimate, after: Estimate, progress: Callback | None = None) -> Moves:
    """Find what moved a figure.

    Parameters
    ----------
    estimator : Estimator
        That made `after`. It is fitted anew, with the seed of `after`: to the old evidence if configuration or
        versions are others, and to the new evidence without each change that the model can see, at most
        `MOST_REFITS` times. Beyond that the changes of a source are taken back together.
    before, after : Estimate
        Of the last release, and of now.
    progress : callable, optional
        Told by every fit.

    Returns
    -------
    Moves
    """

    def fit(evidence: Evidence, like: Estimate) -> Estimate:
        as_of = like.configuration.get("as_of")
        day = {} if as_of is None else {"as_of": as_of}
        found = estimator.fit(evidence, seed=after.seed, progress=progress, **day)
        return found if like.question is None else replace(found, question=like.question)

    differences = different(_model(before), _model(after))
    again = fit(before.evidence, before) if differences else None
    found = changes(before.evidence, after.evidence)
    grouped = _grouped(before.evidence, after, found)
    parts = [_part(without, after, fit) for without in grouped]
    return Moves(
        total=Effect.between(before, after),
        model=NONE if again is None else Effect.between(before, again),
        evidence=Effect.between(before if again is None else again, after),
        differences=differences,
        refitted=None if again is None else again.toll().median,
        parts=tuple(sorted(parts, key=_by_size)),
    )


def _model(estimate: Estimate) -> Mapping[str, Any]:
    """What makes the model; of matched lists a hash, since their small counts are not to be told."""
    settings = {name: value for name, value in estimate.configuration.items() if name not in _NOT_THE_MODEL}
    text = json.dumps(settings.get("lists"), sort_keys=True, default=repr)
    return {
        **settings,
        "lists": f"with sha256 {hashlib.sha256(text.encode()).hexdigest()}" if text != "null" else "none",
        "versions": dict(estimate.versions),
    }


def _grouped(before: Evidence, after: Estimate, found: Changes) -> list[Without]:
    """What is taken back together: each change by itself, or beyond so many by source."""
    alone = _distinct(taken_back(before, after.evidence, found, (key,)) for key in keys_of(found))
    seen = [without for without in alone if not _is_blind(without, after)]
    if len(seen) <= MOST_REFITS:
        return alone
    by_source: dict[str, set[Key]] = defaultdict(set)
    for without in seen:
        by_source[without.keys[0].source].update(without.keys)
    largest_first = sorted(by_source, key=lambda source: (-len(by_source[source]), source))
    for source in largest_first[MOST_REFITS - 1 :][1:]:
        by_source[largest_first[MOST_REFITS - 1]] |= by_source.pop(source)
    together = (taken_back(before, after.evidence, found, tuple(sorted(keys))) for keys in by_source.values())
    return [without for without in alone if without not in seen] + _distinct(together)


def _distinct(found: Iterable[Without]) -> list[Without]:
    return list({without.keys: without for without in found}.values())


def _is_blind(without: Without, after: Estimate) -> bool:
    """Whether the model cannot see what was taken back: with one seed it would draw the same."""
    if without.evidence is None:
        return True
    other = replace(after, evidence=without.evidence)
    try:
        return (
            other.scope == after.scope
            and same_model(other.design, after.design)
            and same(*(verified_tallies(one.design, one.evidence) for one in (other, after)))
        )
    except (EvidenceError, ModelError):
        return False


def _part(without: Without, after: Estimate, fit: Callable[[Evidence, Estimate], Estimate]) -> Part:
    if without.evidence is None:
        return Part(without.keys, None, f"without it the evidence is not valid: {without.reason}")
    if _is_blind(without, after):
        return Part(without.keys, NONE)
    try:
        other = fit(without.evidence, after)
    except (EvidenceError, ModelError) as error:
        return Part(without.keys, None, f"without it nothing can be estimated: {error.message}")
    return Part(without.keys, Effect.between(other, after), foreseen=_foreseen(without, other, after))


def _foreseen(without: Without, other: Estimate, after: Estimate) -> tuple[Foreseen, ...]:
    names = {key.name for key in without.keys if key.what == "report"}
    told = [report for report in after.evidence.used if report.report in names.intersection(after.design.reports)]
    return tuple(found for report in told if (found := foresee(other, report)) is not None)


def _by_size(part: Part) -> tuple[bool, float, tuple[Key, ...]]:
    return part.effect is None, 0.0 if part.effect is None else -abs(part.effect.log_ratio), part.keys


def _row(what: str, keys: Iterable[Key], effect: Effect | None, reason: str) -> dict[str, Any]:
    return {
        "what": what,
        "names": [{"what": key.what, "name": key.name, "source": key.source} for key in keys],
        "log_ratio": None if effect is None else effect.log_ratio,
        "error": None if effect is None or isinf(effect.error) else effect.error,
        "share": None if effect is None else effect.share,
        "reason": reason,
    }
