"""From the flat vectors back to named arrays, inside compiled code."""

from __future__ import annotations

from undercount.compiled import compiled
from undercount.models.kernel.layout import (
    Array,
    Course,
    Events,
    Exact,
    Groups,
    Index,
    Pieces,
    Predictors,
    Prior,
    Readings,
    Segments,
    Tallies,
    Work,
    part,
)


@compiled
def unpack(reals: Array, integers: Index) -> Groups:
    """Groups of arrays, in the order of `layout.GROUPS`."""
    return (
        Predictors(
            part(reals, integers, 0),
            part(reals, integers, 1),
            part(integers, integers, 2),
            part(integers, integers, 3),
            part(integers, integers, 4),
        ),
        Prior(
            part(reals, integers, 5),
            part(reals, integers, 6),
            part(reals, integers, 7),
            part(reals, integers, 8),
        ),
        Course(
            part(integers, integers, 9),
            part(integers, integers, 10),
            part(integers, integers, 11),
            part(integers, integers, 12),
            part(integers, integers, 13),
            part(reals, integers, 14),
            part(reals, integers, 15),
            part(reals, integers, 16),
            part(reals, integers, 17),
            part(integers, integers, 18),
            part(integers, integers, 19),
        ),
        Events(
            part(integers, integers, 20),
            part(integers, integers, 21),
        ),
        Pieces(
            part(integers, integers, 22),
            part(integers, integers, 23),
            part(integers, integers, 24),
            part(integers, integers, 25),
            part(integers, integers, 26),
            part(integers, integers, 27),
            part(integers, integers, 28),
            part(integers, integers, 29),
            part(integers, integers, 30),
            part(integers, integers, 31),
        ),
        Readings(
            part(integers, integers, 32),
            part(integers, integers, 33),
            part(reals, integers, 34),
            part(reals, integers, 35),
            part(reals, integers, 36),
            part(integers, integers, 37),
            part(reals, integers, 38),
            part(reals, integers, 39),
            part(integers, integers, 40),
            part(integers, integers, 41),
            part(integers, integers, 42),
            part(integers, integers, 43),
            part(reals, integers, 44),
            part(reals, integers, 45),
            part(reals, integers, 46),
            part(reals, integers, 47),
            part(reals, integers, 48),
        ),
        Exact(
            part(reals, integers, 49),
            part(reals, integers, 50),
            part(integers, integers, 51),
        ),
        Tallies(
            part(integers, integers, 52),
            part(integers, integers, 53),
            part(integers, integers, 54),
            part(integers, integers, 55),
            part(integers, integers, 56),
            part(integers, integers, 57),
            part(integers, integers, 58),
            part(integers, integers, 59),
            part(integers, integers, 60),
            part(integers, integers, 61),
            part(integers, integers, 62),
            part(integers, integers, 63),
            part(integers, integers, 64),
            part(integers, integers, 65),
            part(integers, integers, 66),
            part(reals, integers, 67),
            part(reals, integers, 68),
            part(reals, integers, 69),
            part(reals, integers, 70),
            part(integers, integers, 71),
            part(reals, integers, 72),
            part(reals, integers, 73),
        ),
    )


@compiled
def unpack_work(room: Array, integers: Index) -> Work:
    """Arrays of the workspace."""
    return Work(
        part(room, integers, 74),
        part(room, integers, 75),
        part(room, integers, 76),
        part(room, integers, 77),
        part(room, integers, 78),
        part(room, integers, 79),
        part(room, integers, 80),
        part(room, integers, 81),
        part(room, integers, 82),
        part(room, integers, 83),
        part(room, integers, 84),
        part(room, integers, 85),
        part(room, integers, 86),
        part(room, integers, 87),
        part(room, integers, 88),
        part(room, integers, 89),
        part(room, integers, 90),
        part(room, integers, 91),
        part(room, integers, 92),
        part(room, integers, 93),
        part(room, integers, 94),
        part(room, integers, 95),
        part(room, integers, 96),
        part(room, integers, 97),
        part(room, integers, 98),
        part(room, integers, 99),
        part(room, integers, 100),
        part(room, integers, 101),
        part(room, integers, 102),
        part(room, integers, 103),
        part(room, integers, 104),
        part(room, integers, 105),
        part(room, integers, 106),
        part(room, integers, 107),
        part(room, integers, 108),
        part(room, integers, 109),
        part(room, integers, 110),
        part(room, integers, 111),
    )


@compiled
def segments(eta: Array, first: Index) -> Segments:
    """Segments of the predictors."""
    return Segments(
        eta[first[0] : first[1]],
        eta[first[1] : first[2]],
        eta[first[2] : first[3]],
        eta[first[3] : first[4]],
        eta[first[4] : first[5]],
        eta[first[5] : first[6]],
        eta[first[6] : first[7]],
        eta[first[7] : first[8]],
        eta[first[8] : first[9]],
    )
