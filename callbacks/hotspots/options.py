"""Options of the Hot spots page; an invalid one falls back to the default."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from analytics.artifacts.catalog import CATALOG, is_of_places, model_of
from analytics.hotspot_answers import HotSpots
from analytics.hotspots.denominators import ALL, RESIDENTS, against_type
from analytics.hotspots.population import finest_level
from analytics.hotspots.surface import SurfaceQuery
from analytics.hotspots.surface_methods import METHODS
from analytics.hotspots.surface_options import SHIFTS, surface_query
from analytics.services import Pinned
from analytics.zones.zone_list import RANKS, Rank
from components.hotspots.layout import OFF, TOPS
from components.hotspots.surfaces import SHORT_TITLES, TITLES

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
    """What one map shows: a surface by its method, `zones`, `forecast` or `off`; and its period."""

    method: str
    shift: str

    @property
    def is_off(self) -> bool:
        return self.method == OFF


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
        top = str(raw.get("h_top") or "")
        usual = TOP_PLACES if is_of_places(model) else TOP
        fit = str(raw.get("h_fit") or "")
        fits = zones_offered()
        return cls(
            a=_map_choice(raw, "a", {*offered}, first),
            b=_map_choice(raw, "b", {*offered, OFF}, second),
            surface={name: str(raw.get(option) or "") for name, option in _SURFACE.items()},
            model=model,
            rank=next((rank for rank in RANKS if rank == raw.get("h_rank")), RANKS[0]),
            top=int(top) if top.isdigit() and int(top) in TOPS else usual,
            fit=fit if fit in fits else next(iter(fits)),
        )


def methods_offered(spots: HotSpots) -> dict[str, str]:
    """What a map can show, name → title, the default first."""
    surfaces = {name: TITLES[name] for name in METHODS}
    zones = {ZONES: "Zones"} if spots.models else {}
    forecast = {FORECAST: "Hot-spot forecast"} if spots.forecast() else {}
    return {**zones, **surfaces, **forecast}


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


def _map_choice(raw: Mapping[str, Any], which: Which, offered: set[str], default: str) -> MapChoice:
    method, shift = str(raw.get(f"h_{which}") or ""), str(raw.get(f"h_{which}s") or "")
    return MapChoice(method if method in offered else default, shift if shift in SHIFTS else "")
