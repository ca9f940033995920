"""Decide whether a time zone written in dates is true.

Some agencies write Z after local times. Columns that tell the local hour, such as an hour or a
shift, decide; otherwise the rhythm of the day hints, and a person is asked.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from analytics.ingest.assignment import Moments
from analytics.ingest.column_meanings import name_scores, value_kinds, words_of
from analytics.ingest.survey import SurveyedColumn
from analytics.ingest.value_shapes import suits

AGREE = 0.9
ENOUGH = 20
ENOUGH_FOR_RHYTHM = 200
USUAL_HOUR = 16.5  # around which incidents of a whole city are centered, local time
CLEAR_HOURS = 2.5
_UTC = frozenset({"+00:00", "+00", "+0000", "Z"})

Hours = Callable[[datetime], float]


@dataclass(frozen=True)
class ZoneVerdict:
    """Whether times are local as written, why, and whether that is certain."""

    local: bool
    reason: str
    certain: bool


def judge_zone(
    columns: Sequence[SurveyedColumn], dated: Sequence[SurveyedColumn], moments: Moments, zone: str
) -> ZoneVerdict | None:
    """Whether the times of `dated` are local as written; None if nothing tells.

    Parameters
    ----------
    columns : sequence of SurveyedColumn
        All columns of the file, some of which may tell the local hour.
    dated : sequence of SurveyedColumn
        Date columns with times of day that are in UTC if their zone is true.
    """
    for column in dated:
        for verdict in (
            *_by_hours(columns, column, moments[column.name], zone),
            *_by_shifts(columns, column, moments[column.name], zone),
        ):
            return verdict
    for column in dated:
        rhythm = _by_rhythm(column, moments[column.name], zone)
        if rhythm is not None:
            return rhythm
    return None


def in_utc(column: SurveyedColumn) -> bool:
    """Whether all times with a zone say they are in UTC."""
    dates = column.dates
    return dates is not None and bool(dates.zones) and {z for z, _ in dates.zones} <= _UTC


def _by_hours(
    columns: Sequence[SurveyedColumn],
    dated: SurveyedColumn,
    moments: Sequence[datetime | None],
    zone: str,
) -> Iterator[ZoneVerdict]:
    """Verdicts by columns of hours of the day."""
    for column in columns:
        if name_scores(column.name).get("hour", 0) < 0.7 or not suits(column, "hour"):
            continue
        pairs = [
            (moment, int(float(cell)))
            for moment, cell in zip(moments, column.cells, strict=True)
            if moment is not None and cell is not None and _whole(cell)
        ]
        if len(pairs) < ENOUGH:
            continue
        written, converted = (
            sum(hour(moment) == told for moment, told in pairs) / len(pairs)
            for hour in (_written_hour, _local_hour(zone))
        )
        if max(written, converted) >= AGREE and abs(written - converted) > 1 - AGREE:
            local = written > converted
            agree = "as written" if local else "converted to local time"
            share = f"{max(written, converted):.0%} of the times of {dated.name!r}, {agree}"
            yield ZoneVerdict(local, f"{share}, have the hour in {column.name!r}", certain=True)


def _by_shifts(
    columns: Sequence[SurveyedColumn],
    dated: SurveyedColumn,
    moments: Sequence[datetime | None],
    zone: str,
) -> Iterator[ZoneVerdict]:
    """Verdicts by columns of shifts, such as DAY, EVENING and MIDNIGHT."""
    centers = {kind: float(kind.split("_")[1]) for kind in value_kinds("shift_")}
    for column in columns:
        kinds = {text: kind for text in column.distinct if (kind := _shift(text))}
        if len({*kinds.values()}) < 2 or len(kinds) < len(column.distinct) or len(kinds) > 4:
            continue
        errors = []
        for hour in (_written_hour, _local_hour(zone)):
            apart = [
                _apart(hour(moment), centers[kinds[cell]])
                for moment, cell in zip(moments, column.cells, strict=True)
                if moment is not None and cell is not None
            ]
            errors.append(sum(apart) / max(1, len(apart)))
        if len(column.values) >= ENOUGH and abs(errors[0] - errors[1]) >= 1:
            local = errors[0] < errors[1]
            agree = "as written" if local else "converted to local time"
            yield ZoneVerdict(
                local, f"the times of {dated.name!r}, {agree}, suit {column.name!r}", certain=True
            )


def _by_rhythm(
    dated: SurveyedColumn, moments: Sequence[datetime | None], zone: str
) -> ZoneVerdict | None:
    known = [moment for moment in moments if moment is not None]
    if len(known) < ENOUGH_FOR_RHYTHM:
        return None
    written, converted = (
        _apart(_mean_hour([hour(moment) for moment in known]), USUAL_HOUR)
        for hour in (_written_hour, _local_hour(zone))
    )
    if abs(written - converted) < CLEAR_HOURS:
        return None
    local = written < converted
    agree = "as written" if local else "converted to local time"
    reason = f"the rhythm of the day in {dated.name!r} is more usual {agree}"
    return ZoneVerdict(local, reason, certain=False)


def _whole(cell: str) -> bool:
    try:
        return float(cell).is_integer()
    except ValueError:
        return False


def _written_hour(moment: datetime) -> float:
    return moment.hour


def _local_hour(zone: str) -> Hours:
    local = ZoneInfo(zone)
    return lambda moment: moment.replace(tzinfo=UTC).astimezone(local).hour


def _shift(text: str) -> str | None:
    words = {*words_of(text)}
    kinds = _shift_kinds()
    return next((kind for kind, known in kinds.items() if words & known), None)


def _shift_kinds() -> Mapping[str, frozenset[str]]:
    return value_kinds("shift_")


def _apart(hour: float, other: float) -> float:
    """Hours between two times of day."""
    difference = abs(hour - other) % 24
    return min(difference, 24 - difference)


def _mean_hour(hours: Sequence[float]) -> float:
    angles = [2 * math.pi * hour / 24 for hour in hours]
    mean = math.atan2(sum(map(math.sin, angles)), sum(map(math.cos, angles)))
    return mean * 24 / (2 * math.pi) % 24
