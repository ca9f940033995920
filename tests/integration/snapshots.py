"""Small random snapshots, written straight into the schema the reader expects.

Everything that may be missing is missing now and then; values collide with the word `unknown`,
hold commas, dots and spaces; schemes of groups overlap; attributes are of every kind. Models label
all places or some of them.
"""

from __future__ import annotations

import random
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import duckdb
import polars as pl
import pytest
from pyproj import Transformer

from analytics.artifacts.labels import store_labels
from analytics.crossfilter.codes import encode
from analytics.incidents.manifest import Attribute, Manifest, SourceInfo
from analytics.incidents.model import BASE_COLUMNS, DERIVED_COLUMNS, SCHEMA_VERSION
from analytics.incidents.reader import SnapshotReader
from analytics.incidents.warehouse import Snapshot
from analytics.settings import Settings

CRS = "EPSG:32616"
FIRST = date(2017, 11, 20)
DAYS = 120
TYPES = {
    "ROBBERY": ["ARMED: HANDGUN", "STRONGARM - NO WEAPON"],
    "THEFT": ["RETAIL, OTHER", "OVER $500"],
    "BATTERY": ["SIMPLE"],
    "1..5": ["A & B = C"],
}
SCHEMES = {
    "headline": None,
    "part_i": {"ROBBERY": ["robbery", "all"], "THEFT": ["larceny", "all"]},
    "nibrs": {"ROBBERY": ["Group A"], "THEFT": ["Group A"], "BATTERY": ["unknown"]},
}
HEADLINE = {"ROBBERY": "violent", "THEFT": "property", "BATTERY": "violent"}
DISTRICTS = ["001", "002", "011", None]
PLACES = ["STREET", "RESIDENCE", "unknown", "BAR, TAVERN", None]
BLOCKS = ["100 W MAIN ST", "A & B, C", "200 W MAIN ST", None, "MAIN ST / OAK ST"]
MODELS = {  # version, labels, share of the places that have none
    "zones_kmeans": (7, ["0", "1", "10", "2"], 0.0),
    "zones_dbscan": (2, ["0", "1", "North, west & 5..10"], 0.4),
    "temporal_kmeans": (3, ["0", "1", "2"], 0.3),
}
ATTRIBUTES = (
    Attribute("premise", "Premise", "category"),
    Attribute("age", "Age of victim", "number"),
    Attribute("note", "Note", "text"),
)
TYPES_OF_ATTRIBUTES = {"attr_premise": "VARCHAR", "attr_age": "DOUBLE", "attr_note": "VARCHAR"}


@dataclass(frozen=True, eq=False)
class SmallCity:
    """A snapshot and the same incidents as plain rows; only equal to itself."""

    snapshot: Snapshot
    rows: list[dict[str, Any]]
    schemes: dict[str, dict[int, set[str]]]  # scheme → offense_id → lines
    labels: dict[str, dict[int, str]]  # model → point_id → label
    day_start: int = 0  # hour at which operational days start


