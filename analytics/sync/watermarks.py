"""Watermarks: how far a feed was read, as JSON values that keep their type."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from math import ceil, isfinite
from typing import Any

from analytics.errors import InputError

OVERLAP_S = 300
AHEAD = timedelta(days=1)
"""A record that claims to have changed later than this from now does not move the watermark."""
_EPOCH_LIKE_S = datetime(2000, 1, 1, tzinfo=UTC).timestamp()
"""Smaller numbers may count anything."""
_DAY = len("2026-01-31")


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
    except (TypeError, ArithmeticError) as error:  # such as a number that is none
        raise InputError(
            f"Column {column} holds {type(found).__name__} now, and {type(before).__name__} "
            "before. Let the query give one type; a new name of the column starts again."
        ) from error


def is_plausible(value: Any, before: Any, now: datetime) -> bool:
    """Whether a value may move the watermark, so that it does not hide what changes later.

    Not one far in the future, as of a wrong clock; no text that is no time if `before` is one; no
    number without end; and none that lies in the future as seconds or milliseconds since 1970, if
    `before` is such a time. A time without a zone is taken as UTC: the slack covers other zones.

    Parameters
    ----------
    before : the watermark so far, or the first one, which the source names
    """
    if isinstance(value, int | float | Decimal):
        return _is_finite(value) and not _is_future(value, before, now)
    moment = _moment(value)
    if moment is not None:
        return moment <= now + AHEAD
    return not isinstance(value, str) or not _tells_time(before)


def _is_finite(value: float | Decimal) -> bool:
    return value.is_finite() if isinstance(value, Decimal) else isfinite(value)


def _tells_time(value: Any) -> bool:
    """Whether a value is a time; digits alone may be a number that happens to read like a day."""
    return _moment(value) is not None and not (isinstance(value, str) and value.strip().isdecimal())


def _moment(value: Any) -> datetime | None:
    """The time that a value tells, at least by its first ten characters; None if it is none."""
    found = value
    if isinstance(value, str):
        text = value.strip().replace("/", "-")
        found = _read_time(text) or (_read_time(text[:_DAY]) if "-" in text[:_DAY] else None)
    if isinstance(found, datetime):
        return found if found.tzinfo else found.replace(tzinfo=UTC)
    return datetime.combine(found, time(), UTC) if isinstance(found, date) else None


def _read_time(text: str) -> datetime | None:
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        return None


def _is_future(value: float | Decimal, before: Any, now: datetime) -> bool:
    """Whether a number is a time in the future, if the one before is a time in the past."""
    if not isinstance(before, int | float | Decimal):
        return False
    latest = (now + AHEAD).timestamp()
    scales = (1, 1_000)
    return any(
        _EPOCH_LIKE_S * one <= before <= latest * one and value > latest * one for one in scales
    )
