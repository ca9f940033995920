"""Downloads of selected incidents and their counts, each with its provenance.

A CSV starts with `PROVENANCE_LINES` lines that start with `#`; `plain=1` leaves them out for
programs that cannot skip them. The response's headers have the same provenance, and GeoJSON has it
in the member `patroliq`. In the rows, `incidents` is what the view counts, and `selected` how many
of them pass every filter.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from itertools import chain
from typing import Any
from urllib.parse import parse_qs

import polars as pl
from flask import Flask, Response, request

from analytics.crossfilter.conditions import conditions_of
from analytics.crossfilter.dimensions import DIMENSIONS, STORED
from analytics.crossfilter.incidents_page import batches
from analytics.crossfilter.map_cells import cell_rings, cells_of
from analytics.crossfilter.point_sample import POINT_CAP
from analytics.crossfilter.provenance import Provenance, left_out, without_formulas
from analytics.crossfilter.scope import EVERYTHING, Scope
from analytics.crossfilter.selection import EMPTY, Selection
from analytics.crossfilter.views import View, view
from analytics.errors import InputError, UnavailableError
from analytics.incidents.model import AREA_LEVELS, ATTRIBUTE_PREFIX, BASE_COLUMNS, UNKNOWN
from analytics.services import Pinned, Services

DERIVED = ("group", "hour", "weekday", "shift", "operational_day", "heaped_time")
MORE = ("default_address", "harm_days")
BATCH_ROWS = 20_000
HEADER_TEXT = 1_500  # characters of a selection that fit in a header
OPTIONS = ("plain", "mode", "view", STORED)  # parts of the query besides the selection
OPTION_PREFIX = "_"
"""`_size=250` is an option even if the agency has an attribute `size`."""


def register(server: Flask, services: Services) -> None:
    @server.get("/export/incidents.csv")
    def incidents_csv() -> Response:
        """The selected incidents, streamed; at most `export_rows`."""
        pinned, selection, options = read_query(services)
        incidents = selected_incidents(pinned, selection)
        limit = services.settings.export_rows
        kept = min(incidents, limit)
        why = "cut off at PATROLIQ_EXPORT_ROWS" if kept < incidents else ""
        provenance = Provenance.of(
            pinned.snapshot, selection, incidents, written=kept, rows=kept, why=why
        )
        rows = _rows(pinned, selection, kept)
        first = next(rows)  # so that a failing query is an error, not an empty file
        head = "" if options.get("plain") else provenance.lines()
        return download(chain([head, first], rows), "text/csv", provenance, "incidents", "csv")

    @server.get("/export/view.csv")
    def view_csv() -> Response:
        """The numbers of a chart as a table; `view` names it as on the command line."""
        pinned, selection, options = read_query(services)
        chosen = view(options.get("view", "total"), pinned.attributes)
        counts = with_selected_counts(pinned, selection, chosen)
        provenance = Provenance.of(
            pinned.snapshot,
            selection,
            selected_incidents(pinned, selection),
            rows=counts.height,
            written=int(counts["incidents"].sum()),
            selected=int(counts["selected"].sum()),
            why=_count_notes(pinned, selection, chosen),
        )
        head = "" if options.get("plain") else provenance.lines()
        what = chosen.name.replace(":", "-").replace(",", "_").replace("_", "-")
        return download([head, csv_text(counts, header=True)], "text/csv", provenance, what, "csv")

    @server.get("/export/map.geojson")
    def map_geojson() -> Response:
        """Cells or areas with the selected incidents, which pass every filter, even on place."""
        return _map(services)


def _map(services: Services) -> Response:
    pinned, selection, options = read_query(services)
    mode = options.get("mode", "cells:250")
    chosen = view(f"map:{mode}" if mode in AREA_LEVELS else mode)
    counts = pinned.crossfilter.counts(Scope(selection), EMPTY, [chosen])[chosen.name]
    features = _features(pinned, chosen, counts)
    incidents = selected_incidents(pinned, selection)
    drawn = sum(int(feature["properties"]["incidents"]) for feature in features)
    missing = incidents - drawn
    reasons = []
    if chosen.base == "points":  # other incidents are outside the bounds or the sample
        reasons.append(_sample(pinned, Scope(selection), EMPTY, chosen))
        missing = _placeless(pinned, selection)
    if missing:
        reasons.append(f"{missing:,} are in no shape")
    provenance = Provenance.of(
        pinned.snapshot,
        selection,
        incidents,
        rows=len(features),
        written=drawn,
        why="; ".join(reasons),
    )
    patroliq = asdict(provenance) | {"mode": mode, "incidents_without_shape": missing}
    body = json.dumps(
        {"type": "FeatureCollection", "patroliq": patroliq, "features": features},
        separators=(",", ":"),
        ensure_ascii=False,
    )
    what = f"map-{mode.replace(':', '-').replace(',', '_')}"
    return download([body], "application/geo+json", provenance, what, "geojson")


def read_query(
    services: Services, names: Sequence[str] = OPTIONS
) -> tuple[Pinned, Selection, dict[str, str]]:
    """Read the query string: the snapshot, the selection and the options.

    Parameters
    ----------
    names
        Options, besides `plain` and a stored selection. An option with the name of a dimension of
        the data needs `OPTION_PREFIX` before it.
    """
    pinned = services.pin()
    if pinned is None:
        raise UnavailableError("No data yet; run `patroliq ingest` or `patroliq demo`.")
    parts = request.query_string.decode("utf-8", "replace").split("&")
    taken = {*names, "plain", STORED}
    plain_names = taken - {*DIMENSIONS, *pinned.attributes}
    allowed = {*plain_names, *(OPTION_PREFIX + name for name in taken)}
    own = [part for part in parts if part.partition("=")[0] in allowed]
    given = parse_qs("&".join(own))
    options = {name.removeprefix(OPTION_PREFIX): values[-1] for name, values in given.items()}
    text = "&".join(part for part in parts if part and part not in own)
    if STORED in options:
        if text:
            raise InputError(f"{STORED}= names a whole selection; leave out other filters.")
        text = services.state.fetch(options[STORED])
    parsed = Selection.parse(text, pinned.attributes)
    selection, _ = pinned.vocabulary.resolve_strictly(parsed)
    return pinned, selection, options


def selected_incidents(pinned: Pinned, selection: Selection) -> int:
    """Number of incidents that pass every filter."""
    total = pinned.crossfilter.counts(EVERYTHING, selection, [view("total")])["total"]
    return int(total["incidents"].sum())


def with_selected_counts(pinned: Pinned, selection: Selection, chosen: View) -> pl.DataFrame:
    """Count a view, with `selected`: how many of a row's incidents pass every filter."""
    counts = pinned.crossfilter.counts(EVERYTHING, selection, [chosen])[chosen.name]
    if chosen.base == "points":  # counting again would sample other places
        inside = conditions_of(pinned.reader).places.passing(selection)
        mask = pl.Series(inside[counts["point_id"].to_numpy()])
        return counts.with_columns(selected=pl.when(mask).then("incidents").otherwise(0))
    passing = pinned.crossfilter.counts(Scope(selection), EMPTY, [chosen])[chosen.name]
    if chosen.base == "places" or not chosen.bins:
        return counts.with_columns(selected=pl.lit(passing["incidents"].sum()))
    bins = list(chosen.bins)
    found = passing.select(*bins, selected="incidents")
    joined = counts.join(found, on=bins, how="left", nulls_equal=True, maintain_order="left")
    return joined.with_columns(pl.col("selected").fill_null(0))


