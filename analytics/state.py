"""The state database: what people create while working, kept apart from snapshots.

SQLite in the home folder, in WAL mode; a PostgreSQL address for several machines.
"""

from __future__ import annotations

import fcntl
import os
import sqlite3
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import quote

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

from analytics.crossfilter.text_hash import text_hash
from analytics.errors import (
    BusyError,
    InputError,
    IntegrityError,
    UnavailableError,
    UnchangeableError,
)
from analytics.redaction import Redaction
from analytics.settings import Settings
from analytics.state_file import StateError, StateFile
from analytics.state_tables import saved_views, selections

HEAD = "0025"  # newest migration; a test compares it with migrations/versions
MIGRATIONS = Path(__file__).parent / "migrations"
BUSY_TIMEOUT_MS = 10_000
LATER = "patroliq_after_commit"
NOTED_AFTER = timedelta(days=1)
"""So that opening an address again and again writes nothing."""
MIGRATION_LOCK = 0x5061_7472  # PostgreSQL advisory lock, held while migrating
_UPGRADES = threading.Lock()  # alembic keeps the migration in progress in globals


class StateBusyError(StateError, BusyError):
    """Another process holds the database for longer than `BUSY_TIMEOUT_MS`."""


class StateFullError(StateError):
    """The disk has no room for a write."""


class StateUnreachableError(StateError, UnavailableError):
    """The database does not answer."""


class State:
    """Opens the state database at first use and migrates it.

    Failures of the database are raised as a `StateError`, whose message leaves out its address.
    """

    def __init__(
        self, settings: Settings, file: StateFile | None = None, *, is_fixed: bool = False
    ) -> None:
        """`is_fixed`: every write is refused, as of a kept state that shows what was."""
        self._is_fixed = is_fixed
        self._url = settings.state_url
        self._home = settings.home
        self._file = file or StateFile(settings.home)
        self._redaction = Redaction.of(settings)
        self._engine: sa.Engine | None = None
        self._lock = threading.Lock()

    @property
    def engine(self) -> sa.Engine:
        """The migrated database; opened once in each process, after the fork."""
        with self._lock:
            if self._engine is None:
                engine = self._connect()
                try:
                    self._migrate(engine)
                except BaseException:
                    engine.dispose()  # each try would leave a connection of PostgreSQL open
                    raise
                self._engine = engine
            elif not self._url:
                self._file.require()
            return self._engine

    @contextmanager
    def exclusive(self, lock: int) -> Iterator[sa.Connection]:
        """A transaction that excludes all others with the same lock, in any process.

        SQLite has one lock for all writers, PostgreSQL one for each number. What `after_commit`
        was given meanwhile is called once it is committed.
        """
        with self.engine.connect() as connection:
            later = connection.info[LATER] = []
            if connection.dialect.name == "sqlite":
                connection.exec_driver_sql("BEGIN IMMEDIATE")
            else:
                connection.execute(sa.select(sa.func.pg_advisory_xact_lock(lock)))
            yield connection
            connection.commit()
        for call in dict.fromkeys(later):
            call()

    @staticmethod
    def after_commit(connection: sa.Connection, call: Callable[[], None]) -> None:
        """Have the `exclusive` of a connection call something, once, after its commit."""
        connection.info[LATER].append(call)

    def sync(self) -> None:
        """Write what is committed to the disk, so that it survives a loss of power.

        SQLite in WAL mode does so by itself only now and then; PostgreSQL at each commit.
        """
        if self._url:
            return
        log = self._file.path.with_name(f"{self._file.path.name}-wal")
        # Without a log, everything is in the database already.
        with suppress(FileNotFoundError), log.open("rb") as handle:
            os.fsync(handle.fileno())

    def store(self, text: str) -> str:
        """Store a selection too long for a URL under its hash."""
        key = text_hash(text)
        insert = postgresql.insert if self.engine.dialect.name == "postgresql" else sqlite.insert
        now = datetime.now(UTC)
        statement = insert(selections).values(hash=key, text=text, created=now, used=now)
        with self.engine.begin() as connection:
            connection.execute(
                statement.on_conflict_do_update(index_elements=["hash"], set_={"used": now})
            )
        return key

    def fetch(self, key: str) -> str:
        """The selection stored under a hash.

        Raises
        ------
        InputError
            There is no such selection.
        """
        now = datetime.now(UTC)
        named = selections.c.hash == key
        is_old = selections.c.used < now - NOTED_AFTER
        with self.engine.connect() as connection:
            found = connection.execute(sa.select(selections.c.text, is_old).where(named)).first()
        if found is None:
            raise InputError(
                f"Stored selection not found: {key!r}. It was removed because nobody had used it "
                "for long, it was stored on another installation, or the link is incomplete. "
                "Choose the filters again."
            )
        text, to_note = found
        if to_note:
            with self.engine.begin() as connection:
                connection.execute(sa.update(selections).where(named).values(used=now))
        return str(text)

    def forget_selections(self, unused_for: timedelta) -> int:
        """Remove stored selections that nobody has used for so long; returns how many.

        Those that a saved view names stay.
        """
        old = unused_selections(datetime.now(UTC) - unused_for)
        with self.engine.begin() as connection:
            return connection.execute(sa.delete(selections).where(old)).rowcount

    def version(self) -> str | None:
        """The database's migration, without changing it; None if it is empty."""
        engine = self._connect()
        try:
            with engine.connect() as connection:
                return _version(connection)
        finally:
            engine.dispose()

    def close(self) -> None:
        with self._lock:
            if self._engine is not None:
                self._engine.dispose()
                self._engine = None

    def _connect(self) -> sa.Engine:
        if self._url:
            engine = _engine_at(self._url)
        else:
            self._file.open()
            # "rw": the next connection must not create a deleted file again, empty.
            file = f"file:{quote(str(self._file.path.absolute()))}"
            url = sa.URL.create("sqlite", database=file, query={"mode": "rw", "uri": "true"})
            engine = sa.create_engine(url, hide_parameters=True)
            sa.event.listen(engine, "connect", _prepare_sqlite)
            if self._is_fixed:
                sa.event.listen(engine, "connect", _forbid_writes)
        sa.event.listen(engine, "handle_error", self._translate_error)
        return engine

    def _translate_error(self, context: sa.engine.ExceptionContext) -> None:
        """Raise a database failure as a `StateError`; leave other errors unchanged."""
        cause = context.original_exception
        code = getattr(cause, "sqlite_errorcode", None)
        if code is None and not context.is_disconnect and context.connection is not None:
            return
        detail = self._redaction.of_text(str(cause)).strip()
        match code and code & 0xFF:  # extended codes hold the primary one in their lowest byte
            case sqlite3.SQLITE_BUSY | sqlite3.SQLITE_LOCKED:
                raise StateBusyError(
                    "Another process holds the state database; nothing was written. Try again."
                )
            case sqlite3.SQLITE_FULL | sqlite3.SQLITE_IOERR:
                raise StateFullError(
                    f"The state database in {self._home} cannot be written ({detail}). Is the "
                    "disk full? Nothing was written. Make room and try again."
                )
            case sqlite3.SQLITE_READONLY if self._is_fixed:
                raise UnchangeableError
            case sqlite3.SQLITE_CANTOPEN | sqlite3.SQLITE_READONLY:
                self._file.require()
                raise StateUnreachableError(
                    f"The state database in {self._home} cannot be opened for writing ({detail}). "
                    "Does it belong to the user that runs PatrolIQ?"
                )
            case sqlite3.SQLITE_CORRUPT | sqlite3.SQLITE_NOTADB:
                raise IntegrityError(
                    f"The state database in {self._home} is damaged ({detail}). Restore it from "
                    "a backup."
                )
            case None:
                raise StateUnreachableError(
                    f"The state database does not answer: {detail}. See PATROLIQ_STATE_URL."
                )

    def _migrate(self, engine: sa.Engine) -> None:
        with engine.connect() as connection:
            if _version(connection) == HEAD:
                return
        with self._migration_lock(engine) as connection:
            found = _version(connection)
            if found == HEAD:
                return
            _refuse_newer(found)
            _upgrade(connection)

    @contextmanager
    def _migration_lock(self, engine: sa.Engine) -> Iterator[sa.Connection]:
        """A transaction in which only this process migrates."""
        if engine.dialect.name == "sqlite":
            self._home.mkdir(parents=True, exist_ok=True)
            with self._file.lock.open("w") as handle:
                fcntl.flock(handle, fcntl.LOCK_EX)
                with engine.begin() as connection:
                    yield connection
        else:
            with engine.begin() as connection:
                connection.execute(sa.select(sa.func.pg_advisory_xact_lock(MIGRATION_LOCK)))
                yield connection


