"""The likelihood of each reading for batches of draws."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from undercount.models.kernel.density import reading_values
from undercount.models.kernel.packing import pack_design
from undercount.models.parameters import parameters

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from undercount.models.design import Design


def reading_log_likelihood(design: Design, values: Mapping[str, NDArray[np.float64]]) -> NDArray[np.float64]:
    """Log likelihood of each reading of each block, for a batch of draws.

    Parameters
    ----------
    design : Design
    values : mapping of str to ndarray, shape (N, ...)

    Returns
    -------
    ndarray, shape (N, K)
    """
    packed = pack_design(design)
    position = np.concatenate([values[p.name].reshape(-1, p.size) for p in parameters(design)], axis=1)
    found = np.empty((position.shape[0], design.terms.reading_block.size))
    reading_values(position, packed.reals, packed.integers, np.empty(packed.workspace), found)
    return found