def _count_notes(pinned: Pinned, selection: Selection, chosen: View) -> str:
    reasons = [left_out(selection, chosen, pinned.vocabulary.labels)]
    if chosen.base in ("points", "places"):
        reasons.append(_sample(pinned, EVERYTHING, selection, chosen))
    elif chosen.base == "group" and chosen.argument:
        reasons.append("an incident may be in several lines or in none")
    return "; ".join(reason for reason in reasons if reason)


def _sample(pinned: Pinned, scope: Scope, selection: Selection, chosen: View) -> str:
    """Which places the rows show."""
    there = view(f"places:{chosen.argument}")
    counted = pinned.crossfilter.counts(scope, selection, [there])[there.name]
    number = int(counted["places"].sum())
    if chosen.base == "points" and number > POINT_CAP:
        return f"of a random sample of {POINT_CAP:,} of {number:,} places"
    return "of places within the bounds"


def _placeless(pinned: Pinned, selection: Selection) -> int:
    """Number of selected incidents without a place."""
    nowhere = Selection.parse("cell=unknown")
    total = pinned.crossfilter.counts(Scope(selection), nowhere, [view("total")])["total"]
    return int(total["incidents"].sum())


def _columns(pinned: Pinned) -> list[str]:
    attributes = [ATTRIBUTE_PREFIX + name for name in pinned.attributes]
    return [*BASE_COLUMNS, *DERIVED, *MORE, *attributes]


