"""The layout and the answers of the Hot spots page, apart from wiring.py, which loads at start."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

from dash.development.base_component import Component

from analytics.crossfilter.dimensions import PLACE
from analytics.crossfilter.extent import extent
from analytics.crossfilter.scope import EVERYTHING
from analytics.crossfilter.views import view
from analytics.hotspot_answers import HotSpots
from analytics.services import Pinned, Services
from analytics.zones.outlook import caveats_of
from analytics.zones.zone_list import ZoneList
from callbacks.frame.chosen import chosen_keys
from callbacks.frame.no_zones import why_no_zones
from callbacks.frame.question import Question
from callbacks.frame.timing import timed
from callbacks.frame.work import POLLED, model_jobs, perform
from callbacks.hotspots.actions import ACTIONS
from callbacks.hotspots.concentration import concentration_answer
from callbacks.hotspots.maps import area_text, fill_map
from callbacks.hotspots.options import (
    FORECAST,
    OF_LIST,
    OF_MAPS,
    ZONES,
    HotspotOptions,
    MapChoice,
    against_offered,
    methods_offered,
    models_offered,
)
from callbacks.hotspots.training import train_form
from components.frame.choices import entries
from components.frame.forecast import caveat_words
from components.frame.jobs import job_list
from components.hotspots.ids import HotspotIds
from components.hotspots.layout import NO_MODELS, hotspots, second_methods
from components.hotspots.surfaces import SHIFTS
from components.hotspots.training import INCIDENTS
from components.hotspots.zones import change_list, download_links, no_zones, zone_lines, zones_note

SHOWN_WORK = 3
CAPTIONS: dict[str, tuple[str, ...]] = {HotspotIds.CONCENTRATION_CARD: ()}
"""The card's picture shows the whole selection, with no filter left out."""


def layout(services: Services, pinned: Pinned) -> Component:
    """The page before its first answer."""
    spots = HotSpots(services, pinned)
    return hotspots(
        services.settings,
        bounds=pinned.get_or_compute("extent", lambda: extent(pinned.reader)),
        methods=methods_offered(spots),
        shifts=SHIFTS,
        models=models_offered(spots),
        against=against_offered(pinned),
    )


def answer(question: Question) -> dict[str, Any]:
    """Outputs by name of what the gesture changes, after what it asks to be done."""
    return _outputs(question) | {"captions": CAPTIONS}


def _outputs(question: Question) -> dict[str, Any]:
    said = perform(question, ACTIONS)
    spots = HotSpots(question.services, question.pinned)
    options = HotspotOptions.of(question.raw, spots)
    work = model_jobs(question.services)
    outputs: dict[str, Any] = {"notices": said}
    outputs["work"] = (
        job_list(work.jobs[:SHOWN_WORK], no_worker=work.no_worker) if work.jobs else []
    )
    if _changed_only(question, POLLED) and work.settled is False:
        return outputs
    if _changed_only(question, POLLED) and not question.new_data and spots.models:
        return outputs
    if _changed_only(question, frozenset({INCIDENTS})):
        return outputs | {"train": train_form(question, options.fit)}
    with timed("zones"):
        listed = _list_zones(question, spots, options)
    outputs |= _map_outputs(question, spots, options, listed)
    if question.redraw or question.gesture.get("action") not in ("page", "act"):
        with timed("concentration"):
            outputs |= concentration_answer(question, spots)
    outputs["nothing_matches"] = _nothing_matches(question)
    if question.new_data and question.gesture.get("action") != "open":
        outputs |= _choices(spots, question.pinned)
    if not _changed_only(question, _map_options("a") | _map_options("b") | OF_MAPS):
        outputs |= _zones_outputs(question, spots, options, listed)
    return outputs


def _choices(spots: HotSpots, pinned: Pinned) -> dict[str, Any]:
    """Choices that newer data may add: trained zones, residents, outlines."""
    methods = methods_offered(spots)
    return {
        "methods": entries(methods),
        "compared_methods": entries(second_methods(methods)),
        "models": entries(models_offered(spots) or NO_MODELS),
        "against": entries(against_offered(pinned)),
    }


