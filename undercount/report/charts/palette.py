"""The colours of every chart, on light and on dark ground, and the variables of CSS that carry them.

Hues are those of Okabe and Ito (2008), which people with any colour vision can tell apart, made darker on light ground
and lighter on dark ground until text in them reaches a contrast of 4.5:1; what a colour says is also said by a shape or
a word.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Mapping

LIGHT: Final[Mapping[str, str]] = {
    "page": "#ffffff",
    "ink": "#1a1a1a",
    "muted": "#595959",
    "faint": "#dddddd",
    "prior": "#757575",
    "band-95": "#e4e4e4",
    "band-80": "#cbcbcb",
    "band-50": "#a6a6a6",
    "window": "#fbf8e6",
    "alarm": "#b00020",
    "recorder": "#0062a3",
    "claimant": "#bd5200",
    "belligerent": "#00825f",
    "relay": "#b3568a",
}
"""Name of a colour, which is that of its CSS variable after two dashes -> the colour on light ground."""
DARK: Final[Mapping[str, str]] = {
    "page": "#16181b",
    "ink": "#f1f1ee",
    "muted": "#b4b4b0",
    "faint": "#3a3d42",
    "prior": "#9a9a96",
    "band-95": "#30353c",
    "band-80": "#474e57",
    "band-50": "#626a74",
    "window": "#24241a",
    "alarm": "#ff8a8f",
    "recorder": "#58aee8",
    "claimant": "#f28e3c",
    "belligerent": "#4fdcb0",
    "relay": "#e59ac9",
}
VARIABLES: Final[Mapping[str, str]] = {colour: f"var(--{name}, {colour})" for name, colour in LIGHT.items()}
"""Colour on light ground -> what an SVG in a page says in its place."""


def colour_css() -> str:
    """Write the variables for a page: light, dark where the reader asks for it, and light on paper.

    Returns
    -------
    str
        Rules for `:root`; `data-theme="light"` or `"dark"` on it overrides what the reader's device asks for.

    Examples
    --------
    >>> colour_css().splitlines()[0][:38]
    ':root { color-scheme: light; --page: #'
    """
    light, dark = _declared("light", LIGHT), _declared("dark", DARK)
    return (
        f":root {light}\n"
        f'@media screen and (prefers-color-scheme: dark) {{ :root:not([data-theme="light"]) {dark} }}\n'
        f'@media screen {{ :root[data-theme="dark"] {dark} }}\n'
    )


def _declared(scheme: str, colours: Mapping[str, str]) -> str:
    return f"{{ color-scheme: {scheme}; " + " ".join(f"--{name}: {colour};" for name, colour in colours.items()) + " }"
