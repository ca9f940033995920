"""Downloads of the Hot spots page: zones and surfaces with their provenance."""

from __future__ import annotations

import json
import re
from dataclasses import asdict
from typing import Any

import polars as pl
from flask import Response, abort

from analytics.crossfilter.clauses import label_key
from analytics.crossfilter.dimensions import PLACE
from analytics.crossfilter.map_cells import cell_rings
from analytics.crossfilter.provenance import Provenance, left_out
from analytics.crossfilter.scope import Scope
from analytics.crossfilter.selection import EMPTY, Selection
from analytics.crossfilter.views import View, view
from analytics.errors import InputError, UnavailableError
from analytics.hotspot_answers import HotSpots
from analytics.hotspots.denominators import RESIDENTS
from analytics.hotspots.surface import Surface
from analytics.hotspots.surface_options import (
    SURFACE_OPTIONS,
    period_of,
    require_possible,
    surface_query,
)
from analytics.services import Pinned, Services
from analytics.whole_number import whole_number
from analytics.zones.zone_list import (
    MOST_TOP,
    PREFIX,
    RANKS,
    Zone,
    ZoneList,
    load_bundle,
    zones_frame,
)
from api.exports import csv_text, download, read_query, selected_incidents
from api.immutable import keep_for_a_year

OPTIONS = ("model", "rank", "top", *SURFACE_OPTIONS)


def zones_csv(services: Services) -> Response:
    """The list of zones with the counts of the selection."""
    pinned, selection, options = read_query(services, OPTIONS)
    listed = list_zones(services, pinned, selection, options)
    rows = zones_with_selected(pinned, selection, listed)
    provenance = _zones_provenance(pinned, selection, rows)
    head = "" if options.get("plain") else provenance.lines()
    body = [head, csv_text(rows, header=True)]
    return download(body, "text/csv", provenance, _file_name(listed), "csv")


def zones_geojson(services: Services) -> Response:
    """The same zones with their outlines."""
    pinned, selection, options = read_query(services, OPTIONS)
    listed = list_zones(services, pinned, selection, options)
    rows = zones_with_selected(pinned, selection, listed)
    provenance = _zones_provenance(pinned, selection, rows)
    shapes = zone_shapes(services, pinned, selection, listed)
    features = [feature(row, shape) for row, shape in zip(rows.to_dicts(), shapes, strict=True)]
    more = {"model": listed.model, "version": listed.version, "trained": listed.trained}
    body = collection(features, asdict(provenance) | more | {"expected": listed.outlook.about})
    return download([body], "application/geo+json", provenance, _file_name(listed), "geojson")


def surface_csv(services: Services) -> Response:
    """A surface, one row per cell."""
    _, made, provenance, options = _surface(services)
    head = "" if options.get("plain") else provenance.lines()
    body = [head, csv_text(_rows(made), header=True)]
    return download(body, "text/csv", provenance, _surface_file_name(made), "csv")


def surface_geojson(services: Services) -> Response:
    """The same cells as squares."""
    pinned, made, provenance, _ = _surface(services)
    grid = made.grid
    cells = pl.DataFrame({"cell_column": grid.columns, "cell_row": grid.rows})
    rings = cell_rings(cells, grid.size_m, pinned.snapshot.manifest.crs_local)
    features = [
        feature({"id": row["cell"], **row}, {"type": "Polygon", "coordinates": [ring]})
        for row, ring in zip(_rows(made).to_dicts(), rings, strict=True)
    ]
    more = {"method": asdict(made.query), "details": asdict(made.details)}
    body = collection(features, asdict(provenance) | more)
    return download([body], "application/geo+json", provenance, _surface_file_name(made), "geojson")


def zone_outlines(services: Services, model: str, version: int) -> Response:
    """Outlines of a version's zones for the map; `id` is the value that selects a zone."""
    services.pin()  # says which stored results the reader sees
    try:
        bundle = load_bundle(services.settings.home, model, version)
    except InputError as error:
        abort(404, services.for_readers(error))
    names = {str(row["label"]): row["name"] for row in bundle.table("zones").to_dicts()}
    features = [
        feature(
            {
                "id": label_key(model, version, one["properties"]["id"]),
                "called": names[one["properties"]["id"]],
            },
            one["geometry"],
        )
        for one in (bundle.geojson or {"features": []})["features"]
    ]
    body = json.dumps({"type": "FeatureCollection", "features": features}, separators=(",", ":"))
    response = Response(body, content_type="application/geo+json")
    keep_for_a_year(response)  # the address has the version and its time
    return response


def zone_shapes(
    services: Services, pinned: Pinned, selection: Selection, listed: ZoneList
) -> list[Any]:
    """The outline of each zone of a list as a geometry of GeoJSON; None without one."""
    bundle = HotSpots(services, pinned, selection).bundle(listed.model)
    outlines = bundle.geojson or {"features": []}
    shapes = {one["properties"]["id"]: one["geometry"] for one in outlines["features"]}
    return [_shape(zone, shapes) for zone in listed.zones]


