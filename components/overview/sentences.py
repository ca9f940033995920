"""Sentences of the Overview, made from numbers; each claim has its interval or its test."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import TYPE_CHECKING, Any

from analytics.formats import (
    date_range,
    distance_text,
    number,
    numbers,
    percent,
    short_date,
    signed_percent,
    signed_percents,
)
from analytics.incidents.manifest import Manifest
from analytics.overview.changes import Changes, RowChange
from analytics.overview.harm import Harm
from analytics.overview.reporting import AnomalyWeek, Reporting
from analytics.statistics.change import Incomparable, NotComparable, Significance
from analytics.statistics.level import LEVEL
from analytics.zones.trends import trend_of
from components.frame.significance import (
    REASONS,
    SIGNIFICANT,
    WORDS,
    incomparable_words,
)
from components.frame.variables import dimension_label, harm_share, listing, quantity, value_label

if TYPE_CHECKING:  # these load much of SciPy and Shapely
    from analytics.overview.near_repeats import NearRepeats, Street
    from analytics.overview.unusual import Unusual, UnusualWeek
    from analytics.temporal.deviation import Homogeneity
    from analytics.zones.outlook import Outlook, ZoneForecast
    from analytics.zones.zone_list import Zone, ZoneList

MONTHS_ONLY = "This source gives the month only, not the day."
WEEKS_UNTESTABLE = f"{MONTHS_ONLY} Weeks cannot be tested."
REPEATS_UNTESTABLE = f"{MONTHS_ONLY} Near repeats within days cannot be tested."
UNTESTED = (Significance.TOO_FEW, Significance.TOO_SHORT)
NAMED = 3
"""Rows of a table that a sentence names at most."""


def signed(value: float | None) -> str:
    """`+18%` of 0.18; `no upper end` where there is none."""
    if value is None:
        return "no upper end"
    return signed_percent(value)


def ends(low: float | None, high: float | None) -> str:
    """`−9 to +4%` of an interval."""
    if low is None or high is None:
        return f"{signed(low)} or more"
    return signed_percents(low, high)


def then_words(reporting: Reporting, year: bool = False) -> str:
    """What a period is compared with, such as `in the 28 days before`."""
    if year:
        return "in the same days a year earlier"
    days = reporting.days
    return f"in the {number(days)} days before" if days > 1 else "on the day before"


def change_short(change: RowChange) -> str:
    """`+18% (+5 to +33%)`; the count before where there is no percentage."""
    if change.change is None:
        return f"{number(change.before)} then, {verdict_words(change)}"
    return f"{signed(change.change)} ({ends(change.low, change.high)})"


def change_sentence(change: RowChange, then: str) -> str:
    """`18% more than in the 28 days before (+5 to +33%), significant`."""
    if change.change is None:
        return f"{number(change.before)} {then}: {verdict_words(change)}"
    rounded = round(100 * abs(change.change))
    interval = ends(change.low, change.high)
    if not rounded:
        return f"as many as {then} ({interval}), {WORDS[change.verdict]}"
    word = "more" if change.change > 0 else "fewer"
    return f"{percent(rounded / 100, 0)} {word} than {then} ({interval}), {WORDS[change.verdict]}"


def verdict_words(change: RowChange) -> str:
    """The verdict and whether there are more or fewer, in place of a percentage."""
    return _direction(change.now, change.before, change.verdict, "fewer")


def _direction(now: int, before: int, verdict: Significance, less: str) -> str:
    """`more now, significant`; only the verdict where nothing was tested."""
    if verdict in UNTESTED:
        return WORDS[verdict]
    word = "more" if now > before else less if now < before else "as many"
    return f"{word} now, {WORDS[verdict]}"


def change_detail(change: RowChange, then: str) -> str:
    """For the tooltip: counts, verdict and the numbers of the test."""
    text = f"{number(change.now)} now, {number(change.before)} {then}: {WORDS[change.verdict]}"
    if change.q is None or change.dispersion is None:
        return f"{text}."
    return (
        f"{text}; z = {number(change.z, 1)}, q = {change.q:.2g} over the rows tested together, "
        f"dispersion {number(change.dispersion, 1)}."
    )


def total_sentence(incidents: int, reporting: Reporting) -> str:
    """`1,234 incidents from Sep 6 to Oct 3, 2026, the last 28 complete days: 44.1 a day.`"""
    first, last = reporting.period
    when = f"on {short_date(first)}" if first == last else f"from {date_range(first, last)}"
    if not reporting.has_data:
        begin, end = (short_date(day) for day in reporting.covered)
        return f"There is no data {when}: it runs from {begin} to {end}."
    text = f"{quantity(incidents)} {when}"
    if not reporting.chosen and reporting.months_only:
        text += ", the last complete month"
    elif not reporting.chosen:
        text += f", the last {number(reporting.days)} complete days"
    if first != last and not reporting.months_only:
        text += f": {number(incidents / reporting.days, 1)} a day"
    if reporting.provisional:
        return f"{text}. Recent days are incomplete, so expect decreases."
    return f"{text}."


def compared_sentence(compared: RowChange | NotComparable, then: str) -> str:
    """The change of the total with its verdict, or why there is none."""
    if isinstance(compared, NotComparable):
        return f"No comparison with {_bare(then)}: {_lower(incomparable_words(compared))}"
    said = change_sentence(compared, then)
    return f"{said[:1].upper()}{said[1:]}."


def moved_sentence(
    found: Changes | NotComparable, labels: Mapping[str, str], then: str, one: str, many: str
) -> str:
    """Which rows of a table changed significantly; or that none did, or could be tested."""
    if isinstance(found, NotComparable):
        return ""
    tested = [row for row in found.rows.values() if row.q is not None]
    if not tested:
        return f"Too few incidents, or too little history, to test changes by {one}."
    moved = sorted(
        ((key, row) for key, row in found.rows.items() if row.is_significant),
        key=lambda item: item[1].q or 0.0,
    )
    if not moved:
        return f"No {one} changed significantly compared with {_bare(then)} ({len(tested)} tested)."
    named = [f"{labels.get(key, key)} {change_short(row)}" for key, row in moved[:NAMED]]
    rest = len(moved) - len(named)
    more = f" and {rest} more {one if rest == 1 else many}" if rest else ""
    return f"Significant changes compared with {_bare(then)}: {listing(named)}{more}."


def false_alarm_note(found: Changes | NotComparable) -> str:
    """How often the rule calls a change in the table's own past."""
    if isinstance(found, NotComparable) or found.false_alarms is None:
        return ""
    return (
        f"The same rule called {percent(found.false_alarms)} of {number(found.past)} earlier "
        "comparisons of these rows significant."
    )


