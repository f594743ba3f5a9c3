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
            part(reals, integers, 11),
            part(reals, integers, 12),
            part(reals, integers, 13),
            part(integers, integers, 14),
            part(integers, integers, 15),
        ),
        Events(
            part(integers, integers, 16),
            part(integers, integers, 17),
        ),
        Pieces(
            part(integers, integers, 18),
            part(integers, integers, 19),
            part(integers, integers, 20),
            part(integers, integers, 21),
            part(integers, integers, 22),
            part(integers, integers, 23),
            part(integers, integers, 24),
            part(integers, integers, 25),
            part(integers, integers, 26),
            part(integers, integers, 27),
        ),
        Readings(
            part(integers, integers, 28),
            part(integers, integers, 29),
            part(reals, integers, 30),
            part(reals, integers, 31),
            part(reals, integers, 32),
            part(integers, integers, 33),
            part(reals, integers, 34),
            part(reals, integers, 35),
            part(integers, integers, 36),
            part(integers, integers, 37),
            part(integers, integers, 38),
            part(integers, integers, 39),
            part(reals, integers, 40),
            part(reals, integers, 41),
            part(reals, integers, 42),
            part(reals, integers, 43),
            part(reals, integers, 44),
        ),
        Exact(
            part(reals, integers, 45),
            part(reals, integers, 46),
            part(integers, integers, 47),
        ),
        Tallies(
            part(integers, integers, 48),
            part(integers, integers, 49),
            part(integers, integers, 50),
            part(integers, integers, 51),
            part(integers, integers, 52),
            part(integers, integers, 53),
            part(reals, integers, 54),
            part(reals, integers, 55),
            part(integers, integers, 56),
            part(reals, integers, 57),
            part(reals, integers, 58),
        ),
    )


@compiled
def unpack_work(room: Array, integers: Index) -> Work:
    """Arrays of the workspace."""
    return Work(
        part(room, integers, 59),
        part(room, integers, 60),
        part(room, integers, 61),
        part(room, integers, 62),
        part(room, integers, 63),
        part(room, integers, 64),
        part(room, integers, 65),
        part(room, integers, 66),
        part(room, integers, 67),
        part(room, integers, 68),
        part(room, integers, 69),
        part(room, integers, 70),
        part(room, integers, 71),
        part(room, integers, 72),
        part(room, integers, 73),
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
