"""Victims that are known, and lists of them with errors of writing."""

from __future__ import annotations

import csv
from datetime import date, timedelta
from typing import TYPE_CHECKING, Final

import numpy as np

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

GIVEN: Final = (
    "محمد أحمد علي حسين حسن عمر خالد إبراهيم يوسف مصطفى فاطمة زينب مريم عائشة هدى سناء نور رنا ليلى سعاد".split()
)
FAMILY: Final = "الجبوري العبيدي الدليمي الحمداني الطائي الشمري الزيدي العزاوي الراوي الحديدي التكريتي النعيمي".split()
PLACES: Final = "الموصل كركوك الرمادي أربيل بغداد تكريت".split()
LISTS: Final = {"morgue": 0.55, "press": 0.45, "families": 0.4}


def people(seed: int, path: Path, victims: int = 400, mark: str = "") -> NDArray[np.int64]:
    """Write lists of victims; give the victim of each row. A mark is added to every name."""
    rng = np.random.default_rng(seed)
    known = []
    for _ in range(victims):
        words = [*rng.choice(GIVEN, 3), str(rng.choice(FAMILY))]
        day = date(2017, 1, 1) + timedelta(days=int(rng.integers(0, 200)))
        known.append((words, int(rng.integers(0, 80)), str(rng.choice(["f", "m"])), day, str(rng.choice(PLACES))))
    rows, truth = [], []
    for name, share in LISTS.items():
        for victim in np.flatnonzero(rng.random(victims) < share).tolist():
            rows.append(_row(rng, name, known[victim], mark))
            truth.append(victim)
    order = rng.permutation(len(rows)).tolist()
    with path.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream, lineterminator="\n")
        writer.writerow(["list", "name", "age", "sex", "date", "place"])
        writer.writerows(rows[place] for place in order)
    return np.array([truth[place] for place in order])


def _row(rng: np.random.Generator, source: str, victim: tuple[list[str], int, str, date, str], mark: str) -> list[str]:
    words, age, sex, day, place = victim
    if rng.random() < 0.2:
        words = [words[0], *words[2:]]
    text = " ".join(words)
    if rng.random() < 0.3:
        text = text.replace("أ", "ا").replace("إ", "ا").replace("ة", "ه").replace("ى", "ي")
    if rng.random() < 0.15:
        at = int(rng.integers(1, len(text) - 1))
        text = text[:at] + text[at + 1 :]
    told = age + int(rng.integers(-2, 3)) if rng.random() < 0.3 else age
    seen = day + timedelta(days=int(rng.integers(1, 5))) if rng.random() < 0.2 else day
    return [
        source, f"{text} {mark}".strip(), str(max(told, 0)) if rng.random() < 0.8 else "",
        sex if rng.random() < 0.95 else "", seen.isoformat() if rng.random() < 0.9 else "",
        place if rng.random() < 0.9 else "",
    ]  # fmt: skip
