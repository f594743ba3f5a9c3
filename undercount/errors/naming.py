"""Names in messages: shown so that nothing in them misleads, and which known one may have been meant."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import islice
from typing import Final

LONGEST_SHOWN: Final = 100
MOST_LISTED: Final = 12
MOST_COMPARED: Final = 500


def nearest(name: str, known: Iterable[str]) -> str | None:
    """Find the known name that is the most like another one.

    Parameters
    ----------
    name : str
        What was written; of a very long one the beginning is looked at.
    known : iterable of str
        What could have been meant; the first five hundred are compared.

    Returns
    -------
    str or None
        None where nothing is like it. Case, and the kind and number of dashes, make no difference.

    Examples
    --------
    >>> nearest("mosul-2107", ["mosul-2017", "mosul-2017-extended"]), nearest("--As_Of", ["--as-of", "--all"])
    ('mosul-2017', '--as-of')
    >>> nearest("xyzzy", ["mosul-2017"])
    """
    import difflib

    folded: dict[str, str] = {}
    for one in islice(known, MOST_COMPARED):
        folded.setdefault(_folded(one), one)
    found = difflib.get_close_matches(_folded(name[:LONGEST_SHOWN]), folded, n=1, cutoff=0.6)
    return folded[found[0]] if found else None


def _folded(name: str) -> str:
    """A name without what is easily mistyped: capitals, underscores, dashes of another kind or number."""
    for mark in "_ \u2010\u2011\u2012\u2013\u2014\u2015\u2212":
        name = name.replace(mark, "-")
    return name.strip("-").casefold()


def shown(value: str) -> str:
    """Quote a value for a message: short, and with every invisible character written out."""
    return repr(value if len(value) <= LONGEST_SHOWN else value[:LONGEST_SHOWN] + "…")


def plain(name: str) -> str:
    """Show a name without quotes where nothing in it can mislead a reader."""
    return name if name.isprintable() and 0 < len(name) <= LONGEST_SHOWN else shown(name)


def write_one_of(value: str, allowed: Sequence[str]) -> str:
    """Advise which of the allowed names to write, the most similar one first.

    Examples
    --------
    >>> write_one_of("dsk", ["local", "dask"])
    'did you mean dask? write one of: dask, local'
    """
    near = nearest(value, allowed)
    listed = ", ".join(plain(name) for name in sorted(allowed)[:MOST_LISTED])
    more = f", … ({len(allowed)} in all)" if len(allowed) > MOST_LISTED else ""
    advice = f"write one of: {listed}{more}" if allowed else "there is none to choose from"
    return f"did you mean {plain(near)}? {advice}" if near is not None else advice
