"""Zones, forecast and surfaces for the Hot spots page, the Overview and exports, with a cache."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import cached_property
from pathlib import Path
from typing import Any

import polars as pl

from analytics.artifacts.bundle import Bundle
from analytics.artifacts.catalog import FORECASTS, model_of, pair_name, target_of
from analytics.artifacts.champion_checks import current_forecast, forecast_state
from analytics.artifacts.index import read_index
from analytics.artifacts.targets import ALL_INCIDENTS, ModelTarget, ShownTarget
from analytics.crossfilter.dimensions import PLACE
from analytics.crossfilter.scope import EVERYTHING
from analytics.crossfilter.selection import EMPTY, Selection
from analytics.crossfilter.views import view
from analytics.errors import InputError
from analytics.hotspots.concentration import (
    Concentration,
    block_counts,
    fit_concentration,
    has_blocks,
    place_clauses,
)
from analytics.hotspots.surface import Surface, SurfaceQuery, Surfaces
from analytics.incidents.model import AREA_LEVELS
from analytics.lru_cache import LruCache
from analytics.services import Pinned, Services
from analytics.statistics.arrays import Ints
from analytics.zones.edits import AddedZone, Edits, ZoneEdits, replay
from analytics.zones.outlook import (
    FORECAST,
    ChampionForecast,
    Outlook,
    load_forecast,
    outlook_of,
)
from analytics.zones.part_expected import PartCounts, part_outlook
from analytics.zones.unit_forecast import DayPart
from analytics.zones.zone_list import (
    PREFIX,
    TOP,
    Rank,
    ZoneList,
    count_by_zone,
    count_inside,
    list_zones,
    load_bundle,
    preferred_zones,
    zone_models,
)

CACHED_RESULTS = 24


def seen_forecast(
    home: Path, name: str, snapshot_id: str, pinned: Pinned
) -> ChampionForecast | None:
    """The newest forecast of a pair for a snapshot, as the reader of the pinned one sees it."""
    made = current_forecast(home, name, snapshot_id)
    if made is None:
        return None
    return load_forecast(home, replace(made, cells=pinned.of_seen_blocks(made.cells)))


class HotSpots:
    """Zones, forecast and surfaces of a pinned snapshot.

    Zones and forecast are of the narrowest target with a champion that contains the selection, or
    of the one that is given.

    Attributes
    ----------
    named, target
        The narrowest target of the selection, and that of the zones.
    models
        Version by name of the pair, of the zones of `target`.
    """

    def __init__(
        self,
        services: Services,
        pinned: Pinned,
        selection: Selection = EMPTY,
        *,
        target: ModelTarget | None = None,
    ) -> None:
        self._home = services.settings.home
        self._pinned = pinned
        self._cache = pinned.get_or_compute("hotspots", lambda: LruCache(CACHED_RESULTS))
        self.edits = ZoneEdits(services.state, services.settings)
        self._without_state = bool(services.state_trouble)
        self._targets = (target,) if target else pinned.targets_of(selection)
        self.named = self._targets[0]
        models = zone_models(pinned.snapshot.manifest)
        labeled = {target_of(name) for name in models}
        in_use = (one for one in self._targets if one.name in labeled)
        self.target = target or next(in_use, ALL_INCIDENTS)
        self.models = {
            name: version for name, version in models.items() if target_of(name) == self.target.name
        }

    @cached_property
    def trained(self) -> list[dict[str, Any]]:
        """All versions of zones, of all targets, newest first: rows of the registry's index."""
        rows = read_index(self._home)["versions"]
        return [row for row in rows if row["name"].startswith(PREFIX)]

    @property
    def targets(self) -> Mapping[str, ModelTarget]:
        """Targets that the data offers, by name."""
        return self._pinned.targets.offered

    def trained_target(self, model: str) -> ModelTarget:
        """The narrowest target of the selection with versions of this model."""
        known = {target_of(row["name"]) for row in self.trained if model_of(row["name"]) == model}
        return next((one for one in self._targets if one.name in known), ALL_INCIDENTS)

    def version(self, name: str, version: int) -> Bundle:
        """Any version of zones, in use or not; raises like `load_bundle`."""
        return self._cache.get_or_compute(
            ("bundle", name, version), lambda: load_bundle(self._home, name, version)
        )

    def model(self, requested: str = "") -> str | None:
        """Pair of the requested model if the snapshot has its labels, else of a preferred one.

        None if the snapshot has no zones.
        """
        return preferred_zones(self.models, self.target.name, requested)

    def shown_target(self, selection: Selection) -> ShownTarget:
        """The target of the zones, and which share of it the selection is."""
        dates = [item for item in selection.items if item[0] == "date"]
        whole = Selection((*self.target.selection.items, *dates))
        chosen, every = (self._total(one) for one in (selection.without(PLACE), whole))
        return ShownTarget(self.target, self.named, chosen / every if every else None)

    def _total(self, selection: Selection) -> int:
        found = self._pinned.crossfilter.counts(EVERYTHING, selection, [view("total")])
        return int(found["total"]["incidents"].sum())

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
        return self.version(model, self.models[model])

    def rows(self, model: str) -> list[dict[str, Any]]:
        """The table `zones` of a model's bundle; raises like `bundle`."""
        zones = self.bundle(model)
        return self._cache.get_or_compute(
            ("rows", model, zones.version), lambda: zones.table("zones").to_dicts()
        )

    def forecast(self, model: str = FORECAST) -> ChampionForecast | None:
        """The newest forecast for this snapshot, of the narrowest target with a champion.

        None if there is no champion.
        """
        found = (self.forecast_of(target, model) for target in self._targets)
        return next((one for one in found if one is not None), None)

    @property
    def forecasts(self) -> dict[str, ChampionForecast]:
        """The forecasts by model: of cells, and of blocks of street."""
        found = {model: self.forecast(model) for model in FORECASTS}
        return {model: one for model, one in found.items() if one is not None}

    def forecast_table(self, forecast: ChampionForecast, part: DayPart | None) -> pl.DataFrame:
        """`UnitForecast.table` of the units that a map shows; `forecast` is of this page."""
        key = ("units", forecast.bundle.name, forecast.bundle.version, forecast.first, part)
        return self._cache.get_or_compute(key, lambda: forecast.units.table(part, shown=True))

    def forecast_of(self, target: ModelTarget, model: str = FORECAST) -> ChampionForecast | None:
        """The newest forecast of a target's champion, None where there is no champion."""
        name = pair_name(model, target.name)
        state = forecast_state(self._home, name)
        if state is None:
            return None
        return self._cache.get_or_compute(("forecast", name, state), lambda: self._forecast(name))

    def _forecast(self, name: str) -> ChampionForecast | None:
        return seen_forecast(self._home, name, self._pinned.id, self._pinned)

    def outlook(self, model: str) -> Outlook:
        """The forecast of the target for the zones of a model and for the added ones."""
        zones, forecast = self.bundle(model), self.forecast_of(self.target)
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
        outlook = self._outlook_of_part(model, selection, edits.added)
        period = selection.period(self._pinned.snapshot.manifest)
        return list_zones(
            zones,
            self._pinned.crossfilter,
            selection,
            edits,
            outlook,
            rows=self.rows(model),
            days=(period[1] - period[0]).days + 1 if period else 0,
            rank=rank,
            top=top,
        )

    def _outlook_of_part(
        self, model: str, selection: Selection, added: Sequence[AddedZone]
    ) -> Outlook:
        """The forecast of the selection's part of the target, its dates left out.

        The target's where the forecast is not of the whole target.
        """
        outlook, forecast = self.outlook(model), self.forecast_of(self.target)
        target = self.target.selection
        if forecast is None or not self._pinned.is_of(forecast.bundle.selection, target):
            return outlook
        part = selection.without({*PLACE, "date"})
        inside = target
        for name, clause in part.items:
            inside = inside.replace(name, clause) if name in AREA_LEVELS else inside
        nested = (target, inside, part)
        crossfilter = self._pinned.crossfilter
        zones = [count_by_zone(crossfilter, one, model) for one in nested]
        counts = {
            key: PartCounts(*(found.get(key, (0, 0))[0] for found in zones)) for key in zones[0]
        }
        for drawn in added:
            inside_it = (count_inside(crossfilter, one, drawn.polygon)[0] for one in nested)
            counts[drawn.key] = PartCounts(*inside_it)
        whole = PartCounts(*(sum(number for number, _ in found.values()) for found in zones))
        return part_outlook(outlook, counts, whole)

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

    @property
    def by_block(self) -> bool:
        """Whether the concentration is over blocks rather than over single points."""
        reader = self._pinned.reader
        return self._pinned.get_or_compute("has_blocks", lambda: has_blocks(reader))

    def surface(self, selection: Selection, query: SurfaceQuery) -> Surface:
        """A surface of the selection; raises like `Surfaces.of`."""
        pinned = self._pinned
        surfaces = pinned.get_or_compute(
            "surfaces", lambda: Surfaces(pinned.reader, pinned.crossfilter)
        )
        return surfaces.of(selection, query)
