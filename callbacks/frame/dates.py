"""The periods that the panel of dates offers."""

from __future__ import annotations

from analytics.crossfilter import relative_dates
from analytics.crossfilter.clauses import Period
from analytics.crossfilter.selection import Selection
from analytics.crossfilter.sentence import relative_words
from analytics.formats import short_date
from analytics.incidents.manifest import Manifest
from analytics.settings import Settings
from analytics.statistics.two_periods import last_year
from components.frame.dates import DateOffer, DateOffers


def date_offers(selection: Selection, manifest: Manifest, settings: Settings) -> DateOffers:
    """The chosen days, and the periods to choose with the days they stand for."""
    clause = selection.get("date")
    chosen = clause if isinstance(clause, Period) else None
    days = selection.period(manifest) if chosen else None
    fiscal, start = settings.fiscal_year_start, relative_dates.period_start(settings).isoformat()
    texts = {
        "To date": (
            relative_dates.MONTH_TO_DATE,
            relative_dates.YEAR_TO_DATE,
            relative_dates.FISCAL_YEAR + fiscal,
            relative_dates.PERIOD_28 + start,
        ),
        "Finished": (
            relative_dates.LAST_MONTH,
            relative_dates.LAST_YEAR,
            relative_dates.LAST_FISCAL_YEAR + fiscal,
            relative_dates.LAST_PERIOD_28 + start,
        ),
        "Days": ("last7d", "last28d", "complete28d"),
    }
    groups = [
        (title, [_offer(text, chosen, manifest) for text in group])
        for title, group in texts.items()
    ]
    groups.append(("Compare", [_a_year_earlier(selection, manifest)]))
    if chosen is None or days is None:
        return DateOffers(None, None, groups)
    is_open = not chosen.relative
    first = None if is_open and chosen.first is None else days[0]
    last = None if is_open and chosen.last is None else days[1]
    return DateOffers(first, last, groups)


def _offer(text: str, chosen: Period | None, manifest: Manifest) -> DateOffer:
    words = relative_words(text)
    return DateOffer(
        text,
        words[:1].upper() + words[1:],
        Selection.parse(f"date={text}").period(manifest),
        chosen is not None and chosen.text == text,
        lack="no data",
    )


def _a_year_earlier(selection: Selection, manifest: Manifest) -> DateOffer:
    """The days that figures compare the chosen ones with."""
    name, covered = "Same period last year", manifest.covered
    now = selection.period(manifest)
    if selection.get("date") is None or now is None or covered is None:
        return DateOffer("", name, None, lack="choose a period first")
    before = last_year(now)
    if before[1] < covered[0]:
        return DateOffer("", name, None, lack=f"data starts {short_date(covered[0])}")
    return DateOffer(Period(*before).text, name, before)
