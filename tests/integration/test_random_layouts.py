"""Known incidents written in random layouts come back through `--suggest`, or it asks."""

from __future__ import annotations

import json
import random
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import duckdb
import pytest
import xlsxwriter

from analytics.incidents.warehouse import Warehouse
from analytics.ingest.pipeline import ingest
from analytics.ingest.suggest import suggest
from analytics.settings import Settings
from analytics.sources.source import Source

ROWS = 120
ZONE = ZoneInfo("America/Chicago")
TYPES = ("THEFT", "ROBBERY", "BURGLARY", "ASSAULT")
NAMES = {
    "id": ("Incident ID", "Folio", "Offense ID", "Row ID"),
    "when": ("Occurred", "Date Occurred", "Fecha", "Tatzeit", "Offense Date"),
    "type": ("Offense", "Delito", "Crime Type", "Deliktsart"),
    "lat": ("Latitude", "lat", "Breitengrad", "GEO_LAT"),
    "lon": ("Longitude", "lon", "Längengrad", "GEO_LON"),
    "beat": ("Beat", "Police Beat"),
}
DATES = (
    "%Y-%m-%d %H:%M:%S", "%m/%d/%Y %I:%M:%S %p", "%d.%m.%Y %H:%M", "%d/%m/%Y %H:%M",
    "%Y-%m-%dT%H:%M:%S.000", "%b %d, %Y %I:%M %p", "%Y%m%d %H:%M", "%d-%b-%Y %H:%M", "utc",
)  # fmt: skip
Rows = Sequence[Sequence[str]]
Writer = Callable[[Path, Rows, random.Random], Path]

Known = dict[str, tuple[datetime, str, float, float]]


def incidents(chance: random.Random) -> Known:
    """Incidents by id: the time to the minute, the type and the place."""
    start = datetime(2023, 1, 1, 3)
    found: Known = {}
    for number in range(ROWS):
        when = start + timedelta(minutes=4_001 * number + chance.randrange(900))
        lat, lon = 41.8 + chance.random() / 10, -87.7 + chance.random() / 10
        found[f"C{number:05d}"] = when, chance.choice(TYPES), round(lat, 6), round(lon, 6)
    return found


def without_time(known: Known) -> dict[str, tuple[str, float, float]]:
    return {key: (kind, lat, lon) for key, (_, kind, lat, lon) in known.items()}


def written(moment: datetime, form: str) -> str:
    if form == "utc":
        return f"{moment.replace(tzinfo=ZONE).astimezone(UTC):%Y-%m-%dT%H:%M:%S}Z"
    return moment.strftime(form)


def table(known: Known, chance: random.Random, decimal: str) -> list[list[str]]:
    form = chance.choice(DATES)
    columns = {
        "id": list(known),
        "when": [written(when, form) for when, _, _, _ in known.values()],
        "type": [kind for _, kind, _, _ in known.values()],
        "lat": [f"{lat:.6f}".replace(".", decimal) for _, _, lat, _ in known.values()],
        "lon": [f"{lon:.6f}".replace(".", decimal) for _, _, _, lon in known.values()],
        "beat": [str(chance.randrange(111, 119)) for _ in known],
    }
    order = chance.sample(list(columns), len(columns))
    header = [chance.choice(NAMES[name]) for name in order]
    return [header, *([columns[name][row] for name in order] for row in range(len(known)))]


def write_csv(path: Path, rows: Rows, chance: random.Random) -> Path:
    delimiter = ";" if "," in "".join(rows[1]) else chance.choice(",;\t|")
    before = chance.choice([[], ["Police Department", ""]])
    encoding = chance.choice(["utf-8", "utf-8-sig", "utf-16", "cp1252"])
    end = chance.choice(["\n", "\r\n"])
    text = end.join([*before, *(delimiter.join(row) for row in rows)]) + end
    path = path.with_suffix(".csv")
    path.write_bytes(text.encode(encoding))
    return path


def write_json(path: Path, rows: Rows, chance: random.Random) -> Path:
    records = [dict(zip(rows[0], row, strict=True)) for row in rows[1:]]
    path = path.with_suffix(".json")
    wrapped = chance.choice([records, {"data": records}])
    path.write_text(json.dumps(wrapped, ensure_ascii=False), encoding="utf-8")
    return path


def write_workbook(path: Path, rows: Rows, chance: random.Random) -> Path:
    path = path.with_suffix(".xlsx")
    with xlsxwriter.Workbook(path) as book:
        sheet = book.add_worksheet("Data")
        title = chance.choice([[], [["Incidents"], []]])
        for at, row in enumerate([*title, *rows]):
            sheet.write_row(at, 0, row)
    return path


WRITERS: tuple[Writer, ...] = (write_csv, write_csv, write_json, write_workbook)


@pytest.mark.parametrize("seed", range(8))
def test_incidents_come_back_or_a_person_is_asked(tmp_path: Path, seed: int) -> None:
    chance = random.Random(seed)  # noqa: S311
    known = incidents(chance)
    writer = chance.choice(WRITERS)
    decimal = chance.choice(".,") if writer is write_csv else "."
    path = writer(tmp_path / "town", table(known, chance, decimal), chance)
    suggestion = suggest(path)
    source = tmp_path / "town.toml"
    source.write_text(suggestion.toml, encoding="utf-8")
    settings = Settings(home=tmp_path / "home")
    report = ingest([path], Source.load(source), settings)
    current = Warehouse(settings.home).current()
    assert current is not None
    with duckdb.connect(str(current.database), read_only=True) as connection:
        rows = connection.execute(
            "SELECT id, date_trunc('minute', occurred_from), type, round(lat, 6), round(lon, 6) "
            "FROM incidents"
        ).fetchall()
    found: Known = {row[0]: tuple(row[1:]) for row in rows}
    assert report.accepted == len(known)
    assert without_time(found) == without_time(known)
    assert found == known or suggestion.questions