def shift_of(hour: int) -> str:
    return ("Night", "Day", "Evening")[(hour + 2) % 24 // 8]


def build(folder: Path, seed: int, incidents: int = 400, day_start: int = 0) -> SmallCity:
    """Write a random snapshot into a folder; the same seed gives the same one."""
    dice = random.Random(seed)  # noqa: S311
    folder.mkdir(parents=True, exist_ok=True)
    points, offenses = _points(dice), _offenses()
    schemes, labels = _schemes(offenses), _labels(seed, points)
    rows = sorted(
        (_incident(dice, number, points, offenses, day_start) for number in range(incidents)),
        key=lambda row: (row["occurred_from"] or datetime.max, row["id"]),
    )
    _write(folder / "incidents.duckdb", rows, points, offenses, schemes)
    with duckdb.connect(str(folder / "incidents.duckdb")) as connection:
        encode(connection, folder)
        for model, by_point in labels.items():
            frame = pl.DataFrame(
                list(by_point.items()), {"point_id": pl.Int32, "label": pl.String}, orient="row"
            )
            store_labels(connection, model, MODELS[model][0], frame)
    days = [row["operational_day"] for row in rows if row["operational_day"]]
    manifest = Manifest(
        id=f"small-{seed}-{incidents}",
        created="2018-04-01T00:00:00+00:00",
        schema_version=SCHEMA_VERSION,
        code_version="0",
        source=SourceInfo("small", "Small city", "America/Chicago", "incident"),
        incidents=incidents,
        first=min(days).isoformat() if days else None,
        last=max(days).isoformat() if days else None,
        provisional_from=None,
        crs_local=CRS,
        attributes=ATTRIBUTES,
        settings={
            "day_start": f"{day_start:02d}:00",
            "shifts": [["Night", 22, 6], ["Day", 6, 14], ["Evening", 14, 22]],
        },
        model_versions={
            **{model: str(version) for model, (version, *_) in MODELS.items()},
            "hotspot_forecast": "3",  # labels no places
        },
    )
    manifest.write(folder / "manifest.json")
    return SmallCity(Snapshot(folder, manifest), rows, schemes, labels, day_start)


def serve(city: SmallCity, home: Path) -> Settings:
    """Make a city built at `<home>/snapshots/<id>` the current one of a warehouse."""
    (home / "current").write_text(city.snapshot.id + "\n", encoding="utf-8")
    return Settings(home=home)


def _labels(seed: int, points: list[dict[str, Any]]) -> dict[str, dict[int, str]]:
    dice = random.Random(seed + 1_000)  # noqa: S311
    return {
        model: {
            point["point_id"]: dice.choice(labels) for point in points if dice.random() >= missing
        }
        for model, (_, labels, missing) in MODELS.items()
    }


def _maybe(dice: random.Random, value: Any, missing: float = 0.1) -> Any:
    return None if dice.random() < missing else value


def _points(dice: random.Random) -> list[dict[str, Any]]:
    to_meters = Transformer.from_crs("EPSG:4326", CRS, always_xy=True)
    places = sorted(
        {
            (round(41.85 + dice.random() / 20, 5), round(-87.68 + dice.random() / 20, 5))
            for _ in range(80)
        }
    )
    points = []
    for number, (lat, lon) in enumerate(places):
        x_m, y_m = to_meters.transform(lon, lat)
        points.append({"point_id": number, "lat": lat, "lon": lon, "x_m": x_m, "y_m": y_m})
    return points


def _offenses() -> list[dict[str, Any]]:
    pairs: list[tuple[str | None, str | None]] = [
        (type_, description)
        for type_, descriptions in TYPES.items()
        for description in descriptions
    ]
    harm = {"ROBBERY": 1460, "THEFT": 365, "BATTERY": 91}
    return [
        {
            "offense_id": number,
            "code": f"{number:04d}",
            "fbi_code": "03",
            "type": type_,
            "description": description,
            "group": HEADLINE.get(type_ or ""),
            "offense_class": None,
            "harm_days": harm.get(type_ or ""),
            "proactive": False,
        }
        for number, (type_, description) in enumerate([*pairs, (None, None)])
    ]


def _schemes(offenses: list[dict[str, Any]]) -> dict[str, dict[int, set[str]]]:
    lines: dict[str, dict[int, set[str]]] = {}
    for scheme, by_type in SCHEMES.items():
        for offense in offenses:
            if by_type is None:
                found = [offense["group"]] if offense["group"] else []
            else:
                found = by_type.get(offense["type"], [])
            if found:
                lines.setdefault(scheme, {})[offense["offense_id"]] = set(found)
    return lines


def _incident(
    dice: random.Random,
    number: int,
    points: list[dict[str, Any]],
    offenses: list[dict[str, Any]],
    day_start: int,
) -> dict[str, Any]:
    when = _maybe(
        dice,
        datetime.combine(FIRST, datetime.min.time())
        + timedelta(minutes=dice.randrange(DAYS * 1440)),
        0.05,
    )
    offense, point = dice.choice(offenses), _maybe(dice, dice.choice(points), 0.15) or {}
    district = dice.choice(DISTRICTS)
    day = when - timedelta(hours=day_start) if when else None
    hour = _maybe(dice, when.hour if when else None, 0.1)
    row = dict.fromkeys([*BASE_COLUMNS, *DERIVED_COLUMNS, *TYPES_OF_ATTRIBUTES])
    return row | {
        "id": f"{number:05d}",
        "occurred_from": when,
        "type": offense["type"],
        "description": offense["description"],
        "code": offense["code"],
        "location_type": dice.choice(PLACES),
        "block": BLOCKS[number % len(BLOCKS)],
        "arrest": _maybe(dice, dice.random() < 0.3),
        "domestic": _maybe(dice, dice.random() < 0.3, 0.3),
        "beat": _maybe(dice, f"{district or '099'}{dice.randrange(3)}"),
        "district": district,
        "ward": _maybe(dice, str(dice.randrange(1, 5))),
        "area": _maybe(dice, str(dice.randrange(1, 5))),
        **{name: point.get(name) for name in ("point_id", "lat", "lon", "x_m", "y_m")},
        "offense_id": offense["offense_id"],
        "group": offense["group"],
        "hour": hour,
        "weekday": _maybe(dice, day.isoweekday() if day else None, 0.05),
        "shift": None if hour is None else shift_of(hour),
        "operational_day": day.date() if day else None,
        "month": f"{day:%Y-%m}" if day else None,
        "heaped_time": _maybe(dice, bool(when and when.minute < 10), 0.2),
        "proactive": False,
        "default_address": _maybe(dice, dice.random() < 0.1, 0.2),
        "harm_days": offense["harm_days"],
        "attr_premise": dice.choice(["shop", "5..10", "home, own", None]),
        "attr_age": _maybe(dice, float(dice.randrange(0, 40)) / 2, 0.3),
        "attr_note": _maybe(dice, dice.choice(["a+b", "100%", "Ünïcode"]), 0.3),
    }


def _write(
    path: Path,
    rows: list[dict[str, Any]],
    points: list[dict[str, Any]],
    offenses: list[dict[str, Any]],
    schemes: dict[str, dict[int, set[str]]],
) -> None:
    path.unlink(missing_ok=True)
    columns = {**BASE_COLUMNS, **DERIVED_COLUMNS, **TYPES_OF_ATTRIBUTES}
    declared = ", ".join(f'"{name}" {type_}' for name, type_ in columns.items())
    counts: dict[int, int] = {}
    for row in rows:
        if row["point_id"] is not None:
            counts[row["point_id"]] = counts.get(row["point_id"], 0) + 1
    with duckdb.connect(str(path)) as connection:
        connection.execute(f"CREATE TABLE incidents ({declared}, row_hash UBIGINT)")
        if rows:
            connection.executemany(
                f"INSERT INTO incidents VALUES ({', '.join('?' * len(columns))}, 0)",
                [[row[name] for name in columns] for row in rows],
            )
        point_rows = pl.DataFrame(
            [{**point, "incidents": counts.get(point["point_id"], 0)} for point in points]
        )
        offense_rows = pl.DataFrame(offenses, infer_schema_length=None)
        group_rows = pl.DataFrame(
            [
                {"offense_id": offense_id, "scheme": scheme, "group": line}
                for scheme, by_offense in schemes.items()
                for offense_id, lines in by_offense.items()
                for line in sorted(lines)
            ]
        )
        for name, frame in (
            ("points", point_rows),
            ("offenses", offense_rows),
            ("offense_groups", group_rows),
        ):
            connection.register("frame", frame)
            connection.execute(f"CREATE TABLE {name} AS SELECT * FROM frame")
            connection.unregister("frame")


@pytest.fixture(scope="session")
def small_city(tmp_path_factory: pytest.TempPathFactory) -> SmallCity:
    """A small random snapshot; take `small_reader` to ask it."""
    return build(tmp_path_factory.mktemp("small") / "snapshot", seed=1)


@pytest.fixture(scope="session")
def small_reader(small_city: SmallCity) -> SnapshotReader:
    return SnapshotReader(small_city.snapshot, Settings(duckdb_threads=1))
