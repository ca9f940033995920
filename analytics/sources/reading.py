"""What a reader did not expect becomes a sentence that names the file."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager

import duckdb

from analytics.errors import InputError, PatrolIQError

log = logging.getLogger(__name__)


@contextmanager
def reading(name: object) -> Iterator[None]:
    """Read the file `name`; an unexpected failure is logged with its traceback at level debug.

    Failures of the disk or of memory, and those that already are sentences, pass through.

    Raises
    ------
    InputError
        Reading failed in a way that nobody foresaw.
    """
    try:
        yield
    except (PatrolIQError, OSError, MemoryError, duckdb.IOException, duckdb.OutOfMemoryException):
        raise
    except Exception as error:
        log.debug("%s cannot be read", name, exc_info=True)
        said = (str(error).strip().splitlines() or [""])[0][:300]
        raise InputError(
            f"{name}: cannot be read; it may be damaged or of another kind "
            f"({type(error).__name__}: {said}). PATROLIQ_LOG_LEVEL=debug logs the details."
        ) from error
