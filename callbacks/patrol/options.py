"""Options of the Patrol page; an invalid one falls back to the default."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from analytics.whole_number import whole_number


@dataclass(frozen=True)
class PatrolOptions:
    """Plan, version and unit; None for the newest plan, its newest version, and all units.

    Attributes
    ----------
    dosage
        Whether the map shows dosage rather than routes.
    day, shift, target, weight
        What the form for a plan starts with, by a link such as that of a forecast; None and empty
        without one.
    """

    plan: int | None
    version: int | None
    unit: int | None
    dosage: bool = False
    day: date | None = None
    shift: str = ""
    target: str = ""
    weight: str = ""

    @classmethod
    def of(cls, raw: Mapping[str, Any]) -> PatrolOptions:
        names = ("plan", "version", "unit")
        plan, version, unit = (whole_number(raw.get(f"p_{one}")) for one in names)
        starts = {name: str(raw.get(f"p_{name}") or "") for name in ("shift", "target", "weight")}
        dosage = raw.get("p_show") == "dosage"
        return cls(plan, version, unit, dosage, _day(raw.get("p_day")), **starts)


def _day(text: object) -> date | None:
    try:
        return date.fromisoformat(text) if isinstance(text, str) else None
    except ValueError:
        return None
