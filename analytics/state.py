"""The state database: what people create while working, kept apart from snapshots.

SQLite in the home folder, in WAL mode; a PostgreSQL address for several machines.
"""

from __future__ import annotations

import fcntl
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import quote

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

from analytics.crossfilter.text_hash import HASH_LENGTH, text_hash
from analytics.errors import BusyError, InputError, IntegrityError, UnavailableError
from analytics.redaction import Redaction
from analytics.settings import Settings
from analytics.state_file import StateError, StateFile

HEAD = "0006"  # newest migration; a test compares it with migrations/versions
MIGRATIONS = Path(__file__).parent / "migrations"
BUSY_TIMEOUT_MS = 10_000
MIGRATION_LOCK = 0x5061_7472  # PostgreSQL advisory lock, held while migrating

metadata = sa.MetaData()

selections = sa.Table(
    "selections",
    metadata,
    sa.Column("hash", sa.String(HASH_LENGTH), primary_key=True),
    sa.Column("text", sa.Text, nullable=False),
    sa.Column("created", sa.DateTime(timezone=True), nullable=False),
)

audit = sa.Table(
    "audit",
    metadata,
    sa.Column("sequence", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("happened", sa.String(32), nullable=False),  # ISO 8601, as it was hashed
    sa.Column("person", sa.Text, nullable=False),
    sa.Column("login", sa.Text, nullable=False),
    sa.Column("event", sa.String(64), nullable=False),
    sa.Column("subject", sa.Text, nullable=False),
    sa.Column("reason", sa.Text, nullable=False),
    sa.Column("details", sa.Text, nullable=False),  # JSON
    sa.Column("previous", sa.String(64), nullable=False),
    sa.Column("hash", sa.String(64), nullable=False, unique=True),
)

jobs = sa.Table(
    "jobs",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("command", sa.Text, nullable=False),  # JSON list of arguments
    sa.Column("person", sa.Text, nullable=False),
    sa.Column("status", sa.String(16), nullable=False),
    sa.Column("created", sa.Float(53), nullable=False),  # seconds since 1970, like all times here
    sa.Column("started", sa.Float(53)),
    sa.Column("ended", sa.Float(53)),
    sa.Column("attempts", sa.Integer, nullable=False),
    sa.Column("most_attempts", sa.Integer, nullable=False),
    sa.Column("worker", sa.Text),
    sa.Column("leased_until", sa.Float(53)),
    sa.Column("cancel_asked", sa.Boolean, nullable=False),
    sa.Column("share", sa.Float(53), nullable=False),
    sa.Column("message", sa.Text, nullable=False),
    sa.Column("exit_code", sa.Integer),
    sa.Column("result", sa.Text),
    sa.Column("error", sa.Text),
    sqlite_autoincrement=True,  # an id is never given twice
)

zone_edits = sa.Table(
    "zone_edits",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("model", sa.String(64), nullable=False),
    sa.Column("version", sa.Integer, nullable=False),
    sa.Column("zone", sa.String(64), nullable=False),  # its label; empty for an added zone
    sa.Column("action", sa.String(16), nullable=False),  # add, suppress, rename or undo
    sa.Column("name", sa.Text, nullable=False),
    sa.Column("polygon", sa.Text, nullable=False),  # in a selection's format
    sa.Column("reason", sa.Text, nullable=False),
    sa.Column("person", sa.Text, nullable=False),
    sa.Column("at", sa.String(32), nullable=False),  # ISO 8601
    sa.Column("undoes", sa.Integer),  # the row that is undone
    sqlite_autoincrement=True,
)

champions = sa.Table(
    "champions",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("model", sa.String(64), nullable=False),
    sa.Column("version", sa.Integer, nullable=False),
    sa.Column("since", sa.String(32), nullable=False),  # ISO 8601
    sa.Column("person", sa.Text, nullable=False),
    sa.Column("reason", sa.Text, nullable=False),
    sa.Column("previous", sa.Integer),  # the row a rollback returns to
    sqlite_autoincrement=True,
)


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

    def __init__(self, settings: Settings, file: StateFile | None = None) -> None:
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
                self._migrate(engine)
                self._engine = engine
            elif not self._url:
                self._file.require()
            return self._engine

    @contextmanager
    def exclusive(self, lock: int) -> Iterator[sa.Connection]:
        """A transaction that excludes all others with the same lock, in any process.

        SQLite has one lock for all writers, PostgreSQL one for each number.
        """
        with self.engine.connect() as connection:
            if connection.dialect.name == "sqlite":
                connection.exec_driver_sql("BEGIN IMMEDIATE")
            else:
                connection.execute(sa.select(sa.func.pg_advisory_xact_lock(lock)))
            yield connection
            connection.commit()

    def store(self, text: str) -> str:
        """Store a selection too long for a URL under its hash."""
        key = text_hash(text)
        insert = postgresql.insert if self.engine.dialect.name == "postgresql" else sqlite.insert
        statement = insert(selections).values(hash=key, text=text, created=datetime.now(UTC))
        with self.engine.begin() as connection:
            connection.execute(statement.on_conflict_do_nothing(index_elements=["hash"]))
        return key

    def fetch(self, key: str) -> str:
        """The selection stored under a hash.

        Raises
        ------
        InputError
            There is no such selection.
        """
        statement = sa.select(selections.c.text).where(selections.c.hash == key)
        with self.engine.connect() as connection:
            text = connection.execute(statement).scalar_one_or_none()
        if text is None:
            raise InputError(
                f"Stored selection not found: {key!r}. It was stored on another installation, or "
                "the link is incomplete."
            )
        return str(text)

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
    command.upgrade(config, "head")
