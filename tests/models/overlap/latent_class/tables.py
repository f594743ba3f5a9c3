"""Published tables, by pattern: bit j of the index says whether a victim is on list j; entry 0 is unknown."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Counts = NDArray[np.int64]


def _patterns(lists: int, counts: dict[int, int]) -> Counts:
    table = np.zeros(1 << lists, dtype=np.int64)
    for pattern, count in counts.items():
        table[pattern] = count
    return table


KOSOVO = np.array([0, 1131, 845, 177, 936, 228, 217, 181, 306, 106, 31, 18, 123, 42, 32, 27])
"""Lists EXH, ABA, OSCE, HRW: Ball, Betts, Scheuren, Dudukovich and Asher 2002, *Killings and Refugee Flow*."""

UK_FIVE = _patterns(5, {
    1: 54, 2: 463, 3: 15, 4: 995, 5: 19, 6: 62, 7: 1, 8: 695, 9: 3, 10: 19, 11: 1, 12: 76, 14: 4, 15: 1, 16: 316, 18: 1,
    20: 11, 24: 8,
})  # fmt: skip
"""Lists LA, NG, PF with NCA, GO, GP, of 2013: Silverman 2020, JRSS A 183, 691-736."""

UK_SIX = _patterns(6, {
    1: 54, 2: 463, 3: 15, 4: 907, 5: 19, 6: 56, 7: 1, 8: 695, 9: 3, 10: 19, 11: 1, 12: 69, 14: 4, 15: 1, 16: 316, 18: 1,
    20: 10, 24: 8, 32: 57, 34: 3, 36: 31, 38: 3, 40: 6, 44: 1, 48: 1,
})  # fmt: skip
"""The same with PF and NCA apart: Silverman 2014, *Modern Slavery: an application of Multiple Systems Estimation*."""

KOREA = np.array([0, 5, 5, 54, 41, 6, 0, 12])
"""Lists b, c, d, Palembang: Ball, Shin and Yang 2018, Human Rights Data Analysis Group."""

GAZA = np.array([0, 19048, 5104, 1929, 1469, 1173, 351, 197])
"""Hospital, survey, social media, to 30 June 2024: Jamaluddine et al. 2025, Lancet 405, 469-477."""

SPINA_BIFIDA = np.array(
    [0, 83, 97, 30, 4, 3, 2, 0, 37, 34, 37, 23, 1, 0, 3, 0, 27, 36, 22, 5, 4, 5, 1, 3, 19, 18, 25, 8, 1, 2, 5, 2]
)
"""Five lists of children with Down's syndrome, called so by mistake: Madigan and York 1997, Biometrika 84, 19-31."""

NO_OVERLAP = np.array([0, 50, 40, 0, 30, 0, 0, 0])
"""Made: three lists that share nobody."""

SMALL = np.array([0, 9, 7, 3, 8, 2, 4, 3])
"""Made: 36 victims on three lists."""
