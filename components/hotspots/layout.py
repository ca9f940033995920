"""The Hot spots page: two maps, the list of zones, changes by analysts, new zones."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from dash import dcc, html
from dash.development.base_component import Component

from analytics.crossfilter.map_cells import SIZES
from analytics.formats import distance_text
from analytics.settings import Settings
from components.frame.attributes import aria
from components.frame.card import Menu, card
from components.frame.choices import option_select
from components.frame.map import Bounds, leaflet_map
from components.hotspots.concentration import concentration_card
from components.hotspots.ids import HotspotIds

BANDWIDTHS_M = (250, 300, 400, 500, 750, 1000, 1500, 2000)
BANDS_M = (250, 350, 500, 750, 1000, 1500, 2000)
HALF_LIVES = (0, 14, 30, 60, 90, 180)
STEPS_DAYS = (0, 7, 14, 28, 91)
TOPS = (5, 10, 20, 50)
RANKS = {"incidents": "Most incidents", "harm": "Most harm", "density": "Highest density"}
OFF = "off"
NO_MODELS = {"": "none yet"}
Options = Mapping[str, str]


def hotspots(
    settings: Settings,
    *,
    bounds: Bounds | None,
    methods: Options,
    shifts: Options,
    models: Options,
    against: Options,
) -> Component:
    """The page before its first answer.

    Parameters
    ----------
    methods
        What a map can show, value → title; the first is the default of map A, the second of map B.
    shifts
        Periods to show, value → title.
    models
        Models of zones, value → title; empty where none are trained.
    against
        Denominators of a risk, value → title.
    """
    return html.Main(
        [
            html.H1("Hot spots", className="visually-hidden"),
            _settings(against),
            html.Div(
                [
                    _map_card("a", settings, bounds, methods, shifts),
                    _map_card("b", settings, bounds, second_methods(methods), shifts),
                ],
                id=HotspotIds.MAPS,
                className="hotspot-maps",
            ),
            _zones_card(models),
            html.Div(
                [concentration_card(), _changes_card(), _train_card()],
                className="hotspot-work",
            ),
        ],
        className="hotspots",
        id="content",
        tabIndex=-1,
    )


def second_methods(methods: Options) -> dict[str, str]:
    """What map B can show: the second method first, and nothing."""
    names = list(methods)
    ordered = [*names[1:2], names[0], *names[2:]]
    return {name: methods[name] for name in ordered} | {OFF: "Nothing"}


def _map_card(
    which: str, settings: Settings, bounds: Bounds | None, methods: Options, shifts: Options
) -> Component:
    first = which == "a"
    ids = (
        (HotspotIds.MAP, HotspotIds.MAP_STATE, HotspotIds.MAP_LEGEND, HotspotIds.MAP_CAPTION)
        if first
        else (
            HotspotIds.COMPARED,
            HotspotIds.COMPARED_STATE,
            HotspotIds.COMPARED_LEGEND,
            HotspotIds.COMPARED_CAPTION,
        )
    )
    map_id, state, legend, caption = ids
    name = "Map A" if first else "Map B"
    return card(
        name,
        [
            html.Div(
                [
                    leaflet_map(
                        settings,
                        bounds,
                        id=map_id,
                        namespace=f"patroliq.maps.{'hotspots' if first else 'compared'}",
                        tools=first,
                        snap=0.25,
                    ),
                ],
                className="hotspot-map",
            ),
            html.Div(id=legend, className="map-legend"),
            html.P(id=caption, className="map-caption", role="status"),
            dcc.Store(id=state),
        ],
        id=HotspotIds.MAP_CARD if first else HotspotIds.COMPARED_CARD,
        label="Hot spots on the map" if first else "Map B",
        controls=[
            _select(f"h_{which}", methods, f"{name}: what it shows"),
            _select(f"h_{which}s", shifts, f"{name}: which period"),
        ],
        menu=Menu(
            (),
            "",
            "Click a zone or a cell to filter by it, Shift-click for several. The two maps move "
            "together. Filters on place do not limit the counts here, so that other places can "
            "still be selected. Default addresses (stations, courts) are left out of the "
            "surfaces.",
        ),
        class_name="card-map",
    )


def _settings(against: Options) -> Component:
    rows = {
        "Cells": _select("h_size", {str(m): distance_text(m) for m in (250, *SIZES) if m}, "Cells"),
        "Bandwidth": _select("h_bw", _meters(BANDWIDTHS_M, 500), "Bandwidth"),
        "Time decay": _select(
            "h_half",
            {str(days): f"half-life {days} days" if days else "no decay" for days in HALF_LIVES},
            "Time decay (half-life)",
        ),
        "Risk per": _select("h_vs", against, "Risk per"),
        "Neighbors within": _select("h_band", _meters(BANDS_M, 500), "Neighbors within"),
        "Steps": _select(
            "h_days",
            {str(days): f"{days} days" if days else "automatic" for days in STEPS_DAYS},
            "Steps of emerging hot spots",
        ),
        "Weight": _select("h_weight", {"incidents": "Incidents", "harm": "Days of harm"}, "Weight"),
    }
    return html.Details(
        [
            html.Summary("Map settings", className="button"),
            html.Div(
                [
                    html.Div(
                        [html.Span(words, className="setting-name"), field], className="setting"
                    )
                    for words, field in rows.items()
                ],
                id=HotspotIds.SETTINGS,
                className="settings",
            ),
        ],
        className="settings-fold",
    )


def _meters(values: Sequence[int], first: int) -> dict[str, str]:
    return {str(meters): distance_text(meters) for meters in dict.fromkeys((first, *values))}


def _select(option: str, options: Options, label: str) -> html.Label:
    return option_select(option, options, label, id=f"hotspots-{option.replace('_', '-')}")


def _zones_card(models: Options) -> Component:
    return card(
        "Zones",
        [
            html.Div(id=HotspotIds.ZONES_NOTE, className="zones-note"),
            html.Div(
                id=HotspotIds.ZONES,
                className="zones",
                tabIndex=0,
                role="group",
                **aria(label="Zones"),
            ),
            html.Div(id=HotspotIds.ZONES_FILES, className="zones-files"),
        ],
        id=HotspotIds.ZONES_CARD,
        label="List of zones",
        controls=[
            _select("h_model", models or NO_MODELS, "Zones by"),
            _select("h_rank", RANKS, "Order of the zones"),
            _select(
                "h_top", {"": "Usual number"} | {str(n): f"First {n}" for n in TOPS}, "How many"
            ),
        ],
        menu=Menu(
            (),
            "",
            "Names, hours, types and trend are from the training data; incidents and harm are "
            "of the current selection. The name is the busiest block, its cross street and the "
            "beat. Expected is the forecast summed over the zone's cells.",
        ),
        class_name="card-zones",
    )


def _changes_card() -> Component:
    return card(
        "Changes by analysts",
        html.Div(id=HotspotIds.CHANGES),
        id=HotspotIds.CHANGES_CARD,
        menu=Menu((), "", "Each change is recorded with who, when and why, and can be undone."),
        class_name="card-changes",
    )


def _train_card() -> Component:
    return card(
        "New zones",
        [html.Div(id=HotspotIds.TRAIN), html.Div(id=HotspotIds.WORK)],
        id=HotspotIds.TRAIN_CARD,
        menu=Menu(
            (),
            "",
            "Training runs in the worker; you can leave this page. A first version that passes "
            "its promotion checks is used at once, later ones after promotion on the Models "
            "page.",
        ),
        class_name="card-train",
    )
