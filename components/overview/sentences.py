"""Sentences of the Overview, made from numbers; each claim has its interval or its test."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import TYPE_CHECKING

from analytics.formats import (
    date_range,
    distance_text,
    number,
    numbers,
    percent,
    short_date,
    signed_number,
    signed_percent,
    signed_percents,
)
from analytics.hotspots.default_addresses import AddressProposal, Evidence
from analytics.incidents.manifest import Manifest
from analytics.incidents.model import UNKNOWN
from analytics.overview.expectations import (
    CountEstimate,
    Expectations,
    RowExpectation,
    TableExpectation,
)
from analytics.overview.harm import Harm
from analytics.overview.reporting import AnomalyWeek, Reporting
from analytics.statistics.expected_counts import NoExpectation, SeasonBasis
from analytics.statistics.level import LEVEL
from analytics.statistics.tiers import WATCH_P, Tier, by_chance
from analytics.statistics.two_periods import NotComparable, Period, Significance, relative_change
from components.frame.significance import (
    SIGNIFICANT,
    WORDS,
    incomparable_words,
)
from components.frame.variables import dimension_label, harm_share, listing, quantity, value_label

if TYPE_CHECKING:  # these load much of SciPy and Shapely
    from analytics.overview.anomalies import Anomalies, Anomaly
    from analytics.overview.near_repeats import NearRepeats, Street
    from analytics.temporal.deviation import Homogeneity
    from analytics.zones.outlook import Outlook, ZoneForecast
    from analytics.zones.zone_list import Zone

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


MISSING = {
    NoExpectation.TOO_SHORT: "too little history",
    NoExpectation.TOO_FEW: "too few before",
}


def missing_short(reason: NoExpectation | CountEstimate) -> str:
    """Why nothing is expected of a row."""
    return MISSING[reason] if isinstance(reason, NoExpectation) else ""


def expected_number(value: float) -> str:
    """`5.2`, `104`."""
    return number(value, 0 if value >= 100 else 1)


def interval_words(estimate: CountEstimate) -> str:
    """`82 to 120`."""
    return numbers(estimate.low, estimate.high)


TIER_WORDS = {
    Tier.CLEAR: SIGNIFICANT,
    Tier.WATCH: "watch",
    Tier.AS_EXPECTED: "as expected",
    Tier.NOT_TESTED: "not tested",
}


def verdict_words(estimate: CountEstimate) -> str:
    """`more, significant`; `as expected`."""
    words = TIER_WORDS[estimate.tier]
    if not estimate.stands_out:
        return words
    return f"{'more' if estimate.more else 'fewer'}, {words}"


def estimate_short(estimate: CountEstimate, now: int) -> str:
    """`104 (82 to 120)`, and the verdict for a row that stands out.

    Where incomplete days are among the `now` incidents, `380 vs. 377 (331 to 424)` names the count
    that was compared.
    """
    text = f"{expected_number(estimate.expected)} ({interval_words(estimate)})"
    if now != estimate.counted:
        text = f"{number(estimate.counted)} vs. {text}"
    return f"{text}, {TIER_WORDS[estimate.tier]}" if estimate.stands_out else text


def estimate_detail(estimate: CountEstimate) -> str:
    """For the tooltip: counts, excess, verdict and the numbers of the test."""
    excess = f"{signed_number(estimate.excess, 1)} beyond"
    text = (
        f"{number(estimate.counted)} counted, {expected_number(estimate.expected)} expected "
        f"({interval_words(estimate)}), {excess}: {verdict_words(estimate)}"
    )
    together = estimate.together
    rows = "row" if together == 1 else f"{number(together)} rows tested together"
    return (
        f"{text}; p = {estimate.p:.2g}, q = {estimate.q:.2g} over the {rows}, "
        f"dispersion {number(estimate.dispersion, 1)}."
    )


def relative_short(now: int, then: int | None) -> str:
    """`+18%`; the count of then where it is too small for a percentage."""
    if then is None:
        return "no data"
    if not then:
        return "none then"
    change = relative_change(now, then)
    return f"{number(then)} then" if change is None else signed(change)


def _direction(now: int, before: int, verdict: Significance, less: str) -> str:
    """`more now, significant`; only the verdict where nothing was tested."""
    if verdict in UNTESTED:
        return WORDS[verdict]
    word = "more" if now > before else less if now < before else "as many"
    return f"{word} now, {WORDS[verdict]}"


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


def expected_sentence(found: RowExpectation | NotComparable, reporting: Reporting) -> str:
    """The total beside what was expected, with its interval and verdict; or why there is none."""
    if isinstance(found, NotComparable):
        return f"There is no expected count: {_lower(incomparable_words(found))}"
    estimate = found.estimate
    if not isinstance(estimate, CountEstimate):
        return f"There is no expected count: {MISSING[estimate]}."
    text = f"{expected_number(estimate.expected)} expected ({interval_words(estimate)})"
    if reporting.complete != reporting.period:
        days = date_range(*reporting.complete)
        text = f"{text}, {number(estimate.counted)} counted in the complete days ({days})"
    if not estimate.stands_out:
        return f"As expected: {text}."
    share = percent(abs(estimate.excess) / estimate.expected, 0)
    word = "more" if estimate.more else "fewer"
    return f"{share} {word} than expected, {SIGNIFICANT}: {text}."


def described_sentence(found: RowExpectation | NotComparable, reporting: Reporting) -> str:
    """Changes against the days before and a year earlier, which have no verdict."""
    if isinstance(found, NotComparable):
        return ""
    said = [
        _described(found.now, then, then_words(reporting, year=year))
        for then, year in ((found.before, False), (found.year, True))
        if then is not None
    ]
    text = listing(said)
    return f"{text[:1].upper()}{text[1:]}." if said else ""


def _described(now: int, then: int, words: str) -> str:
    """`18% more than in the 28 days before`."""
    change = relative_change(now, then)
    if change is None:
        return f"{number(then)} {words}"
    rounded = round(100 * abs(change))
    if not rounded:
        return f"as many as {words}"
    return f"{percent(rounded / 100, 0)} {'more' if change > 0 else 'fewer'} than {words}"


def outstanding_sentence(
    found: TableExpectation | NotComparable, labels: Mapping[str, str], one: str, many: str
) -> str:
    """Which rows of a table stand out; or that none does, or could be tested."""
    if isinstance(found, NotComparable):
        return ""
    tested = {
        key: row.estimate
        for key, row in found.rows.items()
        if isinstance(row.estimate, CountEstimate)
    }
    if not tested:
        few = any(row.estimate is NoExpectation.TOO_FEW for row in found.rows.values())
        why = "Too few incidents before" if few else "Too little history"
        return f"{why} to say what was expected by {one}."
    said = [
        _outstanding(tested, labels, tier, lead, (one, many))
        for tier, lead in (
            (Tier.CLEAR, "Significantly different from what was expected"),
            (Tier.WATCH, "To watch"),
        )
    ]
    if not any(said):
        return f"No {one} stands out from what was expected ({number(len(tested))} tested)."
    return " ".join(filter(None, said))


def _outstanding(
    tested: Mapping[str, CountEstimate],
    labels: Mapping[str, str],
    tier: Tier,
    lead: str,
    words: tuple[str, str],
) -> str:
    """`To watch: Burglary 130, 98 expected (80 to 118).`"""
    rows = sorted(
        ((key, row) for key, row in tested.items() if row.tier is tier),
        key=lambda item: item[1].p,
    )
    if not rows:
        return ""
    named = [
        f"{labels.get(key, key)} {number(row.counted)}, {expected_number(row.expected)} expected "
        f"({interval_words(row)})"
        for key, row in rows[:NAMED]
    ]
    rest = len(rows) - len(named)
    more = f"; and {rest} more {words[0] if rest == 1 else words[1]}" if rest else ""
    return f"{lead}: {'; '.join(named)}{more}."


def chance_note(found: Expectations | NotComparable, table: str, period: Period) -> str:
    """How many rows chance brings, which days were tested, and whether the season is known.

    Without expected counts, why.
    """
    if isinstance(found, NotComparable):
        return incomparable_words(found)
    made = found.tables[table]
    said = [f"{chance_words(made.tested)}."] if made.tested else []
    if found.window != period:
        said.append(f"Only complete days are compared: {date_range(*found.window)}.")
    return " ".join([*said, *_season_note(found.season)])


def chance_words(tested: int) -> str:
    """`Chance alone brings about 4 of 424 to p ≤ 0.01`."""
    rows = by_chance(tested)
    about = number(rows, 0 if rows >= 2 else 1) if rows >= 0.1 else "under 0.1"
    return f"Chance alone brings about {about} of {number(tested)} tested to p ≤ {WATCH_P}"


def _season_note(season: SeasonBasis) -> list[str]:
    if season is SeasonBasis.FITTED:
        return []
    return ["With under two years of data, the season is not known."]


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


def anomaly_sentence(found: Anomaly, area: str, labels: Mapping[str, str]) -> str:
    """`Robbery in district 011: 14 incidents, 5.2 expected (1 to 11).`"""
    counted = f"{series_name(found, area, labels)}: {quantity(found.incidents)}"
    return f"{counted}, {anomaly_expected_words(found)}."


def anomaly_expected_words(found: Anomaly) -> str:
    """`5.2 expected (1 to 11)`."""
    return f"{expected_number(found.expected)} expected ({numbers(found.low, found.high)})"


def folded_words(found: Anomaly, labels: Mapping[str, str]) -> str:
    """`Also by itself in District 003 and District 011.`"""
    if not found.folded:
        return ""
    places = [labels.get(one.area, one.area) for one in found.folded]
    rest = len(places) - NAMED
    named = [*places[:NAMED], *([f"{number(rest)} more"] if rest > 0 else [])]
    return f"Also by itself in {listing(named)}."


def series_name(found: Anomaly, area: str, labels: Mapping[str, str]) -> str:
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


def week_text(found: Anomalies) -> str:
    """`Oct 9 to 15, 2018`."""
    return date_range(date.fromordinal(found.last.toordinal() - 6), found.last)


def counts_words(found: Anomalies) -> str:
    """`570 counts`: how many were tested."""
    return f"{number(found.tested)} count{'' if found.tested == 1 else 's'}"


def week_sentence(found: Anomalies, which: AnomalyWeek, one: str) -> str:
    """How many counts were tested in which week, and how many stand out."""
    when = f"{WEEKS[which]} ({week_text(found)})"
    if not found.tested:
        return f"Nothing was tested in {when}: there is too little earlier data."
    tested = f"{counts_words(found)} by type and {one} in {when}"
    clear, watch = (found.count(tier) for tier in (Tier.CLEAR, Tier.WATCH))
    verb = "differs" if clear == 1 else "differ"
    said = f"{number(clear) if clear else 'None'} of {tested} {verb} significantly"
    return f"{said} from what was expected; {number(watch) if watch else 'none'} to watch."


def week_note(found: Anomalies) -> str:
    """How many counts chance brings, and whether the season is known."""
    if not found.tested:
        return ""
    return " ".join([f"{chance_words(found.tested)}.", *_season_note(found.season)])


def near_repeat_sentence(found: NearRepeats) -> str:
    """The result of Knox's test on pairs within 200 m and 14 days, against both nulls."""
    kind = value_label("type", found.type)
    usual, local = found.usual, found.local
    if usual is None or local is None:
        return f"{kind}: {quantity(found.incidents)} are too few to test."
    if usual.ratio is None or local.ratio is None:
        return f"{kind}: no two incidents are near each other."
    pairs = f"{number(found.observed)} pairs within {distance_text(200)} and 14 days"
    ratio = f"{number(local.ratio, 2)} times as many as expected with dates permuted within 4 weeks"
    when = f"from {date_range(found.first, found.last)}"
    if found.is_significant:
        small = "" if found.is_listed else f", below {number(found.least_ratio, 2)}"
        return f"{kind} {when} repeats nearby: {pairs}, {ratio}{small}, {SIGNIFICANT}."
    if usual.is_exceeded:
        return (
            f"{kind} {when} does not repeat nearby significantly: {pairs}, {ratio}. "
            "The excess over the whole period can be season or changing levels."
        )
    return f"{kind} {when} does not repeat nearby significantly: {pairs}, {ratio}."


