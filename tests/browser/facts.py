"""Numbers counted by plain SQL on a DuckDB file or a Parquet file, without the app's code."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import duckdb


class Facts:
    """Answers from the snapshot's own table."""

    def __init__(self, database: Path) -> None:
        self._connection = duckdb.connect(database, read_only=True)

    def close(self) -> None:
        self._connection.close()

    def rows(self, sql: str) -> list[tuple[Any, ...]]:
        return self._connection.execute(sql).fetchall()

    def count(self, where: str = "true") -> int:
        return int(self.rows(f"SELECT count(*) FROM incidents WHERE {where}")[0][0])

    def by(self, column: str, where: str = "true") -> dict[str, int]:
        """Incidents by value; missing ones under `unknown`."""
        sql = (
            f"SELECT coalesce(CAST({column} AS VARCHAR), 'unknown'), count(*) FROM incidents "
            f"WHERE {where} GROUP BY 1"
        )
        return dict(self.rows(sql))
