"""Residents of areas: added by the agency, and stored with its outlines."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from pathlib import Path

from analytics.areas.outline_file import match_keys, read_areas, write_residents
from analytics.areas.outlines import OnRecord, added_file, republish, unrecorded
from analytics.errors import InputError
from analytics.incidents.model import AREA_LEVELS
from analytics.incidents.warehouse import Warehouse
from analytics.ingest.area_numbers_file import AreaNumbers, read_area_numbers

SHOWN = 5


@dataclass(frozen=True)
class AddedResidents:
    """Outcome of adding residents; `snapshot` is None if the warehouse has none."""

    level: str
    file: str
    areas: int  # with a number
    residents: int
    without_number: tuple[str, ...]  # keys of outlines that the file does not name or leaves empty
    snapshot: str | None


def add_residents(  # noqa: PLR0917
    home: Path,
    level: str,
    file: Path,
    key: str,
    residents: str,
    on_record: OnRecord = unrecorded,
) -> AddedResidents:
    """Store the residents of one level's areas, and publish a snapshot that has them.

    They replace earlier ones of this level.

    Parameters
    ----------
    home : Path
        Folder of the warehouse.
    level : str
        district, beat, ward or area; its outlines have been added.
    file : Path
        CSV with a header and one line for each area.
    key, residents : str
        Its columns with the area's key, as the outlines have it apart from leading zeros, and the
        number of residents.
    on_record : callable
        Records the change before it is made, like `audit.recorded`.

    Raises
    ------
    InputError
        The level has no added outlines, or the file cannot be used; names line and column.
    BusyError
        Another process is writing to the warehouse.
    """
    if level not in AREA_LEVELS:
        raise InputError(f"Unknown level {level!r}; choose one of {', '.join(AREA_LEVELS)}.")
    lines = read_area_numbers(file, key, (residents,))
    warehouse = Warehouse(home)
    with warehouse.lock():
        outlines = _added_outlines(home, level)
        areas = [area.key for area in read_areas(outlines, "id", "name")]
        found = by_outline(file, key, lines, areas)
        numbers = {
            area: line.values[0] for area, line in found.items() if line.values[0] is not None
        }
        total = round(sum(numbers.values()))
        details = {
            "level": level,
            "areas": len(numbers),
            "residents": total,
            "file": file.name,
            "column": residents,
        }
        current = warehouse.current()
        with on_record("residents.added", level, details):
            write_residents(outlines, numbers, file.name)
            snapshot = republish(warehouse, current, level, on_record) if current else None
    without_number = tuple(area for area in areas if area not in numbers)
    return AddedResidents(
        level, str(file), len(numbers), total, without_number, snapshot.id if snapshot else None
    )


def _added_outlines(home: Path, level: str) -> Path:
    outlines = added_file(home, level)
    if not outlines.exists():
        raise InputError(
            f"Residents of {level} need outlines, and none were added. First run "
            f"`patroliq boundaries add {level} FILE --key FIELD`."
        )
    return outlines


def by_outline(
    file: Path, column: str, lines: Sequence[AreaNumbers], areas: Collection[str]
) -> dict[str, AreaNumbers]:
    """Lines by the key of the outlines.

    Raises
    ------
    InputError
        A key is not one of the outlines, or occurs twice; names line and column.
    """
    matched = match_keys([line.key for line in lines], areas)
    seen: dict[str, int] = {}
    for line in lines:
        area, where = matched[line.key], f"{file}, line {line.line}: column {column!r}"
        if area not in areas:
            raise InputError(
                f"{where} holds {line.key[:40]!r}, which is not a key of the outlines. Their keys "
                f"are {', '.join(sorted(areas)[:SHOWN])} and so on."
            )
        if area in seen:
            raise InputError(
                f"{where} holds {line.key[:40]!r}, the same area as line {seen[area]}."
            )
        seen[area] = line.line
    return {matched[line.key]: line for line in lines}