def near_repeat_rows(found: NearRepeats) -> list[tuple[str, str, str, str]]:
    """Expected pairs, ratio and p by how dates are permuted; none where nothing was tested."""
    nulls = (("over the whole period", found.usual), ("within 4 weeks", found.local))
    return [
        (name, number(null.expected, 0), number(null.ratio, 2), f"{null.p:.2g}")
        for name, null in nulls
        if null is not None
    ]


def near_repeat_detail(found: NearRepeats) -> str:
    """For the note: the test, what a place is, and when streets are listed."""
    if found.local is None:
        return ""
    place = "the block" if found.on_blocks else "the point, as no incident has a block"
    return (
        f"Knox's test on {quantity(found.incidents)}, {found.permutations} permutations each; the "
        f"same place is {place}. Places at risk are listed if both p are at most "
        f"{number(LEVEL, 2)} and the ratio within 4 weeks is at least "
        f"{number(found.least_ratio, 2)}."
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


def holidays_sentence(*, known: bool) -> str:
    """That expected counts leave out public holidays, where none are known."""
    if known:
        return ""
    return "Expected counts leave out public holidays: none are known for the data's time zone."


def also_in_use(targets: Sequence[str]) -> str:
    """Further targets for which a model has a champion."""
    words = listing(target.replace("_", " ") for target in targets)
    return f"Also for {words}." if targets else ""


def without_place_sentence(manifest: Manifest) -> str:
    """How many incidents lack a place, and where they are counted."""
    without = manifest.unknown.get("place", 0)
    if not manifest.incidents:
        return ""
    return (
        f"{number(without)} incidents ({percent(without / manifest.incidents)}) have no place; "
        "they are in all counts but on no map and in no zone."
    )


_EVIDENCE = {
    Evidence.INSTITUTION: "an institution",
    Evidence.MIXED: "as mixed as the whole city",
    Evidence.BEYOND_TAIL: "more than the counts of other places explain",
}


def proposals_sentence(places: int, shown: int) -> str:
    """How many places may be default addresses, and what to do."""
    first = "" if places == shown else f" The {shown} with the most incidents:"
    one = places == 1
    return (
        f"{number(places)} place{'' if one else 's'} may be {'a ' if one else ''}default "
        f"address{'' if one else 'es'}, where incidents are only recorded. An administrator "
        f"decides with `patroliq addresses`.{first}"
    )


def proposal_words(proposal: AddressProposal) -> str:
    """Why a place is proposed, and its location types."""
    types = listing(
        f"{value_label('location_type', kind or UNKNOWN).lower()} {number(count)}"
        for kind, count in proposal.types
    )
    why = listing(_EVIDENCE[one] for one in proposal.evidence)
    return f"{number(proposal.times)} times a place on average; {types}; {why}."


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


def trends_note(of: str) -> str:
    """Which incidents (`of`) the trends are of, where those are not the selected ones."""
    return f"Trends are of {of}, as the zones were trained."


def _lower(text: str) -> str:
    return text[:1].lower() + text[1:] if text[:2] != text[:2].upper() else text