def harm_sentence(found: Harm, then: str) -> str:
    """Sum, largest contributor, without homicide, and the change with its interval."""
    if not found.days:
        return "No incident has a harm weight."
    text = (
        f"Harm: {number(found.days)} days of sentence from {quantity(found.incidents)} with a "
        f"weight; {harm_share(found.largest, found.largest_days, found.days)}"
    )
    if found.without_homicide != found.days:
        text += f"; {number(found.without_homicide)} without homicide"
    if found.change is None and found.verdict in UNTESTED:
        return f"{text}. Its change: {WORDS[found.verdict]}."
    if found.change is None:
        verdict = _direction(found.days, found.before, found.verdict, "less")
        return f"{text}. {number(found.before)} {then}: {verdict}."
    word = "more" if found.change > 0 else "less"
    return (
        f"{text}. {percent(abs(found.change), 0)} {word} than {then} "
        f"({ends(found.low, found.high)}), {WORDS[found.verdict]}."
    )


def unusual_sentence(found: Unusual, area: str, labels: Mapping[str, str]) -> str:
    """`Robbery in district 011: 14 incidents, 5.2 expected (1 to 11).`"""
    counted = f"{series_name(found, area, labels)}: {quantity(found.incidents)}"
    return f"{counted}, {unusual_expected_words(found)}."