def _nothing_matches(question: Question) -> bool:
    found = question.pinned.crossfilter.counts(EVERYTHING, question.selection, [view("total")])
    return not found["total"]["incidents"].sum()


def _changed_only(question: Question, names: frozenset[str]) -> bool:
    """Whether the gesture changed options of these names and nothing else."""
    changed = question.changed
    return question.gesture.get("action") == "page" and bool(changed) and changed <= names


def _map_options(which: str) -> frozenset[str]:
    return frozenset({f"h_{which}", f"h_{which}s"})


def _list_zones(question: Question, spots: HotSpots, options: HotspotOptions) -> ZoneList | None:
    if options.model is None:
        return None
    return spots.list_zones(options.model, question.selection, rank=options.rank, top=options.top)


def _map_outputs(
    question: Question, spots: HotSpots, options: HotspotOptions, listed: ZoneList | None
) -> dict[str, Any]:
    outputs: dict[str, Any] = {}
    if not _stays(question, options.a, "a"):
        with timed("map"):
            first = fill_map(question, spots, options, options.a, listed)
        outputs |= {"map": first.state, "legend": first.legend, "caption": first.caption}
    if not _stays(question, options.b, "b"):
        with timed("compared"):
            second = fill_map(question, spots, options, options.b, listed)
        outputs |= {
            "maps": "hotspot-maps single" if options.b.is_off else "hotspot-maps",
            "compared": second.state,
            "compared_legend": second.legend,
            "compared_caption": second.caption,
        }
    return outputs


def _stays(question: Question, choice: MapChoice, which: str) -> bool:
    """Whether the gesture concerns only the other map, or a list that this map does not show."""
    other = _map_options("b" if which == "a" else "a")
    return _changed_only(question, other) or (
        choice.method != ZONES and _changed_only(question, OF_LIST)
    )


def _zones_outputs(
    question: Question, spots: HotSpots, options: HotspotOptions, listed: ZoneList | None
) -> dict[str, Any]:
    selection = question.selection
    outputs: dict[str, Any] = {
        "changes": change_list(listed, area_text(selection)),
        "train": train_form(question, options.fit),
    }
    if listed is None:
        none = no_zones(why_no_zones(question))
        return outputs | {"zones": none, "zones_note": [], "zones_files": []}
    chosen = chosen_keys(selection, "zone") | {area_text(selection)}
    forecast = spots.forecast()
    warning = (
        caveat_words(caveats_of(forecast, selection, question.manifest.last_day))
        if forecast and listed.outlook.zones
        else ""
    )
    zones_options = _options_text({"model": listed.model, "rank": options.rank})
    query = f"{zones_options}&{selection.text}" if selection else zones_options
    return outputs | {
        "zones": zone_lines(listed, chosen),
        "zones_note": zones_note(listed, warning, others=_place_remark(question)),
        "zones_files": download_links(
            [
                ("zones as CSV", f"/export/zones.csv?{query}"),
                ("as GeoJSON", f"/export/zones.geojson?{query}"),
                *_surface_links(question, options),
            ]
        ),
    }


def _place_remark(question: Question) -> str:
    """A remark where the selection has a filter on place, which the list ignores."""
    standing = [name for name in question.selection.clauses if name in PLACE]
    return "Counts are for the whole area; the selected zone is one of them." if standing else ""


def _surface_links(question: Question, options: HotspotOptions) -> list[tuple[str, str]]:
    found = []
    for which, choice in (("map A", options.a), ("map B", options.b)):
        if choice.method in (ZONES, FORECAST) or choice.is_off:
            continue
        query = _options_text({"method": choice.method, "moved": choice.shift, **options.surface})
        text = f"&{question.selection.text}" if question.selection else ""
        found += [
            (f"{which} as CSV", f"/export/surface.csv?{query}{text}"),
            ("as GeoJSON", f"/export/surface.geojson?{query}{text}"),
        ]
    return found


def _options_text(options: Mapping[str, str]) -> str:
    """Options as parameters of an address; the underscore keeps them apart from attributes."""
    return urlencode({f"_{name}": value for name, value in options.items() if value})
