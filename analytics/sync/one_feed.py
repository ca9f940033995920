"""What fails in one feed is reported with it, and stops nothing else."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager

from analytics.errors import PatrolIQError

log = logging.getLogger(__name__)


@contextmanager
def failing_alone(what: str, errors: list[PatrolIQError]) -> Iterator[None]:
    """Add whatever fails to `errors`; what nobody expected is logged with its traceback."""
    try:
        yield
    except PatrolIQError as error:
        errors.append(error)
    except OSError as error:  # such as a full disk: the others may still have room
        errors.append(PatrolIQError(f"{what} cannot be read: {error}"))
    except Exception as error:
        log.exception("%s failed", what)
        errors.append(
            PatrolIQError(
                f"{what} failed unexpectedly ({type(error).__name__}); the log has the details."
            )
        )
