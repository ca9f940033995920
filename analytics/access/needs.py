"""What a route or a callback needs: each names it, and whatever names nothing is denied."""

from __future__ import annotations

from collections.abc import Callable
from enum import StrEnum
from typing import Any, TypeVar

from analytics.access.programs import ProgramPermission
from analytics.access.roles import Permission

View = TypeVar("View", bound=Callable[..., Any])
_NAME = "patroliq_needs"


class Open(StrEnum):
    """For whom a route is open that no permission guards."""

    ANYONE = "anyone"
    SIGNED_IN = "anyone who signed in"


Need = Permission | ProgramPermission | Open


def needs(need: Need) -> Callable[[View], View]:
    """Name what a view function needs; the gate reads it."""

    def mark(view: View) -> View:
        setattr(view, _NAME, need)
        return view

    return mark


def need_of(view: object) -> Need | None:
    """What a view function needs; None if it names nothing."""
    return getattr(view, _NAME, None)
