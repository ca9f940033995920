"""A database as a feed: what changed since the watermark, less an overlap.

The query compares with >=, so that rows with the value of the last one are read again and none is
lost. If exactly the same rows come as in the run before, they are not loaded again.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from analytics.errors import InputError
from analytics.incidents.warehouse import Snapshot
from analytics.ingest.ids_as_stored import padded_ids
from analytics.settings import Settings
from analytics.sources.other_systems import FromDatabase
from analytics.sources.source import Source
from analytics.sync.database import Database, DatabaseReading, json_value
from analytics.sync.deadline import within
from analytics.sync.feed import Feed, FeedReport, Taken
from analytics.sync.feed_sources import served_snapshot
from analytics.sync.feed_state import FeedState
from analytics.sync.watermarks import as_json, earlier, from_json, is_plausible, newest

FILE = "database.jsonl"
MOST_EXAMPLES, LONGEST_EXAMPLE = 3, 40
_TRUE = frozenset({"1", "true", "t", "y", "yes"})


class DatabaseFeed(Feed):
    """The database that a source names."""

    def __init__(
        self,
        source: Source,
        asked: FromDatabase,
        settings: Settings,
        notes: FeedState,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self.name = f"{source.kind.name} database of {source.name}"
        self._source = source
        self._asked = asked
        self._settings = settings
        self._notes = notes
        self._clock = clock

    def take(self, folder: Path, report: FeedReport) -> Sequence[Taken]:
        note = self._notes.of_served(self.name, self._served())
        before = None
        if note.watermark is not None and note.watermark["column"] == self._asked.watermark:
            before = from_json(note.watermark["value"])
            if not is_plausible(before, self._asked.start, self._clock()):
                before = None  # an earlier version took what hides later rows
        start = self._asked.start if before is None else earlier(before, self._asked.overlap)
        database = Database(self._asked.database, self._asked.timeout_s, self._settings)

        def read() -> _Rows:
            with database.reading() as reading:
                return self._read(reading, start, folder / FILE)

        rows = within(self._asked.timeout_s, self.name, read)
        report.rows, report.deleted = rows.count, len(rows.deleted)
        report.errors += rows.faults(self._asked.watermark)
        if not (rows.count or rows.deleted) or rows.digest == note.read:
            return []
        column = self._asked.watermark
        found = before if rows.newest is None else newest(before, rows.newest, column)
        watermark = None if found is None else {"column": column, "value": as_json(found)}
        return [
            Taken(
                self.name,
                (folder / FILE,) if rows.count else (),
                lambda _report: self._notes.published(
                    self.name, watermark, rows.digest, self._served()
                ),
                rows.count,
                frozenset(rows.deleted),
            )
        ]

    def ids(self) -> set[str] | None:
        if not self._asked.ids:
            return None
        database = Database(self._asked.database, self._asked.timeout_s, self._settings)

        def read() -> set[str]:
            with database.reading() as reading:
                return {_first(row) for row in reading.rows(self._asked.ids, None)}

        return within(self._asked.timeout_s, self.name, read) - {""}

    def _served(self) -> Snapshot | None:
        return served_snapshot(self._source.kind, self._settings)

    def _read(self, reading: DatabaseReading, start: Any, path: Path) -> _Rows:
        rows = _Rows()
        now = self._clock()
        present: set[str] = set()
        with path.open("w", encoding="utf-8") as file:
            for row in reading.rows(self._asked.query, start):
                mark = _column(row, self._asked.watermark, "watermark")
                if mark is not None and not is_plausible(mark, start, now):
                    rows.leave_out(mark)
                elif mark is not None:
                    rows.newest = newest(rows.newest, mark, self._asked.watermark)
                if self._asked.deleted and _is_true(_column(row, self._asked.deleted, "deleted")):
                    rows.delete(self._id_of(row))
                    continue
                file.write(rows.add(row))
                if self._asked.deleted_ids:
                    present.add(self._id_of(row))
        if self._asked.deleted_ids:
            gone = {_first(row) for row in reading.rows(self._asked.deleted_ids, start)}
            stored = padded_ids(self._source, present | gone)
            there = {stored.get(id) for id in present}
            for id in gone:
                if stored.get(id) not in there:  # else it was added again since
                    rows.delete(id)
        return rows

    def _id_of(self, row: Mapping[str, Any]) -> str:
        names = self._source.columns.get("id", ("id",))
        given = {name.strip().lower(): value for name, value in row.items()}
        found = (given.get(name.strip().lower()) for name in names)
        return next((_text(value) for value in found if value is not None), "")


@dataclass
class _Rows:
    """What a query gave; `digest` does not depend on the order of rows."""

    count: int = 0
    newest: Any = None
    deleted: set[str] = field(default_factory=set)
    _sum: int = 0
    _left_out: int = 0
    _examples: list[str] = field(default_factory=list)

    def add(self, row: Mapping[str, Any]) -> str:
        """Count a row; returns its line."""
        line = json.dumps({name: json_value(value) for name, value in row.items()}, default=str)
        self.count += 1
        self._note(line)
        return line + "\n"

    def delete(self, id: str) -> None:
        if id and id not in self.deleted:
            self.deleted.add(id)
            self._note(f"deleted {id}")

    def leave_out(self, mark: Any) -> None:
        """Count a value that does not move the watermark."""
        self._left_out += 1
        shown = str(mark)[:LONGEST_EXAMPLE]
        if len(self._examples) < MOST_EXAMPLES and shown not in self._examples:
            self._examples.append(shown)

    def faults(self, column: str) -> list[InputError]:
        """What the source must correct: until then such rows are read by every run."""
        if not self._left_out:
            return []
        return [
            InputError(
                f"Column {column} has values that do not move the watermark ({self._left_out:,}), "
                "as they lie in the future or are no time or number like the others: "
                f"{', '.join(map(repr, self._examples))}. The rows are loaded, and read again by "
                "every run; correct them in the source."
            )
        ]

    @property
    def digest(self) -> str:
        return f"{self._sum:064x}"

    def _note(self, text: str) -> None:
        one = int.from_bytes(hashlib.sha256(text.encode()).digest(), "big")
        self._sum = (self._sum + one) % (1 << 256)


def _column(row: Mapping[str, Any], name: str, key: str) -> Any:
    if name in row:
        return row[name]
    raise InputError(
        f"The query of the source gives no column {name!r}, which sync.{key} names. It gives: "
        f"{', '.join(row)}."
    )


def _first(row: Mapping[str, Any]) -> str:
    """The only column of a query of ids."""
    return _text(next(iter(row.values())))


def _is_true(value: Any) -> bool:
    return _text(value).lower() in _TRUE


def _text(value: Any) -> str:
    found = json_value(value)
    return "" if found is None else str(found).strip()
