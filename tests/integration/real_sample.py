"""A stratified sample of the real file, published as a snapshot of its own."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import duckdb

from analytics.incidents.reader import SnapshotReader
from analytics.ingest.pipeline import ingest
from analytics.services import Services
from analytics.settings import Settings
from analytics.sources.source import Source

FILE = "chicago_crimes_2014_2018.parquet"


@dataclass(frozen=True, eq=False)
class RealSample:
    """The snapshot, and the same rows as the portal gave them: table `raw`, `moment` its time."""

    reader: SnapshotReader
    connection: duckdb.DuckDBPyConnection = field(repr=False)

    def rows(self, statement: str) -> list[tuple[Any, ...]]:
        return self.connection.sql(statement).fetchall()


def publish_sample(real_data: Path, folder: Path, each: int) -> RealSample:
    """Every `each`-th incident of every crime type, in an order by hash."""
    chosen = folder / "sample.parquet"
    connection = duckdb.connect()
    connection.execute(
        f"""COPY (
            FROM '{real_data / FILE}'
            QUALIFY row_number() OVER (PARTITION BY "Primary Type" ORDER BY hash("ID")) % {each} = 1
        ) TO '{chosen}'"""
    )
    connection.execute(
        f"""CREATE VIEW raw AS
        SELECT *, strptime("Date", '%m/%d/%Y %I:%M:%S %p') AS moment FROM '{chosen}'"""
    )
    settings = Settings(home=folder / "home")
    ingest([chosen], Source.load("chicago"), settings)
    pinned = Services(settings).pin()
    assert pinned is not None
    return RealSample(pinned.reader, connection)
