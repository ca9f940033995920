"""Population of areas by group: added by the agency from a census table."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import shapely

from analytics.areas.outline_file import Area, match_keys, read_kept_areas
from analytics.areas.outlines import OnRecord, unrecorded
from analytics.areas.population import Population, PopulationGroup, write_population
from analytics.areas.weighting import area_weights
from analytics.errors import InputError
from analytics.incidents.model import require_area_level
from analytics.incidents.warehouse import Snapshot, Warehouse
from analytics.ingest.area_numbers_file import AreaNumbers, read_area_numbers
from analytics.ingest.residents import by_outline
from analytics.layers.kinds import LayerKind
from analytics.layers.layer_file import FileOptions, locate, read_layer_file
from analytics.statistics.arrays import Floats

LONGEST_NAME = 60
MOST_GROUPS = 60


@dataclass(frozen=True)
class GroupColumn:
    """A group, what it is one of, and the column that counts it."""

    kind: str
    label: str
    column: str


@dataclass(frozen=True)
class PopulationFile:
    """How to read the table.

    Attributes
    ----------
    key, residents : columns with the key and the number of residents
    wholes : kind and column of what the groups of a kind are parts of, where it is not the
        residents, such as all households
    missing : what it writes where a number is not known, such as -999
    outlines, outline_key : file with the outlines of its areas, where they are not those of the
        level, and the field that holds their keys
    """

    path: Path
    key: str
    residents: str
    groups: tuple[GroupColumn, ...]
    missing: str = ""
    outlines: Path | None = None
    outline_key: str = ""
    wholes: tuple[tuple[str, str], ...] = ()


def add_population(
    home: Path, level: str, file: PopulationFile, on_record: OnRecord = unrecorded
) -> Population:
    """Store the population of one level's areas; it replaces an earlier one.

    Raises
    ------
    InputError
        There is no data, the level has no outlines of the agency, or a file cannot be used.
    """
    require_area_level(level)
    _check_groups(file.groups, file.wholes)
    current = Warehouse(home).current()
    if current is None:
        raise InputError("There is no data yet; ingest incidents first.")
    areas = _added_areas(current, level)
    counted = (*(group.column for group in file.groups), *(column for _, column in file.wholes))
    lines = read_area_numbers(file.path, file.key, (file.residents, *counted), file.missing)
    shapes = _outlines(file) if file.outlines else {}
    if file.outlines:  # lines without an outline are of other places
        matched = match_keys([line.key for line in lines], shapes)
        lines = [line for line in lines if matched[line.key] in shapes]
    complete = [line for line in lines if None not in line.values]
    if file.outlines is None:
        numbers, left_out = _of_areas(file, complete, [area.key for area in areas]), 0.0
    else:
        numbers, left_out = _weighted(file, complete, shapes, areas, current)

    def column(at: int) -> dict[str, float]:
        return {area: values[at] for area, values in numbers.items()}

    found = Population(
        level,
        file.path.name,
        datetime.now(UTC).isoformat(),
        column(0),
        tuple(
            PopulationGroup(group.kind, group.label, column(at))
            for at, group in enumerate(file.groups, 1)
        ),
        file.outlines.name if file.outlines else "",
        len(complete) if file.outlines else 0,
        left_out,
        len(lines) - len(complete),
        {kind: column(at) for at, (kind, _) in enumerate(file.wholes, 1 + len(file.groups))},
    )
    details = {"level": level, "areas": len(numbers), "groups": len(file.groups)}
    with on_record("population.added", level, {**details, "file": file.path.name}):
        write_population(home, found)
    return found


def _check_groups(groups: Sequence[GroupColumn], wholes: Sequence[tuple[str, str]]) -> None:
    if not groups or len(groups) > MOST_GROUPS:
        raise InputError(f"Name 1 to {MOST_GROUPS} groups with --group KIND LABEL COLUMN.")
    for group in groups:
        for text in (group.kind, group.label):
            if not text.strip() or len(text) > LONGEST_NAME or not text.isprintable():
                raise InputError(f"{text[:40]!r} is not a valid name of a group.")
    named = [(group.kind, group.label) for group in groups]
    if len(set(named)) < len(named):
        raise InputError("Two groups have the same kind and label.")
    kinds = [kind for kind, _ in wholes]
    unknown = sorted(set(kinds) - {group.kind for group in groups})
    if unknown:
        raise InputError(f"--whole {unknown[0]}: no group is of this kind.")
    if len(set(kinds)) < len(kinds):
        raise InputError("Two wholes are of the same kind.")


def _added_areas(current: Snapshot, level: str) -> list[Area]:
    outline = current.manifest.outlines.get(level)
    path = current.outline(level)
    if outline is None or path is None or outline.origin != "added":
        raise InputError(
            f"Population of {level} needs outlines, and none were added. First run "
            f"`patroliq boundaries add {level} FILE --key FIELD`."
        )
    return read_kept_areas(path)


def _of_areas(
    file: PopulationFile, lines: Sequence[AreaNumbers], areas: Sequence[str]
) -> dict[str, tuple[float, ...]]:
    found = by_outline(file.path, file.key, lines, areas)
    return {area: tuple(value or 0.0 for value in line.values) for area, line in found.items()}


def _outlines(file: PopulationFile) -> dict[str, shapely.Geometry]:
    """Outlines of the file's areas by key, in degrees."""
    path = file.outlines
    if path is None or not file.outline_key:
        raise InputError("Name the field with the keys of the outlines with --outline-key.")

    def choose(names: Sequence[str]) -> Sequence[str]:
        if file.outline_key not in names:
            raise InputError(
                f"{path}: no field {file.outline_key!r}. Its fields: {', '.join(sorted(names))}."
            )
        return [file.outline_key]

    read = read_layer_file(path, LayerKind.PLACES, FileOptions(), choose)
    features = locate(path, read, None, None).features
    shapes: dict[str, list[shapely.Geometry]] = {}
    keys = features.fields[file.outline_key]
    for number, key, shape in zip(features.numbers, keys, features.shapes, strict=True):
        if not shape.geom_type.endswith("Polygon"):
            raise InputError(f"{path}, {features.unit} {number}: is not a polygon.")
        shapes.setdefault(key, []).append(shapely.make_valid(shape))
    return {key: shapely.union_all(each) for key, each in shapes.items() if key}


def _weighted(
    file: PopulationFile,
    lines: Sequence[AreaNumbers],
    shapes: Mapping[str, shapely.Geometry],
    areas: Sequence[Area],
    current: Snapshot,
) -> tuple[dict[str, tuple[float, ...]], float]:
    """Numbers by area, and the share of residents in no area."""
    by_part = by_outline(file.path, file.key, lines, shapes)
    if not by_part:
        raise InputError(
            f"{file.path}: no value of column {file.key!r} is a key of {file.outlines}, such as "
            f"{', '.join(sorted(shapes)[:3])}."
        )
    parts = {key: shapes[key] for key in by_part}
    weights = area_weights(parts, areas, current.manifest.crs_local)
    values = np.array([[one or 0.0 for one in line.values] for line in by_part.values()])
    totals: Floats = weights.T @ values
    inside = float(totals[:, 0].sum())
    whole = float(values[:, 0].sum())
    if inside <= 0:
        raise InputError(f"{file.outlines}: no residents of its areas are in the level's areas.")
    numbers = {
        area.key: tuple(row) for area, row in zip(areas, totals.tolist(), strict=True) if row[0] > 0
    }
    return numbers, max(1 - inside / whole, 0.0)
