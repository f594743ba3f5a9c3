"""Blocking: pairs of records that can be one incident at all, near in days and in place.

Each record is put into the weeks and the strips of latitude that it may lie in. Two records that share any are met in
the latest week and the northernmost beginning of the strips that they share, and so once only.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from undercount.data.matching.engine import database
from undercount.errors import EvidenceError

if TYPE_CHECKING:
    import pyarrow as pa
    from numpy.typing import NDArray

    from undercount.data.matching.settings import MatchSettings
    from undercount.data.matching.units import Units

    type Pairs = NDArray[np.int64]

MOST_PAIRS: Final = 5_000_000
DEGREE: Final = 111.2
"""Kilometres of a degree of latitude."""
EARTH: Final = 6371.0088
"""Mean radius, in kilometres."""
_WEEK: Final = 7
_STRIP: Final = 0.5
"""Degrees of latitude."""
_CROSSED: Final = """
    WITH weeks AS (SELECT *, unnest(range(week_from, week_to + 1)) AS week FROM units),
    places AS (
        SELECT *, 'strip' AS kind, unnest(range(strip_from, strip_to + 1)) AS strip, '' AS here
        FROM weeks WHERE is_located
        UNION ALL
        SELECT *, 'area' AS kind, 0 AS strip, area AS here FROM weeks
    )
    SELECT one.unit AS one, other.unit AS other
    FROM places AS one JOIN places AS other
    ON one.kind = other.kind AND one.week = other.week AND one.strip = other.strip AND one.here = other.here
    WHERE one.unit < other.unit AND one.source <> other.source
    AND one.week = greatest(one.week_from, other.week_from)
    AND one.first <= other.last + $days AND other.first <= one.last + $days
    AND CASE WHEN one.is_located AND other.is_located
        THEN one.kind = 'strip' AND one.strip = greatest(one.strip_from, other.strip_from)
            AND one.south <= other.north AND other.south <= one.north
        ELSE one.kind = 'area' END
    ORDER BY 1, 2 LIMIT $most
"""


def candidates_of(units: Units, settings: MatchSettings) -> Pairs:
    """Pair the records of different sources that can be one incident.

    Parameters
    ----------
    units : Units
    settings : MatchSettings

    Returns
    -------
    ndarray of int64, shape (pairs, 2)
        Places of units, the first below the second; sorted. Where one of the two has no coordinates, they are of one
        area.

    Raises
    ------
    EvidenceError
        If there are more than five million.
    """
    table = _table(units, settings)
    with database() as connection:
        connection.register("units", table)
        asked = {"days": settings.days, "most": MOST_PAIRS + 1}
        found = connection.sql(_CROSSED, params=asked).to_arrow_table()
    pairs = np.stack([found[name].to_numpy() for name in ("one", "other")], axis=1).astype(np.int64)
    if len(pairs) > MOST_PAIRS:
        raise EvidenceError(
            f"more than {MOST_PAIRS:,} pairs of records are near enough to be one incident",
            code="import-too-many-pairs",
            where="matching",
            hint="allow fewer days or kilometres, or match fewer records at once: a part of the time, or of the area",
        )
    one, other = pairs.T
    far = kilometres(units, pairs) > settings.kilometres + units.error[one] + units.error[other]
    return np.asarray(pairs[~far])


def kilometres(units: Units, pairs: Pairs) -> NDArray[np.float64]:
    """Great-circle distance of the places of each pair, shape (pairs,); NaN where one has none."""
    one, other = pairs.T
    latitude, longitude = np.radians(units.latitude), np.radians(units.longitude)
    half = np.sin((latitude[other] - latitude[one]) / 2) ** 2
    half = half + np.cos(latitude[one]) * np.cos(latitude[other]) * np.sin((longitude[other] - longitude[one]) / 2) ** 2
    return np.asarray(2 * EARTH * np.arcsin(np.sqrt(np.clip(half, 0.0, 1.0))))


def _table(units: Units, settings: MatchSettings) -> pa.Table:
    import pyarrow as pa

    located = ~np.isnan(units.latitude)
    # Half of what is allowed on either side: two records near enough share a week and a strip.
    half = (settings.days + 1) // 2
    reach = np.where(located, settings.kilometres / 2 + units.error, 0.0) / DEGREE
    south, north = (np.where(located, units.latitude + sign * reach, 0.0) for sign in (-1, 1))
    columns = {
        "unit": np.arange(len(units)),
        "source": units.source,
        "first": units.first,
        "last": units.last,
        "week_from": (units.first - half) // _WEEK,
        "week_to": (units.last + half) // _WEEK,
        "is_located": located,
        "south": south,
        "north": north,
        "strip_from": np.floor(south / _STRIP).astype(np.int64),
        "strip_to": np.floor(north / _STRIP).astype(np.int64),
        "area": np.asarray(units.records["area"].cast("string").to_numpy(zero_copy_only=False), dtype=object),
    }
    return pa.table({name: pa.array(values) for name, values in columns.items()})
