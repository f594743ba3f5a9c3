"""An estimator without a sampler, whose toll is a fixed multiple of what the used reports add up to."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from tests.estimators.synthetic import make_estimate, values_of, with_draws
from undercount.errors import ModelError
from undercount.models.claims import select_reports

if TYPE_CHECKING:
    from undercount.data import Evidence
    from undercount.estimators import Estimate


@dataclass
class Proportional:
    """Keeps the hash of what it was fitted to."""

    multiple: int = 1
    versions: dict[str, str] = field(default_factory=lambda: {"undercount": "0.1.0"})
    fitted: list[str] = field(default_factory=list)

    def fit(self, evidence: Evidence, *, seed: int = 1, as_of: Any = None, progress: Any = None) -> Estimate:
        self.fitted.append(evidence.sha256)
        if progress is not None:
            progress(f"as of {as_of}")
        if not any(report.source == "un" for report in evidence.used):
            raise ModelError("nothing by un", code="model-empty", hint="add some")
        made = make_estimate(evidence, seed=seed, prior=10, draws=100)
        total = self.multiple * sum(report.value or 0 for report in select_reports(evidence)[0])
        scaled = with_draws(made, "posterior", deaths=values_of(made, "posterior", "deaths") * total)
        configuration = {**scaled.configuration, "multiple": self.multiple, "as_of": as_of}
        return replace(scaled, configuration=configuration, versions=self.versions)
