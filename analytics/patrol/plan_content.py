"""What a plan consists of, as values that can be stored: units, their visits, areas and figures."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import date, datetime, time, timedelta
from typing import Any

from analytics.patrol.demand import LeftOutDemand

DISCOUNTED_COUNTS = "discounted counts"
"""`PlanContent.forecast` where no model forecasts."""


@dataclass(frozen=True)
class PlannedVisit:
    """One stop of a unit.

    Attributes
    ----------
    place : name of the block, of the cell of 100 m, or of a place that an analyst added
    arrive : time of the clock, such as 22:15
    minutes : length of the stop
    expected : incidents, or harm, that the stop reaches
    recent : incidents of this shift within reach of the place in the `RECENT_DAYS` before the plan;
        None where they are withheld
    busiest_hour : hour of the clock in which most of them happened; None without any
    pinned : whether an analyst demands that the place is visited
    """

    place: str
    arrive: str
    minutes: int
    expected: float
    lat: float
    lon: float
    recent: int | None = 0
    busiest_hour: int | None = None
    pinned: bool = False


@dataclass(frozen=True)
class PlannedUnit:
    """A unit, numbered from 1, and its visits in order."""

    unit: int
    area: str
    visits: tuple[PlannedVisit, ...] = field(repr=False)

    @property
    def expected(self) -> float:
        """What all its stops reach."""
        return sum(one.expected for one in self.visits)


@dataclass(frozen=True)
class PlannedArea:
    """One area: its units, what their routes reach, what no routes exceed, what it expects."""

    area: str
    units: int
    captured: float
    bound: float
    expected: float


@dataclass(frozen=True)
class UnitStep:
    """One more unit: the area it goes to, and what it adds as predicted."""

    area: str
    adds: float


@dataclass(frozen=True)
class ShareLimitPrice:
    """What a limit on shares of patrol time costs, by the curves of both allocations.

    Attributes
    ----------
    at_most : multiple of its share of harm that no area's share of patrol time exceeds
    highest, highest_without : highest such multiple with the limit, and without it; None where an
        area without harm has units
    captured, captured_without : expected incidents, or harm, that are reached
    price : share of the capture that the limit costs
    units_moved : units that are in other areas than without it
    harm : share of the harm by area
    """

    at_most: float
    highest: float | None
    highest_without: float | None
    captured: float
    captured_without: float
    price: float
    units_moved: int
    harm: Mapping[str, float] = field(repr=False)


@dataclass(frozen=True)
class PlanContent:
    """All of a plan.

    Attributes
    ----------
    curve : each unit in the order given
    one_more : one more unit; None where every area has its most
    left_out : demand that the plan does not count, by reason
    forecast : version of the model, or `DISCOUNTED_COUNTS`
    travel, starts_at : how times were measured, and where units start
    seconds : time that planning took
    share_limit : a limit on shares of patrol time, if there is one, and its price
    shift_start, shift_minutes : first minute of the shift, such as 14:00, and its length
    made_from : first day of the model's forecast; None without one, and in plans stored before
        it was kept
    """

    units: tuple[PlannedUnit, ...] = field(repr=False)
    areas: tuple[PlannedArea, ...] = field(repr=False)
    curve: tuple[UnitStep, ...] = field(repr=False)
    one_more: UnitStep | None
    left_out: tuple[LeftOutDemand, ...]
    forecast: str
    travel: str
    starts_at: str
    seconds: float
    share_limit: ShareLimitPrice | None = None
    shift_start: str = "00:00"
    shift_minutes: int = 24 * 60
    made_from: str | None = None

    @property
    def captured(self) -> float:
        """Expected incidents, or harm, that the plan reaches."""
        return sum(one.captured for one in self.areas)

    @property
    def bound(self) -> float:
        """No routes to the same places with the same units reach more."""
        return sum(one.bound for one in self.areas)

    @property
    def gap(self) -> float:
        """Share of the bound that the plan may miss at most."""
        return 1 - self.captured / self.bound if self.bound > 0 else 0.0

    @property
    def expected(self) -> float:
        """What the whole shift expects in all areas."""
        return sum(one.expected for one in self.areas)

    @property
    def share(self) -> float:
        """Share of what the shift expects that the plan reaches."""
        return self.captured / self.expected if self.expected > 0 else 0.0

    def unit(self, number: int) -> PlannedUnit | None:
        """The unit of a number; None if there is none."""
        return next((one for one in self.units if one.unit == number), None)

    def arrival(self, day: date, visit: PlannedVisit) -> datetime:
        """Local time of an arrival in a shift that begins on a day; nights pass midnight."""
        at = time.fromisoformat(visit.arrive)
        later = at < time.fromisoformat(self.shift_start)
        return datetime.combine(day + timedelta(days=later), at)

    def as_json(self) -> dict[str, Any]:
        """As plain values, with the sums that readers expect."""
        return {
            **asdict(self),
            "captured": self.captured,
            "bound": self.bound,
            "gap": self.gap,
            "expected": self.expected,
        }

    @classmethod
    def from_json(cls, raw: Mapping[str, Any]) -> PlanContent:
        """The inverse of `as_json`."""
        more, limit = raw["one_more"], raw["share_limit"]
        names = ("forecast", "travel", "starts_at", "seconds", "shift_start", "shift_minutes")
        plain = {name: raw[name] for name in names}
        return cls(
            units=tuple(
                PlannedUnit(
                    one["unit"], one["area"], tuple(PlannedVisit(**each) for each in one["visits"])
                )
                for one in raw["units"]
            ),
            areas=tuple(PlannedArea(**one) for one in raw["areas"]),
            curve=tuple(UnitStep(**one) for one in raw["curve"]),
            one_more=None if more is None else UnitStep(**more),
            left_out=tuple(LeftOutDemand(**one) for one in raw["left_out"]),
            share_limit=None if limit is None else ShareLimitPrice(**limit),
            made_from=raw.get("made_from"),
            **plain,
        )
