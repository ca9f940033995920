"""The Overview's second answer: zones, what is unusual, near repeats. Heavy; loaded when asked."""

from __future__ import annotations

from typing import Any

from dash.development.base_component import Component

from analytics.crossfilter.clauses import Near, Period
from analytics.crossfilter.dimensions import PLACE
from analytics.crossfilter.scope import EVERYTHING
from analytics.crossfilter.selection import Selection
from analytics.errors import PatrolIQError
from analytics.formats import DASH, number, numbers, short_date
from analytics.hotspot_answers import HotSpots
from analytics.incidents.model import UNKNOWN
from analytics.overview.hours import weeks_in
from analytics.overview.near_repeats import (
    DAYS,
    WITHIN_M,
    NearRepeats,
    near_repeat_type,
    near_repeats,
)
from analytics.overview.unusual import Unusual, Week, unusual_week
from analytics.temporal.deviation import homogeneity, hour_bins
from analytics.zones.outlook import caveats_of
from analytics.zones.zone_list import Board, Zone
from callbacks.frame.chosen import chosen_keys
from callbacks.frame.no_zones import why_no_zones
from callbacks.frame.question import Question
from callbacks.frame.timing import timed
from callbacks.overview.measures import MONTHS_ONLY, Facts, address
from components.frame.forecast import caveat_words, outlook_sentence
from components.frame.no_zones import NO_ZONES
from components.frame.peaks import peak_sentence, peaks_span
from components.frame.variables import VARIABLES, quantity
from components.overview.cards import Line, brief, lines, note, paragraphs
from components.overview.headline import figure
from components.overview.sentences import (
    hours_sentence,
    near_repeat_detail,
    near_repeat_sentence,
    series_name,
    street_sentence,
    unusual_sentence,
    week_note,
    week_sentence,
    week_text,
    zone_expected_words,
    zone_trend_words,
    zones_sentence,
)

TOP_ZONES = 5
MOST_UNUSUAL = 5
Sentences = list[tuple[str, str, str]]


def later_answer(question: Question) -> dict[str, Any]:
    """Outputs by name; a part that fails says why and leaves the others alone."""
    facts = Facts(question)
    if facts.reporting is None or not facts.incidents:
        nothing = paragraphs(["No incidents in this period."], "quiet")
        return {"zones": nothing, "unusual": nothing, "repeats": nothing, "brief_more": [],
                "headline_more": [], "hours_words": "", "later": []}  # fmt: skip
    outputs: dict[str, Any] = {"later": [], "hours_words": _hours(facts)}
    said: Sentences = [
        (f"{peaks_span(facts.peak_weeks)} {peak_sentence(peak)}", "Temporal", "/temporal")
        for peak in facts.peaks[:1]
    ]
    with timed("zones"):
        zones = _zones(facts)
    with timed("unusual"):
        unusual = _unusual(facts)
    with timed("repeats"):
        repeats = _repeats(facts)
    outputs |= {"zones": zones[0], "unusual": unusual[0], "repeats": repeats[0]}
    outputs["brief_more"] = brief([*said, *zones[1], *unusual[1], *repeats[1]])
    outputs["headline_more"] = [*zones[2], *unusual[2]]
    return outputs


Part = tuple[list[Component], Sentences, list[Component]]
"""A card's body, its sentences in short, its figures of the headline."""


def _hours(facts: Facts) -> str:
    if facts.question.lacks("hour") or facts.year_before is None:
        return ""
    now = weeks_in(facts.weeks, facts.period)
    before = weeks_in(facts.weeks, facts.year_before)
    return hours_sentence(homogeneity(hour_bins(now), hour_bins(before)))


def _zones(facts: Facts) -> Part:
    assert facts.reporting is not None  # noqa: S101 - looked at before
    question = facts.question
    spots = HotSpots(question.services, question.pinned)
    model = spots.model()
    none = figure("Hot spots", DASH, "no zones yet")
    if model is None:
        said = f"There are no zones yet. {NO_ZONES[why_no_zones(question)]}"
        return paragraphs([said]), [], [none]
    selection = facts.reporting.of(facts.selection)
    try:
        board = spots.board(model, selection, top=TOP_ZONES)
        forecast = spots.forecast()
    except PatrolIQError as error:
        return paragraphs([str(error)]), [], [none]
    remarks = [_trends_of(board, facts.selection), outlook_sentence(board.outlook)]
    if forecast and board.outlook.coming:
        found = caveats_of(forecast, facts.selection, question.manifest.last_day)
        remarks.append(caveat_words(found))
    same = forecast is not None and _same(forecast.bundle.selection, facts.selection)
    inside = board.incidents - board.outside - board.without_place
    said = zones_sentence(board.number, inside, board.incidents)
    held = f"{number(inside)} incidents in them"
    if any(name in PLACE for name in selection.clauses):
        said = f"In the whole area, not only the place chosen: {said}"
        held += ", whole area"
    shown = [zone for zone in board.zones if zone.incidents]
    listed = lines([_zone(facts, zone, board, same) for zone in shown])
    top: Sentences = []
    if shown:
        text = f"{said} Most in {shown[0].name}: {quantity(shown[0].incidents)}"
        if forecast and shown[0].coming and same:
            text += f"; {_expected(shown[0], board)} from {short_date(forecast.first)} on"
        text += "."
        top.append((text, "Hot spots", "/hotspots"))
    count = figure("Hot spots", number(board.number), held)
    return [*paragraphs([said]), listed, *(note(text) for text in remarks if text)], top, [count]  # type: ignore[list-item]


