"""The list of zones: a champion's stored zones with counts of the current selection.

Names, peak hours, types, trend and contrast are from training (bundle table `zones`). Incidents
and harm are counted by the cross-filter. Expected incidents come from the champion forecast.
Nothing here fits a model.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

import polars as pl

from analytics.artifacts.bundle import Bundle, version_folder
from analytics.artifacts.catalog import PLACES, is_of_places, model_of, pair_name
from analytics.crossfilter.clauses import NONE, Polygon, label_key
from analytics.crossfilter.crossfilter import CrossFilter
from analytics.crossfilter.dimensions import PLACE
from analytics.crossfilter.scope import EVERYTHING
from analytics.crossfilter.selection import Selection
from analytics.crossfilter.views import view
from analytics.errors import InputError
from analytics.formats import percent
from analytics.incidents.manifest import Manifest
from analytics.incidents.model import UNKNOWN
from analytics.zones.edits import AddedZone, Edit, Edits
from analytics.zones.outlook import Outlook, ZoneForecast
from analytics.zones.profile_table import CONTRAST, EXPECTED, LEVEL, SCHEMA, trend_of

PREFIX = "zones_"
TOP = 20
MOST_TOP = 100
Rank = Literal["incidents", "harm", "density"]
RANKS: tuple[Rank, ...] = ("incidents", "harm", "density")
PREFERRED = (
    *PLACES,
    "zones_dbscan",
    "zones_kmeans",
    "zones_hdbscan",
    "zones_hierarchical",
)


@dataclass(frozen=True, eq=False)
class Zone:
    """One zone of the list.

    Attributes
    ----------
    key : label of the zone, or `added-<number>`
    clause : dimension and value of the filter that selects it
    profile : row of the bundle's table, empty for an added zone
    incidents, harm : of the current selection, filters on place left out
    forecast : expected incidents, None where there is no forecast
    renamed, added : the edit that renamed or added it, if any
    """

    key: str
    name: str
    clause: tuple[str, str]
    profile: Mapping[str, Any] = field(repr=False)
    km2: float
    incidents: int
    harm: int
    forecast: ZoneForecast | None = None
    renamed: Edit | None = None
    added: Edit | None = None

    @property
    def street_km(self) -> float | None:
        """Street length of a place of blocks; None for other zones."""
        return self.profile.get("street_km")

    @property
    def density(self) -> float:
        """Incidents per km² of the current selection."""
        return self.incidents / self.km2 if self.km2 > 0 else 0.0

    @property
    def handle(self) -> str:
        """How forms name the zone; a fitted one with its version, since labels change with it."""
        return self.key if self.added else self.clause[1]


@dataclass(frozen=True, eq=False)
class ZoneList:
    """The list and its totals.

    Attributes
    ----------
    zones : the first of all zones, by rank
    all_zones : all of them, by rank
    hidden : suppressed zones, each with the edit that suppressed it
    total : number of all zones, suppressed ones not counted
    days : days of the selection's period
    outside : incidents of the selection in no zone of the champion
    without_place : incidents of the selection without a place
    outlook : the forecast by zone, or why there is none
    """

    model: str
    version: int
    trained: str
    selection: str
    zones: tuple[Zone, ...]
    all_zones: tuple[Zone, ...] = field(repr=False)
    hidden: tuple[tuple[Zone, Edit], ...]
    total: int
    days: int
    incidents: int
    outside: int
    without_place: int
    outlook: Outlook
    edits: Edits

    @property
    def of_places(self) -> bool:
        """Whether the zones are patrol-sized places."""
        return is_of_places(self.model)

    def weekly(self, zone: Zone) -> float:
        """Incidents a week of a zone in the selection's period."""
        return 7 * zone.incidents / max(self.days, 1)

    def share(self, zones: Sequence[Zone]) -> float:
        """Share of the selection's incidents in some zones."""
        return sum(zone.incidents for zone in zones) / max(self.incidents, 1)

    @property
    def inside(self) -> int:
        """Incidents of the selection in zones of the champion."""
        return self.incidents - self.outside - self.without_place


def zone_models(manifest: Manifest) -> dict[str, int]:
    """Version by name of the zones whose labels a snapshot has, of all targets."""
    return {
        name: int(version)
        for name, version in manifest.model_versions.items()
        if name.startswith(PREFIX)
    }


def preferred_zones(models: Collection[str], target: str, requested: str = "") -> str | None:
    """Pair of the requested model if it is among those of a target, else of a preferred one.

    None if there are none.
    """
    wanted = [pair_name(model_of(name), target) for name in (requested, *PREFERRED)]
    return next((name for name in (*wanted, *models) if name in models), None)


def load_bundle(home: Path, model: str, version: int) -> Bundle:
    """The bundle of a version of zones.

    Raises
    ------
    IntegrityError
        It is damaged, or was written by another version of PatrolIQ.
    """
    return Bundle.load(version_folder(home, model, version))


def count_by_zone(
    crossfilter: CrossFilter, selection: Selection, model: str
) -> dict[str, tuple[int, int]]:
    """Incidents and harm by label, also for `none` and `unknown`; filters on place left out.

    Raises
    ------
    InputError
        The snapshot has no labels of this model.
    """
    shown = view(f"zone:{model.removeprefix(PREFIX)}")
    frame = crossfilter.counts(EVERYTHING, selection.without(PLACE), [shown])[shown.name]
    rows = frame.select(pl.col("zone").cast(pl.String), "incidents", "harm").iter_rows()
    return {
        (UNKNOWN if word == UNKNOWN else word.partition(":")[2]): (incidents, harm)
        for word, incidents, harm in rows
    }


