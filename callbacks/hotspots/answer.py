"""The Hot spots page's layout and answers; imports what callbacks.hotspots.wiring must not."""

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
from analytics.hotspots.surface_options import SHIFTS
from analytics.services import Pinned, Services
from analytics.zones.outlook import caveats_of
from analytics.zones.zone_list import Board
from callbacks.frame.chosen import words
from callbacks.frame.no_zones import why_no_zones
from callbacks.frame.question import Question
from callbacks.frame.timing import timed
from callbacks.frame.work import POLLED, acted, work_on_models
from callbacks.hotspots.actions import ACTS
from callbacks.hotspots.concentration import concentration_answer
from callbacks.hotspots.maps import drawn, shown_selection
from callbacks.hotspots.options import (
    OF_LIST,
    OF_MAPS,
    ZONES,
    HotspotOptions,
    Shown,
    against_offered,
    methods_offered,
    models_offered,
)
from callbacks.hotspots.training import train_form
from components.frame.choices import entries
from components.frame.forecast import caveat_words
from components.frame.jobs import work_list
from components.hotspots.ids import HotspotIds
from components.hotspots.layout import NO_MODELS, hotspots, second_methods
from components.hotspots.training import INCIDENTS
from components.hotspots.zones import changes, files, no_zones, zone_list, zones_note

SHOWN_WORK = 3
DRAWN: dict[str, tuple[str, ...]] = {HotspotIds.CONCENTRATION_CARD: ()}
"""Its picture is of the whole selection, no filter left out."""


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
    """Outputs by name of what the gesture changes; an act comes first."""
    return _changed(question) | {"drawn": DRAWN}


def _changed(question: Question) -> dict[str, Any]:
    said = acted(question, ACTS)
    spots = HotSpots(question.services, question.pinned)
    options = HotspotOptions.of(question.raw, spots)
    work = work_on_models(question.services)
    outputs: dict[str, Any] = {"said": said}
    outputs["work"] = work_list(work.jobs[:SHOWN_WORK], nobody=work.nobody) if work.jobs else []
    if _only(question, POLLED) and work.settled is False:
        return outputs
    if _only(question, POLLED) and not question.new_data and spots.models:
        return outputs
    if _only(question, frozenset({INCIDENTS})):
        return outputs | {"train": train_form(question, options.fit)}
    with timed("zones"):
        board = _board(question, spots, options)
    outputs |= _maps(question, spots, options, board)
    if question.redraw or question.gesture.get("action") not in ("page", "act"):
        with timed("concentration"):
            outputs |= concentration_answer(question, spots)
    outputs["nothing_matches"] = _nothing_matches(question)
    if question.new_data and question.gesture.get("action") != "open":
        outputs |= _offered(spots, question.pinned)
    if not _only(question, _of_map("a") | _of_map("b") | OF_MAPS):
        outputs |= _list(question, spots, options, board)
    return outputs


def _offered(spots: HotSpots, pinned: Pinned) -> dict[str, Any]:
    """What can be chosen with newer data: zones may be trained, residents or outlines added."""
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


def _only(question: Question, names: frozenset[str]) -> bool:
    """Whether the gesture changed options of these names and nothing else."""
    changed = question.changed
    return question.gesture.get("action") == "page" and bool(changed) and changed <= names


def _of_map(which: str) -> frozenset[str]:
    return frozenset({f"h_{which}", f"h_{which}s"})


def _board(question: Question, spots: HotSpots, options: HotspotOptions) -> Board | None:
    if options.model is None:
        return None
    return spots.board(options.model, question.selection, rank=options.rank, top=options.top)


def _maps(
    question: Question, spots: HotSpots, options: HotspotOptions, board: Board | None
) -> dict[str, Any]:
    outputs: dict[str, Any] = {}
    if not _unchanged(question, options.a, "a"):
        with timed("map"):
            first = drawn(question, spots, options, options.a, board)
        outputs |= {"map": first.state, "legend": first.legend, "caption": first.caption}
    if not _unchanged(question, options.b, "b"):
        with timed("compared"):
            second = drawn(question, spots, options, options.b, board)
        outputs |= {
            "maps": "hotspot-maps single" if options.b.is_off else "hotspot-maps",
            "compared": second.state,
            "compared_legend": second.legend,
            "compared_caption": second.caption,
        }
    return outputs


def _unchanged(question: Question, shown: Shown, which: str) -> bool:
    """Whether the gesture was about the other map, or about a list this map does not show."""
    other = _of_map("b" if which == "a" else "a")
    return _only(question, other) or (shown.method != ZONES and _only(question, OF_LIST))


def _list(
    question: Question, spots: HotSpots, options: HotspotOptions, board: Board | None
) -> dict[str, Any]:
    selection = question.selection
    outputs: dict[str, Any] = {
        "changes": changes(board, shown_selection(selection)),
        "train": train_form(question, options.fit),
    }
    if board is None:
        none = no_zones(why_no_zones(question))
        return outputs | {"zones": none, "zones_note": [], "zones_files": []}
    chosen = words(selection, "zone") | {shown_selection(selection)}
    forecast = spots.forecast()
    warning = (
        caveat_words(caveats_of(forecast, selection, question.manifest.last_day))
        if forecast and board.outlook.coming
        else ""
    )
    asked = _options_text({"model": board.model, "rank": options.rank})
    query = f"{asked}&{selection.text}" if selection else asked
    return outputs | {
        "zones": zone_list(board, chosen),
        "zones_note": zones_note(board, warning, others=_places_left_out(question)),
        "zones_files": files(
            [
                ("zones as CSV", f"/export/zones.csv?{query}"),
                ("as GeoJSON", f"/export/zones.geojson?{query}"),
                *_surface_files(question, options),
            ]
        ),
    }


def _places_left_out(question: Question) -> str:
    """Said where a clause of place stands, since the list does not follow it."""
    standing = [name for name in question.selection.clauses if name in PLACE]
    return "Counts are for the whole area; the selected zone is one of them." if standing else ""


def _surface_files(question: Question, options: HotspotOptions) -> list[tuple[str, str]]:
    found = []
    for which, shown in (("map A", options.a), ("map B", options.b)):
        if shown.method in (ZONES, "forecast") or shown.is_off:
            continue
        asked = {"method": shown.method, "moved": shown.shift, **options.surface}
        query = _options_text(asked)
        text = f"&{question.selection.text}" if question.selection else ""
        found += [
            (f"{which} as CSV", f"/export/surface.csv?{query}{text}"),
            ("as GeoJSON", f"/export/surface.geojson?{query}{text}"),
        ]
    return found


def _options_text(asked: Mapping[str, str]) -> str:
    """Options as an address has them, which no attribute of the data is taken for."""
    return urlencode({f"_{name}": value for name, value in asked.items() if value})
