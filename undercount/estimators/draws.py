"""Draws as plain named arrays; arviz's DataTree is made of them when somebody asks for it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

if TYPE_CHECKING:
    import xarray as xr
    from numpy.typing import NDArray


class Variable(NamedTuple):
    """An array with the names of its axes."""

    dims: tuple[str, ...]
    values: NDArray[Any]


@dataclass(frozen=True, eq=False)
class Group:
    """Variables that stand together, and the labels along their axes."""

    variables: Mapping[str, Variable]
    coords: Mapping[str, NDArray[Any]]
    """Labels by name of the axis."""

    def values(self, name: str) -> NDArray[Any]:
        """Values of a variable."""
        return self.variables[name].values

    @cached_property
    def _places(self) -> dict[str, dict[str, int]]:
        return {dim: {label: i for i, label in enumerate(self.labels(dim))} for dim in self.coords}

    def labels(self, dim: str) -> list[str]:
        """Labels along an axis, as text."""
        return [str(label) for label in self.coords[dim]]

    def at(self, name: str, **labels: str) -> NDArray[Any]:
        """Values of a variable at one label each of some axes.

        Parameters
        ----------
        name : str
        **labels : str
            By axis; these axes are gone from what is returned.
        """
        dims, values = self.variables[name]
        where = [self._places[dim][labels[dim]] if dim in labels else slice(None) for dim in dims]
        found: NDArray[Any] = values[tuple(where)]
        return found


@dataclass(frozen=True, eq=False)
class Draws:
    """Every draw of an estimate, by group; what the groups hold is said by `undercount.estimators.assemble`.

    Parameters
    ----------
    groups : mapping of str to Group
    """

    groups: Mapping[str, Group]

    def __getitem__(self, group: str) -> Group:
        return self.groups[group]

    @classmethod
    def from_tree(cls, tree: xr.DataTree) -> Draws:
        """Take the arrays out of a tree whose coordinates each lie along the axis of their name."""
        groups = {}
        for name, node in tree.children.items():
            dataset = node.to_dataset()
            groups[str(name)] = Group(
                {str(n): Variable(tuple(map(str, v.dims)), v.to_numpy()) for n, v in dataset.data_vars.items()},
                {str(n): coord.to_numpy() for n, coord in dataset.coords.items()},
            )
        return cls(groups)

    @cached_property
    def tree(self) -> xr.DataTree:
        """The same as arviz reads it."""
        import xarray as xr

        return xr.DataTree.from_dict(
            {name: xr.Dataset(dict(group.variables), coords=_numbered(group)) for name, group in self.groups.items()}
        )


def _numbered(group: Group) -> dict[str, NDArray[Any]]:
    """Labels along every axis that has some, and numbers of chains and draws, by which arviz tells them apart."""
    sizes = {
        dim: size for dims, values in group.variables.values() for dim, size in zip(dims, values.shape, strict=True)
    }
    return {dim: np.arange(sizes[dim]) for dim in ("chain", "draw") if dim in sizes} | dict(group.coords)
