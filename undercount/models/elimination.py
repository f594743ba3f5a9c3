"""Which counts say something new: linear dependence of reports that are sums over runs of places.

With S the running total over the places, a report over the run from p up to q says S[q] - S[p]: reports
with one run each are the edges of a graph on the ends of runs, and those that say something new are a
forest in it. Other reports are solved one after the other, exactly.

Of point reports that depend on others, one that says what these imply is left out. One that contradicts
them stays, and so does one that agrees with some of them where others contradict: what these imply has
more than one value.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction

Number = int | Fraction
Vector = dict[int, Number]
Run = tuple[int, int]
EQUAL = 1e-6


@dataclass(frozen=True)
class Counts:
    """Point reports that are kept, and what they imply."""

    kept: tuple[int, ...]
    rank: int
    """Number of reports that none of the others imply."""
    is_revised: bool
    """Whether some contradict each other."""
    total: Callable[[Sequence[Run]], float | None]
    """The total over some runs, None where the reports leave it open."""


def solve(reports: Sequence[tuple[int, Sequence[Run], float]]) -> Counts:
    """Take the reports of a group in order; each has a name, its runs and its count."""
    if all(len(runs) == 1 for _, runs, _ in reports):
        return _solve_forest([(i, *runs[0], count) for i, runs, count in reports])
    return _solve_rows(reports)


class _Potentials:
    """Running totals at the ends of runs, relative to each other: a weighted union-find."""

    def __init__(self) -> None:
        self.parent: dict[int, int] = {}
        self.above: dict[int, float] = {}
        self.size: dict[int, int] = {}

    def find(self, v: int) -> tuple[int, float]:
        """The end that stands for those tied to `v`, and how far `v` is above it."""
        if v not in self.parent:
            self.parent[v], self.above[v], self.size[v] = v, 0.0, 1
        path = []
        while self.parent[v] != v:
            path.append(v)
            v = self.parent[v]
        height = 0.0
        for u in reversed(path):
            height += self.above[u]
            self.parent[u], self.above[u] = v, height
        return v, height

    def tie(self, first: int, stop: int, count: float) -> float | None:
        """The count from `first` to `stop` if it is known; otherwise it is `count` from now on."""
        a, below = self.find(first)
        b, over = self.find(stop)
        if a == b:
            return over - below
        rise = count + below - over
        if self.size[a] < self.size[b]:
            a, b, rise = b, a, -rise
        self.parent[b], self.above[b] = a, rise
        self.size[a] += self.size[b]
        return None

    def total(self, runs: Sequence[Run]) -> float | None:
        """The total over some runs, None where it is open."""
        height, balance = 0.0, dict[int, int]()
        for run in runs:
            for end, sign in zip(run, (-1, 1), strict=True):
                root, above = self.find(end)
                height += sign * above
                balance[root] = balance.get(root, 0) + sign
        return None if any(balance.values()) else height


def _solve_forest(edges: Sequence[tuple[int, int, int, float]]) -> Counts:
    potentials = _Potentials()
    tree: list[tuple[int, int, int]] = []
    closing: list[tuple[int, int, int, bool]] = []
    for i, first, stop, count in edges:
        implied = potentials.tie(first, stop, count)
        if implied is None:
            tree.append((i, first, stop))
        else:
            closing.append((i, first, stop, abs(implied - count) <= EQUAL))
    kept = [i for i, _, _ in tree]
    is_revised = not all(agrees for *_, agrees in closing)
    if is_revised:
        kept += _contradicting([(a, b) for _, a, b in tree], closing)
    return Counts(tuple(kept), len(tree), is_revised, potentials.total)


def _contradicting(tree: Sequence[Run], closing: Iterable[tuple[int, int, int, bool]]) -> list[int]:
    """Edges that close a cycle and stay: they, or others on the same cycles, contradict the tree."""
    forest = _Forest(tree)
    kept = []
    for i, a, b, agrees in closing:
        if not agrees or not forest.is_sound(a, b):
            forest.doubt(a, b)
            kept.append(i)
    return kept


class _Forest:
    """A forest whose edges come into doubt, path after path; n log n for n edges."""

    def __init__(self, edges: Iterable[Run]) -> None:
        self.sound: dict[int, set[int]] = {}
        for a, b in edges:
            self.sound.setdefault(a, set()).add(b)
            self.sound.setdefault(b, set()).add(a)
        self.parent: dict[int, int] = {}
        self.depth: dict[int, int] = {}
        self.label: dict[int, int] = {}
        """Vertices with one label are joined by sound edges."""
        for root in self.sound:
            if root not in self.depth:
                for v, before in self._reach(root):
                    self.parent[v], self.label[v] = before, root
                    self.depth[v] = self.depth[before] + 1 if v != root else 0
        self.labels = max(self.sound, default=0)
        self.top = {v: v for v in self.sound}

    def _reach(self, start: int) -> Iterator[Run]:
        """Vertices that sound edges join to `start`, each with the one before it."""
        yield start, start
        waiting = [(start, start)]
        while waiting:
            v, before = waiting.pop()
            for u in self.sound[v]:
                if u != before:
                    waiting.append((u, v))
                    yield u, v

    def is_sound(self, a: int, b: int) -> bool:
        """Whether no edge between `a` and `b` is in doubt."""
        return self.label[a] == self.label[b]

    def doubt(self, a: int, b: int) -> None:
        """Doubt every edge between `a` and `b`, which one tree holds."""
        a, b = self._highest(a), self._highest(b)
        while a != b:
            if self.depth[a] < self.depth[b]:
                a, b = b, a
            self._cut(a, self.parent[a])
            self.top[a] = self.parent[a]
            a = self._highest(a)

    def _highest(self, v: int) -> int:
        """The highest vertex that doubtful edges join to `v` from above."""
        while self.top[v] != v:
            self.top[v] = self.top[self.top[v]]
            v = self.top[v]
        return v

    def _cut(self, a: int, b: int) -> None:
        """Give the smaller of the two sides of an edge a label of its own."""
        self.sound[a].discard(b)
        self.sound[b].discard(a)
        self.labels += 1
        self.label.update(dict.fromkeys(self._smaller(a, b), self.labels))

    def _smaller(self, a: int, b: int) -> list[int]:
        """The side that ends first when both are walked in turn."""
        walks: list[tuple[list[int], Iterator[Run]]] = [([], self._reach(a)), ([], self._reach(b))]
        while True:
            for side, walk in walks:
                step = next(walk, None)
                if step is None:
                    return side
                side.append(step[0])


def _solve_rows(reports: Sequence[tuple[int, Sequence[Run], float]]) -> Counts:
    rows = _Rows()
    counts = {i: count for i, _, count in reports}
    kept: list[int] = []
    doubtful: set[int] = set()
    rank = 0
    for i, runs, count in reports:
        used = rows.add(i, runs)
        if used is None:
            rank += 1
            kept.append(i)
        elif abs(_value(used, counts) - count) > EQUAL or not doubtful.isdisjoint(used):
            doubtful |= used.keys()
            kept.append(i)
    return Counts(tuple(kept), rank, bool(doubtful), lambda runs: rows.total(runs, counts))


def _value(used: Vector, counts: dict[int, float]) -> float:
    return float(sum(weight * Fraction(counts[i]) for i, weight in used.items()))


class _Rows:
    """Exact elimination: some running totals stated in terms of the others and of the reports."""

    def __init__(self) -> None:
        self.stated: dict[int, tuple[Vector, Vector]] = {}
        self.uses: dict[int, int] = {}
        """How many others are stated in terms of a running total, at most."""

    def add(self, i: int, runs: Sequence[Run]) -> Vector | None:
        """The weights of earlier reports that add up to this one, or None and take it up."""
        rest, used = self._reduced(runs)
        if not rest:
            return used
        v = min(rest, key=lambda u: (abs(rest[u]) != 1, self.uses.get(u, 0), u))
        scale = 1 / Fraction(rest.pop(v))
        self.stated[v] = _scaled(rest, -scale), {i: _whole(scale)} | _scaled(used, -scale)
        for u in rest:
            self.uses[u] = self.uses.get(u, 0) + self.uses.get(v, 0) + 1
        return None

    def total(self, runs: Sequence[Run], counts: dict[int, float]) -> float | None:
        """The total over some runs, None where it is open."""
        rest, used = self._reduced(runs)
        return None if rest else _value(used, counts)

    def _reduced(self, runs: Sequence[Run]) -> tuple[Vector, Vector]:
        """A sum over runs as free running totals plus reports."""
        rest: Vector = {}
        used: Vector = {}
        for run in runs:
            for end, sign in zip(run, (-1, 1), strict=True):
                own, through = self._resolved(end)
                _add(rest, own, sign)
                _add(used, through, sign)
        return rest, used

    def _resolved(self, v: int) -> tuple[Vector, Vector]:
        if v not in self.stated:
            return {v: 1}, {}
        rest, used = self.stated[v]
        while stale := [u for u in rest if u in self.stated]:
            for u in stale:
                weight = rest.pop(u, 0)
                own, through = self.stated[u]
                _add(rest, own, weight)
                _add(used, through, weight)
        return rest, used


def _whole(number: Number) -> Number:
    return int(number) if number.denominator == 1 else number


def _scaled(vector: Vector, scale: Number) -> Vector:
    return {key: _whole(scale * value) for key, value in vector.items()}


def _add(to: Vector, vector: Vector, weight: Number) -> None:
    for key, value in vector.items():
        total = to.pop(key, 0) + weight * value
        if total:
            to[key] = _whole(total)