def list_zones(
    services: Services, pinned: Pinned, selection: Selection, options: dict[str, str]
) -> ZoneList:
    """The zones that a query asks for, as the Hot spots page lists them.

    Raises
    ------
    InputError
        An option is not valid, or there are no zones yet.
    UnavailableError
        What analysts changed cannot be read.
    """
    if services.state_trouble:  # the file would silently lack what analysts changed
        raise UnavailableError(services.state_trouble)
    spots = HotSpots(services, pinned, selection)
    model = spots.model(options.get("model", ""))
    if model is None:
        raise InputError("No zones yet; train them on the Hot spots page.")
    wanted, top = options.get("rank", RANKS[0]), options.get("top", str(MOST_TOP))
    rank = next((one for one in RANKS if one == wanted), None)
    if rank is None:
        raise InputError(f"rank={wanted[:40]} is not valid; choose one of {', '.join(RANKS)}.")
    most = whole_number(top)
    if most is None:
        raise InputError(f"top={top[:40]} is not valid; choose a whole number.")
    return spots.list_zones(model, selection, rank=rank, top=most)


def zones_with_selected(pinned: Pinned, selection: Selection, listed: ZoneList) -> pl.DataFrame:
    """The list, whose counts ignore filters on place, with `selected`: what passes all filters."""
    shown = view(f"zone:{listed.model.removeprefix(PREFIX)}")
    scope = Scope(selection)
    counts = pinned.crossfilter.counts(scope, EMPTY, [shown])[shown.name]
    known = dict(counts.select("zone", "incidents").iter_rows())
    selected = []
    for zone in listed.zones:
        dimension, key = zone.clause
        if zone.added is None:
            selected.append(known.get(key, 0))
            continue
        inside = Selection.parse(f"{dimension}={key}")
        total = pinned.crossfilter.counts(scope, inside, [view("total")])["total"]
        selected.append(int(total["incidents"].sum()))
    rows = zones_frame(listed)
    place = rows.get_column_index("incidents") + 1
    return rows.insert_column(place, pl.Series("selected", selected, pl.Int64))


def _zones_provenance(pinned: Pinned, selection: Selection, rows: pl.DataFrame) -> Provenance:
    chosen = selected_incidents(pinned, selection)
    written, selected = (int(rows[name].sum()) for name in ("incidents", "selected"))
    zones = View("zones", ("zone",), PLACE)
    reasons = [left_out(selection, zones, pinned.vocabulary.labels)]
    if rows["added"].any():
        reasons.append(
            "an incident may be in several of them, since added zones overlap the others"
        )
    elif not reasons[0] and written != chosen:
        reasons.append("those of the listed zones; the others are in none of them")
    return Provenance.of(
        pinned.snapshot,
        selection,
        chosen,
        rows=rows.height,
        written=written,
        selected=selected,
        why="; ".join(filter(None, reasons)),
    )


def _surface(services: Services) -> tuple[Pinned, Surface, Provenance, dict[str, str]]:
    pinned, selection, options = read_query(services, OPTIONS)
    require_possible(options)
    shown = period_of(selection, pinned.snapshot.manifest, options.get("moved", ""))
    made = HotSpots(services, pinned).surface(shown, surface_query(options))
    reasons = [left_out(selection, View("cells", ("cell",), PLACE), pinned.vocabulary.labels)]
    for number, where in (
        (made.without_place, "without a place"),
        (made.at_default_addresses, "at default addresses"),
    ):
        reasons.append(f"{number:,} {where} are in no cell" if number else "")
    provenance = Provenance.of(
        pinned.snapshot,
        made.selection,
        selected_incidents(pinned, made.selection),
        rows=len(made.values),
        written=made.incidents,
        why="; ".join(filter(None, reasons)),
    )
    return pinned, made, provenance, options


def _rows(made: Surface) -> pl.DataFrame:
    """NaN becomes an empty field, since JSON has no NaN."""
    floats = pl.selectors.float()
    return made.frame().with_columns(floats.fill_nan(None).round_sig_figs(6))


def _shape(zone: Zone, shapes: dict[str, Any]) -> Any:
    if zone.added is None:
        return shapes.get(zone.key)
    corners = [tuple(map(float, corner.split(","))) for corner in zone.clause[1].split(";")]
    ring = [[lon, lat] for lat, lon in (*corners, corners[0])]
    return {"type": "Polygon", "coordinates": [ring]}


def feature(properties: dict[str, Any], geometry: Any) -> dict[str, Any]:
    """A feature of GeoJSON."""
    return {"type": "Feature", "properties": properties, "geometry": geometry}


def collection(features: list[dict[str, Any]], patroliq: dict[str, Any]) -> str:
    """A collection as text, with its provenance in the member `patroliq`; dates as ISO 8601."""
    found = {"type": "FeatureCollection", "patroliq": patroliq, "features": features}
    return json.dumps(found, separators=(",", ":"), ensure_ascii=False, default=str)


def _file_name(listed: ZoneList) -> str:
    return f"{re.sub('[_.]', '-', listed.model)}-{listed.version}"


def _surface_file_name(made: Surface) -> str:
    against = f"-{RESIDENTS}" if made.query.per_resident else ""
    return f"surface-{made.query.method.replace('_', '-')}{against}-{made.query.size_m}"
