"""Tables of counts of capture patterns, checked before anything is computed from them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from undercount.errors import ModelError

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

Counts = NDArray[np.int64]

_HINT = "give whole numbers of victims, one for each of the 2ᴷ patterns on K lists, entry 0 of them 0"


def checked_counts(counts: ArrayLike, *, batch: bool = True) -> Counts:
    """Give tables of counts as an array of int64.

    Parameters
    ----------
    counts : array_like of int, shape (..., 2ᴷ)
        Victims of each pattern on K ≥ 2 lists; bit j of an index says whether they are on list j. Entry 0 is 0.
    batch : bool
        Whether there may be more than one table.

    Raises
    ------
    ModelError
        If it is no such thing, or a table is empty.

    Examples
    --------
    >>> checked_counts([0, 5, 7, 2]).sum()
    np.int64(14)
    """
    found = np.ascontiguousarray(counts)
    if found.dtype.kind not in "iu" or (found.ndim != 1 and not batch):
        raise _refused(f"the counts are {found.dtype} of shape {found.shape}", _HINT)
    size = found.shape[-1]
    if size < 4 or size & (size - 1):
        raise _refused(f"a table has {size} entries, which is no power of 2 from 4 on", _HINT)
    found = found.astype(np.int64, copy=False)
    if found.size and (found.min() < 0 or found[..., 0].any()):
        raise _refused(f"the least entry is {found.min()}, and entries 0 go up to {found[..., 0].max()}", _HINT)
    empty = np.argwhere(found.sum(-1) == 0)
    if len(empty):
        raise _refused(f"there is no victim on any list{places(empty)}", "leave this stratum out")
    return found


def places(where: NDArray[np.int64]) -> str:
    """Say which tables of a batch are meant; nothing if there is only one."""
    shown = "; ".join(", ".join(map(str, place)) for place in where[:5].tolist())
    return f", in table {shown}" if shown else ""


def _refused(message: str, hint: str) -> ModelError:
    return ModelError(message, code="overlap-counts", where="counts", hint=hint)
