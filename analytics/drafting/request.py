"""What a briefing is requested for, and the days that it then counts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta
from enum import StrEnum, unique
from typing import Any

from analytics.crossfilter.clauses import Choice
from analytics.crossfilter.relative_dates import month_of
from analytics.crossfilter.selection import Selection
from analytics.errors import InputError
from analytics.incidents.manifest import Manifest
from analytics.incidents.model import AREA_LEVELS, UNKNOWN
from analytics.one_line import visible_line
from analytics.overview.daily_rows import LEVELS
from analytics.overview.reporting import Reporting
from analytics.statistics.two_periods import Period

WEEK_DAYS, MONTH_DAYS = 7, 28
LONGEST_TITLE = 200
FINER = {"district": ("beat",), "area": ("beat",), "ward": ("beat",)}


@unique
class Template(StrEnum):
    """Briefings that are made ready."""

    WEEKLY = "weekly"
    MONTHLY = "monthly"
    DISTRICT = "district"
    BULLETIN = "bulletin"


TITLES = {
    Template.WEEKLY: "Weekly briefing",
    Template.MONTHLY: "Monthly briefing",
    Template.DISTRICT: "District briefing",
    Template.BULLETIN: "Be on the look-out",
}


@dataclass(frozen=True)
class BriefingRequest:
    """What is requested; days are found when it is made.

    Attributes
    ----------
    selection : text of a selection; only of a bulletin its filter on the date gives the days
    as_of : last day that is counted; None for the last complete one
    pattern : what a bulletin is of, such as a series, in words that its counts are compared with
    """

    template: Template
    selection: str = ""
    as_of: date | None = None
    title: str = ""
    audience: str = ""
    pattern: str = ""

    def __post_init__(self) -> None:
        for name in ("title", "audience"):
            text = visible_line(getattr(self, name))
            if len(text) > LONGEST_TITLE:
                raise InputError(f"A {name} has at most {LONGEST_TITLE} characters.")
            object.__setattr__(self, name, text)

    def as_json(self) -> dict[str, Any]:
        """As plain values."""
        day = self.as_of.isoformat() if self.as_of else None
        return {**self.__dict__, "template": str(self.template), "as_of": day}

    @classmethod
    def from_json(cls, raw: Mapping[str, Any]) -> BriefingRequest:
        """The inverse of `as_json`."""
        day = date.fromisoformat(raw["as_of"]) if raw["as_of"] else None
        return cls(**{**raw, "template": Template(raw["template"]), "as_of": day})


@dataclass(frozen=True)
class CardChoice:
    """A card of the catalog by name, and its own selection where it has one, with its days."""

    name: str
    selection: str | None = None


@dataclass(frozen=True)
class CountedDays:
    """The periods of a briefing, which all end on the same day.

    Attributes
    ----------
    main : the period of tables, map and hours
    short : seven days beside it, None where the main period is not four weeks
    others : further periods of the headline
    """

    main: Reporting
    short: Reporting | None
    others: tuple[Reporting, ...] = ()

    @property
    def last(self) -> date:
        return self.main.period[1]

    @property
    def covered(self) -> Period:
        """The days of the data up to the last one that is counted."""
        return self.main.covered

    @property
    def every(self) -> tuple[Reporting, ...]:
        """All of them, the shortest first."""
        found = [*([self.short] if self.short else []), self.main, *self.others]
        return tuple(sorted(found, key=lambda one: one.days))


def counted_days(request: BriefingRequest, manifest: Manifest) -> CountedDays:
    """The days of a request in the data.

    Raises
    ------
    InputError
        The data has no days, or not the requested one.
    """
    complete = manifest.last_complete_day
    if manifest.covered is None or complete is None:
        raise InputError("The data has no dates to make a briefing of.")
    first, end = manifest.covered
    last = request.as_of or complete
    if not first <= last <= end:
        raise InputError(f"{last} is not a day of the data, which has {first} to {end}.")
    if last > complete:
        raise InputError(f"{last} is not a complete day; the last one is {complete}.")
    if request.template is Template.MONTHLY or manifest.months_only:
        return _of_months(last, manifest, first)
    week = _reporting((last - timedelta(days=WEEK_DAYS - 1), last), manifest, first)
    weeks = _reporting((last - timedelta(days=MONTH_DAYS - 1), last), manifest, first)
    return CountedDays(weeks, week)


def chosen_days(days: CountedDays, selection: Selection, manifest: Manifest) -> CountedDays:
    """The complete days of a selection's filter on the date; without one, the given days.

    Raises
    ------
    InputError
        None of the filter's days is complete.
    """
    period, complete = selection.period(manifest), manifest.last_complete_day
    if selection.get("date") is None or manifest.covered is None or complete is None:
        return days
    first = manifest.covered[0]
    if period is None or period[0] > complete or period[1] < first:
        raise InputError(
            f"None of the selected days is complete: complete days are {first} to {complete}. "
            "Choose other dates on the page."
        )
    return CountedDays(_reporting((period[0], min(period[1], complete)), manifest, first), None)


def _of_months(last: date, manifest: Manifest, first: date) -> CountedDays:
    """The last complete month, and the year to its end."""
    month = month_of(last)
    if month[1] > last:
        month = month_of(month[0] - timedelta(days=1))
    if month[1] < first:
        raise InputError("The data has no complete month.")
    year = (month[0].replace(month=1), month[1])
    others = () if year == month else (_reporting(year, manifest, first),)
    return CountedDays(_reporting(month, manifest, first), None, others)


def _reporting(period: Period, manifest: Manifest, first: date) -> Reporting:
    """A period of the data as if that ended with the period."""
    begin, last = max(period[0], first), period[1]
    since = manifest.provisional_day
    provisional = since is not None and since <= last
    return Reporting(
        (begin, last), True, (first, last), provisional, since if provisional else None,
        manifest.months_only,
    )  # fmt: skip


def one_area(selection: Selection) -> tuple[str, str]:
    """Level and key of the one area that a selection is of.

    Raises
    ------
    InputError
        It names none, or several.
    """
    named = [
        (level, key)
        for level in AREA_LEVELS
        if isinstance(clause := selection.get(level), Choice)
        for key in clause.keys
        if key != UNKNOWN
    ]
    if len(named) != 1:
        raise InputError(
            "A district briefing is of one area: select it, such as district=011 or beat=1132."
        )
    level, key = named[0]
    return level, str(key)


def level_of(request: BriefingRequest, selection: Selection, manifest: Manifest) -> str:
    """Level of the areas that are counted; empty where the source has none."""
    known = [level for level in LEVELS if level not in manifest.views_off]
    if request.template is Template.DISTRICT:
        level, _ = one_area(selection)
        finer = [one for one in FINER.get(level, ()) if one in known]
        return next(iter(finer), level)
    return next(iter(known), "")


def as_written(request: BriefingRequest, selection: Selection) -> BriefingRequest:
    """The request with the text of its selection as the data writes it."""
    if request.template is not Template.BULLETIN:
        selection = selection.without({"date"})
    return replace(request, selection=selection.text)
