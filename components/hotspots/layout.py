"""The Hot spots page: two maps, the list of zones, changes by analysts, new zones."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

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
from components.hotspots.methods import methods_card

BANDWIDTHS_M = (250, 300, 400, 500, 750, 1000, 1500, 2000)
BANDS_M = (250, 350, 500, 750, 1000, 1500, 2000)
HALF_LIVES = (0, 14, 30, 60, 90, 180)
STEPS_DAYS = (0, 7, 14, 28, 91)
TOPS = (5, 10, 20, 50)
RANKS = {"incidents": "Most incidents", "harm": "Most harm", "density": "Highest density"}
OFF = "off"
NO_MODELS = {"": "none yet"}
Options = Mapping[str, str]


@dataclass(frozen=True)
class _Map:
    """One of the two maps: its name, its option, its namespace in the browser, ids of its parts."""

    name: str
    label: str
    option: str
    namespace: str
    card: HotspotIds
    map: HotspotIds
    state: HotspotIds
    forecast: HotspotIds
    legend: HotspotIds
    caption: HotspotIds
    has_tools: bool = False


MAP_A = _Map(
    "Map A",
    "Hot spots on the map",
    "h_a",
    "patroliq.maps.hotspots",
    card=HotspotIds.MAP_CARD,
    map=HotspotIds.MAP,
    state=HotspotIds.MAP_STATE,
    forecast=HotspotIds.MAP_FORECAST,
    legend=HotspotIds.MAP_LEGEND,
    caption=HotspotIds.MAP_CAPTION,
    has_tools=True,
)
MAP_B = _Map(
    "Map B",
    "Map B",
    "h_b",
    "patroliq.maps.compared",
    card=HotspotIds.COMPARED_CARD,
    map=HotspotIds.COMPARED,
    state=HotspotIds.COMPARED_STATE,
    forecast=HotspotIds.COMPARED_FORECAST,
    legend=HotspotIds.COMPARED_LEGEND,
    caption=HotspotIds.COMPARED_CAPTION,
)


def hotspots(
    settings: Settings,
    *,
    bounds: Bounds | None,
    methods: Options,
    shifts: Options,
    models: Options,
    against: Options,
    targets: Options,
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
    targets
        Whose incidents a map shows, value → title.
    """
    return html.Main(
        [
            html.H1("Hot spots", className="visually-hidden"),
            _settings(against),
            html.Div(
                [
                    _map_card(MAP_A, settings, bounds, (methods, targets, shifts)),
                    _map_card(MAP_B, settings, bounds, (second_methods(methods), targets, shifts)),
                ],
                id=HotspotIds.MAPS,
                className="hotspot-maps",
            ),
            _zones_card(models),
            methods_card(),
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
    one: _Map,
    settings: Settings,
    bounds: Bounds | None,
    offered: tuple[Options, Options, Options],
) -> Component:
    """One map; `offered` are methods, targets and periods."""
    drawn = leaflet_map(
        settings, bounds, id=one.map, namespace=one.namespace, tools=one.has_tools, snap=0.25
    )
    return card(
        one.name,
        [
            html.Div([drawn], className="hotspot-map"),
            html.Div(id=one.forecast, className="forecast-choices"),
            html.Div(id=one.legend, className="map-legend"),
            html.P(id=one.caption, className="map-caption", role="status"),
            dcc.Store(id=one.state),
        ],
        id=one.card,
        label=one.label,
        controls=_map_choices(one, *offered),
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


def _map_choices(one: _Map, methods: Options, targets: Options, shifts: Options) -> list[Component]:
    return [
        _select(one.option, methods, f"{one.name}: what it shows"),
        _select(f"{one.option}v", {"": "In use"}, f"{one.name}: which version"),
        _select(f"{one.option}t", targets, f"{one.name}: whose incidents"),
        _select(f"{one.option}s", shifts, f"{one.name}: which period"),
    ]


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
            html.Div(
                id=HotspotIds.ZONES_NOTE, className="zones-note" + (" is-awaited" if models else "")
            ),
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
            "Incidents, harm and shares are of the current selection; what, when, since when and "
            "the comparison with the city are of the training data. The name is the busiest "
            "block, its cross street and the beat. Expected is the forecast of the zone; for a "
            "part of the target, such as nights, it is multiplied by the share that this part "
            "had in the zone, drawn toward its citywide share. Since when is the last "
            "significant change of level (28-day steps, 5% false alarms). Numbers on the map "
            "are the ranks of this list.",
            briefing="zones",
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
