"""Read a snapshot through an in-memory DuckDB that attaches it, with one cursor per thread.

A DuckDB connection shared by threads fails (182 errors in 2,000 calls, measured), and a read-only
database cannot have temporary tables, but an in-memory root with the snapshot attached can.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import duckdb
import polars as pl

from analytics import formats
from analytics.errors import DamagedError, UnavailableError
from analytics.incidents.row_ranges import RowsElsewhere
from analytics.incidents.warehouse import REMEDY_SNAPSHOT, Snapshot
from analytics.settings import Settings

_SIGNS = ("Corrupt database file", "not a valid DuckDB database file", "database has been invali")
"""DuckDB's messages for a block that does not match its checksum."""


class SnapshotReader:
    """Runs SQL on one snapshot, whose tables are in the search path.

    Attributes
    ----------
    elsewhere : RowsElsewhere or None
        Other machines with the same snapshot, for statements by ranges of rows.
    """

    def __init__(
        self,
        snapshot: Snapshot,
        settings: Settings,
        memory_limit: str = "",
        on_damage: Callable[[str], object] = str,
        timeout_s: float | None = None,
        *,
        sets_formats: bool = True,
        narrow: Callable[[duckdb.DuckDBPyConnection], object] | None = None,
    ) -> None:
        """Open the database.

        Parameters
        ----------
        memory_limit : str
            Replaces that of the settings, such as in a web worker.
        on_damage : callable
            Called with the message before `DamagedError` is raised for a damaged block.
        timeout_s : float, optional
            Stops a statement after so long, such as in a web worker.
        sets_formats : bool
            Whether this snapshot's time zone decides how numbers and dates are written.
        narrow : callable, optional
            Makes views in the in-memory database; statements see these in place of the tables.

        Raises
        ------
        DamagedError
            The database cannot be opened.
        """
        self.snapshot = snapshot
        self.elsewhere: RowsElsewhere | None = None
        self._release = snapshot.hold(self)
        if sets_formats:
            timezone = snapshot.manifest.source.timezone
            formats.use(settings.locale, settings.units, timezone, settings.week_start)
        self._on_damage = on_damage
        self._timeout_s = timeout_s
        self._local = threading.local()
        self._root = duckdb.connect(
            ":memory:",
            config={
                "threads": settings.duckdb_threads,
                "memory_limit": memory_limit or settings.memory_limit,
                "temp_directory": str(settings.home / "temporary"),
            },
        )
        # Under `python -c`, DuckDB would write a progress bar to standard output.
        self._root.execute("SET enable_progress_bar = false")
        path = str(snapshot.database).replace("'", "''")
        try:
            self._root.execute(f"ATTACH '{path}' AS snapshot (READ_ONLY)")
        except duckdb.Error as error:
            self._root.close()
            raise self._damaged(error) from error
        self._catalog = "snapshot" if narrow is None else "memory"
        if narrow is not None:
            narrow(self._root)

    def cursor(self) -> duckdb.DuckDBPyConnection:
        """This thread's cursor."""
        cursor = getattr(self._local, "cursor", None)
        if cursor is None:
            cursor = self._root.cursor()
            cursor.execute(f"USE {self._catalog}")
            self._local.cursor = cursor
        return cursor

    def frame(self, sql: str, params: Mapping[str, Any] | None = None) -> pl.DataFrame:
        """Run one statement with bound values, and stop it after the time limit.

        Raises
        ------
        UnavailableError
            It took too long.
        DamagedError
            The database is damaged.
        """
        cursor = self.cursor()
        try:
            with self._limited(cursor), self.watched():
                return cursor.sql(sql, params=dict(params or {})).pl()
        except duckdb.InterruptException as error:
            raise UnavailableError(
                f"The query was stopped after {self._timeout_s} s; choose a shorter period."
            ) from error

    @contextmanager
    def _limited(self, cursor: duckdb.DuckDBPyConnection) -> Iterator[None]:
        if self._timeout_s is None:
            yield
            return
        timer = threading.Timer(self._timeout_s, cursor.interrupt)
        timer.start()
        try:
            yield
        finally:
            timer.cancel()

    @contextmanager
    def watched(self) -> Iterator[None]:
        """Turn DuckDB's error for a damaged block into a `DamagedError`, and report it."""
        try:
            yield
        except duckdb.Error as error:
            if any(sign in str(error) for sign in _SIGNS):
                failure = self._damaged(error)
                self._on_damage(str(failure))
                raise failure from error
            raise

    def _damaged(self, error: duckdb.Error) -> DamagedError:
        detail = str(error).splitlines()[0][:200]
        return DamagedError(f"{self.snapshot.database} is damaged ({detail}). {REMEDY_SNAPSHOT}")

    def close(self) -> None:
        self._root.close()
        self._release()
