"""The Overview's first line: incidents, their changes, harm, zones and anomalies."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dash import html
from dash.development.base_component import Component

from analytics.formats import DASH, date_range, number
from analytics.overview.changes import RowChange
from analytics.overview.harm import Harm
from analytics.overview.reporting import Reporting
from analytics.statistics.change import NotComparable
from components.frame.significance import WORDS, incomparable_words
from components.frame.variables import harm_share
from components.overview.cards import direction
from components.overview.sentences import (
    change_detail,
    ends,
    harm_sentence,
    signed,
    then_words,
    verdict_words,
    week_text,
)

if TYPE_CHECKING:  # these load much of SciPy and Shapely
    from analytics.overview.unusual import UnusualWeek
    from analytics.zones.zone_list import ZoneList

Compared = RowChange | NotComparable


def headline(
    incidents: int, reporting: Reporting, total: tuple[Compared, Compared], harm: Harm | None
) -> list[Component]:
    """Incidents, their two changes, and harm, each with its interval and verdict."""
    before, year = then_words(reporting), then_words(reporting, year=True)
    days = f"{number(reporting.days)} days before" if reporting.days > 1 else "day before"
    return [
        figure(
            "Incidents",
            number(incidents),
            date_range(*reporting.period),
            "Its last days are incomplete." if reporting.provisional else "",
        ),
        _change(f"vs. the {days}", total[0], before),
        _change("vs. a year earlier", total[1], year),
        _harm(harm, before),
    ]


def figure(label: str, value: str, note: str = "", detail: str = "", mark: str = "") -> html.Div:
    """A number with its name above and a note below; `mark` is `more` or `less`."""
    return html.Div(
        [
            html.Dt(label),
            html.Dd(value, className=f"headline-value {mark}".strip()),
            html.Dd(note or "\u00a0", className="headline-note"),
        ],
        className="headline-figure",
        title=detail or None,
    )


def zones_figure(listed: ZoneList, *, whole_area: bool) -> html.Div:
    """How many zones there are, and the incidents in them."""
    inside = f"{number(listed.inside)} incidents in them"
    note = f"{inside}, whole area" if whole_area else inside
    return figure("Hot spots", number(listed.total), note)


def no_zones_figure() -> html.Div:
    return figure("Hot spots", DASH, "no zones yet")


def anomalies_figure(week: UnusualWeek, detail: str) -> html.Div:
    """How many counts of a week are significant."""
    if not week.tested:
        return figure("Anomalies", DASH, "too little history", detail)
    tested = f"in {number(week.tested)} counts of {week_text(week)}"
    return figure("Anomalies", number(len(week.found)), tested, detail)


def no_anomalies_figure() -> html.Div:
    return figure("Anomalies", DASH, "no weeks in this source")


def _change(label: str, found: Compared, then: str) -> html.Div:
    if isinstance(found, NotComparable):
        return figure(label, DASH, "not in the data", incomparable_words(found))
    detail = change_detail(found, then)
    if found.change is None:
        return figure(label, number(found.before), f"before; {verdict_words(found)}", detail)
    text = f"{ends(found.low, found.high)}, {WORDS[found.verdict]}"
    return figure(label, signed(found.change), text, detail, direction(found))


def _harm(found: Harm | None, then: str) -> html.Div:
    label = "Harm, days of sentence"
    if found is None:
        return figure(label, DASH, "no harm weights")
    if not found.days:
        return figure(label, number(0), "no incident has a harm weight")
    text = harm_share(found.largest, found.largest_days, found.days)
    if found.change is not None:
        text = f"{signed(found.change)} ({ends(found.low, found.high)}); {text}"
    return figure(label, number(found.days), text, harm_sentence(found, then))
