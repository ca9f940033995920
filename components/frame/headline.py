"""Headline figures: how many, how often, more or fewer than before."""

from __future__ import annotations

from dataclasses import dataclass

from dash import html
from dash.development.base_component import Component

from analytics.formats import DASH, number, percent, short_date
from analytics.statistics.change import (
    Comparison,
    Incomparable,
    NotComparable,
    Period,
    Significance,
)
from components.frame.significance import WORDS, incomparable_words
from components.frame.variables import harm_share, quantity

HOMICIDE = "HOMICIDE"
MONTHS_ONLY = "the source gives the month only"
FLAT = 0.0005  # a change that would be shown as 0.0%


@dataclass(frozen=True)
class Versus:
    """The period beside another one; `then` is that one's first and last day."""

    found: Comparison | NotComparable
    then: Period | None = None


@dataclass(frozen=True)
class HeadlineFacts:
    """Sums over the chosen period.

    `harm_days` is None where the source has no weights. `harm_types` are the harm days of each
    crime type, largest first.
    """

    incidents: int
    days: int  # of the period that the data covers
    previous: Versus
    last_year: Versus
    arrests: int | None
    harm_days: int | None
    harm_types: tuple[tuple[str, int], ...] = ()
    unit_of_count: str = "incidents"
    provisional: bool = False
    counted: int | None = None  # incidents on these days, where that is not all of them
    months_only: bool = False  # no rate a day: the source gives no days


@dataclass(frozen=True)
class Figure:
    label: str
    value: str
    note: str = ""
    detail: str = ""
    direction: str = ""


def headline(facts: HeadlineFacts) -> list[Component]:
    """Six figures: incidents, per day, two changes, arrest share, harm."""
    return [_figure(figure) for figure in figures(facts)]


def figures(facts: HeadlineFacts) -> list[Figure]:
    """The same as words, for tests and print."""
    counted = facts.incidents if facts.counted is None else facts.counted
    per_day = counted / facts.days if facts.days and not facts.months_only else None
    over = f"over {number(facts.days)} days"
    if counted != facts.incidents:
        over += f"; {quantity(facts.incidents - counted)} on stray dates left out"
    provisional = "last days provisional" if facts.provisional else ""
    return [
        Figure("Incidents", number(facts.incidents), provisional),
        Figure("Per day", number(per_day, 1), MONTHS_ONLY if facts.months_only else over),
        _change("vs. the period before", facts.previous),
        _change("vs. a year earlier", facts.last_year),
        _arrests(facts),
        _harm(facts),
    ]


def _change(label: str, versus: Versus) -> Figure:
    found = versus.found
    if isinstance(found, NotComparable):
        detail = incomparable_words(found) if found.covered else ""
        return Figure(label, DASH, _missing(found, versus.then), detail)
    detail = _test(found, versus.then)
    if found.change is None:
        return Figure(label, DASH, _without_share(found), detail)
    change = found.change
    direction = "" if abs(change) < FLAT else "more" if change > 0 else "less"
    # Color only what may mean something.
    told = direction if found.verdict is Significance.SIGNIFICANT else ""
    word = {"more": " more", "less": " fewer", "": ""}[direction]
    value = f"{percent(abs(change))}{word}" if direction else "No change"
    detail = f"{quantity(found.before)} then. {detail}"
    return Figure(label, value, WORDS[found.verdict], detail, told)


def _without_share(found: Comparison) -> str:
    """What stands for a percentage of too few: as the Overview judges the same numbers."""
    if not found.before:
        return "none then"
    if found.verdict is Significance.TOO_FEW:
        return WORDS[found.verdict]
    now, before = found.now, found.before
    word = "more" if now > before else "fewer" if now < before else "as many"
    return f"{number(before)} then; {word} now, {WORDS[found.verdict]}"


def _missing(found: NotComparable, then: Period | None) -> str:
    """Why there is no change, in short."""
    if found.reason is Incomparable.MONTHS_ONLY:
        return MONTHS_ONLY
    if found.covered is None or then is None:
        return "no data"
    first, last = found.covered
    if then[0] < first:
        return f"no data before {short_date(first)}"
    return f"no data after {short_date(last)}"


def _test(found: Comparison, then: Period | None) -> str:
    dispersion = (
        f"dispersion {number(found.dispersion, 1)} from {found.pairs} past pairs of periods"
        if found.dispersion
        else "its usual variation is not known"
    )
    days = f"Compared with {short_date(then[0])} to {short_date(then[1])}: " if then else ""
    return f"{days}z = {number(found.z, 1)}, {dispersion}."


def _arrests(facts: HeadlineFacts) -> Figure:
    label = "Arrest share"
    if facts.arrests is None:
        return Figure(label, DASH, "not in this source")
    if not facts.incidents:
        return Figure(label, DASH, "no incidents")
    detail = "Arrests so far divided by incidents. Compare only incidents of similar age."
    return Figure(
        label, percent(facts.arrests / facts.incidents), quantity(facts.arrests, "arrests"), detail
    )


def _harm(facts: HeadlineFacts) -> Figure:
    label = "Harm, days of sentence"
    if facts.harm_days is None:
        return Figure(label, DASH, "no harm weights")
    detail = (
        "Harm index: minimum sentence for a first offense in days, summed over incidents with a "
        "weight."
    )
    if not facts.harm_days or not facts.harm_types:
        return Figure(label, number(facts.harm_days), "", detail)
    largest, days = facts.harm_types[0]
    note = harm_share(largest, days, facts.harm_days)
    homicides = sum(days for name, days in facts.harm_types if name == HOMICIDE)
    if homicides:
        detail += f" Without homicide: {number(facts.harm_days - homicides)}."
    return Figure(label, number(facts.harm_days), note, detail)


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
