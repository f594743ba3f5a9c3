"""The colours: text in them can be read on either ground, and no two kinds of source look alike to anybody."""

from __future__ import annotations

from itertools import combinations
from typing import TYPE_CHECKING

import numpy as np
import pytest

from undercount.report.charts.palette import DARK, LIGHT, VARIABLES, colour_css

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    Array = NDArray[np.float64]

GROUNDS = {"light": LIGHT, "dark": DARK}
WRITTEN = ("ink", "muted", "prior", "alarm", "recorder", "claimant", "belligerent", "relay")
KINDS = ("recorder", "claimant", "belligerent", "relay")
# Machado, Oliveira and Fernandes 2009 (IEEE Transactions on Visualization 15, 1291), severity 1.0.
SEEN_BY = {
    "everybody": np.eye(3),
    "protanopia": [[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216], [-0.003882, -0.048116, 1.051998]],
    "deuteranopia": [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [-0.01182, 0.04294, 0.968881]],
    "tritanopia": [[1.255528, -0.076749, -0.178779], [-0.078411, 0.930809, 0.147602], [0.004733, 0.691367, 0.3039]],
}


def linear(colour: str) -> Array:
    """Red, green and blue as amounts of light."""
    values = np.array([int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5)])
    return np.where(values <= 0.04045, values / 12.92, ((values + 0.055) / 1.055) ** 2.4)


def contrast(one: str, other: str) -> float:
    """As WCAG 2.2 defines it."""
    lights = sorted(float(linear(colour) @ [0.2126, 0.7152, 0.0722]) for colour in (one, other))
    return (lights[1] + 0.05) / (lights[0] + 0.05)


def lab(light: Array) -> Array:
    """CIELAB of amounts of light under D65."""
    matrix = np.array([[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505]])
    ratio = matrix @ np.clip(light, 0, 1) / [0.9505, 1.0, 1.089]
    root = np.where(ratio > 0.008856, np.cbrt(ratio), 7.787 * ratio + 16 / 116)
    return np.array([116 * root[1] - 16, 500 * (root[0] - root[1]), 200 * (root[1] - root[2])])


def test_contrast_is_that_of_the_guideline() -> None:
    assert contrast("#000000", "#ffffff") == pytest.approx(21.0)
    assert contrast("#767676", "#ffffff") == pytest.approx(4.54, abs=0.01)


@pytest.mark.parametrize("ground", GROUNDS)
@pytest.mark.parametrize("name", WRITTEN)
def test_text_can_be_read_on_the_page(ground: str, name: str) -> None:
    colours = GROUNDS[ground]
    assert contrast(colours[name], colours["page"]) >= 4.5


@pytest.mark.parametrize("ground", GROUNDS)
def test_the_median_is_seen_on_every_band(ground: str) -> None:
    colours = GROUNDS[ground]
    assert all(contrast(colours["ink"], colours[f"band-{prob}"]) >= 4.5 for prob in (50, 80, 95))


@pytest.mark.parametrize("ground", GROUNDS)
@pytest.mark.parametrize("eye", SEEN_BY)
def test_kinds_differ_to_every_eye(ground: str, eye: str) -> None:
    seen = {kind: lab(np.array(SEEN_BY[eye]) @ linear(GROUNDS[ground][kind])) for kind in KINDS}
    distances = {pair: float(np.linalg.norm(seen[pair[0]] - seen[pair[1]])) for pair in combinations(KINDS, 2)}
    # A difference of 2.3 is just seen; the least of the four of Okabe and Ito themselves is 17.
    assert min(distances.values()) > 13, distances


def test_both_grounds_have_the_same_names() -> None:
    assert list(LIGHT) == list(DARK)
    assert len(VARIABLES) == len(LIGHT), "a colour that two names share has no name of its own"
    css = colour_css()
    found: Mapping[str, int] = {name: css.count(f"--{name}: ") for name in LIGHT}
    assert set(found.values()) == {3}
