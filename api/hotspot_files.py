"""Downloads of the Hot spots page: zones and surfaces, each saying where it is from."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import Any

import polars as pl
from flask import Response, abort

from analytics.crossfilter.clauses import label_key
from analytics.crossfilter.fishnet import cell_rings
from analytics.crossfilter.provenance import Provenance
from analytics.crossfilter.selection import Selection
from analytics.errors import InputError
from analytics.hotspots.against import RESIDENTS
from analytics.hotspots.board import MOST_TOP, RANKS, Board, Zone, load_bundle, zones_frame
from analytics.hotspots.serving import HotSpots
from analytics.hotspots.surface import Asked, Surface
from analytics.hotspots.surface_options import SURFACE_OPTIONS, asked_of, period_of
from analytics.services import Pinned, Services
from api.exports import asked, csv, download
from api.geometry import A_YEAR_S

OPTIONS = ("model", "rank", "top", "shift", *SURFACE_OPTIONS)


def zones_csv(services: Services) -> Response:
    """The list of zones with the counts of the selection."""
    pinned, selection, options = asked(services, OPTIONS)
    listed = _board(services, pinned, selection, options)
    facts = Provenance.of(pinned.snapshot, selection, listed.incidents)
    head = "" if options.get("plain") else facts.lines()
    body = [head, csv(zones_frame(listed.zones), header=True)]
    return download(body, "text/csv", facts, _what(listed), "csv")


def zones_geojson(services: Services) -> Response:
    """The same zones with their outlines."""
    pinned, selection, options = asked(services, OPTIONS)
    listed = _board(services, pinned, selection, options)
    outlines = HotSpots(services, pinned).bundle(listed.model).geojson or {"features": []}
    shapes = {one["properties"]["id"]: one["geometry"] for one in outlines["features"]}
    facts = Provenance.of(pinned.snapshot, selection, listed.incidents)
    rows = zones_frame(listed.zones).to_dicts()
    features = [
        _feature(row, _shape(zone, shapes)) for row, zone in zip(rows, listed.zones, strict=True)
    ]
    more = {"model": listed.model, "version": listed.version, "trained": listed.trained}
    body = _collection(features, asdict(facts) | more | {"expected": listed.outlook.sentence})
    return download([body], "application/geo+json", facts, _what(listed), "geojson")


def surface_csv(services: Services) -> Response:
    """A surface: a line per cell."""
    _, made, facts, options = _surface(services)
    head = "" if options.get("plain") else facts.lines()
    body = [head, csv(_finite(made), header=True)]
    return download(body, "text/csv", facts, _surface_name(made), "csv")


def surface_geojson(services: Services) -> Response:
    """The same cells as squares."""
    pinned, made, facts, _ = _surface(services)
    net = made.net
    cells = pl.DataFrame({"cell_column": net.columns, "cell_row": net.rows})
    rings = cell_rings(cells, net.size_m, pinned.snapshot.manifest.crs_local)
    features = [
        _feature({"id": row["cell"], **row}, {"type": "Polygon", "coordinates": [ring]})
        for row, ring in zip(_finite(made).to_dicts(), rings, strict=True)
    ]
    more = {"method": asdict(made.asked), "caption": made.caption}
    body = _collection(features, asdict(facts) | more)
    return download([body], "application/geo+json", facts, _surface_name(made), "geojson")


def zone_outlines(services: Services, model: str, version: int) -> Response:
    """Outlines of a version's zones for the map; `id` is what chooses a zone."""
    try:
        bundle = load_bundle(services.settings.home, model, version)
    except InputError as error:
        abort(404, str(error))
    names = {str(row["label"]): row["name"] for row in bundle.table("zones").to_dicts()}
    features = [
        _feature(
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
    response.cache_control.public = True
    response.cache_control.max_age = A_YEAR_S  # its address names the version and when it was made
    response.cache_control.immutable = True
    return response


def _board(
    services: Services, pinned: Pinned, selection: Selection, options: dict[str, str]
) -> Board:
    spots = HotSpots(services, pinned)
    model = spots.model(options.get("model", ""))
    if model is None:
        raise InputError("There are no zones yet; train them on the Hot spots page.")
    rank = next((one for one in RANKS if one == options.get("rank")), RANKS[0])
    top = options.get("top", "")
    return spots.board(model, selection, rank=rank, top=int(top) if top.isdigit() else MOST_TOP)


def _surface(services: Services) -> tuple[Pinned, Surface, Provenance, dict[str, str]]:
    pinned, selection, options = asked(services, OPTIONS)
    wanted: Asked = asked_of(options)
    shown = period_of(selection, pinned.snapshot.manifest, options.get("shift", ""))
    made = HotSpots(services, pinned).surface(shown, wanted)
    facts = Provenance.of(pinned.snapshot, made.selection, made.incidents)
    return pinned, made, facts, options


def _finite(made: Surface) -> pl.DataFrame:
    """No value is an empty field, as JSON has no word for it."""
    floats = pl.selectors.float()
    return made.frame().with_columns(floats.fill_nan(None).round_sig_figs(6))


def _shape(zone: Zone, shapes: dict[str, Any]) -> Any:
    if zone.added is None:
        return shapes.get(zone.key)
    corners = [tuple(map(float, corner.split(","))) for corner in zone.clause[1].split(";")]
    ring = [[lon, lat] for lat, lon in (*corners, corners[0])]
    return {"type": "Polygon", "coordinates": [ring]}


def _feature(properties: dict[str, Any], geometry: Any) -> dict[str, Any]:
    return {"type": "Feature", "properties": properties, "geometry": geometry}


def _collection(features: list[dict[str, Any]], patroliq: dict[str, Any]) -> str:
    collection = {"type": "FeatureCollection", "patroliq": patroliq, "features": features}
    return json.dumps(collection, separators=(",", ":"), ensure_ascii=False)


def _what(listed: Board) -> str:
    return f"{listed.model.replace('_', '-')}-{listed.version}"


def _surface_name(made: Surface) -> str:
    against = f"-{RESIDENTS}" if made.asked.per_resident else ""
    return f"surface-{made.asked.method.replace('_', '-')}{against}-{made.asked.size_m}"
