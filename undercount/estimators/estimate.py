"""`Estimate`: the posterior of the toll, with the evidence and configuration it stands on. Immutable."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from copy import deepcopy
from dataclasses import dataclass, replace
from datetime import date
from functools import cached_property
from importlib import import_module
from typing import TYPE_CHECKING, Any, ClassVar

from undercount.data.evidence import Evidence
from undercount.data.schema import Case, Estimand, PriorChange, Report, Source, Window
from undercount.estimators import scoping, tables
from undercount.estimators.dependence import sensitivity_content, vintages_content
from undercount.estimators.gates import Checks, check_draws
from undercount.estimators.quantity import Quantity
from undercount.estimators.rows import Rows
from undercount.models.design import Design, design
from undercount.models.priors import PriorTable

if TYPE_CHECKING:
    import os
    from pathlib import Path

    import pandas as pd
    import xarray as xr

    from undercount.data.lists import AnyMatched
    from undercount.estimators.dependence import Vintages
    from undercount.estimators.draws import Draws
    from undercount.estimators.sensitivity import Sensitivity
    from undercount.estimators.tables import Row

Dates = Window | Sequence[date | str] | None
Scope = Mapping[str, str | Sequence[str]] | None


@dataclass(frozen=True, eq=False, repr=False)
class Estimate:
    """Result of a fit; every figure is computed from its draws.

    Parameters
    ----------
    evidence : Evidence
        What was known.
    sampled : undercount.estimators.draws.Draws
        Plain arrays; groups and dims as in `undercount.estimators.assemble`.
    configuration : mapping
        Settings of the estimator.
    seed : int
    versions : mapping of str to str
    question : Estimand, optional
        What the headline figures are about; by default the case's estimand.
    """

    FORMAT: ClassVar = "undercount-estimate/1"

    evidence: Evidence
    sampled: Draws
    configuration: Mapping[str, Any]
    seed: int
    versions: Mapping[str, str]
    question: Estimand | None = None

    @property
    def draws(self) -> xr.DataTree:
        """The draws as arviz reads them: groups and dims as in `undercount.estimators.assemble`."""
        return self.sampled.tree

    @property
    def rows(self) -> Rows:
        """The tables as plain rows, without pandas."""
        return Rows(self)

    @cached_property
    def scope(self) -> Estimand:
        """What the headline figures are about."""
        return self.question or self.evidence.case.estimand

    @property
    def title(self) -> str:
        """Title of the case."""
        return self.evidence.case.title

    @property
    def sha256(self) -> str:
        """Hash of the evidence."""
        return self.evidence.sha256

    @property
    def estimand(self) -> str:
        """The scope in words: who was killed, where, by whom and when."""
        return scoping.in_words(self.evidence.case, self.scope)

    @cached_property
    def design(self) -> Design:
        """Arrays that the model was stated with."""
        return design(self.evidence, self.priors, self.lists)

    @cached_property
    def lists(self) -> AnyMatched | None:
        """Matched lists, or incidents, that were fitted with the counts."""
        content = self.configuration.get("lists")
        if content is None:
            return None
        from undercount.data.lists import matched_of_content

        return matched_of_content(content)

    @cached_property
    def priors(self) -> PriorTable:
        """Prior table: defaults, changes of the case, changes of the estimator."""
        changes = {
            name: PriorChange.model_validate(change) for name, change in self.configuration.get("priors", {}).items()
        }
        return PriorTable({**self.evidence.case.priors, **changes})

    @property
    def divergences(self) -> int:
        """Divergent draws."""
        return int(self.sampled["sample_stats"].values("diverging").sum())

    @cached_property
    def dropped(self) -> Mapping[str, str]:
        """Used reports that add nothing of their own, and why."""
        return self.design.dropped

    def about(self, window: Dates = None, scope: Scope = None) -> Estimate:
        """Ask the same posterior about another scope.

        Parameters
        ----------
        window : Window or pair of dates, optional
            First and last day, inclusive.
        scope : mapping, optional
            Levels by dimension, such as ``{"actor": ["is"]}``.

        Raises
        ------
        ModelError
            If the scope is outside what was modelled.
        """
        return replace(self, question=self._asked(window, scope))

    def _asked(self, window: Dates, scope: Scope) -> Estimand:
        found = scoping.narrowed(self.evidence.case, self.scope, window, scope)
        return scoping.modelled(found, self.design.strata.kinds)

    def toll(self, by: str | Sequence[str] | None = None, window: Dates = None, scope: Scope = None) -> Any:
        """Posterior of the number killed.

        Parameters
        ----------
        by : str or sequence of str, optional
            Any of actor, area, day, week, month.
        window : Window or pair of dates, optional
            First and last day, inclusive; by default that of the estimand.
        scope : mapping, optional
            Levels by dimension; by default those of the estimand.

        Returns
        -------
        Quantity or pandas.DataFrame
            A frame if `by` is given: its columns, `name`, median, mean, sd, lower, upper, ci_prob, ci_kind.

        Raises
        ------
        ModelError
            If the scope is outside what was modelled, or `by` is unknown.
        """
        asked = self if window is None and scope is None else self.about(window, scope)
        if by is None:
            return Quantity(asked.rows.deaths.total().astype(float))
        return _frame(asked.rows.toll(by))

    def documented(self, window: Dates = None, scope: Scope = None) -> int:
        """Largest number of deaths that one recorder documented inside the scope, or matched lists together.

        Disjoint tallies of a recorder inside the scope are added up; of a range the lower end counts. Of matched
        lists, who is on any of them counts once.
        """
        question = self._asked(window, scope)
        return tables.documented(self.evidence, self.design, question)

    def undercount(self, window: Dates = None, scope: Scope = None) -> Quantity:
        """Toll minus what was documented."""
        toll: Quantity = self.toll(window=window, scope=scope)
        return toll - self.documented(window, scope)

    def probability(self, comparison: str, value: float) -> float:
        """Posterior probability that the toll is, say, ``">"`` a value."""
        toll: Quantity = self.toll()
        return toll.probability(comparison, value)

    def timeline(self) -> pd.DataFrame:
        """Deaths per week over the whole modelled timeline, with 50, 80 and 95 % intervals."""
        return _frame(self.rows.timeline())

    def reporting_rates(self) -> pd.DataFrame:
        """Share of the toll that each source reports: prior beside posterior, and what the data removed.

        Returns
        -------
        pandas.DataFrame
            source, name, kind, reports, prior_median, prior_lower, prior_upper, median, lower, upper,
            contraction (share of the prior's width on the log scale that the data removed), ci_prob, ci_kind.
        """
        return _frame(self.rows.reporting_rates())

    def lags(self) -> pd.DataFrame:
        """How fast each recorder with a lag documents: days until it has 63 in 100 of what it ever will of a day.

        Returns
        -------
        pandas.DataFrame
            source (or "named incidents"), prior_median, prior_lower, prior_upper, median, lower, upper, contraction,
            ci_prob, ci_kind; no rows where no source has a lag.
        """
        return _frame(self.rows.lags())

    def reports(self) -> pd.DataFrame:
        """Each report in the likelihood beside what the model would expect its source to report.

        Returns
        -------
        pandas.DataFrame
            report, source, low, high, window_start, window_end, predicted_median, predicted_lower,
            predicted_upper, tail (posterior predictive probability of a count as extreme).
        """
        return _frame(self.rows.reports())

    @cached_property
    def _checks(self) -> Checks:
        return check_draws(self)

    def check(self) -> Checks:
        """Every gate with its figure, limit and verdict."""
        return self._checks

    def sensitivity(
        self, *, leave_one_out: bool = True, recorder_prior: bool = True, attributions: bool = True
    ) -> Sensitivity:
        """What the toll depends on: priors, sources, and how far the data moved each rate.

        Parameters
        ----------
        leave_one_out : bool
            Refit without each source in turn (some seconds a source).
        recorder_prior : bool
            Refit with the prior of recorders as it was judged before past lists were analysed.
        attributions : bool
            Refit as if all contested attributions held, and as if none did.
        """
        from undercount.estimators.sensitivity import sensitivity

        return sensitivity(self, leave_one_out=leave_one_out, recorder_prior=recorder_prior, attributions=attributions)

    @cached_property
    def _summarised(self) -> dict[str, Any]:
        from undercount.estimators.summary import summarise

        return summarise(self)

    def summary(self, sensitivity: Sensitivity | None = None, vintages: Vintages | None = None) -> dict[str, Any]:
        """Everything that `summary.json` holds, ready for JSON; its schema is in `undercount.report`.

        Parameters
        ----------
        sensitivity : Sensitivity, optional
            What `Estimate.sensitivity` gave, to be in it as well.
        vintages : Backtest, optional
            What `undercount.backtest` gave for the same case.
        """
        content = self._content_to_explain(sensitivity, vintages)
        return content | {"explanation": import_module("undercount.report.explaining").explain(content).content()}

    def explain(
        self, language: str = "en", sensitivity: Sensitivity | None = None, vintages: Vintages | None = None
    ) -> Any:
        """Say in prose what was found, how certain it is and what it depends on.

        Parameters
        ----------
        language : {"en", "ar", "ckb"}
            English, Arabic or Sorani Kurdish.
        sensitivity : Sensitivity, optional
            What `Estimate.sensitivity` gave: then also which source moves the figure most.
        vintages : Backtest, optional
            What `undercount.backtest` gave for the same case: then also how the figure grew.

        Returns
        -------
        undercount.report.explaining.Explanation
            Every figure in it points to its place in `Estimate.summary`, called with the same arguments.

        Raises
        ------
        RunError
            If the language is another one.
        """
        content = self._content_to_explain(sensitivity, vintages)
        return import_module("undercount.report.explaining").explain(content, language)

    def _content_to_explain(self, sensitivity: Sensitivity | None, vintages: Vintages | None) -> dict[str, Any]:
        content = deepcopy(self._summarised)
        if sensitivity is not None:
            content["sensitivity"] = sensitivity_content(self, sensitivity)
        if vintages is not None:
            content["vintages"] = vintages_content(vintages)
        return content

    def report(
        self,
        path: str | os.PathLike[str],
        language: str = "en",
        sensitivity: Sensitivity | None = None,
        vintages: Vintages | None = None,
    ) -> Path:
        """Write a report for people: one HTML file that needs no script, no network and nothing beside it.

        Parameters
        ----------
        path : path
        language : {"en", "ar", "ckb"}
            English, Arabic or Sorani Kurdish.
        sensitivity : Sensitivity, optional
            What `Estimate.sensitivity` gave; without it the report does not say what would change the figure.
        vintages : Backtest, optional
            What `undercount.backtest` gave for the same case; without it, not how the figure grew.

        Raises
        ------
        RunError
            If the language is another one.
        StoreError
            If it cannot be written; a file that was there before is then unchanged.
        """
        findings = import_module("undercount.report.page.findings").Findings(self, sensitivity, vintages)
        written: Path = import_module("undercount.report.page.writing").write_report(findings, path, language)
        return written

    @property
    def plot(self) -> Any:
        """Figures: `timeline()`, `toll(by)`, `sources()`, `prior_posterior()`, `sensitivity()`."""
        return import_module("undercount.report.charts.plots").Plots(self)

    def save(self, path: str | os.PathLike[str]) -> None:
        """Write the draws, the evidence and the configuration to one netCDF file.

        Raises
        ------
        StoreError
            If it cannot be written; a file that was there before is then unchanged.
        """
        from undercount.estimators.store import save

        save(self, path)

    def export(self, path: str | os.PathLike[str], format: str | None = None) -> tuple[Path, ...]:
        """Write the estimate for other programs: tables, a spreadsheet, provenance, references.

        Parameters
        ----------
        path : path
            A file; of csv and parquet a folder, or a file that ends in ``.zip``.
        format : {"csv", "xlsx", "parquet", "netcdf", "json-ld", "bibtex"}, optional
            By default that of the suffix: ``.zip`` (csv), ``.xlsx``, ``.nc``, ``.jsonld``, ``.bib``.

        Returns
        -------
        tuple of Path
            What was written.

        Raises
        ------
        RunError
            If there is no such format, or the path does not say which. Of netCDF also if matched lists
            hold counts of a few persons.
        StoreError
            If it cannot be written; what was there before is then unchanged.
        """
        found: tuple[Path, ...] = import_module("undercount.report.exports").export(self, path, format)
        return found

    def content(self) -> dict[str, Any]:
        """All but the draws, ready for JSON."""
        evidence = self.evidence
        return {
            "case": evidence.case.model_dump(mode="json"),
            "sources": [source.model_dump(mode="json") for source in evidence.sources],
            "reports": [report.model_dump(mode="json") for report in evidence.reports],
            "validation": [dict(row) for row in evidence.validation],
            "configuration": dict(self.configuration),
            "seed": int(self.seed),
            "versions": dict(self.versions),
            "question": None if self.question is None else self.question.model_dump(mode="json"),
        }

    @classmethod
    def of_content(cls, content: Mapping[str, Any], sampled: Draws) -> Estimate:
        """Make an estimate of its content and its draws."""
        evidence = Evidence(
            case=Case.model_validate_json(json.dumps(content["case"])),
            sources=tuple(Source.model_validate_json(json.dumps(row)) for row in content["sources"]),
            reports=tuple(Report.model_validate_json(json.dumps(row)) for row in content["reports"]),
            validation=tuple(content["validation"]),
        )
        question = content["question"]
        return cls(
            evidence=evidence,
            sampled=sampled,
            configuration=content["configuration"],
            seed=content["seed"],
            versions=content["versions"],
            question=None if question is None else Estimand.model_validate_json(json.dumps(question)),
        )

    def _repr_html_(self) -> str:
        html: str = import_module("undercount.report.notebook").estimate_html(self)
        return html

    def __repr__(self) -> str:
        verdict = "gates passed" if self.check().passed else "GATES FAILED: do not quote"
        return f"Estimate({verdict}; {self.estimand}: {self.toll()!r})"


def _frame(rows: Sequence[Row]) -> pd.DataFrame:
    import pandas as pd

    return pd.DataFrame(list(rows))
