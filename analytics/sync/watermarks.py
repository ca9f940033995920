"""Watermarks: how far a feed was read, as JSON values that keep their type."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from math import ceil
from typing import Any

from analytics.errors import InputError

OVERLAP_S = 300
AHEAD = timedelta(days=1)
"""A record that claims to have changed later than this from now does not move the watermark."""


def as_json(value: Any) -> Any:
    """A watermark as a JSON value.

    Raises
    ------
    InputError
        It is of a type that has no order.
    """
    match value:
        case bool():
            pass
        case datetime():
            return {"time": value.isoformat()}
        case date():
            return {"day": value.isoformat()}
        case int() | float():
            return {"number" if isinstance(value, int) else "float": value}
        case Decimal():
            return {"decimal": str(value)}
        case str():
            return {"text": value}
        case bytes():
            return {"bytes": value.hex()}
    raise InputError(f"A watermark cannot be a {type(value).__name__}; choose another column.")


def from_json(value: Any) -> Any:
    """The watermark of a JSON value."""
    ((kind, text),) = value.items()
    read: dict[str, Callable[[Any], Any]] = {
        "time": datetime.fromisoformat,
        "day": date.fromisoformat,
        "number": int,
        "float": float,
        "decimal": Decimal,
        "text": str,
        "bytes": bytes.fromhex,
    }
    return read[kind](text)


def earlier(value: Any, overlap: int | None) -> Any:
    """The value from which to read again: by default five minutes before a time."""
    if isinstance(value, datetime):
        return value - timedelta(seconds=OVERLAP_S if overlap is None else overlap)
    if isinstance(value, date):
        return value - timedelta(days=ceil((overlap or 0) / 86_400))
    if isinstance(value, int | float | Decimal):
        return value - (overlap or 0)
    return value


def newest(before: Any, found: Any, column: str) -> Any:
    """The larger one; `found` alone if nothing was read before.

    Raises
    ------
    InputError
        The two cannot be compared.
    """
    try:
        return found if before is None or found > before else before
    except TypeError as error:
        raise InputError(
            f"Column {column} holds {type(found).__name__} now, and {type(before).__name__} "
            "before. Let the query give one type; a new name of the column starts again."
        ) from error


def is_plausible(value: Any, now: datetime) -> bool:
    """Whether a value is not far in the future, as of a wrong clock.

    A time without a zone is taken as UTC: the slack covers other zones.
    """
    moment = value
    if isinstance(value, str):
        try:
            moment = datetime.fromisoformat(value)
        except ValueError:
            return True
    if isinstance(moment, datetime):
        return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)) <= now + AHEAD
    return not isinstance(moment, date) or moment <= (now + AHEAD).date()
