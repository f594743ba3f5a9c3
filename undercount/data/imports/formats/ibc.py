"""Iraq Body Count: incidents in which civilians were killed, with the least and the most that was reported.

Iraq Body Count, https://www.iraqbodycount.org; Hicks et al. 2011, PLoS Medicine 8, e1000415. Use as its terms
allow, with attribution.

=======================================  =============================================================================
in the file                              in a record
=======================================  =============================================================================
IBC code                                 record
Start Date, End Date                     first and last day
Reported Minimum, Reported Maximum       low and high of civilians killed
Location                                 place; the area is its province, or else all of the case
Sources                                  whom the record cites
Perpetrators                             actors, where the file has such a column; else nobody is named
=======================================  =============================================================================
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from undercount.data.imports.columns import Field
from undercount.data.imports.contract import Asked, Format
from undercount.data.imports.drafting import Draft
from undercount.data.schema import Kind, Source

if TYPE_CHECKING:
    from collections.abc import Mapping

    from undercount.data.imports.columns import Columns
    from undercount.data.imports.incidents import Incidents

SOURCE: Final = Source(
    source="ibc",
    name="Iraq Body Count",
    kind=Kind.RECORDER,
    note="violent deaths of civilians in Iraq, from media reports and official figures",
)
NAMES: Final[Mapping[str, Mapping[str, str]]] = {
    "victims": {"civilians": "civilians"},
    "quantity": {"killed": "killed"},
}


def fields(_: Asked) -> tuple[Field, ...]:
    """Columns of the table of incidents."""
    return (
        Field("ibc_code", ("incident_code",), is_needed=True),
        Field("start_date", ("date_start",), is_needed=True),
        Field("reported_minimum", ("minimum", "deaths_minimum", "killed_minimum"), is_needed=True),
        Field("reported_maximum", ("maximum", "deaths_maximum", "killed_maximum"), is_needed=True),
        Field("end_date", ("date_end",)),
        Field("location", ("place",)),
        Field("province", ("governorate",)),
        Field("sources", ("media_sources",)),
        Field("perpetrators", ("perpetrator",)),
        Field("latitude", ()),
        Field("longitude", ()),
    )


def read(columns: Columns, asked: Asked) -> Incidents:
    """Read incidents into records."""
    draft = Draft(columns)
    start, end = draft.days("start_date", "end_date", asked.order)
    low, high = draft.counts("reported_minimum"), draft.counts("reported_maximum")
    low, high = np.where(np.isnan(low), high, low), np.where(np.isnan(high), low, high)
    draft.drop(high == 0, "nobody was killed, by its own figures")
    draft.drop(low > high, "its minimum is larger than its maximum")
    actors = draft.actors(draft.texts("perpetrators"), r"[;,|\n]")
    draft.add(
        high > 0,
        record=draft.cells("ibc_code"), source=SOURCE.source, start=start, end=end, low=low, high=high, actors=actors,
        attribution=np.where(actors == "", "unattributed", "stated"), victims="civilians", quantity="killed",
        area=draft.named("area", draft.texts("province"), asked.text("area", "")), place=draft.cells("location"),
        **draft.degrees("latitude", "longitude"), cites=draft.listed("sources"),
    )  # fmt: skip
    return draft.finish("ibc", (SOURCE,), NAMES)


FORMAT: Final = Format(
    name="ibc",
    title="Iraq Body Count (incidents)",
    about="civilians killed in Iraq, incident by incident, with the least and the most that was reported",
    licence="terms of Iraq Body Count; name it as the source",
    citation="Iraq Body Count, https://www.iraqbodycount.org; Hicks et al. 2011, PLoS Medicine 8, e1000415",
    fields=fields,
    lists_events=True,
    read=read,
    options={"area": "where no province is named [all of the case]"},
)
