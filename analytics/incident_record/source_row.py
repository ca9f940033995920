"""The row of the agency's file from which an incident was read, as it was."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass
from enum import StrEnum, unique
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import duckdb

from analytics.errors import PatrolIQError
from analytics.incidents.manifest import Batch, InputFile, Manifest
from analytics.incidents.packed_loads import Pack, Place, RawRows
from analytics.incidents.warehouse import Warehouse
from analytics.ingest.expressions import Expressions
from analytics.ingest.normalize import create_incoming, normalize, stored_columns
from analytics.ingest.read import map_columns
from analytics.ingest.retracted_rows import READ
from analytics.ingest.tables import LINE, InputTable, one_row, stored_table
from analytics.sources.source import Source
from sql import load

THREADS = 2
_PARQUET = (".parquet", ".pq")


@unique
class RowLack(StrEnum):
    """Why the row cannot be shown, what weighs most first."""

    FILES_GONE = "files gone"  # the rows as read of at least one load are missing
    UNREADABLE = "files unreadable"
    WITHHELD = "withheld"  # the reader sees the place of the incident less exactly
    NOT_FOUND = "not found"


@dataclass(frozen=True)
class SourceRow:
    """One row as it was read.

    Attributes
    ----------
    line
        Line of the file, from 1; of a Parquet file, the number of the row.
    values
        Column → text as in the file, in its order.
    fields
        Field of the incident → column that it was read from.
    is_served
        Whether the incident's values are exactly those of this row. Otherwise it is the last one
        with this id, such as where a mapping was changed since.
    """

    file: str
    line: int
    is_parquet: bool
    batch: str
    ingested_at: str
    values: Mapping[str, str | None]
    fields: Mapping[str, str]
    is_served: bool


@dataclass(frozen=True)
class _Look:
    """What is looked for, and where the rows found are put."""

    connection: duckdb.DuckDBPyConnection
    work: Path
    values: Mapping[str, Any]
    as_written: bool  # whether the id is compared with the text of the file

    @property
    def is_of_content(self) -> bool:
        """Whether the incident's id was made from its content, since its row had none."""
        return str(self.values["id"]).startswith("content-")


@dataclass(frozen=True)
class _Found:
    """Rows of one file of one load that may be the incident's."""

    source: Source
    batch: Batch
    file: InputFile
    rows: InputTable
    positions: Mapping[str, int]


def source_row(
    warehouse: Warehouse, manifest: Manifest, values: Mapping[str, Any]
) -> SourceRow | RowLack:
    """The row that gave an incident's values.

    Rows with its id are read again by the source's mapping of their time, newest load first, until
    one gives exactly the values; older loads are then not searched. Ids are first looked for as
    they are: in large files, that takes a tenth of the time of reading every id by the mapping.
    Readers of a scoped snapshot get no other row than that: an earlier one may tell more.
    """
    lacks: set[RowLack] = set()
    last: SourceRow | None = None
    with TemporaryDirectory(prefix="patroliq-") as work, closing(_connect()) as connection:
        for as_written in (True, False):
            look = _Look(connection, Path(work), values, as_written)
            for one in _search(look, warehouse, manifest, lacks):
                for line, same in _read_again(look, one):
                    if same:
                        return _source_row(look, one, line, is_served=True)
                    if manifest.scoped_from:
                        lacks.add(RowLack.WITHHELD)
                        continue
                    last = last or _source_row(look, one, line, is_served=False)
    return last or next((lack for lack in RowLack if lack in lacks), RowLack.NOT_FOUND)


def _connect() -> duckdb.DuckDBPyConnection:
    connection = duckdb.connect(":memory:", config={"threads": THREADS})
    connection.execute("SET enable_progress_bar = false")
    connection.execute("SET TimeZone = 'UTC'")  # as at ingest
    return connection


def _search(
    look: _Look, warehouse: Warehouse, manifest: Manifest, lacks: set[RowLack]
) -> Iterator[_Found]:
    """Search one load after the other, newest first; adds to `lacks` why one cannot be searched."""
    rows = RawRows(warehouse.raw)
    for batch in reversed(manifest.batches):
        if batch.read and not batch.accepted:
            continue
        try:
            yield from _in_batch(look, rows, batch, lacks)
        except (OSError, PatrolIQError, duckdb.Error):
            lacks.add(RowLack.UNREADABLE)


def _in_batch(look: _Look, rows: RawRows, batch: Batch, lacks: set[RowLack]) -> Iterator[_Found]:
    place = rows.place(batch.id)
    if place is None:
        lacks.add(RowLack.FILES_GONE)
        return
    try:
        found = _in_place(look, place, batch)
    except (OSError, duckdb.Error):
        moved = RawRows(rows.raw).place(batch.id)  # a compaction may have moved them meanwhile
        if moved is None or moved.folder == place.folder:
            raise
        found = _in_place(look, moved, batch)
    yield from found


