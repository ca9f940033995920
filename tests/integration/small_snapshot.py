"""A small snapshot, written by hand so that tests know what is in it."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path

import duckdb

from analytics.crossfilter.codes import encode
from analytics.incidents.manifest import Attribute, Manifest, Outline, SourceInfo
from analytics.incidents.model import BASE_COLUMNS, DERIVED_COLUMNS, SCHEMA_VERSION
from analytics.incidents.warehouse import DATABASE, Snapshot, Warehouse, new_snapshot_id

CRS_LOCAL = "EPSG:32616"
# id, occurred_from, type, description, district, arrest, point, x_m, y_m, lat, lon, harm, team
INCIDENTS = [
    ("1", "2017-01-01 00:00", "THEFT", "OVER $500", "001", True, 0, 448100.0, 4636100.0, 91, "A"),
    ("2", "2017-01-01 13:30", "THEFT", "=1+1", "001", False, 0, 448100.0, 4636100.0, 91, "@B"),
    ("3", "2017-01-02 22:00", "ROBBERY", 'A, "B"', "002", False, 1, 449900.0, 4636900.0, 9, "A"),
    ("4", "2017-01-03 23:15", "ROBBERY", "STRONGARM", "002", None, 2, 449910.0, 4636910.0, 9, None),
    ("5", "2017-01-04 09:00", "ASSAULT", "-SIMPLE", None, True, None, None, None, None, "A"),
]  # fmt: skip
PLACES = {
    0: (41.8744, -87.6255),
    1: (41.8817, -87.6039),
    2: (41.8818, -87.6038),
    None: (None, None),
}
SQUARE = [[[-87.7, 41.8], [-87.5, 41.8], [-87.5, 41.9], [-87.7, 41.9], [-87.7, 41.8]]]


def _database(path: Path) -> None:
    columns = {**BASE_COLUMNS, **DERIVED_COLUMNS, "attr_team": "VARCHAR", "row_hash": "UBIGINT"}
    declared = ", ".join(f'"{name}" {kind}' for name, kind in columns.items())
    offenses = sorted({(row[2], row[3]) for row in INCIDENTS})
    harm = {row[2]: row[9] for row in INCIDENTS}
    with duckdb.connect(path) as connection:
        connection.execute(f"CREATE TABLE incidents ({declared})")
        connection.execute(
            "CREATE TABLE points (point_id INTEGER, lat DOUBLE, lon DOUBLE, x_m DOUBLE, "
            "y_m DOUBLE, incidents INTEGER)"
        )
        connection.execute(
            "CREATE TABLE offenses (offense_id INTEGER, code VARCHAR, fbi_code VARCHAR, type "
            'VARCHAR, description VARCHAR, "group" VARCHAR, offense_class VARCHAR, harm_days '
            "INTEGER, proactive BOOLEAN)"
        )
        connection.execute(
            'CREATE TABLE offense_groups (offense_id INTEGER, scheme VARCHAR, "group" VARCHAR)'
        )
        connection.execute(
            "CREATE TABLE quarantine (batch VARCHAR, file VARCHAR, line BIGINT, reason VARCHAR, "
            '"column" VARCHAR, value VARCHAR, raw VARCHAR)'
        )
        for number, (kind, description) in enumerate(offenses):
            connection.execute(
                "INSERT INTO offenses VALUES (?, '0000', '00', ?, ?, 'all', NULL, ?, false)",
                [number, kind, description, harm[kind]],
            )
            connection.execute("INSERT INTO offense_groups VALUES (?, 'headline', 'all')", [number])
        for row in INCIDENTS:
            connection.execute(*_insert(row, offenses.index((row[2], row[3]))))
        connection.execute(
            "INSERT INTO points SELECT point_id, any_value(lat), any_value(lon), any_value(x_m), "
            "any_value(y_m), count(*) FROM incidents WHERE point_id IS NOT NULL GROUP BY point_id"
        )
        encode(connection, path.parent)


def _insert(row: tuple, offense: int) -> tuple[str, list[object]]:
    number, when, kind, description, district, arrest, point, x_m, y_m, harm, team = row
    day, hour = when[:10], int(when[11:13])
    weekday = duckdb.execute("SELECT isodow(?::DATE)", [day]).fetchall()[0][0]
    lat, lon = PLACES[point]
    values = {
        "id": number, "case_number": f"HZ{number}", "occurred_from": when, "type": kind,
        "description": description, "code": "0000", "fbi_code": "00", "district": district,
        "arrest": arrest, "domestic": False, "lat": lat, "lon": lon, "x_m": x_m, "y_m": y_m,
        "point_id": point, "offense_id": offense, "group": "all", "hour": hour,
        "weekday": weekday, "shift": "Night" if hour >= 22 or hour < 6 else "Day",
        "operational_day": day, "month": day[:7], "season": "Winter", "heaped_time": hour == 0,
        "proactive": False, "default_address": False, "harm_days": harm, "attr_team": team,
        "row_hash": int(number),
    }  # fmt: skip
    names = ", ".join(f'"{name}"' for name in values)
    marks = ", ".join("?" for _ in values)
    return f"INSERT INTO incidents ({names}) VALUES ({marks})", list(values.values())


def publish_small(home: Path, *, synthetic: bool = False) -> Snapshot:
    """Publish the small snapshot in a home folder."""
    warehouse = Warehouse(home)
    manifest = Manifest(
        id=new_snapshot_id(),
        created=datetime.now(UTC).isoformat(),
        schema_version=SCHEMA_VERSION,
        code_version="test",
        source=SourceInfo("test", "Test City", "America/Chicago", "offense", synthetic),
        incidents=len(INCIDENTS),
        first="2017-01-01",
        last="2017-01-04",
        provisional_from=None,
        crs_local=CRS_LOCAL,
        attributes=(Attribute("team", "Team", "category"),),
        outlines={"district": Outline("district", "added", 2)},
    )
    features = [
        {
            "type": "Feature",
            "properties": {"id": key, "name": f"District {key}"},
            "geometry": {"type": "Polygon", "coordinates": SQUARE},
        }
        for key in ("001", "002", "003")
    ]
    with warehouse.lock(), warehouse.staging() as folder:
        _database(folder / DATABASE)
        (folder / "outlines").mkdir()
        collection = {"type": "FeatureCollection", "features": features}
        (folder / "outlines" / "district.geojson").write_text(json.dumps(collection))
        return warehouse.publish(folder, manifest)
