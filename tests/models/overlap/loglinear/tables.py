"""Published tables of capture patterns, bit j of an index for list j, entry 0 for the unknown victims."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from undercount.models.overlap.loglinear.tables import Whole


def table(lists: int, **counts: int) -> Whole:
    """Counts by the numbers of the lists, from 1 on: `_13=7` are seven victims on the first and the third only."""
    found = np.zeros(2**lists, dtype=np.int64)
    for pattern, count in counts.items():
        found[sum(1 << int(j) - 1 for j in pattern[1:])] = count
    return found


KOSOVO_LISTS = ("EXH", "ABA", "OSCE", "HRW")
KOSOVO = table(
    4,
    _1=1131,
    _2=845,
    _3=936,
    _4=306,
    _12=177,
    _13=228,
    _14=106,
    _23=217,
    _24=31,
    _34=123,
    _123=181,
    _124=18,
    _134=42,
    _234=32,
    _1234=27,
)
"""Killings in Kosovo, March to June 1999: Ball, Betts, Scheuren, Dudukovich and Asher 2002, *Killings and Refugee Flow
in Kosovo*, AAAS."""

UK_LISTS = ("LA", "NG", "PFNCA", "GO", "GP")
UK = table(
    5,
    _1=54,
    _2=463,
    _3=995,
    _4=695,
    _5=316,
    _12=15,
    _13=19,
    _14=3,
    _23=62,
    _24=19,
    _25=1,
    _34=76,
    _35=11,
    _45=8,
    _123=1,
    _124=1,
    _234=4,
    _1234=1,
)
"""Victims of trafficking in the United Kingdom, 2013: Silverman 2014, *Modern Slavery: an application of multiple
systems estimation*, Home Office; five lists as in Chan, Silverman and Vincent 2021."""

KOREA_LISTS = ("b", "c", "d")
KOREA = table(3, _1=5, _2=5, _3=41, _12=54, _13=6, _23=0, _123=12)
"""The data set Korea of the R package MultipleSystemsEstimation, used by Silverman, Chan and Vincent 2024 (Statistics
and Computing, doi 10.1007/s11222-023-10346-9)."""

GAZA = table(3, _1=19048, _2=5104, _3=1469, _12=1929, _13=1173, _23=351, _123=197)
"""Deaths by traumatic injury in Gaza to 30 June 2024 (hospital lists, survey, social media): Jamaluddine and others
2025, Lancet 405, 469."""

ARTIFICIAL = table(3, _1=40, _2=30, _3=20, _12=6)
"""Chan, Silverman and Vincent 2021 (J. Am. Stat. Assoc. 116, 1297), table 2."""

SPINA_BIFIDA = table(
    5,
    _5=27,
    _4=37,
    _45=19,
    _3=4,
    _35=4,
    _34=1,
    _345=1,
    _2=97,
    _25=22,
    _24=37,
    _245=25,
    _23=2,
    _235=1,
    _234=3,
    _2345=5,
    _1=83,
    _15=36,
    _14=34,
    _145=18,
    _13=3,
    _135=5,
    _134=0,
    _1345=2,
    _12=30,
    _125=5,
    _124=23,
    _1245=8,
    _123=0,
    _1235=3,
    _1234=0,
    _12345=2,
)
"""Children with spina bifida in upstate New York, five lists: Madigan and York 1997, Biometrika 84, 19."""

DARROCH = table(3, _123=72, _12=155, _13=7, _1=71, _23=13, _2=53, _3=43)
"""Stratum R3 of the census data of Darroch, Fienberg, Glonek and Junker 1993, J. Am. Stat. Assoc. 88, 1137."""

DIABETES = table(
    4,
    _1234=58,
    _123=157,
    _124=18,
    _12=104,
    _134=46,
    _13=650,
    _14=12,
    _1=709,
    _234=14,
    _23=20,
    _24=7,
    _2=74,
    _34=8,
    _3=182,
    _4=10,
)
"""Diabetes in Casale Monferrato: Bruno and others 1994, Diabetes Care 17, 548."""

INJURIES = table(
    4,
    _1234=72,
    _123=5,
    _124=29,
    _12=53,
    _134=24,
    _13=3,
    _14=12,
    _1=14,
    _234=0,
    _23=0,
    _24=0,
    _2=1,
    _34=0,
    _3=0,
    _4=2,
)
"""Deaths by industrial injury in Maryland (death certificates, NTOF, WCC, MOSH): Cormack, Chang and Smith 2000, Int. J.
Epidemiol. 29, table 3a."""

INJURIES_3 = table(3, _123=72, _12=5, _13=29, _1=54, _23=24, _2=3, _3=14)
"""The same without the first list, table 3b."""