def unusual_expected_words(found: Unusual) -> str:
    """`5.2 expected (1 to 11)`."""
    return f"{number(found.expected, 1)} expected ({numbers(found.low, found.high)})"


def series_name(found: Unusual, area: str, labels: Mapping[str, str]) -> str:
    """Type, area or both, as the page names them."""
    kind = value_label("type", found.type) if found.type else ""
    place = labels.get(found.area, f"{dimension_label(area)} {found.area}") if found.area else ""
    if kind and place:
        return f"{kind} in {place[:1].lower() + place[1:] if found.area in place else place}"
    return kind or place


WEEKS = {
    AnomalyWeek.LAST: "the last complete week",
    AnomalyWeek.OF_PERIOD: "the last 7 days of the period",
    AnomalyWeek.COMPLETE_OF_PERIOD: "the last 7 complete days of the period",
    AnomalyWeek.TO_PERIOD_END: "the 7 days up to the last complete day of the period",
    AnomalyWeek.BEFORE_PERIOD: "the last complete week before the period, which is incomplete",
}


def week_text(found: UnusualWeek) -> str:
    """`Oct 9 to 15, 2018`."""
    return date_range(date.fromordinal(found.last.toordinal() - 6), found.last)


def week_sentence(found: UnusualWeek, which: AnomalyWeek, one: str) -> str:
    """How many counts were tested in which week, and how many are significant."""
    when = f"{WEEKS[which]} ({week_text(found)})"
    if not found.tested:
        return (
            f"Nothing was tested in {when}: the test needs half a year of earlier data and ten "
            "incidents per series."
        )
    tested = f"{number(found.tested)} counts by type and {one} in {when}"
    count = len(found.found)
    if not count:
        return f"None of {tested} is significant, compared with the 26 weeks before."
    verb = "is" if count == 1 else "are"
    return f"{count} of {tested} {verb} {SIGNIFICANT}, compared with the 26 weeks before."


def week_note(found: UnusualWeek) -> str:
    """How often the rule called counts of earlier weeks unusual."""
    if found.false_alarms is None:
        return ""
    return (
        f"The same rule called {percent(found.false_alarms)} of {number(found.earlier)} counts of "
        "earlier weeks unusual."
    )


NEAR_REPEATS_UNTESTED = {  # by value of `Untested`, whose module loads much of SciPy
    "too_few_incidents": "are too few to test",
    "too_many_pairs": "make too many pairs to test; choose a shorter period or one crime type",
}


def near_repeat_sentence(found: NearRepeats) -> str:
    """The result of Knox's test on pairs within 200 m and 14 days."""
    kind = value_label("type", found.type)
    if found.untested:
        return f"{kind}: {quantity(found.incidents)} {NEAR_REPEATS_UNTESTED[found.untested]}."
    if found.ratio is None or found.p is None:
        return f"{kind}: no two incidents are near each other."
    pairs = (
        f"{number(found.observed)} pairs within {distance_text(200)} and 14 days, "
        f"{number(found.expected, 0)} expected by chance"
    )
    when = f"from {date_range(found.first, found.last)}"
    if found.is_significant:
        more = f"{number(found.ratio, 1)} times as many, {SIGNIFICANT}"
        return f"{kind} {when} repeats nearby: {pairs}, {more}."
    return f"{kind} {when} does not repeat nearby significantly: {pairs}."


def near_repeat_detail(found: NearRepeats) -> str:
    """For the note: the test and its p."""
    if found.p is None:
        return ""
    return (
        f"Knox's test on {quantity(found.incidents)}: p = {found.p:.2g}, "
        f"{found.permutations} permutations of the dates."
    )


def street_sentence(street: Street) -> str:
    """`3 incidents within 656 ft in 14 days, the last on Oct 2, 2026.`"""
    last = f"{'the last ' if street.incidents > 1 else ''}on {short_date(street.latest)}"
    return f"{quantity(street.incidents)} within {distance_text(200)} in 14 days, {last}."


