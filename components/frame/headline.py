"""The headline: incidents, rate, changes, arrest share and harm."""

from __future__ import annotations

from dataclasses import dataclass

from dash import html
from dash.development.base_component import Component

from analytics.formats import DASH, date_range, month_day, number, percent, short_date
from analytics.overview.harm_changes import HOMICIDE
from analytics.statistics.two_periods import (
    Comparison,
    Incomparable,
    NotComparable,
    Period,
    Significance,
)
from components.frame.significance import WORDS, incomparable_words
from components.frame.variables import harm_share, quantity

MONTHS_ONLY = "the source gives the month only"
THOUSAND = 1_000
FLAT = 0.0005  # a change that would be shown as 0.0%


@dataclass(frozen=True)
class PeriodComparison:
    """The change against an earlier period; `then` is that period's first and last day."""

    found: Comparison | NotComparable
    then: Period | None = None


@dataclass(frozen=True)
class HeadlineNumbers:
    """Sums over the chosen period.

    `harm_days` is None where the source has no harm weights. `harm_types` are the harm days of
    each crime type, largest first; `harm_of_all` are the harm days per incident of all incidents.
    `latest` are the days whose changes are shown if no period is chosen.
    """

    incidents: int
    days: int  # days of the period that the data covers
    previous: PeriodComparison
    last_year: PeriodComparison
    arrests: int | None
    harm_days: int | None
    harm_types: tuple[tuple[str, int], ...] = ()
    harm_of_all: float | None = None
    residents: int | None = None  # of all areas that the sums are of, if known
    latest: Period | None = None
    unit_of_count: str = "incidents"
    provisional: bool = False
    counted: int | None = None  # incidents on these days, if not all
    months_only: bool = False  # no rate per day: the source gives no days


@dataclass(frozen=True)
class Figure:
    label: str
    value: str
    note: str = ""
    detail: str = ""
    direction: str = ""


def headline(sums: HeadlineNumbers) -> list[Component]:
    """Six figures: incidents, per day, two changes, arrest share, harm."""
    return [_figure(figure) for figure in figures(sums)]


def figures(sums: HeadlineNumbers) -> list[Figure]:
    """The texts of the six figures."""
    counted = sums.incidents if sums.counted is None else sums.counted
    per_day = counted / sums.days if sums.days and not sums.months_only else None
    over = f"over {number(sums.days)} {'day' if sums.days == 1 else 'days'}"
    if counted != sums.incidents:
        over += f"; {quantity(sums.incidents - counted)} on stray dates left out"
    provisional = "last days provisional" if sums.provisional else ""
    return [
        Figure("Incidents", number(sums.incidents), provisional),
        Figure("Per day", number(per_day, 1), MONTHS_ONLY if sums.months_only else over),
        _change(_compared("the period before", "before", sums), sums.previous, sums.latest),
        _change(_compared("a year earlier", _year(sums), sums), sums.last_year, sums.latest),
        _arrests(sums),
        _harm(sums),
    ]


def _compared(long: str, short: str, sums: HeadlineNumbers) -> str:
    """Label of a change, which says the days it is of where no period is chosen."""
    if sums.latest is None or sums.months_only:
        return f"vs. {long}"
    return f"{_length(sums.latest)} complete days vs. {short}"


def _year(sums: HeadlineNumbers) -> str:
    then = sums.last_year.then
    return str(then[1].year) if then else "last year"


def _length(period: Period) -> str:
    return number((period[1] - period[0]).days + 1)


