"""Valid evidence whose names attack whatever shows them."""

from __future__ import annotations

from typing import Final

from tests.builders import INCIDENT, case_fields, make_evidence, make_report, make_source
from undercount.data import Case, Evidence, Kind

MARKUP: Final = "[bold red]not markup[/] :skull:"
SCRIPT: Final = "<script>alert(1)</script>"
FORMULA: Final = "=HYPERLINK(0)"
MATHS: Final = r"$\frac{1}{0$ and $x^$"
REVERSED: Final = "abc\u202edef"
LONG: Final = "name" * 500
WIDE: Final = "西摩苏尔" * 20


def hostile_evidence() -> Evidence:
    """Evidence of testland with such names in title, levels, incident, sources and reasons."""
    fields = case_fields()
    fields["title"] = f"{SCRIPT} {MARKUP} {MATHS} {REVERSED}"
    fields["dimensions"] = {
        "actor": {"levels": {"red": FORMULA, "blue": LONG}},
        "area": {"levels": {"north": f"+{SCRIPT}", "south": MARKUP}},
    }
    fields["incidents"] = (
        *({**incident, "title": f"{MATHS} {LONG}"} for incident in fields["incidents"]),
        *({**fields["incidents"][0], "incident": f"extra-{i}", "title": f"{WIDE} {i}"} for i in range(20)),
    )
    sources = (
        make_source(name=f"{SCRIPT} {MARKUP}"),
        make_source(source="press", name=LONG, kind=Kind.CLAIMANT),
        make_source(source="wide", name=WIDE, kind=Kind.CLAIMANT),
        make_source(source="bidi", name=f"{REVERSED} {MATHS}", kind=Kind.CLAIMANT),
    )
    reports = (
        make_report(report="[red]r1[/red]"),
        make_report(report="r2", source="press", incident=INCIDENT, actors=("red", "blue")),
        make_report(report="r3" * 60, source="wide", areas=("north", "south"), window_end=fields["timeline"]["end"]),
        make_report(report="=r4", source="bidi"),
        make_report(report="<b>r5</b>", used=False, reason=f"{MARKUP} {SCRIPT} {LONG}"),
    )
    return make_evidence(reports, case=Case.model_validate(fields), sources=sources)
