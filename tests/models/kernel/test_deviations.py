"""The map of an anchored count in compiled code, against the one that is its specification."""

import numpy as np
import pytest

from undercount.models.anchors import Anchors
from undercount.models.kernel.deviations import anchored
from undercount.models.kernel.layout import Array, Readings

ENDS = [(307.0, 307.0), (30.0, 99_999.0), (2000.0, np.inf), (0.0, 12.0)]
BESIDE = (0.0, 40.0, 300.0, 5e3, 3e5)
"""From nothing to far more than each count."""
STEP = 1e-4


def readings(anchors: Anchors) -> Readings:
    none = {name: np.zeros(0, float if kind == Array else int) for name, kind in Readings.__annotations__.items()}
    maps = {name: getattr(anchors, name) for name in ("low", "width", "slope", "is_open", "is_released", "unit")}
    maps["is_mixed"] = anchors.is_mixed.astype(np.int64)
    return Readings(**none | {f"anchor_{name}": np.array(value) for name, value in maps.items()})


@pytest.mark.parametrize("is_mixed", [False, True])
@pytest.mark.parametrize("ends", ENDS)
def test_the_map_and_its_derivatives_are_those_of_the_anchor(ends: tuple[float, float], is_mixed: bool) -> None:
    low, high = (np.array([end]) for end in ends)
    anchors = Anchors.at(np.array([0]), low, high, np.array([is_mixed]))
    packed, unit = readings(anchors), float(anchors.unit[0])
    for x in np.linspace(-6.0, 6.0, 25):
        for beside in BESIDE if is_mixed else BESIDE[:1]:
            seen, by_x, by_beside, turn, to_beside = anchored(packed, 0, x, beside)
            at = np.array([x]), np.array([beside])
            assert seen == pytest.approx(anchors.log_seen(np, *at)[0], rel=1e-12, abs=1e-12)
            assert np.log(by_x) == pytest.approx(anchors.log_slope(np, *at)[0], rel=1e-11, abs=1e-11)
            scale = max(1.0, abs(seen))
            (less, before), (more, after) = (anchored(packed, 0, x + way * STEP, beside)[:2] for way in (-1, 1))
            assert by_x == pytest.approx((more - less) / (2 * STEP), rel=1e-6, abs=1e-8 * scale)
            assert turn == pytest.approx(np.log(after / before) / (2 * STEP), rel=1e-5, abs=1e-6)
            if is_mixed:
                step = STEP * unit
                (less, before), (more, after) = (anchored(packed, 0, x, beside + way * step)[:2] for way in (-1, 1))
                assert by_beside == pytest.approx((more - less) / (2 * step), rel=1e-5, abs=1e-9 * scale)
                assert to_beside == pytest.approx(np.log(after / before) / (2 * step), rel=1e-5, abs=1e-8)
