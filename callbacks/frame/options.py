"""Reading a page's options, which the browser sends as text."""

from __future__ import annotations

from collections.abc import Collection


def one_of(value: object, allowed: Collection[str]) -> str:
    """The value if it is allowed, else the first allowed one."""
    return value if isinstance(value, str) and value in allowed else next(iter(allowed))