def list_zones(
    bundle: Bundle,
    crossfilter: CrossFilter,
    selection: Selection,
    edits: Edits,
    outlook: Outlook,
    *,
    rows: Sequence[Mapping[str, Any]],
    days: int,
    rank: Rank = "incidents",
    top: int = TOP,
) -> ZoneList:
    """The list for a selection.

    Parameters
    ----------
    rows
        The bundle's table `zones`.
    days
        Days of the selection's period.

    Raises
    ------
    InputError
        The rank does not exist, or the snapshot has no labels of this model.
    """
    if rank not in RANKS:
        raise InputError(f"Zones are not ranked by {rank!r}; choose one of {', '.join(RANKS)}.")
    counts = count_by_zone(crossfilter, selection, bundle.name)
    fitted = [
        _fitted(bundle, row, counts.get(str(row["label"]), (0, 0)), edits, outlook) for row in rows
    ]
    added = [_added(zone, crossfilter, selection, outlook) for zone in edits.added]
    shown = [zone for zone in fitted if zone.key not in edits.suppressed] + added
    ordered = sorted(shown, key=lambda zone: -getattr(zone, rank))
    hidden = [zone for zone in fitted if zone.key in edits.suppressed]
    return ZoneList(
        model=bundle.name,
        version=bundle.version,
        trained=bundle.trained,
        selection=bundle.selection,
        zones=tuple(ordered[: min(top, MOST_TOP)]),
        all_zones=tuple(ordered),
        hidden=tuple((zone, edits.suppressed[zone.key]) for zone in hidden),
        total=len(shown),
        days=days,
        incidents=sum(incidents for incidents, _ in counts.values()),
        outside=counts.get(NONE, (0, 0))[0],
        without_place=counts.get(UNKNOWN, (0, 0))[0],
        outlook=outlook,
        edits=edits,
    )


def _fitted(
    bundle: Bundle,
    row: Mapping[str, Any],
    counted: tuple[int, int],
    edits: Edits,
    outlook: Outlook,
) -> Zone:
    key = str(row["label"])
    renamed = edits.names.get(key)
    return Zone(
        key=key,
        name=renamed.name if renamed else row["name"],
        clause=("zone", label_key(bundle.name, bundle.version, key)),
        profile=row,
        km2=row["km2"],
        incidents=counted[0],
        harm=counted[1],
        forecast=outlook.of(key),
        renamed=renamed,
    )


def _added(
    zone: AddedZone, crossfilter: CrossFilter, selection: Selection, outlook: Outlook
) -> Zone:
    incidents, harm = count_inside(crossfilter, selection, zone.polygon)
    return Zone(
        key=zone.key,
        name=zone.name,
        clause=("polygon", zone.polygon.text),
        profile={},
        km2=outlook.km2.get(zone.key, 0.0),
        incidents=incidents,
        harm=harm,
        forecast=outlook.of(zone.key),
        added=zone.edit,
    )


def count_inside(
    crossfilter: CrossFilter, selection: Selection, polygon: Polygon
) -> tuple[int, int]:
    """Incidents and harm in a drawn area; other filters on place left out."""
    inside = selection.without(PLACE).replace("polygon", polygon)
    total = crossfilter.counts(EVERYTHING, inside, [view("total")])["total"]
    return int(total["incidents"].sum()), int(total["harm"].sum())


def zones_frame(listed: ZoneList) -> pl.DataFrame:
    """The shown zones as a table for exports."""
    rows = [_as_row(number, zone, listed) for number, zone in enumerate(listed.zones, 1)]
    return pl.DataFrame(rows, _COLUMNS)


_COLUMNS: dict[str, pl.DataType | type[pl.DataType]] = {
    "rank": pl.Int64,
    "zone": pl.String,
    "name": pl.String,
    "incidents": pl.Int64,
    "harm_days": pl.Int64,
    "incidents_a_week": pl.Float64,
    "share_of_all": pl.Float64,
    "km2": pl.Float64,
    "street_km": pl.Float64,
    "peak_from_hour": pl.Int64,
    "peak_to_hour": pl.Int64,
    "main_types": pl.String,
    "trend_change": pl.Float64,
    **{name: SCHEMA[name] for name in EXPECTED},
    "trend": pl.String,
    **{name: SCHEMA[name] for name in LEVEL},
    **{name: SCHEMA[name] for name in CONTRAST},
    "expected": pl.Float64,
    "expected_low": pl.Float64,
    "expected_high": pl.Float64,
    "added": pl.Boolean,
    "renamed": pl.Boolean,
}


def _as_row(number: int, zone: Zone, listed: ZoneList) -> dict[str, Any]:
    row, forecast = zone.profile, zone.forecast
    last = row.get("peak_last")
    return {
        "rank": number,
        "zone": f"{zone.clause[0]}={zone.clause[1]}",
        "name": zone.name,
        "incidents": zone.incidents,
        "harm_days": zone.harm,
        "incidents_a_week": round(listed.weekly(zone), 2),
        "share_of_all": round(listed.share([zone]), 5),
        "km2": round(zone.km2, 4),
        "street_km": None if zone.street_km is None else round(zone.street_km, 3),
        "peak_from_hour": row.get("peak_first"),
        "peak_to_hour": None if last is None else (last + 1) % 24,
        "main_types": "; ".join(
            f"{one['type']} {percent(one['share'], 0)}" for one in row.get("types", ())
        ),
        "trend_change": row.get("trend_change"),
        **{name: row.get(name) for name in EXPECTED},
        "trend": trend_of(row),
        **{name: row.get(name) for name in LEVEL},
        **{name: row.get(name) for name in CONTRAST},
        "expected": None if forecast is None else round(forecast.expected, 2),
        "expected_low": None if forecast is None else forecast.low,
        "expected_high": None if forecast is None else forecast.high,
        "added": zone.added is not None,
        "renamed": zone.renamed is not None,
    }
