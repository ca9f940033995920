"""The draft of a plan's briefing: where, when, why, what changed and what is uncertain.

Each number is taken from what a page shows, or counted from it, and carries which part that is.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import date

from scipy.stats import poisson

from analytics.briefing.cited_text import CitedText, NumberSource, Piece, Sourced, cited_text
from analytics.formats import (
    amount,
    clock_time,
    date_range,
    distance_text,
    hour_name,
    number,
    numbers,
    percent,
    short_date,
)
from analytics.patrol.plan_content import PlannedVisit
from analytics.patrol.stored_plans import PlanVersion

NAMED = 3
"""Places and hours that a sentence names."""
LEVEL = 0.95
FEWEST_RECENT = 5
"""Incidents around a place from which its busiest hour is named."""


@dataclass(frozen=True)
class CountedTarget:
    """What was counted of the plan's incidents lately, and what was expected of it.

    Attributes
    ----------
    period : first and last day
    expected, low, high : with a 95% prediction interval; None where nothing can be expected
    where : which places were counted, such as `in the whole city`
    verdict : what the test says, as a clause such as `as expected`
    address : of the page that shows it
    snapshot : id of the data
    """

    period: tuple[date, date]
    where: str
    incidents: int
    expected: float | None
    low: int
    high: int
    verdict: str
    address: str
    snapshot: str


@dataclass(frozen=True)
class PlanSources:
    """Sources of the numbers of one version of a plan, by the part of the page that shows them."""

    version: PlanVersion

    def of(self, part: str, words: str) -> NumberSource:
        """A part of the page, in the version of the plan that it is of."""
        plan = self.version
        return NumberSource(
            f"{words}: plan {plan.plan} version {plan.version}, {plan.model}, "
            f"snapshot {plan.snapshot}",
            part,
        )

    @property
    def about(self) -> NumberSource:
        return self.of("about", "What the plan is for")

    @property
    def stops(self) -> NumberSource:
        return self.of("stops", "Stops by unit")

    @property
    def figures(self) -> NumberSource:
        return self.of("figures", "What the plan reaches")

    @property
    def curve(self) -> NumberSource:
        return self.of("curve", "One more unit")

    @property
    def excluded(self) -> NumberSource:
        return self.of("excluded", "Demand left out")

    @property
    def changes(self) -> NumberSource:
        return self.of("changes", "Changes")


@dataclass(frozen=True)
class PlanBriefing:
    """What a briefing is drafted from.

    Attributes
    ----------
    before : the plan before it that was requested alike, if there is one
    counted : None where the data has no complete day
    """

    version: PlanVersion
    before: PlanVersion | None = None
    counted: CountedTarget | None = field(default=None, repr=False)

    def draft(self) -> CitedText:
        """The sentences, a paragraph each for where, when, why, changes and uncertainty."""
        paragraphs = (self._where(), self._when(), self._why(), self._changed(), self._uncertain())
        return cited_text(list(one) for one in paragraphs)

    @property
    def _sources(self) -> PlanSources:
        return PlanSources(self.version)

    @property
    def _what(self) -> str:
        return "days of harm" if self.version.request.harm else "incidents"

    def _where(self) -> Iterator[Piece]:
        asked, content, source = self.version.request, self.version.content, self._sources
        places = _places(self.version)
        yield "Where. "
        yield Sourced(_counted(len(content.units), "unit"), source.stops)
        yield " for "
        yield Sourced(_target(asked.target), source.about)
        yield " in "
        yield Sourced(_counted(len({one.area for one in content.units}), "area"), source.stops)
        if not places:
            yield "; no stop is planned."
            return
        yield ", with stops at "
        yield Sourced(_counted(len(places), "place"), source.stops)
        yield f". Most {self._what} are expected within reach at "
        most = sorted(places.items(), key=lambda one: (-_expected(one[1]), one[0]))[:NAMED]
        yield from _listed(
            [
                [
                    Sourced(name, source.stops),
                    " ",
                    Sourced(f"({number(_expected(visits), 3)})", source.stops),
                ]
                for name, visits in most
            ]
        )
        yield "."

    def _when(self) -> Iterator[Piece]:
        asked, content, source = self.version.request, self.version.content, self._sources
        places = _places(self.version)
        yield "When. "
        yield Sourced(f"{asked.shift} of {short_date(asked.day)}", source.about)
        yield ", from "
        hour, minute = content.shift_start.split(":")
        yield Sourced(clock_time(int(hour) + int(minute) / 60), source.about)
        yield ", with patrol of "
        yield Sourced(f"{asked.rules.hours:g} hours", source.about)
        yield " by each unit."
        busiest = Counter(
            visits[0].busiest_hour
            for visits in places.values()
            if visits[0].busiest_hour is not None and (visits[0].recent or 0) >= FEWEST_RECENT
        )
        if busiest:
            yield " Around places with at least "
            yield Sourced(_counted(FEWEST_RECENT, "incident"), source.stops)
            yield " of this shift in the year before, the hour with most of them was "
            ranked = sorted(busiest.items(), key=lambda one: (-one[1], one[0]))[:NAMED]
            yield from _listed(
                [
                    [
                        Sourced(hour_name(at), source.stops),
                        " ",
                        Sourced(f"({_counted(many, 'place')})", source.stops),
                    ]
                    for at, many in ranked
                ]
            )
            yield "."

    def _why(self) -> Iterator[Piece]:
        asked, content, source = self.version.request, self.version.content, self._sources
        yield "Why. These stops reach "
        yield Sourced(amount(content.captured), source.figures)
        yield " of the "
        yield Sourced(number(content.expected, 1), source.figures)
        yield f" {self._what} that are expected in the shift "
        yield Sourced(f"({percent(content.share)})", source.figures)
        yield ", counting what is expected within "
        yield Sourced(distance_text(asked.rules.radius_m), source.excluded)
        yield " from the arrival until "
        yield Sourced(_counted(asked.rules.residual_min, "minute"), source.excluded)
        yield " after leaving. No routes to the same places reach more than "
        yield Sourced(amount(content.bound), source.figures)
        yield "."
        if content.one_more is not None:
            yield " One more unit would add "
            yield Sourced(number(content.one_more.adds, 3), source.curve)
            yield ", in area "
            yield Sourced(content.one_more.area, source.curve)
            yield "."

    def _changed(self) -> Iterator[Piece]:
        yield "What changed."
        if self.counted is not None:
            yield from _counted_words(self.counted, weighed=self.version.request.harm)
        yield from self._places_changed()
        edits, source = self.version.edits, self._sources
        for places, done in (
            ([one.place for one in edits.added], "added"),
            (list(edits.pinned), "pinned"),
            ([one.place for one in edits.left_out], "left out"),
        ):
            if places:
                yield " Analysts "
                yield f"{done} "
                yield from _listed([[Sourced(one, source.changes)] for one in places])
                yield "."

    def _places_changed(self) -> Iterator[Piece]:
        if self.before is None:
            yield " No earlier plan was requested alike, so places are not compared."
            return
        before, now = set(_places(self.before)), set(_places(self.version))
        earlier = self.before
        source = replace(
            PlanSources(earlier).of("", "Stops by unit"),
            address=f"/patrol#p_plan={earlier.plan}&p_version={earlier.version}",
        )
        yield " Compared with plan "
        yield Sourced(str(earlier.plan), source)
        yield " for "
        yield Sourced(short_date(earlier.request.day), source)
        yield ": "
        yield Sourced(_counted(len(now & before), "place"), self._sources.stops)
        yield " kept, "
        yield Sourced(number(len(now - before)), self._sources.stops)
        yield " new, "
        yield Sourced(number(len(before - now)), source)
        yield " no longer visited."

    def _uncertain(self) -> Iterator[Piece]:
        asked, content, source = self.version.request, self.version.content, self._sources
        yield "What is uncertain. Expected values are averages"
        if not asked.harm and content.captured > 0:
            yield ": if "
            yield Sourced(amount(content.captured), source.figures)
            yield " is right, "
            yield from _by_chance(content.captured)
        yield ". They count what stops are near, not what patrol prevents."
        left = sorted(content.left_out, key=lambda one: -one.incidents)[:NAMED]
        if any(one.incidents for one in left):
            yield " The plan does not count what patrol in sight hardly affects; of all days and "
            yield "hours of the data these are, an incident under each of its reasons: "
            yield from _listed(
                [
                    [
                        Sourced(_heading(one.reason), source.excluded),
                        " ",
                        Sourced(f"({_counted(one.incidents, 'incident')})", source.excluded),
                    ]
                    for one in left
                    if one.incidents
                ]
            )
            yield "."


_POISSON = NumberSource(
    "Poisson interval of the expected incidents within reach; how far off the expected value "
    "itself may be is not in it"
)


def _by_chance(expected: float) -> Iterator[Piece]:
    """What shifts have by chance if the expected value is right."""
    if expected < 1:
        yield Sourced(f"{percent(math.exp(-expected), 0)} of such shifts", _POISSON)
        yield " have no incident within reach by chance alone"
        return
    low, high = poisson.interval(LEVEL, expected)
    yield Sourced(f"at least {percent(LEVEL, 0)} of such shifts", _POISSON)
    yield " have "
    yield Sourced(numbers(low, high), _POISSON)
    yield " incidents within reach by chance alone"


def _counted_words(counted: CountedTarget, *, weighed: bool) -> Iterator[Piece]:
    source = NumberSource(
        f"Overview: counts and expected counts, snapshot {counted.snapshot}",
        address=counted.address,
    )
    yield " From "
    yield Sourced(date_range(*counted.period), source)
    yield " there were "
    yield Sourced(number(counted.incidents), source)
    harm = ", counted and not weighed by harm" if weighed else ""
    yield f" incidents of this kind {counted.where}, at all hours, also those that the plan does "
    yield f"not count{harm}"
    if counted.expected is None:
        yield "; there is too little data to say what was expected."
        return
    yield "; "
    yield Sourced(number(counted.expected, 1), source)
    yield " were expected "
    yield Sourced(f"({numbers(counted.low, counted.high)})", source)
    yield f": {counted.verdict}."


def _places(version: PlanVersion) -> dict[str, list[PlannedVisit]]:
    """Visits of a plan by place."""
    found: dict[str, list[PlannedVisit]] = {}
    for unit in version.content.units:
        for visit in unit.visits:
            found.setdefault(visit.place, []).append(visit)
    return found


def _expected(visits: Sequence[PlannedVisit]) -> float:
    return sum(one.expected for one in visits)


def _target(name: str) -> str:
    return "all incidents" if name == "all" else name.replace("_", " ")


def _counted(count: int, what: str) -> str:
    return f"1 {what}" if count == 1 else f"{number(count)} {what}s"


def _listed(entries: Sequence[Sequence[Piece]]) -> Iterator[Piece]:
    """Entries as `A, B and C`."""
    for at, entry in enumerate(entries):
        if at:
            yield " and " if at == len(entries) - 1 else ", "
        yield from entry


def _heading(reason: str) -> str:
    """`Domestic: it happens at home` → `domestic`."""
    head = re.split("[:;]", reason, maxsplit=1)[0]
    return head[:1].lower() + head[1:] if head[1:2].islower() else head