def _rows(pinned: Pinned, selection: Selection, limit: int) -> Iterator[str]:
    """CSV text in batches; the first one starts with the header."""
    columns = _columns(pinned)
    left = limit
    header = True
    for batch in batches(pinned.reader, EVERYTHING, selection, columns, BATCH_ROWS):
        yield csv_text(batch.head(left), header=header)
        header = False
        left -= batch.height
        if left <= 0:
            return
    if header:
        yield csv_text(pl.DataFrame({column: [] for column in columns}), header=True)


def csv_text(frame: pl.DataFrame, *, header: bool) -> str:
    named = frame.rename(lambda column: column.removeprefix(ATTRIBUTE_PREFIX))
    return without_formulas(named).write_csv(
        include_header=header, datetime_format="%Y-%m-%d %H:%M:%S", float_precision=None
    )


def _features(pinned: Pinned, chosen: View, counts: pl.DataFrame) -> list[dict[str, Any]]:
    """GeoJSON features with their counts."""
    shapes: list[tuple[dict[str, Any], Any]]
    key = chosen.bins[0] if len(chosen.bins) == 1 else ""
    if chosen.base == "cells":
        known = counts.filter(pl.col(key) != UNKNOWN)
        size = int(chosen.argument)
        rings = cell_rings(cells_of(known[key].to_list()), size, pinned.snapshot.manifest.crs_local)
        shapes = [
            ({"id": cell}, {"type": "Polygon", "coordinates": [ring]})
            for cell, ring in zip(known[key].to_list(), rings, strict=True)
        ]
    elif chosen.base == "map":
        shapes = _outlines(pinned, chosen.argument)
    elif chosen.base == "points":
        key, shapes = "point_id", _points(counts)
    else:
        modes = ", ".join(("cells:<meters>", "points:<w>,<s>,<e>,<n>", *AREA_LEVELS))
        raise InputError(f"{chosen.name!r} is not a valid map mode; choose from {modes}.")
    rows = {row.pop(key): row for row in counts.to_dicts()}
    nothing = {"incidents": 0, "arrests": 0, "harm": 0}
    return [
        {
            "type": "Feature",
            "properties": properties | rows.get(properties["id"], nothing),
            "geometry": geometry,
        }
        for properties, geometry in shapes
    ]


def _points(counts: pl.DataFrame) -> list[tuple[dict[str, Any], Any]]:
    return [
        ({"id": number}, {"type": "Point", "coordinates": [lon, lat]})
        for number, lat, lon in counts.select("point_id", "lat", "lon").iter_rows()
    ]


def _outlines(pinned: Pinned, level: str) -> list[tuple[dict[str, Any], Any]]:
    path = pinned.snapshot.outline(level)
    if path is None:
        raise InputError(f"This data has no outlines of {level}; choose cells:250.")
    collection = json.loads(path.read_text(encoding="utf-8"))
    return [(feature["properties"], feature["geometry"]) for feature in collection["features"]]


def download(
    body: Any, content_type: str, provenance: Provenance, what: str, ending: str
) -> Response:
    response = Response(body, content_type=f"{content_type}; charset=utf-8")
    name = provenance.file_name(what, ending)
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    response.headers["Cache-Control"] = "no-store"
    response.headers["X-PatrolIQ-Snapshot"] = provenance.snapshot
    response.headers["X-PatrolIQ-Exported"] = provenance.exported
    response.headers["X-PatrolIQ-Incidents"] = str(provenance.incidents)
    response.headers["X-PatrolIQ-Rows"] = str(provenance.rows)
    if len(provenance.selection) <= HEADER_TEXT:
        response.headers["X-PatrolIQ-Selection"] = provenance.selection
    if provenance.synthetic:
        response.headers["X-PatrolIQ-Synthetic"] = "yes"
    return response