def hours_sentence(found: Homogeneity | None) -> str:
    """Whether the hours of the day differ from those of the year before."""
    if found is None:
        return "Too few incidents, or too few complete weeks, to compare the hours."
    if found.p <= LEVEL:
        return "The hours of the day differ significantly from the year before."
    return "The hours of the day do not differ significantly from the year before."


def freshness_sentences(reporting: Reporting, provisional: int, today: date) -> list[str]:
    """How recent the data is, and which days are incomplete."""
    last = reporting.covered[1]
    age = (today - last).days
    old = f", {number(age)} days ago" if age > 1 else ""
    said = [f"The data ends on {short_date(last)}{old}."]
    since = reporting.provisional_from
    if since is not None and since <= last:
        days = (last - since).days + 1
        said.append(
            f"The last {days} days, since {short_date(since)}, are incomplete: "
            f"{quantity(provisional)} so far."
        )
    return said


def loaded_sentence(manifest: Manifest) -> str:
    """How many incidents are loaded, since when, and how many rows are in quarantine."""
    text = f"{manifest.source.title}: {quantity(manifest.incidents)}"
    if manifest.created[:4].isdigit():
        text += f", loaded {short_date(date.fromisoformat(manifest.created[:10]))}"
    read = sum(batch.read for batch in manifest.batches)
    if not read:
        return f"{text}."
    quarantined = sum(batch.quarantined for batch in manifest.batches)
    return (
        f"{text}. {number(quarantined)} of {number(read)} rows read were quarantined as unusable."
    )


def without_place_sentence(manifest: Manifest) -> str:
    """How many incidents lack a place, and where they are counted."""
    without = manifest.unknown.get("place", 0)
    if not manifest.incidents:
        return ""
    return (
        f"{number(without)} incidents ({percent(without / manifest.incidents)}) have no place; "
        "they are in all counts but on no map and in no zone."
    )


def zone_forecast_words(forecast: ZoneForecast, days: int) -> str:
    """`14 (8 to 22) expected in 7 days`."""
    expected = number(forecast.expected, 0 if forecast.expected >= 10 else 1)
    return f"{expected} ({forecast.low} to {forecast.high}) expected in {days} days"


def zones_sentence(count: int, inside: int, incidents: int, *, whole_area: bool = False) -> str:
    """How many zones there are and what share of the incidents is in them."""
    zones = "1 zone holds" if count == 1 else f"{number(count)} zones hold"
    share = percent(inside / incidents, 0) if incidents else "none"
    where = "In the whole area, not only the selected place: " if whole_area else ""
    return f"{where}{zones} {share} of the incidents."


def busiest_zone_sentence(zone: Zone, outlook: Outlook | None) -> str:
    """The zone with most incidents and its forecast, if it is of the same incidents."""
    text = f"Most in {zone.name}: {quantity(zone.incidents)}"
    if zone.forecast and outlook and outlook.first:
        expected = zone_forecast_words(zone.forecast, outlook.days)
        text += f"; {expected} from {short_date(outlook.first)} on"
    return f"{text}."


def trends_note(listed: ZoneList) -> str:
    """Which incidents the trends are of, where those are not the selected ones."""
    return f"Trends are of {listed.selection or 'all incidents'}, as the zones were trained."


def zone_trend_words(profile: Mapping[str, Any]) -> str:
    """The trend of a zone in the training data, with its verdict; empty without a profile."""
    if not profile:
        return ""
    now, before, trend = profile["trend_now"], profile["trend_before"], trend_of(profile)
    if trend is None:
        return ""
    if isinstance(trend, Incomparable):
        return f"Trend: {_lower(REASONS[trend].rstrip('.'))}."
    return f"{numbers(before, now)} in 28 days (training data): {WORDS[trend]}."


def _bare(then: str) -> str:
    """`the 28 days before` of `in the 28 days before`."""
    return then.removeprefix("in ").removeprefix("on ")


def _lower(text: str) -> str:
    return text[:1].lower() + text[1:] if text[:2] != text[:2].upper() else text
