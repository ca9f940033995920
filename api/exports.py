"""Downloads of selected incidents and their counts, each with its provenance.

A CSV starts with `PROVENANCE_LINES` lines that start with `#`; `plain=1` leaves them out for
programs that cannot skip them. The response's headers have the same provenance, and GeoJSON has it
in the member `patroliq`. In the rows, `incidents` is what the view counts, and `selected` how many
of them pass every filter.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from itertools import chain
from typing import Any
from urllib.parse import parse_qs

import polars as pl
from flask import Flask, Response, request

from analytics.access.export_limit import most_rows
from analytics.access.needs import needs
from analytics.access.reader import current_reader
from analytics.access.roles import Permission
from analytics.crossfilter.block_list import SORTS, block_list
from analytics.crossfilter.conditions import conditions_of
from analytics.crossfilter.dimensions import DIMENSIONS, STORED
from analytics.crossfilter.incidents_page import Rows, batches, listed_batches, rows_after
from analytics.crossfilter.map_cells import MAX_CELLS, cell_rings, cells_of
from analytics.crossfilter.outline_names import titled_outlines
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
LIST_OPTIONS = ("columns", "sort", "desc", "offset", "rows")
OPTIONS = ("plain", "mode", "view", STORED)  # parts of the query besides the selection
OPTION_PREFIX = "_"
"""`_size=250` is an option even if the agency has an attribute `size`."""


def register(server: Flask, services: Services) -> None:
    @server.get("/export/incidents.csv")
    @needs(Permission.EXPORT)
    def incidents_csv() -> Response:
        """The selected incidents, streamed."""
        asked = asked_incidents(services)
        rows = _csv_rows(asked.frames)
        first = next(rows)  # so that a failing query is an error, not an empty file
        head = "" if asked.options.get("plain") else asked.provenance.lines()
        body = chain([head, first], rows)
        return download(body, "text/csv", asked.provenance, "incidents", "csv")

    @server.get("/export/incidents.parquet")
    @needs(Permission.EXPORT)
    def incidents_parquet() -> Response:
        """The same as Parquet, with the provenance in its metadata."""
        from api.parquet_files import incidents_file  # noqa: PLC0415 - pyarrow loads with the first

        return incidents_file(services, with_points=False)

    @server.get("/export/incidents.geoparquet")
    @needs(Permission.EXPORT)
    def incidents_geoparquet() -> Response:
        """The same with a point for each incident that has a place (GeoParquet 1.1)."""
        from api.parquet_files import incidents_file  # noqa: PLC0415 - as above

        return incidents_file(services, with_points=True)

    @server.get("/export/view.csv")
    @needs(Permission.EXPORT)
    def view_csv() -> Response:
        """The numbers of a chart as a table; `view` names it as on the command line."""
        return _view(services)

    @server.get("/export/blocks.csv")
    @needs(Permission.EXPORT)
    def blocks_csv() -> Response:
        """The hottest blocks exactly as the page lists them; `sort` names the column."""
        return _listed_blocks(services)

    @server.get("/export/map.geojson")
    @needs(Permission.EXPORT)
    def map_geojson() -> Response:
        """Cells or areas with the selected incidents, which pass every filter, even on place."""
        return _map(services)


@dataclass(frozen=True)
class AskedIncidents:
    """The incidents that a query asks for, in batches with the columns of the file."""

    pinned: Pinned
    provenance: Provenance
    frames: Iterator[pl.DataFrame]
    options: dict[str, str]


def asked_incidents(services: Services) -> AskedIncidents:
    """Read the query of a file of incidents: at most as many as the reader may take.

    With `columns`, those of a list in its order (`sort`, `desc`), and only the `rows` from
    `offset` on, if they are given.
    """
    pinned, selection, options = read_query(services, LIST_OPTIONS)
    incidents = selected_incidents(pinned, selection)
    listed = _listed(options)
    kept, why = _kept(listed, incidents, most_rows(current_reader(), services.settings))
    provenance = Provenance.of(
        pinned.snapshot, selection, incidents, written=kept, rows=kept, why=why
    )
    return AskedIncidents(pinned, provenance, _frames(pinned, selection, kept, listed), options)


def _view(services: Services) -> Response:
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
    body = csv_text(with_area_names(pinned, counts), header=True)
    return download([head, body], "text/csv", provenance, what, "csv")


def _listed_blocks(services: Services) -> Response:
    pinned, selection, options = read_query(services, (*OPTIONS, "sort"))
    sort = options.get("sort", SORTS[0])
    if sort not in SORTS:
        raise InputError(f"{sort[:60]!r} is not a valid sort; choose from {', '.join(SORTS)}.")
    found = block_list(pinned.reader, pinned.crossfilter, selection, sort)
    provenance = Provenance.of(
        pinned.snapshot,
        selection,
        selected_incidents(pinned, selection),
        rows=found.rows.height,
        written=int(found.rows["incidents"].sum()),
        why=f"in {found.rows.height:,} of {found.blocks:,} blocks",
    )
    head = "" if options.get("plain") else provenance.lines()
    body = [head, csv_text(found.rows, header=True)]
    return download(body, "text/csv", provenance, f"blocks-by-{sort}", "csv")


def _map(services: Services) -> Response:
    pinned, selection, options = read_query(services)
    mode = options.get("mode", "cells:250")
    chosen = view(f"map:{mode}" if mode in (*AREA_LEVELS, "block") else mode)
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
    services: Services, names: Sequence[str] = OPTIONS, pinned: Pinned | None = None
) -> tuple[Pinned, Selection, dict[str, str]]:
    """Read the query string: the snapshot, the selection and the options.

    Parameters
    ----------
    names
        Options, besides `plain` and a stored selection. An option with the name of a dimension of
        the data needs `OPTION_PREFIX` before it.
    pinned
        The snapshot that the selection is of; by default the one served now.
    """
    pinned = pinned or pin_data(services)
    text, given = _divided(pinned, names)
    options = {name: values[-1] for name, values in given.items()}
    if STORED in options:
        if text:
            raise InputError(f"{STORED}= names a whole selection; leave out other filters.")
        text = services.selections.fetch(options[STORED])
    parsed = Selection.parse(text, pinned.attributes)
    selection, _ = pinned.vocabulary.resolve_strictly(parsed)
    return pinned, selection, options


def pin_data(services: Services) -> Pinned:
    """The snapshot served now.

    Raises
    ------
    UnavailableError
        There is none yet.
    """
    pinned = services.pin()
    if pinned is None:
        raise UnavailableError("No data yet; run `patroliq ingest` or `patroliq demo`.")
    return pinned


def options_of_query(services: Services, names: Sequence[str]) -> dict[str, list[str]]:
    """Values of each option of the query string, whatever its selection."""
    return _divided(pin_data(services), names)[1]


def _divided(pinned: Pinned, names: Sequence[str]) -> tuple[str, dict[str, list[str]]]:
    """The selection's text and the values of each option of the query string."""
    parts = request.query_string.decode("utf-8", "replace").split("&")
    taken = {*names, "plain", STORED}
    plain_names = taken - {*DIMENSIONS, *pinned.attributes}
    allowed = {*plain_names, *(OPTION_PREFIX + name for name in taken)}
    own = [part for part in parts if part.partition("=")[0] in allowed]
    given = parse_qs("&".join(own))
    options = {name.removeprefix(OPTION_PREFIX): values for name, values in given.items()}
    return "&".join(part for part in parts if part and part not in own), options


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


