"""Outlines of a snapshot's areas: added by the agency, else hulls of the incidents."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import numpy.typing as npt
import pyproj
import shapely

from analytics.areas.hulls import derive_hulls
from analytics.areas.outline_file import (
    Area,
    match_keys,
    polygonal,
    read_areas,
    read_kept_areas,
    read_origin,
    read_residents_source,
    rekey,
    write_areas,
)
from analytics.errors import InputError
from analytics.incidents.manifest import Outline
from analytics.incidents.model import AREA_LEVELS
from analytics.incidents.projection import WGS84
from analytics.incidents.warehouse import DATABASE, Snapshot, Warehouse, new_snapshot_id
from sql import load

OnRecord = Callable[[str, str, Mapping[str, Any]], AbstractContextManager[None]]
"""Records an event with its subject and details, and returns a context in which it is done."""
TOLERANCE_M = 10.0
FOLDER = "outlines"


def unrecorded(
    _event: str, _subject: str, _details: Mapping[str, Any]
) -> AbstractContextManager[None]:
    """An `OnRecord` that keeps no record."""
    return nullcontext()


@dataclass(frozen=True)
class AddedOutlines:
    """The result of adding outlines. `snapshot` is None where there is no data yet."""

    level: str
    file: str
    features: int
    areas: int
    without_incidents: tuple[str, ...]  # keys in the file only
    without_outline: tuple[str, ...]  # keys in the incidents only
    snapshot: str | None
    residents_kept: int = 0  # areas that keep the residents of earlier outlines
    residents_gone: tuple[str, ...] = ()  # keys of earlier outlines with residents, not in the file


def build_outlines(
    connection: duckdb.DuckDBPyConnection, folder: Path, warehouse_home: Path, crs_local: str
) -> dict[str, Outline]:
    """Write outlines/<level>.geojson into a folder for every level that has areas.

    Parameters
    ----------
    connection : DuckDBPyConnection
        Has the table `incidents`.
    folder : Path
        The snapshot being built.
    warehouse_home : Path
        Its outlines/<level>.geojson are those that the agency added.
    crs_local : str
        Coordinate system of x_m and y_m, such as EPSG:32616.
    """
    outlines = {}
    for level in AREA_LEVELS:
        outline = build_level(connection, level, folder, warehouse_home, crs_local)
        if outline is not None:
            outlines[level] = outline
    return outlines


def build_level(
    connection: duckdb.DuckDBPyConnection,
    level: str,
    folder: Path,
    warehouse_home: Path,
    crs_local: str,
) -> Outline | None:
    """Write the outlines of one level; None where it has no areas."""
    added = added_file(warehouse_home, level)
    if added.exists():
        known = area_keys(connection, level)
        areas = read_kept_areas(added)
        areas = rekey(areas, match_keys([area.key for area in areas], known))
        areas = simplified(areas, crs_local)
        about = {"source": read_origin(added), "residents_source": read_residents_source(added)}
    else:
        hulls = derive_hulls(connection, level)
        areas = [
            Area(key, key, _project(hull, crs_local, WGS84)) for key, hull in sorted(hulls.items())
        ]
        about = {}
    if not areas:
        return None
    write_areas(folder / FOLDER / f"{level}.geojson", areas)
    numbers = [area.residents for area in areas if area.residents is not None]
    return Outline(
        level=level,
        origin="added" if about else "derived",
        features=len(areas),
        residents=round(sum(numbers)) if numbers else None,
        areas_with_residents=len(numbers),
        **about,
    )


def add_outlines(
    home: Path,
    level: str,
    file: Path,
    key: str,
    name: str | None = None,
    *,
    on_record: OnRecord = unrecorded,
) -> AddedOutlines:
    """Store an agency's outlines for one level, and publish them in a new snapshot if there is one.

    Residents of earlier outlines stay with the areas whose keys are still there.

    Parameters
    ----------
    home : Path
        Folder of the warehouse.
    level : str
        district, beat, ward or area.
    file : Path
        GeoJSON in WGS84. Features with the same key are merged.
    key, name : str
        Fields of its features: the incidents' key (zero padding may differ), the area's name.
    on_record : callable
        Records the event before it is done, like `audit.recorded`.

    Raises
    ------
    InputError
        The level or the file is not valid, or no key occurs in the incidents.
    BusyError
        Another process is writing to the warehouse.
    """
    if level not in AREA_LEVELS:
        raise InputError(f"There is no level {level!r}; choose one of {', '.join(AREA_LEVELS)}.")
    areas = read_areas(file, key, name)
    warehouse = Warehouse(home)
    with warehouse.lock():
        current = warehouse.current()
        known = set(_known_keys(current, level))
        keys = _matched_keys([area.key for area in areas], known, f"{file}, field {key!r}", level)
        stored = added_file(home, level)
        areas, about, gone = _with_residents(areas, stored)
        details: dict[str, Any] = {"level": level, "areas": len(keys), "file": file.name}
        if gone:
            details["residents_gone"] = list(gone)
        with on_record("outlines.added", level, details):
            write_areas(stored, areas, source=file.name, key=key, **about)
            snapshot = republish(warehouse, current, level, on_record) if current else None
    return AddedOutlines(
        level=level,
        file=str(file),
        features=sum(area.features for area in areas),
        areas=len(keys),
        without_incidents=tuple(sorted(keys - known)) if current else (),
        without_outline=tuple(sorted(known - keys)),
        snapshot=snapshot.id if snapshot else None,
        residents_kept=sum(area.residents is not None for area in areas),
        residents_gone=gone,
    )


def _matched_keys(keys: list[str], known: set[str], source: str, level: str) -> set[str]:
    """The keys of a file as the incidents write them.

    Raises
    ------
    InputError
        There are incidents, and none of them has such a key.
    """
    matched = match_keys(keys, known)
    found = set(matched.values())
    if known and not found & known:
        raise InputError(
            f"{source}: no incident has a {level} such as {_some(matched)}; the incidents have "
            f"{_some(known)}. Name another field with --key."
        )
    return found


def added_file(home: Path, level: str) -> Path:
    return home / FOLDER / f"{level}.geojson"


def area_keys(connection: duckdb.DuckDBPyConnection, level: str) -> dict[str, int]:
    """Keys of a level and their numbers of incidents."""
    rows = connection.execute(load("derive/area_keys", level=level)).fetchall()
    return dict(rows)


def simplified(areas: Collection[Area], crs_local: str) -> list[Area]:
    """Drop bends of less than about 10 m, equally on both sides of a shared boundary."""
    local = [polygonal(_project(area.polygon, WGS84, crs_local)) for area in areas]
    shapes = shapely.coverage_simplify(np.array(local, dtype=object), TOLERANCE_M)
    kept = [
        new if new.is_valid and not new.is_empty else old
        for new, old in zip(shapes, local, strict=True)
    ]
    return [
        replace(area, polygon=_project(shape, crs_local, WGS84))
        for area, shape in zip(areas, kept, strict=True)
    ]


def _project(shape: shapely.Geometry, source: str, target: str) -> shapely.Geometry:
    transformer = pyproj.Transformer.from_crs(source, target, always_xy=True)

    def move(places: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
        return np.column_stack(transformer.transform(places[:, 0], places[:, 1]))

    return shapely.transform(shape, move)


def _known_keys(current: Snapshot | None, level: str) -> dict[str, int]:
    if current is None:
        return {}
    with duckdb.connect(str(current.database), read_only=True) as connection:
        return area_keys(connection, level)


def _some(keys: Collection[str]) -> str:
    return ", ".join(sorted(keys)[:5])


def _with_residents(
    areas: list[Area], before: Path
) -> tuple[list[Area], dict[str, str], tuple[str, ...]]:
    """Areas with the residents of earlier outlines, their source, and keys that are gone."""
    known = {
        area.key: area.residents
        for area in (read_kept_areas(before) if before.exists() else [])
        if area.residents is not None
    }
    matched = match_keys(known, [area.key for area in areas])
    numbers: dict[str, float] = {}
    for key, number in known.items():
        numbers[matched[key]] = numbers.get(matched[key], 0) + number
    kept = [replace(area, residents=numbers.pop(area.key, None)) for area in areas]
    gone = tuple(sorted(key for key in known if matched[key] in numbers))
    about = {"residents_source": read_residents_source(before)} if len(gone) < len(known) else {}
    return kept, about, gone


def republish(warehouse: Warehouse, current: Snapshot, level: str, on_record: OnRecord) -> Snapshot:
    """Publish the current snapshot with one level built again; the same one if nothing changed.

    Old snapshots stay until the next ingest, which knows which ones are cited.
    """
    with warehouse.staging() as folder:
        warehouse.copy(current, folder, except_for=[f"{FOLDER}/{level}.geojson"])
        with duckdb.connect(str(folder / DATABASE), read_only=True) as connection:
            outline = build_level(
                connection, level, folder, warehouse.home, current.manifest.crs_local
            )
        if outline is None:
            return current
        before = current.outline(level)
        after = folder / FOLDER / f"{level}.geojson"
        same = before is not None and before.read_bytes() == after.read_bytes()
        if same and current.manifest.outlines.get(level) == outline:
            return current
        manifest = replace(
            current.manifest,
            id=new_snapshot_id(),
            created=datetime.now(UTC).isoformat(),
            outlines={**current.manifest.outlines, level: outline},
        )
        details = {"outlines": level, "before": current.id}
        with on_record("snapshot.published", manifest.id, details):
            return warehouse.publish(folder, manifest, None)
