"""One world that is matched once."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.data.matching.world import World, world
from undercount.data.matching import Matches, match

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


@pytest.fixture(scope="session")
def made() -> World:
    return world(7, incidents=160, days=120)


@pytest.fixture(scope="session")
def matched(made: World) -> Matches:
    return match(made.records)


@pytest.fixture(scope="session")
def truth(made: World, matched: Matches) -> NDArray[np.int64]:
    return made.incident_of(matched.units)
