"""One estimate in one netCDF file: draws, evidence, configuration, with checksums."""

from __future__ import annotations

import hashlib
import json
import os
import tempfile
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from undercount.errors import StoreError, UndercountError, not_written, reason_of
from undercount.estimators.draws import Draws

if TYPE_CHECKING:
    import xarray as xr

    from undercount.estimators.estimate import Estimate
    from undercount.estimators.overlap.estimate import OverlapEstimate

FORMATS: Final = {
    "undercount-estimate/1": "undercount.estimators.estimate:Estimate",
    "undercount-overlap/1": "undercount.estimators.overlap.estimate:OverlapEstimate",
}
"""Where the class of each format stands; it says in `content` what its draws do not, and is made anew of both."""
SEAL: Final = b"\nsha256 "
"""Stands with the hash of all bytes before it at the end of the file, where HDF5 does not look."""
SMALLER: Final = {"zlib": True, "complevel": 1}
"""Of counts; continuous draws hardly get smaller."""


def save(estimate: Estimate | OverlapEstimate, path: str | os.PathLike[str]) -> None:
    """Write an estimate; the file appears whole or not at all.

    Parameters
    ----------
    estimate : Estimate or OverlapEstimate
    path : path
        Usually ends in ``.nc``.

    Raises
    ------
    StoreError
        If it cannot be written.
    """
    target = Path(path)
    tree = estimate.draws.copy()
    text = json.dumps(estimate.content())
    tree.attrs = {
        "format": estimate.FORMAT,
        "content": json.dumps({"estimate": text, "sha256": text_sha256(text)}),
        "draws_sha256": draws_sha256(estimate.draws),
    }
    encoding = {
        f"/{name}": {
            str(variable): {"fletcher32": True} | (SMALLER if values.dtype.kind != "f" else {})
            for variable, values in node.data_vars.items()
            if values.ndim
        }
        for name, node in tree.children.items()
    }
    try:
        handle, name = tempfile.mkstemp(prefix=f".{target.name}.", dir=target.parent)
        os.close(handle)
        try:
            tree.to_netcdf(name, engine="netcdf4", encoding=encoding)
            _seal(Path(name))
            Path(name).chmod(0o644)
            Path(name).replace(target)
        finally:
            Path(name).unlink(missing_ok=True)
    except (OSError, RuntimeError) as error:  # netCDF tells of a full disk as a RuntimeError
        hint = "name a folder that exists, is writable and has room"
        raise not_written("the estimate", target, error, hint) from error


def load(path: str | os.PathLike[str]) -> Any:
    """Read an estimate that its method `save` wrote.

    Parameters
    ----------
    path : path

    Returns
    -------
    Estimate or OverlapEstimate
        As it was saved.

    Raises
    ------
    StoreError
        If the file is missing, damaged, or of another format.
    """
    import xarray as xr

    target = Path(path)
    if not target.is_file():
        raise StoreError("there is no such file", code="store-missing", where=str(target), hint="check the path")
    if not _is_sealed(target):
        raise _damaged(target)
    try:
        with xr.open_datatree(target, engine="netcdf4") as opened:
            tree = opened.load()
        attributes, tree.attrs = dict(tree.attrs), {}
        if (kind := attributes.get("format")) not in FORMATS:
            raise StoreError(
                f"its format is {kind!r}, none of {', '.join(FORMATS)}",
                code="store-other-format",
                where=str(target),
                hint="fit again with this version",
            )
        content = json.loads(attributes["content"])
        is_intact = attributes["draws_sha256"] == draws_sha256(tree) and content["sha256"] == text_sha256(
            content["estimate"]
        )
        module, name = FORMATS[kind].split(":")
        kind_of_estimate = getattr(import_module(module), name)
        found = kind_of_estimate.of_content(json.loads(content["estimate"]), Draws.from_tree(tree))
    except UndercountError:
        raise
    except Exception as error:  # a damaged file can raise anything
        raise _damaged(target) from error
    if not is_intact:
        raise _damaged(target)
    return found


def _seal(path: Path) -> None:
    with path.open("r+b") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
        file.seek(0, os.SEEK_END)
        file.write(SEAL + digest.encode())
        file.flush()
        os.fsync(file.fileno())


def _is_sealed(path: Path) -> bool:
    """Whether every byte is as it was written; asked before HDF5 sees the file, which a damaged one can upset."""
    size = len(SEAL) + 2 * hashlib.sha256().digest_size
    try:
        content = path.read_bytes()
    except OSError as error:
        raise StoreError(
            f"the file cannot be read: {reason_of(error)}",
            code="store-not-read",
            where=str(path),
            hint="check its permissions",
        ) from error
    return content[-size:] == SEAL + hashlib.sha256(content[:-size]).hexdigest().encode()


def _damaged(target: Path) -> StoreError:
    return StoreError(
        "the file is damaged, or was not written by Estimate.save: its content does not match its checksums",
        code="store-damaged",
        where=str(target),
        hint="restore it from a copy, or fit again: the same evidence and seed give the same draws",
    )


def text_sha256(text: str) -> str:
    """Hash of a text, in hexadecimal digits."""
    return hashlib.sha256(text.encode()).hexdigest()


def draws_sha256(tree: xr.DataTree) -> str:
    """Hash of every value, coordinate and dimension of the draws."""
    digest = hashlib.sha256()
    for path in sorted(tree.children):
        dataset = tree[path].to_dataset()
        for name in sorted(str(variable) for variable in dataset.variables):
            variable = dataset[name]
            values = np.ascontiguousarray(variable.to_numpy())
            kind: str = values.dtype.kind
            if kind in "OUT":
                values = np.array([str(value).encode() for value in values.ravel()])
            elif kind == "M":
                values = values.astype("datetime64[D]").astype(np.int64)
            else:
                values = values.astype(values.dtype.newbyteorder("<"), copy=False)
                kind = values.dtype.str
            digest.update(f"{path}/{name}{variable.dims}{variable.shape}{kind}".encode())
            digest.update(values)  # not its bytes: of the largest array that would be a copy
    return digest.hexdigest()
