"""Headline figures: how many, how often, more or fewer than before."""

from __future__ import annotations

from dataclasses import dataclass

from dash import html
from dash.development.base_component import Component

from analytics.formats import DASH, number, percent
from analytics.statistics.change import UNLIKELY
from components.frame.variables import harm_share, quantity

HOMICIDE = "HOMICIDE"
FLAT = 0.0005  # a change that would be shown as 0.0%


@dataclass(frozen=True)
class Change:
    """Change against another period.

    `share` is (now − before) / before, None where there is none, with the `reason`. `verdict` is
    a plain phrase, as "significant"; `detail` holds periods, z and dispersion.
    """

    share: float | None = None
    before: int | None = None
    verdict: str = ""
    detail: str = ""
    reason: str = ""


@dataclass(frozen=True)
class HeadlineFacts:
    """Sums over the chosen period.

    `harm_days` is None where the source has no weights. `harm_types` are the harm days of each
    crime type, largest first.
    """

    incidents: int
    days: int  # of the period that the data covers
    previous: Change
    last_year: Change
    arrests: int | None
    harm_days: int | None
    harm_types: tuple[tuple[str, int], ...] = ()
    unit_of_count: str = "incidents"
    provisional: bool = False
    counted: int | None = None  # incidents on these days, where that is not all of them
    rates_off: str = ""  # why there is no rate a day


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
    per_day = counted / facts.days if facts.days and not facts.rates_off else None
    over = f"over {number(facts.days)} days"
    if counted != facts.incidents:
        over += f"; {quantity(facts.incidents - counted)} on stray dates left out"
    provisional = "last days provisional" if facts.provisional else ""
    return [
        Figure("Incidents", number(facts.incidents), provisional),
        Figure("Per day", number(per_day, 1), facts.rates_off or over),
        _change("vs. the period before", facts.previous),
        _change("vs. a year earlier", facts.last_year),
        _arrests(facts),
        _harm(facts),
    ]


def _change(label: str, change: Change) -> Figure:
    if change.share is None:
        return Figure(label, DASH, change.reason, change.detail)
    direction = "" if abs(change.share) < FLAT else "more" if change.share > 0 else "less"
    told = direction if change.verdict == UNLIKELY else ""  # colour only what may mean something
    word = {"more": " more", "less": " fewer", "": ""}[direction]
    value = f"{percent(abs(change.share))}{word}" if direction else "No change"
    detail = change.detail
    if change.before is not None:
        detail = f"{quantity(change.before)} then. {detail}".strip()
    return Figure(label, value, change.verdict, detail, told)


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
