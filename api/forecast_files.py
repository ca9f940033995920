"""Downloads of the forecast by cell or block, and the shapes of what its map shows."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

import polars as pl
from flask import Response, abort

from analytics.artifacts.catalog import FORECASTS
from analytics.crossfilter.provenance import Provenance
from analytics.crossfilter.selection import Selection
from analytics.errors import InputError, PatrolIQError
from analytics.hotspot_answers import HotSpots, seen_forecast
from analytics.services import Pinned, Services
from analytics.zones.outlook import ChampionForecast
from analytics.zones.unit_forecast import DayPart
from analytics.zones.unit_shapes import shown_geojson, unit_rings
from api.exports import csv_text, download, read_query, selected_incidents
from api.hotspot_files import collection, feature
from api.immutable import keep_for_a_year

OPTIONS = ("forecast", "hours")


def forecast_csv(services: Services) -> Response:
    """All cells or blocks that expect incidents, most expected per size first."""
    asked = read_forecast(services)
    found, part, provenance = asked.found, asked.part, asked.provenance
    head = "" if asked.options.get("plain") else provenance.lines()
    body = [head, csv_text(_rows(found, part), header=True)]
    return download(body, "text/csv", provenance, _file_name(found, part), "csv")


def forecast_geojson(services: Services) -> Response:
    """The same as squares, or as strips along the street."""
    asked = read_forecast(services)
    found, part, provenance = asked.found, asked.part, asked.provenance
    features = [
        feature({"id": row[found.units.key], **row}, shape) for row, shape in asked.shaped_units()
    ]
    body = collection(features, asdict(provenance) | {"forecast": asked.about})
    name = _file_name(found, part)
    return download([body], "application/geo+json", provenance, name, "geojson")


def forecast_units(services: Services, snapshot_id: str, name: str) -> Response:
    """Shapes of the units that a map shows; `id` is the value that selects a unit."""
    try:
        snapshot, pinned = services.find_snapshot(snapshot_id), services.pin()
        home = services.settings.home
        found = seen_forecast(home, name, snapshot.id, pinned) if pinned else None
    except PatrolIQError as error:
        abort(404, services.for_readers(error))
    if found is None:
        abort(404, f"There is no forecast {name[:40]!r}.")
    body = shown_geojson(found.units, snapshot.manifest.crs_local)
    response = Response(body, content_type="application/geo+json")
    keep_for_a_year(response)  # the address has the version and its first day
    return response


@dataclass(frozen=True)
class AskedForecast:
    """The forecast that a query asks for.

    Attributes
    ----------
    part
        Hours of the day; None for all.
    about
        Model, version, days and hours, as plain values.
    """

    pinned: Pinned
    selection: Selection
    found: ChampionForecast
    part: DayPart | None
    about: dict[str, Any]
    provenance: Provenance
    options: dict[str, str]

    def shaped_units(self) -> list[tuple[dict[str, Any], dict[str, Any]]]:
        """Each cell or block with its geometry, most expected per size first."""
        units = self.found.units
        placed = units.table(self.part).sort("top_share")
        rings = unit_rings(placed, units.size_m, self.pinned.snapshot.manifest.crs_local)
        rows = _rows(self.found, self.part).to_dicts()
        shapes = [{"type": "Polygon", "coordinates": [ring]} for ring in rings]
        return [*zip(rows, shapes, strict=True)]


def read_forecast(services: Services) -> AskedForecast:
    """Read `forecast` and `hours` of the query, and the selection.

    Raises
    ------
    InputError
        One is not valid, or there is no such forecast yet.
    """
    pinned, selection, options = read_query(services, OPTIONS)
    model = options.get("forecast", FORECASTS[0])
    if model not in FORECASTS:
        raise InputError(
            f"forecast={model[:40]} is not valid; choose one of {', '.join(FORECASTS)}."
        )
    found = HotSpots(services, pinned, selection).forecast(model)
    if found is None:
        raise InputError(f"There is no {model} of these incidents yet; train one.")
    part = found.units.part_of(options.get("hours", ""))
    about = _about(found, part)
    why = (
        "since these are expected counts of {days} days from {first}, hours {hours}, by "
        "{forecaster}, version {version} of {model}, of {of}"
    ).format(**about)
    provenance = Provenance.of(
        pinned.snapshot,
        selection,
        selected_incidents(pinned, selection),
        rows=found.units.units.height,
        written=0,
        why=why,
    )
    return AskedForecast(pinned, selection, found, part, about, provenance, options)


def _about(found: ChampionForecast, part: DayPart | None) -> dict[str, Any]:
    return {
        "model": found.bundle.name,
        "version": found.bundle.version,
        "unit": found.units.kind.value,
        "first": str(found.first),
        "days": found.days,
        "hours": part.key if part else "0-23",
        "forecaster": found.forecaster,
        "of": found.bundle.selection or "all incidents",
    }


def _rows(found: ChampionForecast, part: DayPart | None) -> pl.DataFrame:
    inner = ("col", "row", "x_m", "y_m", "dx", "dy")
    rows = found.units.table(part).sort("top_share").drop(inner, strict=False)
    return rows.with_columns(pl.selectors.float().round_sig_figs(6))


def _file_name(found: ChampionForecast, part: DayPart | None) -> str:
    name = found.bundle.name.replace("_", "-").replace(".", "-")
    return f"{name}-{found.first}-{part.key.replace(',', '_') if part else 'all-day'}"
