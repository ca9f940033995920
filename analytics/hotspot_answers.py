"""Answers for the Hot spots page and its exports, cached for one snapshot."""

from __future__ import annotations

from typing import Any

from analytics.artifacts.bundle import Bundle
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
from analytics.hotspots.surface import Asked, Surface, Surfaces
from analytics.lru_cache import LruCache
from analytics.services import Pinned, Services
from analytics.statistics.arrays import Ints
from analytics.zones.edits import Edits, ZoneEdits, replay
from analytics.zones.outlook import (
    FORECAST,
    Forecast,
    Outlook,
    load_forecast,
    outlook,
)
from analytics.zones.zone_list import TOP, Board, Rank, board, load_bundle, methods_of

MOST_RESULTS = 24
PREFERRED = ("zones_dbscan", "zones_kmeans", "zones_hdbscan", "zones_hierarchical")


class HotSpots:
    """Zones, forecast and surfaces of a pinned snapshot."""

    def __init__(self, services: Services, pinned: Pinned) -> None:
        self._home = services.settings.home
        self._pinned = pinned
        self._results = pinned.get_or_compute("hotspots", lambda: LruCache(MOST_RESULTS))
        self.edits = ZoneEdits(services.state, services.settings)
        self._without_state = bool(services.state_trouble)
        self.models = methods_of(pinned.snapshot.manifest)

    def model(self, asked: str = "") -> str | None:
        """The requested model if the snapshot has its labels, else a preferred one, else None."""
        known = [name for name in PREFERRED if name in self.models]
        known += [name for name in self.models if name not in known]
        return asked if asked in self.models else next(iter(known), None)

    def bundle(self, model: str) -> Bundle:
        """The bundle of the version whose labels the snapshot has.

        Raises
        ------
        InputError
            The snapshot has no labels of this model.
        IntegrityError
            The files are damaged, or from an older version of PatrolIQ.
        """
        if model not in self.models:
            raise InputError(f"This data has no zones of {model[:40]!r}; train them.")
        version = self.models[model]
        return self._results.get_or_compute(
            ("bundle", model, version), lambda: load_bundle(self._home, model, version)
        )

    def rows(self, model: str) -> list[dict[str, Any]]:
        """The table `zones` of a model's bundle; raises like `bundle`."""
        zones = self.bundle(model)
        return self._results.get_or_compute(
            ("rows", model, zones.version), lambda: zones.table("zones").to_dicts()
        )

    def forecast(self) -> Forecast | None:
        """The champion's newest forecast for this snapshot; None without a champion."""
        state = forecast_state(self._home, FORECAST)
        if state is None:
            return None
        return self._results.get_or_compute(("forecast", state), self._forecast)

    def _forecast(self) -> Forecast | None:
        made = current_forecast(self._home, FORECAST, self._pinned.id)
        return None if made is None else load_forecast(self._home, made)

    def outlook(self, model: str) -> Outlook:
        """Expected counts in a model's zones and in added ones."""
        zones, forecast = self.bundle(model), self.forecast()
        added = self._standing(zones).added
        key = (
            "outlook",
            model,
            zones.version,
            (forecast.bundle.version, forecast.first) if forecast else None,
            tuple((zone.key, zone.polygon.text) for zone in added),
        )
        return self._results.get_or_compute(
            key, lambda: outlook(forecast, zones, added, self._pinned.reader)
        )

    def board(
        self, model: str, selection: Selection, *, rank: Rank = "incidents", top: int = TOP
    ) -> Board:
        """The list of zones; raises like `bundle`."""
        zones = self.bundle(model)
        edits = self._standing(zones)
        return board(
            zones,
            self._pinned.crossfilter,
            selection,
            edits,
            self.outlook(model),
            rows=self.rows(model),
            rank=rank,
            top=top,
        )

    def _standing(self, zones: Bundle) -> Edits:
        """Edits of a version; none if the state database was lost, which the page reports."""
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
        kept = self._pinned.get_or_compute("blocks", lambda: LruCache(MOST_RESULTS))

        def counted(chosen: Selection) -> Ints:
            reader = self._pinned.reader
            return kept.get_or_compute(
                chosen.text, lambda: block_counts(reader, EVERYTHING, chosen)
            )

        known = len(counted(place_clauses(selection)))
        return fit_concentration(counted(selection), places=known)

    def surface(self, selection: Selection, asked: Asked) -> Surface:
        """A surface of the selection; raises like `Surfaces.of`."""
        pinned = self._pinned
        made = pinned.get_or_compute(
            "surfaces", lambda: Surfaces(pinned.reader, pinned.crossfilter)
        )
        return made.of(selection, asked)
