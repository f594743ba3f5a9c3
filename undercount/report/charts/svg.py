"""A chart as SVG that stands in a page: its colours are the page's, and nothing in it runs, loads or styles.

What matplotlib writes is read by an XML parser and changed: declarations of style become attributes, since a page with
a strict policy ignores any style that it does not know; the house's colours become variables; names become unique in
the page.
"""

from __future__ import annotations

import threading
from io import BytesIO
from typing import TYPE_CHECKING, Final
from xml.etree import ElementTree as ET

import matplotlib as mpl

from undercount.report.charts.glyphs import any_script
from undercount.report.charts.look import is_right_to_left
from undercount.report.charts.page import GROUND
from undercount.report.charts.palette import VARIABLES

if TYPE_CHECKING:
    from collections.abc import Iterator

    from matplotlib.figure import Figure

_ONE_AT_A_TIME: Final = threading.Lock()
_SVG: Final = "{http://www.w3.org/2000/svg}"
_HREF: Final = "{http://www.w3.org/1999/xlink}href"
_KEPT: Final = frozenset({"svg", "g", "path", "rect", "circle", "line", "use", "defs", "clipPath", "text", "tspan"})
"""Elements that a chart of this house is made of."""
_DROPPED: Final = frozenset({"font-family", "font-style", "font-variant", "font-stretch", "stroke-dashoffset"})
_ANCHORS: Final = {"start": "end", "end": "start"}
_COLOURED: Final = ("fill", "stroke")
_MEASURED: Final = frozenset({"d", "x", "y", "width", "height"})
_DEFAULT: Final = {"stroke-linejoin": "round", "stroke-linecap": "butt", "direction": "ltr"}


def svg(figure: Figure, *, title: str, description: str, prefix: str) -> str:
    """Write a chart as an element of a page.

    Parameters
    ----------
    figure : matplotlib.figure.Figure
        Of this package: in the house's colours, without images.
    title, description : str
        What the chart is, and what it shows, for those who do not see it.
    prefix : str
        Letters, digits and hyphens; a name in the page that no other chart has.

    Returns
    -------
    str
        `<svg role="img" ...>`, as wide as what it stands in. Colours are the variables of `palette.colour_css`; parts
        that the chart names carry their name as `data-part`. The same figure gives the same bytes.

    Raises
    ------
    ValueError
        If the figure holds something that no chart of this package has.
    """
    root = ET.fromstring(_written(figure, prefix))  # noqa: S314 - matplotlib wrote it a moment ago
    for unwanted in (f"{_SVG}metadata", f"{_SVG}style"):
        _remove(root, unwanted)
    names = _names(root, prefix)
    made = ET.Element("svg", {"xmlns": _SVG.strip("{}"), **_frame(root, prefix)})
    for tag, text in (("title", title), ("desc", description)):
        ET.SubElement(made, tag, {"id": f"{prefix}-{tag}"}).text = text
    for child in root:
        _add(made, child, names)
    return ET.tostring(made, encoding="unicode", xml_declaration=False)


def _written(figure: Figure, prefix: str) -> bytes:
    """Let matplotlib write; what it must be told it reads from its global state only, which is put back at once."""
    stream = BytesIO()
    told = mpl.rc_context({"svg.fonttype": "none", "svg.hashsalt": prefix})
    with _ONE_AT_A_TIME, told, any_script():
        figure.savefig(stream, format="svg", metadata={"Date": None})
    return stream.getvalue()


def _frame(root: ET.Element, prefix: str) -> dict[str, str]:
    labels = f"{prefix}-title {prefix}-desc"
    box = root.attrib["viewBox"]
    return {"viewBox": box, "width": "100%", "role": "img", "aria-labelledby": labels, **_DEFAULT}


def _remove(root: ET.Element, tag: str) -> None:
    for parent in root.iter():
        for child in parent.findall(tag):
            parent.remove(child)


def _names(root: ET.Element, prefix: str) -> dict[str, str]:
    """Give each name that something refers to one that is unique in the page."""
    used = dict.fromkeys(name for element in root.iter() for name in _referred(element))
    return {name: f"{prefix}-{number}" for number, name in enumerate(used)}


def _referred(element: ET.Element) -> Iterator[str]:
    if _HREF in element.attrib:
        yield element.attrib[_HREF].removeprefix("#")
    if "clip-path" in element.attrib:
        yield _target(element.attrib["clip-path"])


def _target(reference: str) -> str:
    return reference.removeprefix("url(#").removesuffix(")")


def _add(parent: ET.Element, element: ET.Element, names: dict[str, str]) -> None:
    """Copy an element and what is in it, as a page may have it."""
    tag = element.tag.removeprefix(_SVG)
    if element.attrib.get("id") == GROUND:
        return
    if tag not in _KEPT:
        raise ValueError(f"a chart in a page holds no <{tag}>")
    attributes = dict(_attributes(element, names))
    is_needed = attributes or tag != "g"
    made = ET.SubElement(parent, tag, attributes) if is_needed else parent
    if tag == "text":
        made.text = element.text
        _direct(made)
    for child in element:
        _add(made, child, names)
    if is_needed and tag in ("g", "defs") and not len(made):
        parent.remove(made)


def _attributes(element: ET.Element, names: dict[str, str]) -> Iterator[tuple[str, str]]:
    for name, value in element.attrib.items():
        if name == "style":
            yield from _declarations(value)
        elif name == _HREF:
            yield "href", f"#{names[value.removeprefix('#')]}"
        elif name == "clip-path":
            yield name, f"url(#{names[_target(value)]})"
        elif name == "id":
            yield from [("id", names[value])] if value in names else _part(value)
        elif name in _MEASURED:
            yield name, " ".join(map(_rounded, value.split()))
        elif not (name == "transform" and value.startswith("rotate(-0 ")):
            yield name, value


def _part(name: str) -> Iterator[tuple[str, str]]:
    """What the chart named; matplotlib names the rest by its kind and a number, such as `text_12`."""
    if "-" in name or not name.rpartition("_")[2].isdigit():
        yield "data-part", name


def _rounded(word: str) -> str:
    """A number to a hundredth of a point; a letter of a path as it is."""
    return word if word.isalpha() else f"{float(word):.2f}".rstrip("0").rstrip(".")


def _declarations(style: str) -> Iterator[tuple[str, str]]:
    """The declarations of a style attribute, each as an attribute of its own."""
    for declaration in style.split(";"):
        name, _, value = declaration.partition(":")
        name, value = name.strip(), value.strip()
        if name in _COLOURED:
            yield name, VARIABLES.get(value.lower(), value)
        elif name and name not in _DROPPED:
            yield name, value


def _direct(text: ET.Element) -> None:
    """Say which way a text runs; `start` and `end` change their sides with it."""
    if not is_right_to_left(text.text or ""):
        return
    text.set("direction", "rtl")
    text.set("unicode-bidi", "embed")
    anchor = text.attrib.get("text-anchor", "start")
    text.set("text-anchor", _ANCHORS.get(anchor, anchor))
