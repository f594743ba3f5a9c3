"""The joint log density of the fusion model, stated a second time: plain loops, one number after the other.

Written from the docstrings of `models.fusion`, `models.anchors`, `models.centring`, `models.tolls` and
`models.rates`. It takes claims and pieces from the package (they have twins of their own in test_pieces.py), and
the numbers that say which coordinates are sampled: how far courses are centred, the walls of the incidents, the
anchors. Any such numbers would do, and any curves for what matched lists say, which have a twin in
joint/test_expected.py. It takes nothing of the arithmetic: what a coordinate stands for, and the log of the slope of
that map, are stated here again.
"""

from __future__ import annotations

import itertools
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from math import cos, exp, inf, log, log1p, pi, sqrt
from typing import TYPE_CHECKING

import mpmath as mp
import numpy as np
from numpy.typing import NDArray
from scipy import linalg, stats
from scipy.interpolate import CubicHermiteSpline

from tests.models.slow_running import LEAST_ERROR, running_log_density
from undercount.data.schema import Kind, Lag, Source, Speakers
from undercount.models.claims import claims_by_stream, select_reports
from undercount.models.pieces import Block, Cell, Piece, Reading, Tally, blocks
from undercount.models.strata import Strata
from undercount.models.streams import Stream

if TYPE_CHECKING:
    from undercount.data.evidence import Evidence
    from undercount.models.design import Design
    from undercount.models.priors import Prior

Values = Mapping[str, NDArray[np.float64]]
FLAT = ("log_daily_toll", "shared_x", "own_x", "incident_x", "stream_z", "seen_x")
"""Their density follows from what they stand for."""
ROWS = {
    "log_rate": "rate", "log_smooth_shared": "smooth_shared",
    "log_smooth_own": "smooth_own", "log_dispersion": "dispersion", "log_revision": "revision",
    "misread_x": "misread", "log_lag": "lag", "log_lag_incident": "lag_incident",
}  # fmt: skip
WIDEST = 10.0
"""Upper over lower end of an interval that tells a count."""


def log_sum_exp(values: list[float]) -> float:
    top = max(values)
    return top + log(sum(exp(value - top) for value in values))


def shares(weights: list[float]) -> list[float]:
    total = sum(exp(weight) for weight in weights)
    return [exp(weight) / total for weight in weights]


def contrast(z: NDArray[np.float64], count: int) -> list[float]:
    """Entries that sum to zero, from one fewer."""
    return [float(x) for x in linalg.helmert(count).T @ z]


def wave(weights: list[float], day: int, days: int) -> float:
    """A random walk on its cosines."""
    return sum(
        weight * sqrt(2 * days) / (pi * k) * cos(pi * k * (day + 0.5) / days) for k, weight in enumerate(weights, 1)
    )


def documented(cell: Cell, day: int, tau: float) -> float:
    """What is documented of a day by the end of a later one grows as 1 - exp(-(days between + ½) / τ)."""

    def by_the_end_of(last: int) -> mp.mpf:
        return 1 - mp.exp(-(mp.mpf(last) - day + mp.mpf(0.5)) / mp.mpf(tau)) if last >= day else mp.mpf(0)

    with mp.workdps(60):
        return float(by_the_end_of(cell.by) - (by_the_end_of(cell.after) if cell.after >= 0 else 0))


def is_narrow(low: float, high: float) -> bool:
    return high == 0 or high <= WIDEST * low


def log_interval_in_40_digits(low: int, high: float, mu: mp.mpf, theta: mp.mpf) -> mp.mpf:
    """Log of the NB1 mass from `low` to `high`, summed one count after the other; call within mp.workdps(40)."""
    if high == inf and 0 < low < mu:
        return mp.log1p(-mp.exp(log_interval_in_40_digits(0, low - 1, mu, theta)))
    r, q = mp.mpf(mu) / theta, theta / (1 + mp.mpf(theta))
    mass = mp.exp(mp.loggamma(low + r) - mp.loggamma(r) - mp.loggamma(low + 1) + r * mp.log1p(-q) + low * mp.log(q))
    total, z = mass, low
    while z < high:
        step = (z + r) / (z + 1) * q
        mass *= step
        z += 1
        total += mass
        if step < 1 and mass < total * (1 - step) * mp.mpf(10) ** -35:
            break
    return mp.log(total)


