"""Downloads of what is selected. Each says what it is, of which snapshot, and when it was made.

A CSV starts with `PROVENANCE_LINES` lines that begin with `#`; `plain=1` leaves them out for
programs that cannot skip them. The same facts are in the answer's headers. GeoJSON has them in the
member `patroliq`.
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

from analytics.crossfilter.dimensions import STORED
from analytics.crossfilter.fishnet import cell_rings, cells_of
from analytics.crossfilter.incidents_page import batches
from analytics.crossfilter.provenance import Provenance, without_formulas
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
OPTIONS = ("plain", "mode", "view", STORED)  # parts of the query that are not the selection


def register(server: Flask, services: Services) -> None:
    @server.get("/export/incidents.csv")
    def incidents_csv() -> Response:
        """The selected incidents, streamed; at most `export_rows`."""
        pinned, selection, options = asked(services)
        incidents = _incidents(pinned, selection)
        limit = services.settings.export_rows
        facts = Provenance.of(pinned.snapshot, selection, incidents, limit)
        rows = _rows(pinned, selection, facts.written)
        first = next(rows)  # a failing query must not look like an empty file
        head = "" if options.get("plain") else facts.lines()
        return download(chain([head, first], rows), "text/csv", facts, "incidents", "csv")

    @server.get("/export/view.csv")
    def view_csv() -> Response:
        """What a chart shows, as a table: `view` names it, as on the command line."""
        pinned, selection, options = asked(services)
        chosen = view(options.get("view", "total"), pinned.attributes)
        counts = pinned.crossfilter.counts(EVERYTHING, selection, [chosen])[chosen.name]
        facts = Provenance.of(pinned.snapshot, selection, _incidents(pinned, selection))
        head = "" if options.get("plain") else facts.lines()
        what = chosen.name.replace(":", "-").replace(",", "_").replace("_", "-")
        return download([head, csv(counts, header=True)], "text/csv", facts, what, "csv")

    @server.get("/export/map.geojson")
    def map_geojson() -> Response:
        """Cells or areas with the selected incidents: every clause holds, those of place too."""
        pinned, selection, options = asked(services)
        mode = options.get("mode", "cells:250")
        chosen = view(f"map:{mode}" if mode in AREA_LEVELS else mode)
        counts = pinned.crossfilter.counts(Scope(selection), EMPTY, [chosen])[chosen.name]
        facts = Provenance.of(pinned.snapshot, selection, int(counts["incidents"].sum()))
        features, left_out = _features(pinned, chosen, counts)
        patroliq = asdict(facts) | {"mode": mode, "incidents_without_shape": left_out}
        body = json.dumps(
            {"type": "FeatureCollection", "patroliq": patroliq, "features": features},
            separators=(",", ":"),
            ensure_ascii=False,
        )
        what = f"map-{mode.replace(':', '-')}"
        return download([body], "application/geo+json", facts, what, "geojson")


def asked(
    services: Services, names: Sequence[str] = OPTIONS
) -> tuple[Pinned, Selection, dict[str, str]]:
    """The snapshot, the selection and the options that a query string asks for.

    Parameters
    ----------
    names
        Parts of the query that are not the selection; `plain` and a stored one always are.
    """
    pinned = services.pin()
    if pinned is None:
        raise UnavailableError("There is no data yet; run `patroliq ingest` or `patroliq demo`.")
    parts = request.query_string.decode("utf-8", "replace").split("&")
    own = [part for part in parts if part.partition("=")[0] in {*names, "plain", STORED}]
    options = {name: values[-1] for name, values in parse_qs("&".join(own)).items()}
    text = "&".join(part for part in parts if part and part not in own)
    if STORED in options:
        if text:
            raise InputError(f"{STORED}= names a whole selection; it takes no clause beside it.")
        text = services.state.fetch(options[STORED])
    asked = Selection.parse(text, pinned.attributes)
    selection, _ = pinned.vocabulary.resolve_whole(asked)
    return pinned, selection, options


def _incidents(pinned: Pinned, selection: Selection) -> int:
    total = pinned.crossfilter.counts(EVERYTHING, selection, [view("total")])["total"]
    return int(total["incidents"].sum())


def _columns(pinned: Pinned) -> list[str]:
    attributes = [ATTRIBUTE_PREFIX + name for name in pinned.attributes]
    return [*BASE_COLUMNS, *DERIVED, *MORE, *attributes]


def _rows(pinned: Pinned, selection: Selection, limit: int) -> Iterator[str]:
    """CSV text, a batch at a time; the first one starts with the header."""
    columns = _columns(pinned)
    left = limit
    header = True
    for batch in batches(pinned.reader, EVERYTHING, selection, columns, BATCH_ROWS):
        yield csv(batch.head(left), header=header)
        header = False
        left -= batch.height
        if left <= 0:
            return
    if header:
        yield csv(pl.DataFrame({column: [] for column in columns}), header=True)


def csv(frame: pl.DataFrame, *, header: bool) -> str:
    named = frame.rename(lambda column: column.removeprefix(ATTRIBUTE_PREFIX))
    return without_formulas(named).write_csv(
        include_header=header, datetime_format="%Y-%m-%d %H:%M:%S", float_precision=None
    )


def _features(
    pinned: Pinned, chosen: View, counts: pl.DataFrame
) -> tuple[list[dict[str, Any]], int]:
    """GeoJSON features with their counts, and how many incidents have no shape to stand in."""
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
    else:
        modes = ", ".join(("cells:<metres>", *AREA_LEVELS))
        raise InputError(f"The map has no mode {chosen.name!r}; choose from {modes}.")
    rows = {row.pop(key): row for row in counts.to_dicts()}
    nothing = {"incidents": 0, "arrests": 0, "harm": 0}
    features = [
        {
            "type": "Feature",
            "properties": properties | rows.get(properties["id"], nothing),
            "geometry": geometry,
        }
        for properties, geometry in shapes
    ]
    shown = sum(int(feature["properties"]["incidents"]) for feature in features)
    return features, int(counts["incidents"].sum()) - shown


def _outlines(pinned: Pinned, level: str) -> list[tuple[dict[str, Any], Any]]:
    path = pinned.snapshot.outline(level)
    if path is None:
        raise InputError(f"There are no outlines of {level}; choose cells:250.")
    collection = json.loads(path.read_text(encoding="utf-8"))
    return [(feature["properties"], feature["geometry"]) for feature in collection["features"]]


def download(body: Any, content_type: str, facts: Provenance, what: str, ending: str) -> Response:
    response = Response(body, content_type=f"{content_type}; charset=utf-8")
    name = facts.file_name(what, ending)
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    response.headers["Cache-Control"] = "no-store"
    response.headers["X-PatrolIQ-Snapshot"] = facts.snapshot
    response.headers["X-PatrolIQ-Exported"] = facts.exported
    response.headers["X-PatrolIQ-Incidents"] = str(facts.incidents)
    response.headers["X-PatrolIQ-Rows"] = str(facts.written)
    if len(facts.selection) <= HEADER_TEXT:
        response.headers["X-PatrolIQ-Selection"] = facts.selection
    if facts.synthetic:
        response.headers["X-PatrolIQ-Synthetic"] = "yes"
    return response