def _change(label: str, change_from: PeriodComparison, latest: Period | None) -> Figure:
    found, then = change_from.found, change_from.then
    if isinstance(found, NotComparable):
        detail = incomparable_words(found) if found.covered else ""
        return Figure(label, DASH, _missing(found, then), detail)
    detail, until = _test(found, then), ""
    if latest is not None:
        detail += (
            f" No period is chosen, so this is the change of the last {_length(latest)} complete "
            f"days, {date_range(*latest)}."
        )
        until = f"to {month_day(latest[1])}, "
    if found.change is None:
        return Figure(label, DASH, until + _without_share(found), detail)
    change = found.change
    direction = "" if abs(change) < FLAT else "more" if change > 0 else "less"
    # Only a significant change is colored.
    colored = direction if found.verdict is Significance.SIGNIFICANT else ""
    word = {"more": " more", "less": " fewer", "": ""}[direction]
    value = f"{percent(abs(change))}{word}" if direction else "No change"
    detail = f"{quantity(found.before)} then. {detail}"
    return Figure(label, value, until + WORDS[found.verdict], detail, colored)


def _without_share(found: Comparison) -> str:
    """The note in place of a percentage of too few incidents; Overview words it the same way."""
    if not found.before:
        return "none then"
    if found.verdict is Significance.TOO_FEW:
        return WORDS[found.verdict]
    now, before = found.now, found.before
    word = "more" if now > before else "fewer" if now < before else "the same"
    return f"{number(before)} then; {word} now, {WORDS[found.verdict]}"


def _missing(found: NotComparable, then: Period | None) -> str:
    """Short reason why there is no change."""
    if found.reason is Incomparable.MONTHS_ONLY:
        return MONTHS_ONLY
    if found.covered is None or then is None:
        return "no data"
    first, last = found.covered
    if then[0] < first:
        return f"data starts {short_date(first)}"
    return f"no data after {short_date(last)}"


def _test(found: Comparison, then: Period | None) -> str:
    dispersion = (
        f"dispersion {number(found.dispersion, 1)} from {found.pairs} past pairs of periods"
        if found.dispersion
        else "past variation unknown"
    )
    days = f"Compared with {short_date(then[0])} to {short_date(then[1])}: " if then else ""
    return f"{days}z = {number(found.z, 1)}, {dispersion}."


def _arrests(sums: HeadlineNumbers) -> Figure:
    label = "Arrest share"
    if sums.arrests is None:
        return Figure(label, DASH, "not in this source")
    if not sums.incidents:
        return Figure(label, DASH, "no incidents")
    detail = "Arrests so far divided by incidents. Compare only incidents of similar age."
    return Figure(
        label, percent(sums.arrests / sums.incidents), quantity(sums.arrests, "arrests"), detail
    )


def _harm(sums: HeadlineNumbers) -> Figure:
    label = "Harm per 1,000 incidents"
    if sums.harm_days is None:
        return Figure(label, DASH, "no harm weights")
    if not sums.incidents:
        return Figure(label, DASH, "no incidents")
    value = number(THOUSAND * sums.harm_days / sums.incidents)
    detail = (
        "Harm index: minimum sentence for a first offense in days, summed over incidents with a "
        f"weight: {number(sums.harm_days)} days."
    )
    if sums.residents:
        per_resident = THOUSAND * sums.harm_days / sums.residents
        detail += f" Per 1,000 residents: {number(per_resident)} days."
    if not sums.harm_days or not sums.harm_types:
        return Figure(label, value, "", detail)
    largest, days = sums.harm_types[0]
    note = harm_share(largest, days, sums.harm_days)
    homicides = sum(days for name, days in sums.harm_types if name == HOMICIDE)
    if homicides:
        detail += f" Without homicide: {number(sums.harm_days - homicides)} days."
    if sums.harm_of_all:
        ratio = sums.harm_days / sums.incidents / sums.harm_of_all
        detail += f" Per incident, {number(ratio, 2)} times that of all incidents."
    return Figure(label, value, note, detail)


def _figure(figure: Figure) -> html.Div:
    return html.Div(
        [
            html.Dt(figure.label),
            html.Dd(figure.value, className=f"headline-value {figure.direction}".strip()),
            html.Dd(figure.note or "\u00a0", className="headline-note"),
        ],
        className="headline-figure",
        title=figure.detail or None,
    )