def log_nb1(low: float, high: float, mu: float, theta: float) -> float:
    with mp.workdps(40):
        return float(log_interval_in_40_digits(int(low), high, mp.mpf(mu), mp.mpf(theta)))


@dataclass
class SlowTwin:
    """The log density of one evidence at one point."""

    evidence: Evidence
    design: Design
    values: Values
    unused: frozenset[str] = frozenset()
    blocks: dict[Stream, tuple[Block, ...]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.largest = 0.0
        case = self.evidence.case
        self.days = (case.timeline.end - case.timeline.start).days + 1
        reports, _ = select_reports(self.evidence)
        self.reports = reports
        self.strata = Strata.of(self.evidence, reports)
        self.sources = {source.source: source for source in self.evidence.sources}
        self.incidents = sorted(case.incidents, key=lambda incident: incident.incident)
        default = self.row("contested").location
        claims, _ = claims_by_stream(self.evidence, reports, self.strata, default)
        self.names = list(claims)
        several = {name for name, source in self.sources.items() if source.speakers is Speakers.SEVERAL}
        self.blocks = {
            name: blocks(own, self.places(), has_errors=name.source in several) for name, own in claims.items()
        }
        self.common = self.common_course()
        self.departures = [self.departure(c) for c in range(self.strata.count)]
        self.deaths = [[self.daily_deaths(day, c) for c in range(self.strata.count)] for day in range(self.days)]
        self.own = self.free_deviations()

    def row(self, name: str) -> Prior:
        return self.design.priors[name]

    def stratum(self, c: int) -> tuple[int, int, int]:
        kinds, areas = len(self.strata.kinds), len(self.strata.areas)
        return c // (areas * kinds), c // kinds % areas, c % kinds

    # Deaths

    def people(self, area: str, day: int) -> float | None:
        """People at risk in units of 10,000."""
        case = self.evidence.case
        points = sorted(
            ((p.date - case.timeline.start).days, p.people / 1e4) for p in case.population if p.area == area
        )
        if not points:
            return None
        if day <= points[0][0]:
            return points[0][1]
        for (t0, n0), (t1, n1) in itertools.pairwise(points):
            if day <= t1:
                return exp(log(n0) + (log(n1) - log(n0)) * (day - t0) / (t1 - t0))
        return points[-1][1]

    def level(self, area: int, kind: int, day: int) -> float:
        known = [b for b, name in enumerate(self.strata.areas) if self.people(name, 0) is not None]
        if area not in known:
            unknown = [b for b in range(len(self.strata.areas)) if b not in known]
            return float(self.values["log_daily_toll"][unknown.index(area), kind])
        effect = 0.0
        if len(known) > 1:
            effect = self.row("area_effect").scale * contrast(self.values["area_z"], len(known))[known.index(area)]
        people = self.people(self.strata.areas[area], day)
        assert people is not None
        return log(people) + float(self.values["log_rate"][kind]) + effect

    def actor_share(self, actor: int, area: int, kind: int) -> float:
        count = len(self.strata.actors)
        if count == 1:
            return 1.0
        weights = [self.row("actor_effect").scale * x for x in contrast(self.values["actor_z"], count)]
        if len(self.strata.areas) * len(self.strata.kinds) > 1:
            local = contrast(self.values["share_z"][area * len(self.strata.kinds) + kind], count)
            weights = [w + self.row("share_effect").scale * x for w, x in zip(weights, local, strict=True)]
        return shares(weights)[actor]

    def daily_deaths(self, day: int, c: int) -> float:
        actor, area, kind = self.stratum(c)
        value = self.level(area, kind, day) + log(self.actor_share(actor, area, kind))
        return exp(value + wave(self.common, day, self.days) + wave(self.departures[c], day, self.days))

    def common_course(self) -> list[float]:
        """Weights of the cosines."""
        if "shared_x" not in self.values:
            return []
        far = self.design.centring.shared
        return [exp(self.log_stretch("shared", far[k])) * float(x) for k, x in enumerate(self.values["shared_x"])]

    def departure(self, c: int) -> list[float]:
        """Weights of the cosines by which a stratum departs from the common course."""
        if "own_x" not in self.values:
            return []
        far, pull = self.design.centring.own[:, c], self.design.centring.pull[:, c]
        whole = [exp(self.log_stretch("own", far[k])) * float(x) for k, x in enumerate(self.values["own_x"][:, c])]
        return [weight - pull[k] * self.common[k] for k, weight in enumerate(whole)]

    def log_stretch(self, which: str, far: float) -> float:
        """Log slope of a weight by its coordinate, which is centred so `far`: from 0, a score, to 1."""
        log_scale = float(self.values[f"log_smooth_{which}"][0])
        return log_scale - far * (log_scale - self.row(f"smooth_{which}").location)

    def courses(self) -> float:
        """Log density of the weights of all cosines, and the log slopes of these."""
        total = 0.0
        for which, weights, far in (
            ("shared", [self.common], self.design.centring.shared[:, None]),
            ("own", self.departures, self.design.centring.own),
        ):
            for c, own in enumerate(weights):
                for k, weight in enumerate(own):
                    scale = exp(self.values[f"log_smooth_{which}"][0])
                    total += float(stats.norm.logpdf(weight, scale=scale)) + self.log_stretch(which, far[k, c])
        return total

    def places(self) -> list[tuple[int, frozenset[int]]]:
        case = self.evidence.case
        kind = case.estimand.victims, case.estimand.quantity
        return [
            (
                (incident.date - case.timeline.start).days,
                self.strata.select(tuple(incident.actors), (incident.area,), *kind),
            )
            for incident in self.incidents
        ]

    def log_toll(self, e: int) -> tuple[float, float]:
        """Log toll of an incident, and the log of its slope."""
        tolls, row, y = self.design.tolls, self.row("incident_toll"), float(self.values["incident_x"][e])
        wall = self.names[tolls.stream[e]]
        if not tolls.bend[e] or wall.source in self.unused:
            return row.location + row.scale * y, log(row.scale)
        spread = float(tolls.span[e])
        toll = float(tolls.base[e]) - log1p(exp(-y)) + spread * y
        if self.sources[wall.source].kind is Kind.RECORDER:
            toll -= self.log_incident_rate(wall)
        return toll, log(1 / (1 + exp(y)) + spread)

    def tolls(self) -> float:
        """Log density of the tolls of the incidents, and the log slopes of these."""
        row, total = self.row("incident_toll"), 0.0
        assert row.tail is not None
        for e in range(len(self.incidents)):
            toll, slope = self.log_toll(e)
            total += float(stats.t.logpdf(toll, row.tail, row.location, row.scale)) + slope
        return total

    def incident_deaths(self, e: int, c: int) -> float:
        incident = self.incidents[e]
        actors = sorted(incident.actors)
        weights = [log(incident.actors[actor]) for actor in actors]
        if len(actors) > 1:
            before = sum(len(i.actors) for i in self.incidents[:e] if len(i.actors) > 1)
            z = self.values["incident_z"][before : before + len(actors)]
            weights = [w + self.row("incident_share").scale * float(x) for w, x in zip(weights, z, strict=True)]
        place = actors.index(self.strata.actors[self.stratum(c)[0]])
        return exp(self.log_toll(e)[0]) * shares(weights)[place]

    # Matched lists

    def lists(self) -> float:
        """Log likelihood of the overlap of matched lists: splines in the log of the expected tolls, linear beyond."""
        overlap, total = self.design.overlap.without(self.unused), 0.0
        for s in range(overlap.count):
            days, strata = range(overlap.start[s], overlap.end[s]), overlap.strata[s].tolist()
            toll = sum(self.deaths[day][c] for day in days for c in strata)
            for e, (day, touched) in enumerate(self.places()):
                if day in days:
                    toll += sum(self.incident_deaths(e, c) for c in sorted(touched & set(strata)))
            knot, value, slope = (getattr(overlap, name)[s] for name in ("knot", "value", "slope"))
            x = log(toll)
            if x < knot[0]:
                total += value[0] + slope[0] * (x - knot[0])
            elif x > knot[-1]:
                total += value[-1] + slope[-1] * (x - knot[-1])
            else:
                total += float(CubicHermiteSpline(knot, value, slope)(x))
        return total

    # What a source sees

    def families(self) -> list[str]:
        """Sources with several streams."""
        each = [name.source for name in self.names]
        return sorted({source for source in each if each.count(source) > 1})

    def log_rate(self, name: Stream, actor: int) -> float:
        """Without the own deviation of the stream."""
        source: Source = self.sources[name.source]
        row = self.row(source.kind.value)
        location = row.location
        if source.prior_median is not None:
            location = log(source.prior_median)
        if source.kind is Kind.BELLIGERENT and source.side != self.strata.actors[actor]:
            location = self.row("claimant").location
        if source.prior_median is None:
            owners = [self.sources[n.source] for n in self.names]
            kinds = sorted({owner.kind.value for owner in owners if owner.prior_median is None})
            common = self.row("recorder_common" if source.kind is Kind.RECORDER else "common").scale
            location += common * float(self.values["common_z"][kinds.index(source.kind.value)])
        if "by_actor_z" in self.values:
            location += self.row("by_actor").scale * float(self.values["by_actor_z"][self.names.index(name), actor])
        if name.source in self.families():
            alike = float(self.values["source_z"][self.families().index(name.source)])
            # As a share of the variance, which of a Student t of four degrees is twice the square of its scale.
            variance = (2 if self.sources[name.source].kind is Kind.CLAIMANT else 1) * self.whole_scale(name) ** 2
            location += sqrt(self.row("same_source").location * variance) * alike
        return location

    def whole_scale(self, name: Stream) -> float:
        source = self.sources[name.source]
        return self.row(source.kind.value).scale if source.prior_scale is None else source.prior_scale

    def own_scale(self, name: Stream) -> float:
        shared = self.row("same_source").location if name.source in self.families() else 0.0
        return sqrt(1 - shared) * self.whole_scale(name)

    def own_log_density(self, name: Stream, own: float) -> float:
        scale = self.own_scale(name)
        if self.sources[name.source].kind is Kind.CLAIMANT:
            return float(stats.t.logpdf(own, 4, scale=scale))
        return float(stats.norm.logpdf(own, scale=scale))

    def anchored(self) -> list[Stream]:
        return [self.names[s] for s in self.design.anchors.places]

    def free_deviations(self) -> dict[Stream, float]:
        """Own deviations that are sampled as such: in units of their scale, anchored or not."""
        free = [name for name in self.names if name not in self.anchored()]
        z = {name: float(self.values["stream_z"][i]) for i, name in enumerate(free)}
        z |= {
            name: float(self.values["seen_x"][i])
            for i, name in enumerate(self.anchored())
            if name.source in self.unused
        }
        return {name: self.own_scale(name) * value for name, value in z.items()}

    def incident_recorders(self) -> list[Stream]:
        """Recorders one of whose claims covers an incident, in any reading."""
        found = []
        for name in self.names:
            cells = [
                cell
                for block in self.blocks[name]
                for reading in block.readings
                for piece in pieces_of(reading)
                for cell in piece.cells
            ]
            if self.sources[name.source].kind is Kind.RECORDER and any(cell.incident >= 0 for cell in cells):
                found.append(name)
        return found

    def log_incident_rate(self, name: Stream) -> float:
        """Log of the share of the dead of an incident that a recorder counts."""
        row = self.row("recorder_incident")
        return row.location + row.scale * float(self.values["incident_rate_z"][self.incident_recorders().index(name)])

    def seen(self, name: Stream, cell: Cell) -> tuple[float, float]:
        """Expected count of a cell at no own deviation: what the deviation scales, and what it does not."""
        rate = exp(self.log_rate(name, self.stratum(cell.stratum)[0]))
        if cell.incident < 0:
            days = range(cell.start, cell.end)
            return rate * sum(self.deaths[day][cell.stratum] * self.in_time(name, cell, day) for day in days), 0.0
        dead = self.incident_deaths(cell.incident, cell.stratum) * self.in_time(name, cell, cell.start)
        if self.sources[name.source].kind is not Kind.RECORDER:
            return rate * dead, 0.0
        return 0.0, dead * exp(self.log_incident_rate(name))

    def in_time(self, name: Stream, cell: Cell, day: int) -> float:
        """Share of what a source ever documents of a day that it documents after one publication and by another."""
        if cell.by < 0:
            return 1.0
        late = sorted({n.source for n in self.names if self.sources[n.source].lag is Lag.FITTED})
        own = self.row("lag_own").scale * float(self.values["lag_z"][late.index(name.source)])
        log_tau = float(self.values["log_lag"][0]) + own
        if cell.incident >= 0:
            log_tau = float(self.values["log_lag_incident"][0])
        return documented(cell, day, exp(log_tau))

    def parts(self, name: Stream, piece: Piece) -> tuple[float, float]:
        report = self.reports[piece.report]
        days = (report.window_end - report.window_start + timedelta(days=1)).days
        error = 0.0 if report.incident else min(0.5, sqrt(2 / 3) * report.window_uncertainty_days / days)
        length = 1.0
        if error > 0:
            uncertain = [i for i, r in enumerate(self.reports) if r.incident is None and r.window_uncertainty_days > 0]
            length = exp(error * float(self.values["window_z"][uncertain.index(piece.report)]))
        cells = [self.seen(name, cell) for cell in piece.cells]
        return length * sum(scaled for scaled, _ in cells), length * sum(fixed for _, fixed in cells)

    # The joint density

    def is_scaled(self, name: Stream, piece: Piece) -> bool:
        """Whether a rate scales any of what a piece holds; that of a recorder does no incident."""
        return self.sources[name.source].kind is not Kind.RECORDER or any(cell.incident < 0 for cell in piece.cells)

    def scaled_pieces(self, name: Stream, reading: Reading) -> list[Piece]:
        return [piece for piece in pieces_of(reading) if self.is_scaled(name, piece)]

    def counted(self, name: Stream, reading: Reading) -> list[Piece]:
        """Pieces in the anchored count: those a count is known of, or all that the rate scales."""
        pieces = self.design.terms.pieces
        taken = int(self.design.anchors.is_counted[pieces.stream == self.names.index(name)].sum())
        scaled = self.scaled_pieces(name, reading)
        if taken == sum(len(self.scaled_pieces(name, r)) for block in self.blocks[name] for r in block.readings):
            return scaled
        known = [term.piece for term in reading.terms if is_narrow(term.low, term.high)]
        for tally in reading.tallies:
            narrow = [i for i in range(len(tally.reports)) if is_narrow(tally.low[i], tally.high[i])]
            known += [piece for p, piece in enumerate(tally.pieces) if any(tally.cover[i, p] for i in narrow)]
        return [piece for piece in known if piece in scaled]

    def is_mixed(self, name: Stream) -> bool:
        """Whether a recorder's anchored count holds named incidents, in any reading."""
        pieces = [p for block in self.blocks[name] for reading in block.readings for p in self.counted(name, reading)]
        held = any(cell.incident >= 0 for piece in pieces for cell in piece.cells)
        return held and self.sources[name.source].kind is Kind.RECORDER

    def log_seen(self, name: Stream, beside: float) -> tuple[float, float]:
        """Log of the expected count that is sampled, given what is seen beside it, and the log of its slope."""
        i = self.anchored().index(name)
        anchors, x = self.design.anchors, float(self.values["seen_x"][i])
        a, c = float(anchors.low[i]), float(anchors.slope[i])
        if anchors.is_open[i]:
            grown, slope = a + exp(x) + c * x, exp(x) + c
        else:
            width = float(anchors.width[i])
            grown, slope = a + width / (1 + exp(-x)) + c * x, width * exp(-x) / (1 + exp(-x)) ** 2 + c
        if not self.is_mixed(name):
            return grown, log(slope)
        unit = float(anchors.unit[i])
        with mp.workdps(40):
            left = mp.mpf(grown) - mp.mpf(beside) / unit
            count = mp.log1p(mp.exp(left))
            return float(mp.log(unit * count)), float(mp.log(slope / (1 + mp.exp(-left)) / count))

    def following(self, name: Stream, reading: Reading) -> tuple[float, float]:
        """The own deviation that an anchored count implies, and the log of its slope."""
        whole = [reading] if len(self.blocks[name]) == 1 else [block.readings[0] for block in self.blocks[name]]
        parts = [self.parts(name, piece) for one in whole for piece in self.counted(name, one)]
        seen, slope = self.log_seen(name, sum(fixed for _, fixed in parts))
        return seen - log(sum(scaled for scaled, _ in parts)), slope

    def deviation(self, name: Stream, reading: Reading) -> float:
        return self.own[name] if name in self.own else self.following(name, reading)[0]

    def following_log_density(self, name: Stream, reading: Reading) -> float:
        """Log density of an anchored count's coordinate."""
        own, slope = self.following(name, reading)
        return self.own_log_density(name, own) + slope

    def reading(self, name: Stream, reading: Reading) -> float:
        """Log likelihood of one reading."""
        own = self.deviation(name, reading)
        theta = exp(self.values["log_dispersion"][self.names.index(name)])

        def mean(piece: Piece) -> float:
            scaled, fixed = self.parts(name, piece)
            found = scaled * exp(own) + fixed
            self.largest = max(self.largest, found)
            return found

        total = sum(log_nb1(term.low, term.high, mean(term.piece), theta) for term in reading.terms)
        return total + sum(
            self.tally(name, tally, [mean(piece) for piece in tally.pieces], theta) for tally in reading.tallies
        )

    def tally(self, name: Stream, tally: Tally, means: list[float], theta: float) -> float:
        """One report after the other, points first, each given the counts of those before."""
        count = len(tally.reports)
        expected = [sum(means[p] for p in range(len(means)) if tally.cover[i, p]) for i in range(count)]
        covariance = np.zeros((count, count))
        for i in range(count):
            for j in range(count):
                both = [p for p in range(len(means)) if tally.cover[i, p] and tally.cover[j, p]]
                covariance[i, j] = sum((1 + theta) * means[p] for p in both)
        if tally.is_revised:
            revised = [n for n in self.names if any(t.is_revised for t in self.tallies(n))]
            many = [n for n in revised if sum(Stream.of(report) == n for report in self.reports) >= 10]
            owners = list(dict.fromkeys(n if n in many else n.source for n in revised))
            kappa = float(self.values["log_revision"][owners.index(name if name in many else name.source)])
            # Of few reports none stands out.
            misread = float(self.values["misread_x"][many.index(name)]) if name in many else -40.0
            days = [self.usual_days(piece) for piece in tally.pieces]
            return running_log_density(tally, days, expected, covariance, LEAST_ERROR + exp(kappa), misread)
        covariance += 0.25 * np.eye(count)
        points = [i for i in range(count) if tally.low[i] == tally.high[i]]
        order = points + [i for i in range(count) if i not in points]
        known: dict[int, float] = {}
        total = 0.0
        for i in order:
            middle, variance = expected[i], covariance[i, i]
            if known:
                before = list(known)
                weights = np.linalg.solve(covariance[np.ix_(before, before)], covariance[before, i])
                middle += float(weights @ [known[j] - expected[j] for j in before])
                variance -= float(weights @ covariance[before, i])
            scale = sqrt(variance)
            if tally.low[i] == tally.high[i]:
                known[i] = tally.low[i]
                total += stats.norm.logpdf(known[i], middle, scale)
            else:
                score = float(self.values["tally_z"][self.scored().index(tally.reports[i])])
                mass, z = between((tally.low[i] - 0.5 - middle) / scale, (tally.high[i] + 0.5 - middle) / scale, score)
                known[i] = middle + scale * z
                total += mass
        return float(total)

    def usual_days(self, piece: Piece) -> float:
        """Days of a piece; of a source with a lag, as many as with the usual one are documented in all."""
        tau = exp(self.row("lag").location)
        return sum(
            documented(cell, day, tau) if cell.by >= 0 else 1.0
            for cell in piece.cells
            for day in range(cell.start, cell.end)
        )

    def scored(self) -> list[int]:
        """Reports in tallies that are intervals."""
        return sorted(
            {
                report
                for name in self.names
                for tally in self.tallies(name)
                if not tally.is_revised
                for report, low, high in zip(tally.reports, tally.low, tally.high, strict=True)
                if low < high
            }
        )

    def tallies(self, name: Stream) -> list[Tally]:
        return [t for block in self.blocks[name] for reading in block.readings for t in reading.tallies]

    def levels(self) -> float:
        """Log density of the levels where no population is known, by orthonormal coordinates and their slopes."""
        if "log_daily_toll" not in self.values:
            return 0.0
        x = self.values["log_daily_toll"]
        areas, kinds = x.shape
        together = [log_sum_exp(list(x[:, k])) for k in range(kinds)]
        row, total, slopes = self.row("daily_toll"), 0.0, np.zeros((kinds, areas, areas, kinds))
        of_kind, of_area = (linalg.helmert(n) for n in (kinds, areas))
        for k in range(kinds):
            slopes[0, 0, :, k] = np.exp(x[:, k] - together[k]) / kinds
            for j in range(kinds - 1):
                slopes[j + 1, 0, :, k] = of_kind[j, k] * np.exp(x[:, k] - together[k])
            slopes[k, 1:, :, k] = of_area
        total += float(stats.norm.logpdf(np.mean(together), row.location, row.scale))
        for name, coordinates in (("class_effect", of_kind @ together), ("area_share", of_area @ x)):
            total += float(stats.norm.logpdf(coordinates, 0.0, self.row(name).scale).sum())
        return total + float(np.linalg.slogdet(slopes.reshape(x.size, x.size))[1])

    def log_prior(self) -> float:
        total = 0.0
        for name, value in self.values.items():
            if name in FLAT:
                continue
            row = self.row(ROWS[name]) if name in ROWS else None
            location, scale = (row.location, row.scale) if row else (0.0, 1.0)
            for x in np.ravel(value):
                total += float(stats.norm.logpdf(x, location, scale))
        return total

    def source(self, name: Stream) -> float:
        """Log density of one stream's reports, and of its deviation where that follows from the rest."""
        total = 0.0
        own = self.blocks[name]
        follows = name not in self.own
        if not follows:
            total += self.own_log_density(name, self.own[name]) + log(self.own_scale(name))
        if follows and len(own) > 1:
            total += self.following_log_density(name, own[0].readings[0])
        for block in own:
            mixed = []
            for reading in block.readings:
                value = reading.log_probability
                if name.source not in self.unused:
                    value += self.reading(name, reading)
                if follows and len(own) == 1:
                    value += self.following_log_density(name, reading)
                mixed.append(value)
            total += log_sum_exp(mixed)
        return total

    def log_density(self) -> float:
        """The joint log density in the free parameters."""
        told = sum(self.source(name) for name in self.names)
        return self.log_prior() + self.levels() + self.courses() + self.tolls() + self.lists() + told


def pieces_of(reading: Reading) -> list[Piece]:
    return [term.piece for term in reading.terms] + [piece for tally in reading.tallies for piece in tally.pieces]


def between(low: float, high: float, score: float) -> tuple[float, float]:
    """Log mass of a standard normal value between two bounds, and the value with that score there, in 60 digits."""
    with mp.workdps(60):
        a, b = mp.mpf(low), mp.mpf(high)
        sign = 1
        if a > 0:
            a, b, score, sign = -b, -a, -score, -1
        below = mp.ncdf(a)
        mass = mp.ncdf(b) - below
        target = below + mass * mp.ncdf(score)
        right = min(b, mp.mpf(60))
        left = max(a, min(right, 0) - 60)
        for _ in range(120):
            middle = (left + right) / 2
            left, right = (middle, right) if mp.ncdf(middle) < target else (left, middle)
        return float(mp.log(mass)), float(sign * left)
