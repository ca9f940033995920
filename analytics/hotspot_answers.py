"""Zones, forecast and surfaces for the Hot spots page, the Overview and exports, with a cache."""

from __future__ import annotations

from typing import Any

from analytics.artifacts.bundle import Bundle
from analytics.artifacts.catalog import ALL, target_of
from analytics.artifacts.checks import current_forecast, forecast_state
from analytics.crossfilter.scope import EVERYTHING
from analytics.crossfilter.selection import Selection
from analytics.errors import InputError
from analytics.hotspots.concentration import (
    Concentration,
    block_counts,
    fit_concentration,
    place_clauses,
)
from analytics.hotspots.surface import Surface, SurfaceQuery, Surfaces
from analytics.lru_cache import LruCache
from analytics.services import Pinned, Services
from analytics.statistics.arrays import Ints
from analytics.zones.edits import Edits, ZoneEdits, replay
from analytics.zones.outlook import (
    FORECAST,
    ChampionForecast,
    Outlook,
    load_forecast,
    outlook_of,
)
from analytics.zones.zone_list import TOP, Rank, ZoneList, list_zones, load_bundle, zone_models

CACHED_RESULTS = 24
PREFERRED = ("zones_dbscan", "zones_kmeans", "zones_hdbscan", "zones_hierarchical")


class HotSpots:
    """Zones, forecast and surfaces of a pinned snapshot."""

    def __init__(self, services: Services, pinned: Pinned) -> None:
        self._home = services.settings.home
        self._pinned = pinned
        self._cache = pinned.get_or_compute("hotspots", lambda: LruCache(CACHED_RESULTS))
        self.edits = ZoneEdits(services.state, services.settings)
        self._without_state = bool(services.state_trouble)
        models = zone_models(pinned.snapshot.manifest)
        self.models = {name: one for name, one in models.items() if target_of(name) == ALL}

    def model(self, requested: str = "") -> str | None:
        """The requested model if the snapshot has its labels, else a preferred one, else None."""
        known = [name for name in PREFERRED if name in self.models]
        known += [name for name in self.models if name not in known]
        return requested if requested in self.models else next(iter(known), None)

    def bundle(self, model: str) -> Bundle:
        """The bundle of the version whose labels the snapshot has.

        Raises
        ------
        InputError
            The snapshot has no labels of this model.
        IntegrityError
            The bundle is damaged, or was written by another version of PatrolIQ.
        """
        if model not in self.models:
            raise InputError(f"This data has no zones by {model[:40]!r}; train them.")
        version = self.models[model]
        return self._cache.get_or_compute(
            ("bundle", model, version), lambda: load_bundle(self._home, model, version)
        )

    def rows(self, model: str) -> list[dict[str, Any]]:
        """The table `zones` of a model's bundle; raises like `bundle`."""
        zones = self.bundle(model)
        return self._cache.get_or_compute(
            ("rows", model, zones.version), lambda: zones.table("zones").to_dicts()
        )

    def forecast(self) -> ChampionForecast | None:
        """The champion's newest forecast for this snapshot, None where there is no champion."""
        state = forecast_state(self._home, FORECAST)
        if state is None:
            return None
        return self._cache.get_or_compute(("forecast", state), self._forecast)

    def _forecast(self) -> ChampionForecast | None:
        made = current_forecast(self._home, FORECAST, self._pinned.id)
        return None if made is None else load_forecast(self._home, made)

    def outlook(self, model: str) -> Outlook:
        """The forecast for the zones of a model and for the added ones."""
        zones, forecast = self.bundle(model), self.forecast()
        added = self._current_edits(zones).added
        key = (
            "outlook",
            model,
            zones.version,
            (forecast.bundle.version, forecast.first) if forecast else None,
            tuple((zone.key, zone.polygon.text) for zone in added),
        )
        return self._cache.get_or_compute(
            key, lambda: outlook_of(forecast, zones, added, self._pinned.reader)
        )

    def list_zones(
        self, model: str, selection: Selection, *, rank: Rank = "incidents", top: int = TOP
    ) -> ZoneList:
        """The list of zones; raises like `bundle`."""
        zones = self.bundle(model)
        edits = self._current_edits(zones)
        return list_zones(
            zones,
            self._pinned.crossfilter,
            selection,
            edits,
            self.outlook(model),
            rows=self.rows(model),
            rank=rank,
            top=top,
        )

    def _current_edits(self, zones: Bundle) -> Edits:
        """Edits of a version; none where the state database is lost, which the page reports."""
        if self._without_state:
            return replay([], zones.version)
        return self.edits.of(zones.name, zones.version)

    def concentration(self, selection: Selection) -> Concentration:
        """Concentration of the selection's incidents over blocks.

        Raises
        ------
        InputError
            No incident of the selection is on a known block.
        """
        cache = self._pinned.get_or_compute("blocks", lambda: LruCache(CACHED_RESULTS))

        def counts_of(chosen: Selection) -> Ints:
            reader = self._pinned.reader
            return cache.get_or_compute(
                chosen.text, lambda: block_counts(reader, EVERYTHING, chosen)
            )

        known = len(counts_of(place_clauses(selection)))
        return fit_concentration(counts_of(selection), places=known)

    def surface(self, selection: Selection, query: SurfaceQuery) -> Surface:
        """A surface of the selection; raises like `Surfaces.of`."""
        pinned = self._pinned
        surfaces = pinned.get_or_compute(
            "surfaces", lambda: Surfaces(pinned.reader, pinned.crossfilter)
        )
        return surfaces.of(selection, query)
