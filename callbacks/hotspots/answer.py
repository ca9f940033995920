"""The layout and the answers of the Hot spots page, apart from wiring.py, which loads at start."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any
from urllib.parse import urlencode

from dash.development.base_component import Component

from analytics.artifacts.catalog import model_of, pair_name
from analytics.crossfilter.dimensions import PLACE
from analytics.crossfilter.selection import Selection
from analytics.errors import InputError
from analytics.hotspot_answers import HotSpots
from analytics.page_address import query_of
from analytics.services import Pinned, Services
from analytics.zones.outlook import newer_data_until
from analytics.zones.zone_list import PREFIX, ZoneList
from callbacks.frame.chosen import chosen_keys
from callbacks.frame.framing import city_corners
from callbacks.frame.no_matches import all_empty, matching
from callbacks.frame.no_zones import why_no_zones
from callbacks.frame.notes import notes_about
from callbacks.frame.question import Question
from callbacks.frame.redraws import POLL, Answers, draw
from callbacks.frame.target import shown_target_words
from callbacks.frame.timing import timed
from callbacks.frame.work import Work, model_jobs, open_trainings, perform
from callbacks.hotspots.actions import ACTIONS
from callbacks.hotspots.concentration import concentration_answer
from callbacks.hotspots.forecast_map import forecast_options
from callbacks.hotspots.map_state import MapContent
from callbacks.hotspots.maps import area_text, counted_incidents, fill_map, spots_of
from callbacks.hotspots.methods import methods_answer
from callbacks.hotspots.options import (
    FORECAST,
    HotspotOptions,
    MapChoice,
    against_offered,
    methods_offered,
    models_offered,
    targets_offered,
    versions_offered,
)
from callbacks.hotspots.redraws import REDRAWS
from callbacks.hotspots.training import train_form
from callbacks.hotspots.zone_maps import map_model
from components.frame.choices import entries
from components.frame.forecast import newer_data_words
from components.frame.jobs import job_list
from components.hotspots.ids import HotspotIds
from components.hotspots.layout import NO_MODELS, hotspots, second_methods
from components.hotspots.surfaces import SHIFTS
from components.hotspots.zones import (
    change_list,
    download_links,
    no_zones,
    target_note,
    zone_lines,
    zones_note,
)

SHOWN_WORK = 3
CAPTIONS: dict[str, tuple[str, ...]] = {HotspotIds.CONCENTRATION_CARD: ()}
"""The card's picture shows the whole selection, with no filter left out."""
OF_SELECTION = (HotspotIds.MAP_CARD, HotspotIds.COMPARED_CARD, HotspotIds.CONCENTRATION_CARD)
"""Cards that show nothing if no incident is selected."""


def layout(services: Services, pinned: Pinned) -> Component:
    """The page before its first answer."""
    spots = HotSpots(services, pinned)
    return hotspots(
        services.settings,
        bounds=city_corners(pinned),
        methods=methods_offered(spots),
        shifts=SHIFTS,
        models=models_offered(spots),
        against=against_offered(pinned),
        targets=targets_offered(spots),
    )


def answer(question: Question) -> dict[str, Any]:
    """Outputs by name of the parts that the gesture redraws, after what it asks to be done."""
    said = perform(question, ACTIONS)
    measures = HotspotMeasures(question)
    parts = question.parts(REDRAWS, ended=measures.work.settled)
    if POLL in question.changed and measures.work.settled and measures.work.proposed:
        parts |= {"train"}  # else what was written there stays
    nothing = not matching(question, question.selection)
    return draw(parts, ANSWERS, measures) | {
        "notices": said,
        "nothing_matches": nothing,
        "empty": all_empty(OF_SELECTION, nothing),
        "captions": CAPTIONS,
    }


@dataclass(frozen=True)
class HotspotMeasures:
    """What the parts of the page are made of, computed where one of them needs it."""

    question: Question

    @cached_property
    def spots(self) -> HotSpots:
        return HotSpots(self.question.services, self.question.pinned, self.question.selection)

    @cached_property
    def options(self) -> HotspotOptions:
        return HotspotOptions.of(self.question.raw, self.spots)

    @cached_property
    def work(self) -> Work:
        return model_jobs(self.question.services)

    @cached_property
    def listed(self) -> ZoneList | None:
        """The zones in use; None without any."""
        options = self.options
        if options.model is None:
            return None
        with timed("zones"):
            return self.spots.list_zones(
                options.model, self.question.selection, rank=options.rank, top=options.top
            )

    def content(self, choice: MapChoice, part: str) -> MapContent:
        """The content of one map, timed as this part."""
        listed = self.listed if choice.is_of_zones else None
        with timed(part):
            return fill_map(self.question, self.spots, self.options, choice, listed)

    def versions(self, choice: MapChoice) -> list[Component]:
        """Entries of the select of a map's version."""
        model = map_model(self.options, choice)
        return entries(versions_offered(self.spots, model, choice))


def _work(measures: HotspotMeasures) -> dict[str, Any]:
    jobs = measures.work.jobs[:SHOWN_WORK]
    return {"work": job_list(jobs, no_worker=measures.work.no_worker) if jobs else []}


def _choices(measures: HotspotMeasures) -> dict[str, Any]:
    """Choices that newer data may add: trained zones, residents, outlines."""
    methods, targets = methods_offered(measures.spots), targets_offered(measures.spots)
    return {
        "methods": entries(methods),
        "compared_methods": entries(second_methods(methods)),
        "map_targets": entries(targets),
        "compared_targets": entries(targets),
        "models": entries(models_offered(measures.spots) or NO_MODELS),
        "against": entries(against_offered(measures.question.pinned)),
    }