def export_columns(pinned: Pinned) -> list[str]:
    """Columns of an exported incident."""
    attributes = [ATTRIBUTE_PREFIX + name for name in pinned.attributes]
    return [*BASE_COLUMNS, *DERIVED, *MORE, *attributes]


def _listed(options: Mapping[str, str]) -> Rows | None:
    """The rows of the list that the options name; None without its columns."""
    if "columns" not in options:
        return None
    return Rows(
        tuple(dict.fromkeys(options["columns"].split(","))),
        sort=options.get("sort", "occurred_from"),
        descending=options.get("desc", "1") == "1",
        offset=_whole("offset", options, "0"),
        limit=_whole("rows", options, "999999999"),
    )


def _whole(name: str, options: Mapping[str, str], default: str) -> int:
    text = options.get(name, default)
    if not re.fullmatch("[0-9]{1,9}", text):
        raise InputError(f"{name}={text[:20]!r} is not a number from 0 to 999999999.")
    return int(text)


def _kept(listed: Rows | None, incidents: int, limit: int) -> tuple[int, str]:
    """Number of rows in the file, and why they are fewer than the incidents."""
    there = incidents
    why = ""
    if listed is not None:
        there = min(max(0, incidents - listed.offset), listed.limit)
        if there < incidents:
            first, last = listed.offset + 1, listed.offset + there
            why = f"rows {first:,} to {last:,} of the list" if there else "no row of the list"
    if there > limit:
        return limit, "cut off at PATROLIQ_EXPORT_ROWS"
    return there, why


