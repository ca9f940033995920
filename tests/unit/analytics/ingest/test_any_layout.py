"""Known incidents, written in any layout that a source can describe, come back the same."""

from __future__ import annotations

import csv
import gzip
import io
import json
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from zoneinfo import ZoneInfo

import polars as pl
import pyproj
import xlsxwriter
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.unit.analytics.ingest.read_rows import read_rows

ZONE = ZoneInfo("America/Chicago")
COLUMNS = ("id", "when", "clock", "kind", "first", "second")


@dataclass(frozen=True)
class Incident:
    id: str
    when: datetime  # local
    type: str
    lat: float
    lon: float


@dataclass(frozen=True)
class Layout:
    """How incidents are written: formats of dates, places and the file."""

    order: tuple[int, ...]
    date: str
    clock: str | None
    utc: bool
    place: str
    container: str
    delimiter: str
    encoding: str
    decimal: str
    preamble: int
    has_header: bool


NO_CHANGE = st.datetimes(datetime(2001, 1, 1), datetime(2024, 12, 31)).filter(
    # Hours around a change of clocks have no inverse.
    lambda moment: moment.month not in (3, 4, 10, 11)
)
# Latin letters that every encoding below has, and marks of CSV and JSON.
TYPES = st.text("ABC abc'\",;|\t{}[]\\éüß", min_size=1, max_size=12).map(
    lambda text: "T" + text.strip()
)
INCIDENTS = st.lists(
    st.builds(
        Incident,
        id=st.integers(1, 999_999).map(lambda number: f"C{number}"),
        when=NO_CHANGE.map(lambda moment: moment.replace(second=0, microsecond=0)),
        type=TYPES,
        lat=st.integers(41_500_000, 42_500_000).map(lambda value: value / 1e6),
        lon=st.integers(-88_500_000, -87_000_000).map(lambda value: value / 1e6),
    ),
    min_size=1,
    max_size=8,
    unique_by=lambda one: one.id,
)
DATES = ("%Y-%m-%d", "%m/%d/%Y", "%d.%m.%Y", "%d-%b-%Y", "%B %d, %Y", "%Y%m%d", "%m/%d/%y")
CLOCKS = ("%H:%M", "%I:%M %p", "%H%M", "%H:%M:%S")
TEXTS = ("csv", "gz", "zip")
LAYOUTS = st.builds(
    Layout,
    order=st.permutations(range(len(COLUMNS))).map(tuple),
    date=st.sampled_from(DATES),
    clock=st.sampled_from((None, *CLOCKS)),
    utc=st.booleans(),
    place=st.sampled_from(("lat lon", "swapped", "lat, lon", "wkt", "feet")),
    container=st.sampled_from((*TEXTS, "json", "jsonl", "geojson", "data", "xlsx", "parquet")),
    delimiter=st.sampled_from(",;\t|"),
    encoding=st.sampled_from(("utf-8", "utf-8-sig", "utf-16", "cp1252", "cp850")),
    decimal=st.sampled_from(".,"),
    preamble=st.integers(0, 2),
    has_header=st.booleans(),
)
TO_FEET = pyproj.Transformer.from_crs("EPSG:4326", "EPSG:3435", always_xy=True)


def cells(incident: Incident, layout: Layout) -> list[str]:
    moment = incident.when
    if layout.utc:
        moment = moment.replace(tzinfo=ZONE).astimezone(UTC)
    if layout.clock:
        day, clock = moment.strftime(layout.date), moment.strftime(layout.clock)
    else:
        day, clock = moment.strftime(f"{layout.date} %H:%M"), "not used"
    first, second = place(incident, layout)
    return [incident.id, day, clock, incident.type, first, second]


def place(incident: Incident, layout: Layout) -> tuple[str, str]:
    def number(value: float) -> str:
        return f"{value:.6f}".replace(".", layout.decimal)

    lat, lon = number(incident.lat), number(incident.lon)
    if layout.place == "lat, lon":
        return f"1 MAIN ST ({lat}; {lon})", "not used"
    if layout.place == "wkt":
        return f"POINT ({incident.lon} {incident.lat})", "not used"
    if layout.place == "feet":
        x, y = TO_FEET.transform(incident.lon, incident.lat)
        return number(x), number(y)
    return (lon, lat) if layout.place == "swapped" else (lat, lon)


