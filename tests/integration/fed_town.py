"""A town whose records arrive by feeds, and what is served of it."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import duckdb

from analytics.inbox.inbox import Accepted, Inbox
from analytics.incidents.warehouse import Warehouse
from analytics.ingest.pipeline import ingest
from analytics.settings import Settings
from analytics.sources.record_kinds import INCIDENTS
from analytics.sources.source import Source

TOWN = """
name = "town"
title = "Town"
timezone = "UTC"
unit_of_count = "offense"
[columns]
id = "Number"
occurred_from = "When"
type = ["Offense", "Kind"]
lat = "place.lat"
lon = "place.lon"
updated = "Changed"
"""
UNDATED = TOWN.replace('updated = "Changed"\n', "")


def record(number: object, kind: str = "THEFT", changed: int = 1, **further: Any) -> dict[str, Any]:
    """One record, as the town's system sends it."""
    return {
        "Number": number,
        "When": "2026-01-02 10:00",
        "Offense": kind,
        "place": {"lat": 41.88, "lon": -87.63},
        "Changed": f"2026-01-03 10:{changed:02d}",
        **further,
    }


def deletion(number: object) -> dict[str, Any]:
    return {"id": number, "deleted": True}


LONG_AGO = 1_600_000_000


class FedTown:
    """An installation that serves the town's first incident, `first`."""

    def __init__(self, folder: Path, text: str = TOWN, **settings: Any) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.folder = folder
        self.path = folder / "town.toml"
        self.path.write_text(text, encoding="utf-8")
        self.source = Source.load(self.path)
        self.settings = Settings(
            home=folder / "home", duckdb_threads=1, sync_sources=(str(self.path),), **settings
        )
        self.inbox = Inbox(self.settings.home, INCIDENTS)

    def begin(self, *records: Mapping[str, Any]) -> FedTown:
        """Serve some records."""
        path = self.folder / "first.jsonl"
        path.write_text(lines_of(*records or (record("first"),)), encoding="utf-8")
        ingest([path], self.source, self.settings, confirmed=True)
        return self

    def send(self, *records: object) -> Accepted:
        """Put records into the inbox, as a request does."""
        return self.inbox.accept(self.source, [json.dumps(one).encode() for one in records])

    def served(self, column: str = "type") -> dict[str, Any]:
        """The served incidents: id → a column."""
        snapshot = Warehouse(self.settings.home).current()
        assert snapshot is not None
        with duckdb.connect(str(snapshot.database), read_only=True) as connection:
            return dict(connection.execute(f"SELECT id, {column} FROM incidents").fetchall())

    def quarantine(self) -> list[tuple[str, str]]:
        """Reason and content of what the served snapshot refused or left out."""
        snapshot = Warehouse(self.settings.home).current()
        assert snapshot is not None
        with duckdb.connect(str(snapshot.database), read_only=True) as connection:
            return connection.execute("SELECT reason, raw FROM quarantine ORDER BY ALL").fetchall()


def lines_of(*records: Mapping[str, Any]) -> str:
    return "".join(json.dumps(one) + "\n" for one in records)


def drop(town: FedTown, name: str, text: str, *, at: float = LONG_AGO) -> Path:
    """Put a file into the drop folder, as it was left at a time."""
    assert town.settings.drop is not None
    path = town.settings.drop / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    os.utime(path, (at, at))
    return path
