"""The Overview's second answer: zones, anomalies and near repeats, which take longer."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from dash.development.base_component import Component

from analytics.artifacts.catalog import ALL
from analytics.artifacts.targets import ShownTarget
from analytics.crossfilter.clauses import Near, Period
from analytics.crossfilter.dimensions import PLACE
from analytics.crossfilter.scope import EVERYTHING
from analytics.crossfilter.selection import EMPTY
from analytics.errors import PatrolIQError
from analytics.hotspot_answers import HotSpots
from analytics.hotspots.default_addresses import (
    AddressProposal,
    address_proposals,
    decided_addresses,
)
from analytics.incidents.model import UNKNOWN
from analytics.overview.anomalies import Anomalies, Anomaly, anomalies
from analytics.overview.hours import weeks_in
from analytics.overview.near_repeats import (
    DAYS,
    WITHIN_M,
    NearRepeats,
    near_repeat_type,
    near_repeats,
)
from analytics.statistics.tiers import Tier
from analytics.temporal.deviation import homogeneity, hour_bins
from analytics.zones.outlook import ChampionForecast, newer_data_until
from analytics.zones.zone_list import Zone, ZoneList
from callbacks.frame.chosen import chosen_keys
from callbacks.frame.no_zones import why_no_zones
from callbacks.frame.target import shown_target_words
from callbacks.frame.timing import timed
from callbacks.frame.trained_on import trained_on
from callbacks.overview.map import map_answer
from callbacks.overview.measures import OverviewMeasures
from components.frame.card import BLANK
from components.frame.forecast import newer_data_words, other_incidents_words, outlook_sentence
from components.frame.no_zones import NO_ZONES
from components.frame.peaks import peak_sentence, peaks_span
from components.frame.tables import table
from components.frame.variables import VARIABLES, quantity
from components.frame.zone_contrast import contrast_words
from components.frame.zone_trend import zone_trend_words
from components.overview.cards import Line, brief, lines, note, paragraphs
from components.overview.headline import (
    anomalies_figure,
    no_anomalies_figure,
    no_zones_figure,
    zones_figure,
)
from components.overview.sentences import (
    REPEATS_UNTESTABLE,
    WEEKS_UNTESTABLE,
    anomaly_expected_words,
    anomaly_sentence,
    busiest_zone_sentence,
    folded_words,
    hours_sentence,
    near_repeat_detail,
    near_repeat_rows,
    near_repeat_sentence,
    proposal_words,
    proposals_sentence,
    series_name,
    street_sentence,
    trends_note,
    week_note,
    week_sentence,
    zone_forecast_words,
    zones_sentence,
)

TOP_ZONES = 5
MOST_CLEAR = 10
TOP_ADDRESSES = 3
Links = list[tuple[str, str, str]]
"""Sentences, each with the name and the address of the page that explains it."""


@dataclass(frozen=True)
class CardPart:
    """What one card adds: its body, sentences of the summary, and numbers of the headline."""

    body: list[Component]
    summary: Links = field(default_factory=list)
    headline: list[Component] = field(default_factory=list)


def deferred_answer(measures: OverviewMeasures) -> dict[str, Any]:
    """Outputs by name; a part that fails says why and leaves the others alone."""
    if measures.reporting is None or not measures.incidents:
        nothing = paragraphs(["No incidents in this period."], "quiet")
        return {
            **dict.fromkeys(("zones", "unusual", "repeats"), nothing),
            **{"brief_more": [], "headline_more": [], "hours_words": "", "later": []},
            **{"map": BLANK, "map_places": []},
            "data_more": _addresses(measures),
        }
    peaks: Links = [
        (f"{peaks_span(measures.peak_weeks)} {peak_sentence(peak)}", "Temporal", "/temporal")
        for peak in measures.peaks[:1]
    ]
    with timed("map"):
        found = map_answer(measures)
    with timed("zones"):
        zones = _zones(measures)
    with timed("unusual"):
        unusual = _unusual(measures)
    with timed("repeats"):
        repeats = _repeats(measures)
    return found | {
        "later": [],
        "hours_words": _hours(measures),
        "zones": zones.body,
        "unusual": unusual.body,
        "repeats": repeats.body,
        "brief_more": brief([*peaks, *zones.summary, *unusual.summary, *repeats.summary]),
        "headline_more": [*zones.headline, *unusual.headline],
        "data_more": _addresses(measures),
    }


def _addresses(measures: OverviewMeasures) -> list[Component]:
    """Places that may be default addresses, each with a link to its incidents."""
    question = measures.question
    try:
        decided = decided_addresses(question.manifest, question.services.settings)
        found: tuple[AddressProposal, ...] = question.results.get_or_compute(
            ("addresses", decided),
            lambda: address_proposals(question.pinned.reader, *decided),
        )
    except PatrolIQError as error:
        return paragraphs([question.services.for_readers(error)])
    if not found:
        return []
    shown = [
        Line(
            one.block or one.text,
            measures.address("/explore", EMPTY.replace("near", Near(one.lat, one.lon, 1))),
            (proposal_words(one),),
            quantity(one.incidents),
        )
        for one in found[:TOP_ADDRESSES]
    ]
    return [*paragraphs([proposals_sentence(len(found), len(shown))]), lines(shown)]


def _hours(measures: OverviewMeasures) -> str:
    if measures.question.lacks("hour") or measures.year_before is None:
        return ""
    now = weeks_in(measures.weeks, measures.period)
    before = weeks_in(measures.weeks, measures.year_before)
    return hours_sentence(homogeneity(hour_bins(now), hour_bins(before)))


def _zones(measures: OverviewMeasures) -> CardPart:
    assert measures.reporting is not None  # noqa: S101 - checked before
    question = measures.question
    spots = HotSpots(question.services, question.pinned, measures.selection)
    model = spots.model()
    if model is None:
        said = f"There are no zones yet. {NO_ZONES[why_no_zones(question)]}"
        return CardPart(paragraphs([said]), headline=[no_zones_figure()])
    selection = measures.reporting.of(measures.selection)
    try:
        listed = spots.list_zones(model, selection, top=TOP_ZONES)
        forecast = spots.forecast_of(spots.target)
    except PatrolIQError as error:
        message = question.services.for_readers(error)
        return CardPart(paragraphs([message]), headline=[no_zones_figure()])
    same = forecast is not None and _expects_selected(measures, listed, forecast)
    whole_area = any(name in PLACE for name in selection.clauses)
    said = zones_sentence(listed.total, listed.inside, listed.incidents, whole_area=whole_area)
    shown = [zone for zone in listed.zones if zone.incidents]
    summary: Links = []
    if shown:
        busiest = busiest_zone_sentence(shown[0], listed.outlook if same else None)
        summary.append((f"{said} {busiest}", "Hot spots", "/hotspots"))
    target = spots.shown_target(measures.selection)
    remarks = _zone_remarks(measures, target, listed, forecast)
    notes = [html for text in remarks if (html := note(text))]
    rows = lines([_zone(measures, zone, listed, same) for zone in shown])
    headline: list[Component] = [zones_figure(listed, whole_area=whole_area)]
    return CardPart([*paragraphs([said]), rows, *notes], summary, headline)


def _is_of(measures: OverviewMeasures, trained: str) -> bool:
    return measures.question.pinned.is_of(trained, measures.selection)


def _expects_selected(
    measures: OverviewMeasures, listed: ZoneList, forecast: ChampionForecast
) -> bool:
    """Whether the expected counts of zones are of the selected incidents."""
    return listed.outlook.is_of_part or _is_of(measures, forecast.bundle.selection)


def _zone_remarks(
    measures: OverviewMeasures,
    target: ShownTarget,
    listed: ZoneList,
    forecast: ChampionForecast | None,
) -> list[str]:
    """Whose zones and forecast these are, and what the forecast is worth."""
    pinned, remarks = measures.question.pinned, []
    if target.named.name != ALL or listed.outlook.is_of_part:
        remarks.append(shown_target_words(pinned, target, listed, forecast))
    if not _is_of(measures, listed.selection):
        remarks.append(trends_note(trained_on(pinned, listed.selection)))
    remarks.append(outlook_sentence(listed.outlook))
    if forecast and listed.outlook.zones:
        if not _expects_selected(measures, listed, forecast):
            remarks.append(other_incidents_words(trained_on(pinned, forecast.bundle.selection)))
        until = newer_data_until(forecast, measures.question.manifest.last_day)
        remarks.append(newer_data_words(until))
    return remarks


def _zone(measures: OverviewMeasures, zone: Zone, listed: ZoneList, same: bool) -> Line:
    selection = measures.selection
    dimension, key = zone.clause
    if dimension == "zone":
        selection = selection.without({"zone"}).toggle("zone", [key], "only")
    remarks = [zone_trend_words(zone.profile)]
    if zone.forecast and same:
        remarks.append(f"{zone_forecast_words(zone.forecast, listed.outlook.days)}.")
    return Line(
        zone.name,
        measures.address("/hotspots", selection),
        tuple(remarks),
        quantity(zone.incidents),
        contrast_words(zone.profile),
    )


def _unusual(measures: OverviewMeasures) -> CardPart:
    assert measures.reporting is not None  # noqa: S101
    if measures.reporting.months_only:
        return CardPart(paragraphs([WEEKS_UNTESTABLE]), headline=[no_anomalies_figure()])
    reader, level = measures.question.pinned.reader, measures.level
    last = measures.reporting.last_complete
    week: Anomalies = measures.get_or_compute(
        f"anomalies {last}",
        lambda: anomalies(
            reader,
            EVERYTHING,
            measures.selection,
            level,
            first=measures.covered[0],
            last=last,
            country=measures.country,
        ),
    )
    said = week_sentence(week, measures.reporting.anomaly_week, VARIABLES[level].one)
    areas = [one.area for row in week.found for one in (row, *row.folded) if one.area]
    labels = measures.labels(level, areas)
    clear, watch = week.of_tier(Tier.CLEAR), week.of_tier(Tier.WATCH)
    body = [*paragraphs([said])]
    if clear:
        shown = clear[:MOST_CLEAR]
        body.append(lines([_anomaly_line(measures, row, labels, week) for row in shown]))
    if len(clear) > MOST_CLEAR:
        body += paragraphs([f"{len(clear) - MOST_CLEAR} more are not listed."], "quiet")
    if watch:
        body += paragraphs(["To watch:"])
        body.append(lines([_anomaly_line(measures, row, labels, week) for row in watch]))
    if remark := note(week_note(week)):
        body.append(remark)
    summary = [
        (anomaly_sentence(row, level, labels), "Explore", _anomaly_href(measures, row, week))
        for row in clear[:2]
    ] or [(said, "Temporal", "/temporal")]
    return CardPart(body, summary, [anomalies_figure(week, said)])


def _anomaly_line(
    measures: OverviewMeasures, row: Anomaly, labels: dict[str, str], week: Anomalies
) -> Line:
    return Line(
        series_name(row, measures.level, labels),
        _anomaly_href(measures, row, week),
        (anomaly_expected_words(row), folded_words(row, labels)),
        f"{'▲' if row.more else '▼'} {quantity(row.incidents)}",
        f"p = {row.p:.2g}, q = {row.q:.2g} over all counts tested",
        "more" if row.more else "less",
    )


def _anomaly_href(measures: OverviewMeasures, row: Anomaly, week: Anomalies) -> str:
    first = week.last.fromordinal(week.last.toordinal() - 6)
    selection = measures.selection.replace("date", Period(first, week.last))
    for dimension, key in (("type", row.type), (measures.level, row.area)):
        if key:
            selection = selection.without({dimension}).toggle(dimension, [key], "only")
    return measures.address("/explore", selection)


def _repeats(measures: OverviewMeasures) -> CardPart:
    assert measures.reporting is not None  # noqa: S101
    if measures.reporting.months_only:
        return CardPart(paragraphs([REPEATS_UNTESTABLE]))
    pinned = measures.question.pinned
    counted = measures.daily.types.incidents(measures.period)
    known = [name for name, incidents in counted.items() if incidents and name != UNKNOWN]
    crime = near_repeat_type(known, chosen_keys(measures.selection, "type"))
    if crime is None or measures.question.lacks("cell"):
        return CardPart(paragraphs(["This source has no locations."]))
    last = measures.reporting.period[1]
    found: NearRepeats = measures.get_or_compute(
        "repeats",
        lambda: near_repeats(
            pinned.reader,
            EVERYTHING,
            measures.selection,
            crime,
            last=last,
            first=measures.covered[0],
            least_ratio=measures.question.services.settings.near_repeat_ratio,
        ),
    )
    said = near_repeat_sentence(found)
    body: list[Component] = [*paragraphs([said])]
    if rows := near_repeat_rows(found):
        head = ("Dates permuted", "Expected", "Ratio", "p")
        body.append(table(head, rows, caption="Near repeats by how dates are permuted"))
    if found.streets:
        body.append(lines([_street(measures, found, at) for at in range(len(found.streets))]))
    if remark := note(near_repeat_detail(found)):
        body.append(remark)
    return CardPart(body, [(said, "Hot spots", "/hotspots")] if found.is_listed else [])


def _street(measures: OverviewMeasures, found: NearRepeats, at: int) -> Line:
    street = found.streets[at]
    first = found.last.fromordinal(found.last.toordinal() - max(DAYS) + 1)
    around = Near(round(street.lat, 5), round(street.lon, 5), int(WITHIN_M))
    selection = (
        measures.selection.replace("date", Period(first, found.last))
        .without({"type"})
        .toggle("type", [found.type], "only")
        .replace("near", around)
    )
    return Line(street.name, measures.address("/explore", selection), (street_sentence(street),))