def _in_place(look: _Look, place: Place, batch: Batch) -> list[_Found]:
    path = place.folder / "source.toml"
    source = Source.parse(path.read_text(encoding="utf-8"), path)
    if place.pack is not None:
        return _in_pack(look, source, place, place.pack)
    found = []
    for number, file in reversed(list(enumerate(batch.files))):
        for path in place.folder.glob(f"{number:04d}-*.parquet"):
            given = stored_table(look.connection, path)
            positions = map_columns(given, source, file.name)
            few = _candidates(look, source, given, positions)
            if few.rows:
                found.append(_Found(source, batch, file, few, positions))
    return found


def _in_pack(look: _Look, source: Source, place: Place, pack: Pack) -> list[_Found]:
    """Rows in a pack, each with the load, file and line that it came from, newest load first."""
    found: dict[tuple[int, int], _Found] = {}
    for path in sorted(place.folder.glob(READ)):
        given = stored_table(look.connection, path)
        positions = map_columns(given, source, path.name)
        few = _candidates(look, source, given, positions)
        if not few.rows:
            continue
        origins = str(path.with_name(f"origins-{path.name.split('-')[0]}.parquet"))
        start, stop = place.span
        values = {"origins": origins, "start": start, "stop": stop}
        statement = load("incident_record/origins")
        for number, file in look.connection.execute(statement, values).fetchall():
            origin = {"origins": origins, "load": number, "file": file}
            target = few.path.with_name(f"{number}-{file}-{path.name}")
            statement = load("incident_record/write_packed_rows")
            look.connection.execute(statement, {**origin, "target": str(target)})
            batch = pack.loads[number]
            if batch.accepted or not batch.read:
                own = InputTable(target, given.columns, few.rows, first_line=None)
                found[number, file] = _Found(source, batch, batch.files[file], own, positions)
    return [found[origin] for origin in sorted(found, reverse=True)]


def _is_parquet(file: InputFile) -> bool:
    return Path(file.name.lower()).suffix in _PARQUET


def _candidates(
    look: _Look, source: Source, given: InputTable, positions: Mapping[str, int]
) -> InputTable:
    """Copy the rows with the incident's id, or its time where rows have no id."""
    expressions = Expressions(source, positions)
    wanted = look.values["id"]
    if look.is_of_content:
        condition = expressions.moment("occurred_from", source.dates["occurred_from"])
        wanted = look.values["occurred_from"]
    elif look.as_written:
        condition = f"CAST(c{positions['id']} AS VARCHAR)"
    else:
        condition = expressions.text("id")
    statement = load(
        "incident_record/raw_rows",
        line=given.line_sql,
        names=given.names_sql,
        cells=", ".join(f"c{number}" for number in range(len(given.columns))),
        condition=condition,
    )
    bound = {"path": str(given.path), "wanted": wanted, **expressions.values}
    look.connection.execute(statement, bound)
    (rows,) = one_row(look.connection, "incident_record/count_raw_rows")
    target = look.work / given.path.parent.name / given.path.name
    if rows:
        target.parent.mkdir(exist_ok=True)
        look.connection.execute(load("incident_record/write_raw_rows"), {"target": str(target)})
    return InputTable(target, given.columns, rows, first_line=None)


def _read_again(look: _Look, found: _Found) -> Iterator[tuple[int, bool]]:
    """Line of each row with the incident's id, and whether it gives exactly the values."""
    name = found.file.name
    create_incoming(look.connection, found.source)
    look.connection.execute("PRAGMA disable_optimizer")  # costs more than it saves on a few rows
    normalize(look.connection, found.rows, found.positions, found.source, name=name, number=0)
    look.connection.execute("PRAGMA enable_optimizer")
    statement = load("incident_record/typed_rows")
    typed = look.connection.sql(statement, params={"id": look.values["id"]}).pl()
    names = [name for name in stored_columns(found.source) if name in look.values]
    for row in typed.iter_rows(named=True):
        yield row[LINE], all(row[name] == look.values[name] for name in names)


def _source_row(look: _Look, found: _Found, line: int, *, is_served: bool) -> SourceRow:
    parameters = {"path": str(found.rows.path), "line": line}
    cells = one_row(look.connection, "incident_record/raw_row", parameters)
    texts = [None if cell is None else str(cell) for cell in cells]
    columns = found.rows.columns
    return SourceRow(
        file=found.file.name,
        line=line,
        is_parquet=_is_parquet(found.file),
        batch=found.batch.id,
        ingested_at=found.batch.ingested_at,
        values=dict(zip(columns, texts, strict=True)),
        fields={field: columns[at] for field, at in found.positions.items()},
        is_served=is_served,
    )
