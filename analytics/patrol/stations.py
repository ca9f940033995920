"""Police stations of areas, where units start and end: an agency's CSV file."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from pathlib import Path

from analytics.areas.outline_file import match_keys
from analytics.errors import InputError
from analytics.incidents.projection import local_xy
from analytics.layers.csv_features import LAT_NAMES, LON_NAMES

KEY_NAMES = ("area", "district", "district_id", "beat", "ward", "key", "id")


def read_stations(
    path: Path, areas: Sequence[str], crs_local: str
) -> dict[int, tuple[float, float]]:
    """Local meters of the station of each area, by position; rows of other areas are left out.

    Raises
    ------
    InputError
        The file cannot be read, lacks a column or has a row that is not valid (the message names
        file, line and column), or no row is of an area.
    """
    try:
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(f"{path} cannot be read as CSV UTF-8: {error}.") from error
    rows = csv.DictReader(text.splitlines())
    columns = {name.strip().casefold(): name for name in rows.fieldnames or ()}
    key, lat, lon = (_column(path, columns, names) for names in (KEY_NAMES, LAT_NAMES, LON_NAMES))
    found: dict[str, tuple[float, float]] = {}
    for line, row in enumerate(rows, 2):
        place = _degrees(path, line, row, lat, 90.0), _degrees(path, line, row, lon, 180.0)
        found.setdefault((row[key] or "").strip(), place)
    matched = match_keys(list(found), list(areas))
    position = {area: number for number, area in enumerate(areas)}
    own = {position[matched[name]]: at for name, at in found.items() if matched[name] in position}
    if not own:
        raise InputError(
            f"{path}, column {key}: no area of the data is named; areas such as "
            f"{', '.join(areas[:5])} are needed."
        )
    xy = local_xy(list(own.values()), crs_local)
    return {area: (float(x), float(y)) for area, (x, y) in zip(own, xy, strict=True)}


def _column(path: Path, columns: dict[str, str], names: Sequence[str]) -> str:
    found = next((columns[name] for name in names if name in columns), None)
    if found is None:
        raise InputError(f"{path}, line 1: no column is named {', '.join(names)}.")
    return found


def _degrees(path: Path, line: int, row: dict[str, str], column: str, most: float) -> float:
    text = (row[column] or "").strip()
    try:
        value = float(text)
    except ValueError:
        value = float("nan")
    if not -most <= value <= most:
        raise InputError(f"{path}, line {line}, column {column}: {text[:40]!r} is not in degrees.")
    return value