def _map(measures: HotspotMeasures) -> dict[str, Any]:
    content = measures.content(measures.options.a, "map")
    return {
        "map": content.state,
        "legend": content.legend,
        "caption": content.caption,
        "forecast": content.forecast,
        "map_versions": measures.versions(measures.options.a),
    }


def _compared(measures: HotspotMeasures) -> dict[str, Any]:
    choice = measures.options.b
    content = measures.content(choice, "compared")
    return {
        "maps": "hotspot-maps single" if choice.is_off else "hotspot-maps",
        "compared": content.state,
        "compared_legend": content.legend,
        "compared_caption": content.caption,
        "compared_forecast": content.forecast,
        "compared_versions": measures.versions(choice),
    }


def _zone_maps(measures: HotspotMeasures) -> dict[str, Any]:
    shown = ((measures.options.a, _map), (measures.options.b, _compared))
    outputs: dict[str, Any] = {}
    for choice, filled in shown:
        outputs |= filled(measures) if choice.is_of_zones else {}
    return outputs


def _concentration(measures: HotspotMeasures) -> dict[str, Any]:
    with timed("concentration"):
        return concentration_answer(measures.question, measures.spots)


def _methods(measures: HotspotMeasures) -> dict[str, Any]:
    with timed("methods"):
        return methods_answer(measures.question)


def _zones(measures: HotspotMeasures) -> dict[str, Any]:
    question, listed = measures.question, measures.listed
    if listed is None:
        return {"zones": no_zones(why_no_zones(question))}
    selection = question.selection
    chosen = chosen_keys(selection, "zone") | {area_text(selection)}
    notes = notes_about(question, "zone", [zone.handle for zone in listed.zones])
    return {"zones": zone_lines(listed, chosen, notes)}


def _zones_note(measures: HotspotMeasures) -> dict[str, Any]:
    """Whose zones these are, whether those of the selection's target are in training, caveats."""
    question, listed = measures.question, measures.listed
    if listed is None:
        return {"zones_note": []}
    selection, spots = question.selection, measures.spots
    forecast = spots.forecast_of(spots.target)
    warning = ""
    if forecast and listed.outlook.zones:
        warning = newer_data_words(newer_data_until(forecast, question.manifest.last_day))
    target = spots.shown_target(selection)
    said = shown_target_words(question.pinned, target, listed, forecast)
    training = bool(open_trainings(question.services, PREFIX, target.named.name).jobs)
    return {
        "zones_note": [
            *target_note(target, said, training=training),
            *zones_note(listed, warning, others=_place_remark(question)),
        ],
    }


def _no_zones(measures: HotspotMeasures) -> dict[str, Any]:
    if measures.options.model is not None:
        return {}
    return _zones(measures) | _train(measures)


def _changes(measures: HotspotMeasures) -> dict[str, Any]:
    return {"changes": change_list(measures.listed, area_text(measures.question.selection))}


def _train(measures: HotspotMeasures) -> dict[str, Any]:
    fit = pair_name(measures.options.fit, measures.spots.named.name)
    return {"train": train_form(measures.question, fit, measures.spots.named)}


def _place_remark(question: Question) -> str:
    """A remark where the selection has a filter on place, which the list ignores."""
    standing = [name for name in question.selection.clauses if name in PLACE]
    return "Counts are for the whole area; the selected zone is one of them." if standing else ""


def _files(measures: HotspotMeasures) -> dict[str, Any]:
    options, question = measures.options, measures.question
    text = _further(question, question.selection)
    if options.model is None:
        return {"zones_files": []}
    shown = {"model": model_of(options.model), "rank": options.rank, "top": str(options.top)}
    zones_options = _options_text(shown)
    links = [
        ("zones as CSV", f"/export/zones.csv?{zones_options}{text}"),
        ("as GeoJSON", f"/export/zones.geojson?{zones_options}{text}"),
        *_map_links(question, measures.spots, options),
    ]
    return {"zones_files": download_links(links)}


def _map_links(
    question: Question, spots: HotSpots, options: HotspotOptions
) -> list[tuple[str, str]]:
    found = []
    for which, choice in (("map A", options.a), ("map B", options.b)):
        if choice.is_of_zones or choice.is_off:
            continue
        file, values = "surface", {"method": choice.method, "moved": choice.shift}
        values |= options.surface
        try:
            counted = counted_incidents(question, choice)
        except InputError:  # the caption of the map says why there is nothing
            continue
        if choice.method == FORECAST:
            file = "forecast"
            values = forecast_options(question, spots_of(question, spots, choice), choice)
        query = _options_text(values)
        text = _further(question, counted)
        found += [
            (f"{which} as CSV", f"/export/{file}.csv?{query}{text}"),
            ("as GeoJSON", f"/export/{file}.geojson?{query}{text}"),
        ]
    return found


def _further(question: Question, selection: Selection) -> str:
    """A selection as a further part of an address."""
    query = query_of(question.services, selection)
    return f"&{query}" if query else ""


def _options_text(options: Mapping[str, str]) -> str:
    """Options as parameters of an address; the underscore keeps them apart from attributes."""
    return urlencode({f"_{name}": value for name, value in options.items() if value})


ANSWERS: Answers = {
    "choices": _choices,
    "map": _map,
    "compared": _compared,
    "zone_maps": _zone_maps,
    "zones": _zones,
    "zones_note": _zones_note,
    "no_zones": _no_zones,
    "files": _files,
    "changes": _changes,
    "train": _train,
    "concentration": _concentration,
    "methods": _methods,
    "work": _work,
}