def _same(text: str, selection: Selection) -> bool:
    """Whether a model is of the incidents that are chosen, whatever their dates and places."""
    return Selection.parse(text).without({"date"}) == selection.without({"date", *PLACE})


def _trends_of(board: Board, selection: Selection) -> str:
    if _same(board.selection, selection):
        return ""
    return f"Trends are of {board.selection or 'all incidents'}, as the zones were trained."


def _zone(facts: Facts, zone: Zone, board: Board, same: bool) -> Line:
    selection = facts.selection
    dimension, key = zone.clause
    if dimension == "zone":
        selection = selection.without({"zone"}).toggle("zone", [key], "only")
    facts_of = [zone_trend_words(zone.profile)]
    if zone.coming and same:
        facts_of.append(f"{_expected(zone, board)}.")
    return Line(
        zone.name,
        address("/hotspots", selection),
        tuple(facts_of),
        quantity(zone.incidents),
        str(zone.profile.get("why", "")),
    )


def _expected(zone: Zone, board: Board) -> str:
    coming = zone.coming
    if coming is None:
        return ""
    return zone_expected_words(coming.expected, coming.low, coming.high, board.outlook.days)


def _unusual(facts: Facts) -> Part:
    assert facts.reporting is not None  # noqa: S101
    if facts.reporting.months_only:
        none = figure("Anomalies last week", DASH, "no weeks in this source")
        return paragraphs([f"{MONTHS_ONLY} Weeks cannot be tested."]), [], [none]
    reader, level = facts.question.pinned.reader, facts.level
    last = facts.reporting.last_complete
    found: Week = facts.get_or_compute(
        "unusual",
        lambda: unusual_week(
            reader, EVERYTHING, facts.selection, level, last=last, first=facts.covered[0]
        ),
    )
    one = VARIABLES[level].one
    said = week_sentence(found, facts.reporting.anomaly_week, one)
    labels = facts.labels(level, [row.area for row in found.found if row.area])
    listed = found.found[:MOST_UNUSUAL]
    body = [*paragraphs([said])]
    if listed:
        body.append(lines([_unusual_line(facts, row, labels, found) for row in listed]))
    if len(found.found) > MOST_UNUSUAL:
        body += paragraphs([f"{len(found.found) - MOST_UNUSUAL} more are not listed."], "quiet")
    remark = note(week_note(found))
    count = figure(
        "Anomalies",
        number(len(found.found)) if found.tested else DASH,
        f"in {number(found.tested)} counts of {week_text(found)}"
        if found.tested
        else "too little history",
        said,
    )
    short = [
        (unusual_sentence(row, level, labels), "Explore", _unusual_href(facts, row, found))
        for row in listed[:2]
    ] or [(said, "Temporal", "/temporal")]
    return [*body, *([remark] if remark else [])], short, [count]


def _unusual_line(facts: Facts, row: Unusual, labels: dict[str, str], week: Week) -> Line:
    mark = "more" if row.incidents > row.expected else "less"
    return Line(
        series_name(row, facts.level, labels),
        _unusual_href(facts, row, week),
        (f"{number(row.expected, 1)} expected ({numbers(row.low, row.high)})",),
        f"{'▲' if mark == 'more' else '▼'} {quantity(row.incidents)}",
        f"q = {row.q:.2g} over all counts tested",
        mark,
    )


def _unusual_href(facts: Facts, row: Unusual, week: Week) -> str:
    first = week.last.fromordinal(week.last.toordinal() - 6)
    selection = facts.selection.replace("date", Period(first, week.last))
    for dimension, key in (("type", row.type), (facts.level, row.area)):
        if key:
            selection = selection.without({dimension}).toggle(dimension, [key], "only")
    return address("/explore", selection)


def _repeats(facts: Facts) -> Part:
    assert facts.reporting is not None  # noqa: S101
    if facts.reporting.months_only:
        said = f"{MONTHS_ONLY} Whether crime repeats nearby within days cannot be tested."
        return paragraphs([said]), [], []
    pinned = facts.question.pinned
    counted = facts.daily.types.incidents(facts.period)
    known = [name for name, incidents in counted.items() if incidents and name != UNKNOWN]
    crime = near_repeat_type(known, chosen_keys(facts.selection, "type"))
    if crime is None or facts.question.lacks("cell"):
        return paragraphs(["This source has no locations."]), [], []
    last = facts.reporting.period[1]
    found: NearRepeats = facts.get_or_compute(
        "repeats",
        lambda: near_repeats(
            pinned.reader,
            EVERYTHING,
            facts.selection,
            crime,
            last=last,
            first=facts.covered[0],
        ),
    )
    said = near_repeat_sentence(found)
    body: list[Component] = [*paragraphs([said])]
    if found.streets:
        body.append(lines([_street(facts, found, at) for at in range(len(found.streets))]))
    remark = note(near_repeat_detail(found))
    short = [(said, "Hot spots", "/hotspots")] if found.unlikely else []
    return [*body, *([remark] if remark else [])], short, []


def _street(facts: Facts, found: NearRepeats, at: int) -> Line:
    street = found.streets[at]
    first = found.last.fromordinal(found.last.toordinal() - max(DAYS) + 1)
    around = Near(round(street.lat, 5), round(street.lon, 5), int(WITHIN_M))
    selection = (
        facts.selection.replace("date", Period(first, found.last))
        .without({"type"})
        .toggle("type", [found.type], "only")
        .replace("near", around)
    )
    return Line(street.name, address("/explore", selection), (street_sentence(street),))
