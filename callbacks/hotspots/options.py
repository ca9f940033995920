"""Options of the Hot spots page; an invalid one falls back to the default."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from analytics.artifacts.catalog import CATALOG, is_of_places, model_of, pair_name
from analytics.hotspot_answers import HotSpots
from analytics.hotspots.denominators import ALL, RESIDENTS, against_type
from analytics.hotspots.population import finest_level
from analytics.hotspots.surface import SurfaceQuery
from analytics.hotspots.surface_methods import METHODS
from analytics.hotspots.surface_options import SHIFTS, surface_query
from analytics.services import Pinned
from analytics.whole_number import whole_number
from analytics.zones.zone_list import RANKS, Rank
from components.frame.zone_methods import SHORT_TITLES, zones_title
from components.hotspots.layout import OFF, TOPS
from components.hotspots.surfaces import TITLES

Which = Literal["a", "b"]
ZONES = "zones"
FORECAST = "forecast"
_SURFACE = {
    "size": "h_size",
    "bandwidth": "h_bw",
    "half_life": "h_half",
    "against": "h_vs",
    "band": "h_band",
    "period": "h_days",
    "weight": "h_weight",
}
TOP, TOP_PLACES = 10, 5
SHOWN_TYPES = 12
SURFACE_OPTIONS = frozenset(_SURFACE.values())
"""Options of every map that shows a surface."""


@dataclass(frozen=True)
class MapChoice:
    """What one map shows.

    Attributes
    ----------
    method : a surface by its method, `zones` (those of the list), a model of zones, `forecast` or
        `off`
    shift : which period
    target : name of the target; empty for that of the selection
    version : pair and number of a version, such as `zones_kmeans.robbery:3`; empty for the one in
        use
    unit : of a forecast, its model
    hours : of a forecast, a part of the day as in a filter: empty for the hours of the selection,
        `ALL_DAY` for all
    """

    which: Which
    method: str
    shift: str
    target: str
    version: str
    unit: str
    hours: str

    @property
    def is_off(self) -> bool:
        return self.method == OFF

    @property
    def is_of_zones(self) -> bool:
        return self.method == ZONES or self.method in zones_offered()


@dataclass(frozen=True)
class HotspotOptions:
    """All options of the page; `model` is of the target that the zones have."""

    a: MapChoice
    b: MapChoice
    surface: Mapping[str, str]
    model: str | None
    rank: Rank
    top: int
    fit: str

    def surface_query(self, method: str) -> SurfaceQuery:
        """The query for a surface by this method with the map settings."""
        return surface_query({**self.surface, "method": method})

    @classmethod
    def of(cls, raw: Mapping[str, Any], spots: HotSpots) -> HotspotOptions:
        offered = methods_offered(spots)
        first, second = (list(offered)[place] for place in (0, 1))
        model = spots.model(str(raw.get("h_model") or ""))
        top = whole_number(raw.get("h_top"))
        usual = TOP_PLACES if is_of_places(model) else TOP
        fit = str(raw.get("h_fit") or "")
        fits = zones_offered()
        return cls(
            a=_map_choice(raw, "a", ({*offered}, spots.targets), first),
            b=_map_choice(raw, "b", ({*offered, OFF}, spots.targets), second),
            surface={name: str(raw.get(option) or "") for name, option in _SURFACE.items()},
            model=model,
            rank=next((rank for rank in RANKS if rank == raw.get("h_rank")), RANKS[0]),
            top=top if top in TOPS else usual,
            fit=fit if fit in fits else next(iter(fits)),
        )


def methods_offered(spots: HotSpots) -> dict[str, str]:
    """What a map can show, name → title, the default first."""
    surfaces = {name: TITLES[name] for name in METHODS}
    zones = {ZONES: "Zones of the list"} if spots.models else {}
    trained = {model_of(row["name"]) for row in spots.trained}
    models = {name: zones_title(name) for name in zones_offered() if name in trained}
    forecast = {FORECAST: "Hot-spot forecast"} if spots.forecasts else {}
    return {**zones, **surfaces, **forecast, **models}


def targets_offered(spots: HotSpots) -> dict[str, str]:
    """Whose incidents a map shows, name → title: by default those of the selection."""
    titles = {one.name: one.title for one in spots.targets.values()}
    return {"": "As selected"} | titles


def versions_offered(spots: HotSpots, model: str, choice: MapChoice) -> dict[str, str]:
    """Versions of zones that a map can show, the one in use first; of other methods none."""
    if not choice.is_of_zones:
        return {"": "no versions"}
    name = pair_name(model, choice.target or spots.trained_target(model).name)
    versions = [int(row["version"]) for row in spots.trained if row["name"] == name]
    return {"": "In use"} | {version_key(name, one): f"Version {one}" for one in versions}


def version_key(name: str, version: int) -> str:
    """How the address names a version: with its model, so that another model resets it."""
    return f"{name}:{version}"


def models_offered(spots: HotSpots) -> dict[str, str]:
    """Models of zones, name → title, the default first; empty where none are trained."""
    first = spots.model()
    ordered = sorted(spots.models, key=lambda name: name != first)
    models = [model_of(name) for name in ordered]
    return {name: SHORT_TITLES.get(name, name) for name in models}


def against_offered(pinned: Pinned) -> dict[str, str]:
    """Denominators of a risk: all incidents, residents where they are known, crime types."""
    residents = {RESIDENTS: "Residents"} if finest_level(pinned.snapshot.manifest) else {}
    types = pinned.vocabulary.values("type")[:SHOWN_TYPES]
    named = {against_type(name): name.capitalize() for name in types}
    return {ALL: "All incidents", **residents, **named}


def zones_offered() -> dict[str, str]:
    """Zones that can be trained, model → title."""
    return {name: entry.title for name, entry in CATALOG.items() if name.startswith("zones_")}


def _map_choice(
    raw: Mapping[str, Any],
    which: Which,
    offered: tuple[Collection[str], Collection[str]],
    default: str,
) -> MapChoice:
    """The choice in the address; `offered` are methods and targets."""
    method, shift, target, version, unit, hours = (
        str(raw.get(f"h_{which}{option}") or "") for option in ("", "s", "t", "v", "u", "h")
    )
    methods, targets = offered
    return MapChoice(
        which,
        method if method in methods else default,
        shift if shift in SHIFTS else "",
        target if target in targets else "",
        version,
        unit,
        hours,
    )