def source(layout: Layout) -> str:
    """The keys of a source that describe the layout."""
    top = [f'decimal = "{layout.decimal}"', f"delimiter = {json.dumps(layout.delimiter)}"]
    if layout.container in (*TEXTS, "xlsx"):
        top.append(f"skip_lines = {layout.preamble}")
        if not layout.has_header:
            top.append(f"header = {json.dumps([COLUMNS[at] for at in layout.order])}")
    if layout.container in TEXTS and layout.encoding.startswith("cp"):
        top.append(f'encoding = "{layout.encoding}"')
    when = '{ date = "when", time = "clock" }' if layout.clock else '"when"'
    date = layout.date if layout.clock else f"{layout.date} %H:%M"
    fields = {
        "lat, lon": 'point = "first"',
        "wkt": 'point = "first"',
        "feet": 'x = "first"\ny = "second"',
    }.get(layout.place, 'lat = "first"\nlon = "second"')
    coordinates = {
        "lat, lon": 'point = "lat, lon"',
        "swapped": "swapped = true",
        "feet": 'crs = "EPSG:3435"',
    }.get(layout.place, "")
    lines = [
        *top,
        "[columns]",
        'id = "id"',
        f"occurred_from = {when}",
        'type = "kind"',
        fields,
        "[dates]",
        f"formats = [{json.dumps(date)}]",
        *([f"time_formats = [{json.dumps(layout.clock)}]"] if layout.clock else []),
        f"utc = {str(layout.utc).lower()}",
        "[coordinates]",
        coordinates,
    ]
    return "\n".join(lines)


def written(folder: Path, incidents: list[Incident], layout: Layout) -> Path:
    names = [COLUMNS[at] for at in layout.order]
    rows = []
    for incident in incidents:
        found = cells(incident, layout)
        rows.append([found[at] for at in layout.order])
    path = folder / f"town.{layout.container}"
    WRITERS[layout.container](path, names, rows, layout)
    return path


def text(names: list[str], rows: list[list[str]], layout: Layout) -> bytes:
    out = io.StringIO(newline="")
    out.write("A report\n" * layout.preamble)
    writer = csv.writer(out, delimiter=layout.delimiter, lineterminator="\n")
    writer.writerows([names, *rows] if layout.has_header else rows)
    return out.getvalue().encode(layout.encoding)


def zipped(path: Path, content: bytes) -> None:
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("town.csv", content)


def sheet(path: Path, names: list[str], rows: list[list[str]], layout: Layout) -> None:
    with xlsxwriter.Workbook(path) as book:
        page = book.add_worksheet("Town")
        lines = [["A report"]] * layout.preamble + ([names] if layout.has_header else []) + rows
        for at, line in enumerate(lines):
            for column, cell in enumerate(line):
                page.write_string(at, column, cell)


def objects(names: list[str], rows: list[list[str]]) -> list[dict[str, str]]:
    return [dict(zip(names, row, strict=True)) for row in rows]


def features(names: list[str], rows: list[list[str]]) -> str:
    listed = [
        {"type": "Feature", "properties": one, "geometry": None} for one in objects(names, rows)
    ]
    return json.dumps({"type": "FeatureCollection", "features": listed})


WRITERS: dict[str, Callable[[Path, list[str], list[list[str]], Layout], object]] = {
    "csv": lambda path, names, rows, how: path.write_bytes(text(names, rows, how)),
    "gz": lambda path, names, rows, how: path.write_bytes(gzip.compress(text(names, rows, how))),
    "zip": lambda path, names, rows, how: zipped(path, text(names, rows, how)),
    "json": lambda path, names, rows, _: path.write_text(json.dumps(objects(names, rows))),
    "jsonl": lambda path, names, rows, _: path.write_text(
        "\n".join(map(json.dumps, objects(names, rows)))
    ),
    "geojson": lambda path, names, rows, _: path.write_text(features(names, rows)),
    "data": lambda path, names, rows, _: path.write_text(
        json.dumps({"count": len(rows), "data": objects(names, rows)}, indent=1)
    ),
    "xlsx": sheet,
    "parquet": lambda path, names, rows, _: pl.DataFrame(
        rows, schema=dict.fromkeys(names, pl.String), orient="row"
    ).write_parquet(path),
}


@settings(
    max_examples=40,
    deadline=timedelta(minutes=1),
    suppress_health_check=[HealthCheck.too_slow],
)
@given(INCIDENTS, LAYOUTS)
def test_incidents_written_in_any_layout_come_back(
    incidents: list[Incident], layout: Layout
) -> None:
    with TemporaryDirectory() as name:
        path = written(Path(name), incidents, layout)
        found = read_rows(path, source(layout), "id, occurred_from, type, lat, lon")
    assert found.refused == []
    expected = sorted(
        (one.id, one.when, one.type, round(one.lat, 5), round(one.lon, 5)) for one in incidents
    )
    read = sorted((*row[:3], round(row[3], 5), round(row[4], 5)) for row in found.found)
    for one, other in zip(read, expected, strict=True):
        assert one[:3] == other[:3]
        assert abs(one[3] - other[3]) < 2e-5
        assert abs(one[4] - other[4]) < 2e-5