def unused_selections(before: datetime) -> sa.ColumnElement[bool]:
    """Of stored selections those that nobody used since a time, and no saved view names."""
    named = sa.select(saved_views.c.id).where(saved_views.c.address.contains(selections.c.hash))
    return sa.and_(selections.c.used < before, ~named.exists())


def _engine_at(url: str) -> sa.Engine:
    """Create the engine for an address.

    Raises
    ------
    InputError
        The address is not valid, or its driver is not installed. The message leaves the address
        out, since it may contain a password.
    """
    try:
        return sa.create_engine(url, pool_pre_ping=True, hide_parameters=True)
    except (sa.exc.ArgumentError, ValueError):
        raise InputError(
            "PATROLIQ_STATE_URL is not a valid database address. Write "
            "postgresql+psycopg://host/database, with user and password before the host; "
            "characters such as @ in a password are written as %40."
        ) from None
    except ImportError as error:
        raise InputError(
            f"PATROLIQ_STATE_URL needs a driver that is not installed: {error.name}."
        ) from None


def _prepare_sqlite(connection: Any, _record: Any) -> None:
    cursor = connection.cursor()
    cursor.execute(f"PRAGMA busy_timeout = {BUSY_TIMEOUT_MS}")
    cursor.execute("PRAGMA journal_mode = WAL")
    cursor.execute("PRAGMA synchronous = NORMAL")
    cursor.execute("PRAGMA foreign_keys = ON")
    cursor.close()


def _forbid_writes(connection: Any, _record: Any) -> None:
    connection.execute("PRAGMA query_only = ON").close()


def _version(connection: sa.Connection) -> str | None:
    if not sa.inspect(connection).has_table("alembic_version"):
        return None
    return connection.execute(sa.text("SELECT version_num FROM alembic_version")).scalar()


def _refuse_newer(found: str | None) -> None:
    if found is not None and not list((MIGRATIONS / "versions").glob(f"{found}_*.py")):
        raise IntegrityError(
            f"The state database was written by a newer version of PatrolIQ (migration {found}; "
            f"this one knows {HEAD}). Start the newer version, or restore a backup."
        )


def _upgrade(connection: sa.Connection) -> None:
    from alembic import command  # noqa: PLC0415 - not needed once the tables exist
    from alembic.config import Config  # noqa: PLC0415

    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    config.attributes["connection"] = connection
    with _UPGRADES:
        command.upgrade(config, "head")
