"""Conversion of unexpected read errors into messages that name the file."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager

import duckdb

from analytics.errors import InputError, PatrolIQError

log = logging.getLogger(__name__)


@contextmanager
def reading(name: object) -> Iterator[None]:
    """Context for reading the file `name`; logs the traceback of an unexpected error as debug.

    Errors of disk or memory, and expected errors, pass through.

    Raises
    ------
    InputError
        Reading failed unexpectedly.
    """
    try:
        yield
    except (PatrolIQError, OSError, MemoryError, duckdb.IOException, duckdb.OutOfMemoryException):
        raise
    except Exception as error:
        log.debug("%s cannot be read", name, exc_info=True)
        detail = (str(error).strip().splitlines() or [""])[0][:300]
        raise InputError(
            f"{name}: cannot be read; it may be damaged or of another kind "
            f"({type(error).__name__}: {detail}). PATROLIQ_LOG_LEVEL=debug logs the details."
        ) from error
