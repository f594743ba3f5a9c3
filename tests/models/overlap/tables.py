"""Tables of overlapping lists that were published, as counts of patterns: bit j of an index is list j."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Counts = NDArray[np.int64]


def _of(text: str) -> Counts:
    return np.array([0, *map(int, text.split())], np.int64)


KOSOVO_LISTS = ("EXH", "ABA", "OSCE", "HRW")
KOSOVO = _of("1131 845 177 936 228 217 181 306 106 31 18 123 42 32 27")
"""Killings in Kosovo, 20 March to 22 June 1999, by exhumations, the American Bar Association, OSCE and Human Rights
Watch: Ball, Betts, Scheuren, Dudukovich and Asher 2002, *Killings and Refugee Flow in Kosovo, March-June 1999*."""

UK_LISTS = ("LA", "NG", "PFNCA", "GO", "GP")
UK = _of("54 463 15 995 19 62 1 695 3 19 1 76 0 4 1 316 0 1 0 11 0 0 0 8 0 0 0 0 0 0 0")
"""Victims of modern slavery in the UK, 2013: Silverman 2014, *Modern Slavery: an application of multiple systems
estimation*, Home Office; police forces and the National Crime Agency taken as one list."""

KOREA = _of("5 5 54 41 6 0 12")
"""Women of the three lists of sexual slavery in Palembang, 1942-1945 (lists b, c and d): Ball, Shin and Yang 2018,
*There may have been 14 undocumented Korean "comfort women" in Palembang, Indonesia*, HRDAG."""

MADIGAN_YORK = _of("247 49 142 60 112 4 12")
"""The example with three lists of Madigan and York 1997, Biometrika 84, 19: spina bifida in upstate New York by birth
certificates, death certificates and rehabilitation; as in the manual of the R package dga 2.0.1, `bma.cr`."""

SPINA_BIFIDA = _of("83 97 30 4 3 2 0 37 34 37 23 1 0 3 0 27 36 22 5 4 5 1 3 19 18 25 8 1 2 5 2")
"""The example with five lists of Madigan and York 1997, as in the manual of the R package dga 2.0.1, `bma.cr`."""

ARTIFICIAL = _of("40 30 6 20 0 0 0")
"""Made up: only one pair of three lists overlaps."""

GAZA = _of("19048 5104 1929 1469 1173 351 197")
"""Deaths from traumatic injury in Gaza, 7 October 2023 to 30 June 2024, by hospital lists, a survey and social media:
Jamaluddine, Abukmail, Aly, Campbell and Checchi 2025, Lancet 405, 469."""
