import numpy as np

from undercount.models.kernel import layout, unpack


def test_every_array_comes_back_from_its_place() -> None:
    rng = np.random.default_rng(0)
    arrays = {}
    for group in layout.GROUPS:
        for name, kind in group.__annotations__.items():
            size = int(rng.integers(0, 5))
            real = rng.normal(size=size)
            arrays[group.__name__, name] = real if kind == layout.Array else rng.integers(0, 99, size)
    lengths = {name: int(rng.integers(0, 5)) for name in layout.Work._fields}
    reals, integers, room = layout.pack(arrays, lengths)
    for found in unpack.unpack(reals, integers):
        for name in found._fields:
            np.testing.assert_array_equal(getattr(found, name), arrays[type(found).__name__, name])

    assert room == sum(lengths.values())
    workspace = np.arange(float(room))
    parts = unpack.unpack_work(workspace, integers)
    assert {name: getattr(parts, name).size for name in lengths} == lengths
    np.testing.assert_array_equal(np.concatenate(parts), workspace)


def test_segments_follow_each_other() -> None:
    first = np.cumsum([0, 1, 2, 0, 3, 1, 2, 4, 1, 2, 3])
    found = unpack.segments(np.arange(19.0), first)
    assert len(found) == len(layout.Segments._fields)
    np.testing.assert_array_equal(np.concatenate(found), np.arange(19.0))
