"""Residents of areas: given by the agency, kept with its outlines, shown by every next snapshot."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from pathlib import Path

from analytics.areas.outline_file import match_keys, read_areas, write_residents
from analytics.areas.outlines import OnRecord, added_file, republish, unrecorded
from analytics.errors import InputError
from analytics.incidents.model import AREA_LEVELS
from analytics.incidents.warehouse import Warehouse
from analytics.ingest.residents_file import Counted, read_residents

SHOWN = 5


@dataclass(frozen=True)
class AddedResidents:
    """What adding residents came to. `snapshot` is None where there is none to hold them."""

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
    """Keep the residents of one level's areas, and publish a snapshot that holds them.

    They take the place of any that were given for this level before.

    Parameters
    ----------
    home : Path
        Folder of the warehouse.
    level : str
        district, beat, ward or area; its outlines have been added.
    file : Path
        CSV with a header, a line for each area.
    key, residents : str
        Its columns: the area's key as the outlines have it (zero padding apart), and how many
        people live there.

    on_record : callable
        Puts what is about to be kept on record, as `audit.recorded` does.

    Raises
    ------
    InputError
        The level has no added outlines, or the file cannot be used: names line and column.
    BusyError
        Another process is writing to the warehouse.
    """
    if level not in AREA_LEVELS:
        raise InputError(f"There is no level {level!r}; choose {', '.join(AREA_LEVELS)}.")
    counted = read_residents(file, key, residents)
    warehouse = Warehouse(home)
    with warehouse.lock():
        outlines = added_file(home, level)
        if not outlines.exists():
            raise InputError(
                f"No outlines of {level} were added, and residents need them: add them first with "
                f"`patroliq boundaries add {level} FILE --key FIELD`."
            )
        areas = [area.key for area in read_areas(outlines, "id", "name")]
        numbers = _by_area(file, key, counted, areas)
        current = warehouse.current()
        details = {
            "level": level,
            "areas": len(numbers),
            "residents": round(sum(numbers.values())),
            "file": file.name,
            "column": residents,
        }
        with on_record("residents.added", level, details):
            write_residents(outlines, numbers, file.name)
            snapshot = republish(warehouse, current, level, on_record) if current else None
    return AddedResidents(
        level=level,
        file=str(file),
        areas=len(numbers),
        residents=round(sum(numbers.values())),
        without_number=tuple(area for area in areas if area not in numbers),
        snapshot=snapshot.id if snapshot else None,
    )


def _by_area(
    file: Path, column: str, counted: Sequence[Counted], areas: Collection[str]
) -> dict[str, float]:
    """Residents by the key of the outlines."""
    matched = match_keys([each.key for each in counted], areas)
    lines: dict[str, int] = {}
    for each in counted:
        area, where = matched[each.key], f"{file}, line {each.line}: column {column!r}"
        if area not in areas:
            raise InputError(
                f"{where} holds {each.key[:40]!r}, which no outline has; theirs are "
                f"{', '.join(sorted(areas)[:SHOWN])} and so on."
            )
        if area in lines:
            raise InputError(
                f"{where} holds {each.key[:40]!r}, the same area as line {lines[area]}."
            )
        lines[area] = each.line
    return {matched[each.key]: each.residents for each in counted if each.residents is not None}