def _frames(
    pinned: Pinned, selection: Selection, limit: int, listed: Rows | None
) -> Iterator[pl.DataFrame]:
    """Incidents in batches, one at least, which may be empty. A list has no further columns."""
    columns: Sequence[str] = export_columns(pinned) if listed is None else listed.columns
    if listed is None:
        found = batches(pinned.reader, EVERYTHING, selection, columns, BATCH_ROWS)
    else:
        found = listed_batches(pinned.reader, EVERYTHING, selection, listed, BATCH_ROWS)
    left, is_first = limit, True
    for batch in found:
        yield _named(pinned, batch.head(left), listed)
        is_first = False
        left -= batch.height
        if left <= 0:
            return
    if is_first:
        empty = rows_after(pinned.reader, EVERYTHING, selection, columns, after=-1, limit=0)
        yield _named(pinned, empty.drop("row"), listed)


def _csv_rows(frames: Iterator[pl.DataFrame]) -> Iterator[str]:
    """CSV text in batches; the first one starts with the header."""
    for number, frame in enumerate(frames):
        yield csv_text(frame, header=number == 0)


def _named(pinned: Pinned, frame: pl.DataFrame, listed: Rows | None) -> pl.DataFrame:
    return with_area_names(pinned, frame) if listed is None else frame


def with_area_names(pinned: Pinned, frame: pl.DataFrame) -> pl.DataFrame:
    """A frame with a column such as `area_name` after each key of an area, if areas have names."""
    for level, names in pinned.area_names.items():
        column = f"{level}_name"
        if level in frame.columns and ATTRIBUTE_PREFIX + column not in frame.columns:
            titles = frame[level].replace_strict(names, default=None, return_dtype=pl.String)
            frame = frame.insert_column(frame.get_column_index(level) + 1, titles.alias(column))
    return frame


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
        if known.height > MAX_CELLS:
            raise InputError(
                f"The incidents lie in {known.height:,} cells of {size} m; a map has at most "
                f"{MAX_CELLS:,}. Choose larger cells or fewer incidents, or export the view "
                f"cells:{size} as CSV."
            )
        rings = cell_rings(cells_of(known[key].to_list()), size, pinned.snapshot.manifest.crs_local)
        shapes = [
            ({"id": cell}, {"type": "Polygon", "coordinates": [ring]})
            for cell, ring in zip(known[key].to_list(), rings, strict=True)
        ]
    elif chosen.name == "map:block":
        shapes = _blocks(pinned, counts)
    elif chosen.base == "map":
        shapes = _outlines(pinned, chosen.argument)
    elif chosen.base == "points":
        key, shapes = "point_id", _points(counts)
    else:
        modes = ", ".join(("cells:<meters>", "points:<w>,<s>,<e>,<n>", "block", *AREA_LEVELS))
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


def _blocks(pinned: Pinned, counts: pl.DataFrame) -> list[tuple[dict[str, Any], Any]]:
    placed = counts.join(pinned.block_places, on="block", how="inner")
    return [
        ({"id": block}, {"type": "Point", "coordinates": [lon, lat]})
        for block, lat, lon in placed.select("block", "lat", "lon").iter_rows()
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
    features = titled_outlines(path)["features"]
    return [(feature["properties"], feature["geometry"]) for feature in features]


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
