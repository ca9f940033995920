"""An agency's database: rows of a query, within a time, without a word about its password."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import date, datetime, time
from decimal import Decimal
from math import isfinite
from typing import Any

import sqlalchemy as sa
from sqlalchemy.pool import NullPool

from analytics.errors import InputError, UnavailableError
from analytics.redaction import Redaction
from analytics.settings import Settings
from analytics.sources.other_systems import uses_watermark

CONNECT_S = 10
BUFFER_ROWS = 1_000
MOST_MESSAGE = 500
_LIBPQ = (("postgresql", "psycopg"), ("postgresql", "psycopg2"))


class Database:
    """A database that is only read. One transaction sees it as of one moment."""

    def __init__(self, variable: str, timeout_s: int, settings: Settings) -> None:
        """Prepare to connect.

        Raises
        ------
        InputError
            The environment variable is not set or holds no address, or the driver is missing.
        """
        self._variable = variable
        self._redaction = Redaction.of(settings)
        address = os.environ.get(variable, "")
        if not address:
            raise InputError(
                f"The environment variable {variable} is not set; it holds the address of the "
                "database that the source names."
            )
        try:
            url = sa.make_url(address)
            self._engine = sa.create_engine(
                url,
                hide_parameters=True,
                poolclass=NullPool,
                connect_args=_limits(url, timeout_s),
            )
        except (sa.exc.ArgumentError, ValueError):
            raise InputError(
                f"{variable} does not hold a valid database address, such as "
                "postgresql+psycopg://user:password@host/database."
            ) from None
        except ImportError as error:
            raise InputError(
                f"{variable} needs a driver that is not installed: {error.name}."
            ) from None

    @contextmanager
    def reading(self) -> Iterator[DatabaseReading]:
        """A transaction.

        Raises
        ------
        UnavailableError
            The database does not answer.
        InputError
            It refuses a query.
        """
        try:
            with self._engine.connect() as connection:
                if connection.dialect.name == "postgresql":
                    connection.execution_options(isolation_level="REPEATABLE READ")
                elif connection.dialect.name == "sqlite":
                    connection.exec_driver_sql("PRAGMA query_only = ON")
                yield DatabaseReading(connection)
        except (sa.exc.ProgrammingError, sa.exc.DataError) as error:
            raise InputError(
                f"The database of {self._variable} refuses the query: {self._said(error)}"
            ) from None
        except sa.exc.SQLAlchemyError as error:
            raise UnavailableError(
                f"The database of {self._variable} failed: {self._said(error)}"
            ) from None
        finally:
            self._engine.dispose()

    def _said(self, error: sa.exc.SQLAlchemyError) -> str:
        said = getattr(error, "orig", None) or error
        text = " ".join(str(said).split())
        return self._redaction.of_text(text)[:MOST_MESSAGE]


class DatabaseReading:
    """Queries within one transaction."""

    def __init__(self, connection: sa.Connection) -> None:
        self._connection = connection

    def rows(self, query: str, watermark: Any) -> Iterator[Mapping[str, Any]]:
        """Rows of a query, streamed."""
        if self._connection.dialect.name == "sqlite" and isinstance(watermark, date):
            watermark = str(watermark)  # as SQLite's own functions write times
        values = {"watermark": watermark} if uses_watermark(query) else {}
        options = {"stream_results": True, "max_row_buffer": BUFFER_ROWS}
        connection = self._connection.execution_options(**options)
        for row in connection.execute(sa.text(query), values).mappings():
            yield {str(name): value for name, value in row.items()}


def json_value(value: Any) -> Any:
    """A database value as JSON that ingest reads as it would read a file."""
    if isinstance(value, float) and not isfinite(value):
        return None
    if value is None or isinstance(value, bool | int | float | str):
        return value
    if isinstance(value, datetime | date | time):
        return value.isoformat()
    if isinstance(value, bytes | memoryview):
        return bytes(value).hex()
    if isinstance(value, Decimal):
        return format(value, "f")
    return value if isinstance(value, dict | list) else str(value)


def _limits(url: sa.URL, timeout_s: int) -> dict[str, Any]:
    if url.get_backend_name() == "sqlite":
        return {"timeout": CONNECT_S}
    if (url.get_backend_name(), url.get_driver_name()) not in _LIBPQ:
        return {}
    options = f"-c statement_timeout={timeout_s * 1000} -c default_transaction_read_only=on"
    own = {} if "options" in url.query else {"options": options}
    return {"connect_timeout": CONNECT_S, **own}
