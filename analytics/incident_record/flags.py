"""What is said of an incident beside its values, and the reason for each."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum, unique
from typing import Any

from analytics.incident_record.meaning import CodeMeaning
from analytics.incidents.manifest import Manifest


@unique
class FlagKind(StrEnum):
    HEAPED_TIME = "heaped time"
    DEFAULT_ADDRESS = "default address"
    PROACTIVE = "proactive"
    PROVISIONAL = "provisional"
    OUTSIDE_COVERED = "outside the covered days"
    NO_PLACE = "no place"
    NO_HARM = "no harm weight"
    TIME_OF_DISCOVERY = "one time only"


@dataclass(frozen=True)
class IncidentFlag:
    """One flag; `reason` is a value or a note of a reference table, `day` a day it depends on."""

    kind: FlagKind
    reason: str = ""
    day: date | None = None


def flags_of(
    values: Mapping[str, Any], manifest: Manifest, means: CodeMeaning
) -> tuple[IncidentFlag, ...]:
    """The flags that are set, in the order of their weight for a reader."""
    return tuple(_flags(values, manifest, means))


def _flags(
    values: Mapping[str, Any], manifest: Manifest, means: CodeMeaning
) -> Iterator[IncidentFlag]:
    if values["default_address"]:
        yield IncidentFlag(FlagKind.DEFAULT_ADDRESS, means.default_reason)
    if values["lat"] is None:
        yield IncidentFlag(FlagKind.NO_PLACE)
    if values["heaped_time"]:
        yield IncidentFlag(FlagKind.HEAPED_TIME, f"{values['occurred_from']:%H:%M}")
    day, provisional = values["operational_day"], manifest.provisional_day
    if day and provisional and day >= provisional:
        yield IncidentFlag(FlagKind.PROVISIONAL, day=provisional)
    covered = manifest.covered
    if day and covered and not covered[0] <= day <= covered[1]:
        yield IncidentFlag(FlagKind.OUTSIDE_COVERED)
    if values["proactive"]:
        yield IncidentFlag(FlagKind.PROACTIVE, means.reading.note if means.reading else "")
    if values["harm_days"] is None and "harm" not in manifest.views_off:
        yield IncidentFlag(FlagKind.NO_HARM, means.reading.note if means.reading else "")
    if values["occurred_to"] is None and "occurred_to" in manifest.views_off:
        yield IncidentFlag(FlagKind.TIME_OF_DISCOVERY)
