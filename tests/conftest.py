"""One real fit of a small case for the whole session: it is compiled once and serves every folder of tests."""

from __future__ import annotations

import signal
from typing import TYPE_CHECKING

import pytest

from tests.estimators.fitted import CHAINS, DRAWS, SEED, TUNE, small_evidence

if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:  # so a shell starts what it puts in the background
    signal.signal(signal.SIGINT, signal.default_int_handler)

if TYPE_CHECKING:
    from undercount.estimators import Estimate
    from undercount.estimators.fitting import Fit
    from undercount.sampling import Progress


class RealFit:
    """What one call of `CountFusion.fit` made: the compiled fit, the estimate, what progress was told."""

    def __init__(self) -> None:
        from undercount.estimators import CountFusion, count_fusion, fitting

        made: list[Fit] = []
        self.told: list[Progress] = []

        def keep(*args: object) -> Fit:
            made.append(fitting.Fit(*args))  # type: ignore[arg-type]
            return made[-1]

        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(count_fusion, "Fit", keep)
            estimator = CountFusion(chains=CHAINS, draws=DRAWS, tune=TUNE, cores=2, retry=False)
            self.estimate: Estimate = estimator.fit(small_evidence(), seed=SEED, progress=self.told.append)
        (self.fit,) = made


@pytest.fixture(scope="session")
def real_fit() -> RealFit:
    """Compilation and sampling of `tests.estimators.fitted.small_evidence`; the only one of the fast suite."""
    return RealFit()


@pytest.fixture(scope="session")
def fit(real_fit: RealFit) -> Fit:
    """The compiled fit: `fit.run(seed, without=[...])` samples again without compiling."""
    return real_fit.fit


@pytest.fixture(scope="session")
def estimate(real_fit: RealFit) -> Estimate:
    """The estimate of `CountFusion(chains=4, draws=800, tune=500, retry=False).fit(small_evidence(), seed=1)`."""
    return real_fit.estimate
