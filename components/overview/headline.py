"""The Overview's first line: incidents, their changes, harm, zones and anomalies."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dash import html
from dash.development.base_component import Component

from analytics.formats import DASH, date_range, number
from analytics.overview.expectations import CountEstimate, RowExpectation
from analytics.overview.harm import Harm
from analytics.overview.reporting import Reporting
from analytics.statistics.tiers import Tier
from analytics.statistics.two_periods import NotComparable
from components.frame.significance import SIGNIFICANT, incomparable_short, incomparable_words
from components.frame.variables import harm_share, quantity
from components.overview.cards import direction
from components.overview.sentences import (
    counts_words,
    described_sentence,
    ends,
    estimate_detail,
    expected_number,
    expected_sentence,
    harm_sentence,
    interval_words,
    missing_short,
    relative_short,
    signed,
    then_words,
    verdict_words,
    week_text,
)

if TYPE_CHECKING:  # these load much of SciPy and Shapely
    from analytics.overview.anomalies import Anomalies
    from analytics.zones.zone_list import ZoneList

Expected = RowExpectation | NotComparable


def headline(
    incidents: int, reporting: Reporting, total: Expected, harm: Harm | None
) -> list[Component]:
    """Incidents, the expected count with its interval and verdict, earlier counts, and harm."""
    return [
        figure(
            "Incidents",
            number(incidents),
            date_range(*reporting.period),
            "Its last days are incomplete." if reporting.provisional else "",
        ),
        _expected(total, reporting),
        _earlier(total, reporting),
        _harm(harm, then_words(reporting)),
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
    inside = f"{quantity(listed.inside)} in them"
    note = f"{inside}, whole area" if whole_area else inside
    return figure("Hot spots", number(listed.total), note)


def no_zones_figure() -> html.Div:
    return figure("Hot spots", DASH, "no zones yet")


def anomalies_figure(week: Anomalies, detail: str) -> html.Div:
    """How many counts of a week are significant, and how many to watch."""
    if not week.tested:
        return figure("Anomalies", DASH, "too little history", detail)
    clear, watch = (week.count(tier) for tier in (Tier.CLEAR, Tier.WATCH))
    note = f"{SIGNIFICANT}, {number(watch)} to watch in {counts_words(week)} of {week_text(week)}"
    return figure("Anomalies", number(clear), note, detail)


def no_anomalies_figure() -> html.Div:
    return figure("Anomalies", DASH, "no weeks in this source")


def _expected(found: Expected, reporting: Reporting) -> html.Div:
    if isinstance(found, NotComparable):
        return figure("Expected", DASH, incomparable_short(found), incomparable_words(found))
    estimate = found.estimate
    if not isinstance(estimate, CountEstimate):
        detail = expected_sentence(found, reporting)
        return figure("Expected", DASH, missing_short(estimate), detail)
    text = f"{interval_words(estimate)}, {verdict_words(estimate)}"
    if estimate.counted != found.now:
        text += f"; {number(estimate.counted)} counted in complete days"
    value, detail = expected_number(estimate.expected), estimate_detail(estimate)
    return figure("Expected", value, text, detail, direction(estimate))


def _earlier(found: Expected, reporting: Reporting) -> html.Div:
    days = f"{number(reporting.days)} days before" if reporting.days > 1 else "day before"
    label = f"vs. the {days}"
    if isinstance(found, NotComparable):
        return figure(label, DASH, incomparable_short(found), incomparable_words(found))
    if found.before is None:
        return figure(label, DASH, "not in the data")
    note = (
        f"{relative_short(found.now, found.year)} vs. a year earlier"
        if found.year is not None
        else ""
    )
    value = relative_short(found.now, found.before)
    return figure(label, value, note, described_sentence(found, reporting))


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
