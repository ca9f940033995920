"""What holds for a whole unknown file: its time zone, its places, and whether zones are true."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from analytics.ingest.assignment import DATES, Assignment, Moments
from analytics.ingest.gaps import crs_question
from analytics.ingest.likely_time_zone import likely_time_zone
from analytics.ingest.sampled_places import (
    Place,
    around,
    exchanged_question,
    middle,
    outer_bounds,
    sampled_places,
)
from analytics.ingest.survey import Survey, SurveyedColumn
from analytics.ingest.zone_evidence import ZoneVerdict, in_utc, judge_zone
from analytics.sources.mapping import WORLD, Bounds


@dataclass(frozen=True)
class SourceChoices:
    """What a person decided: the column of a field (None: no column has it), and settings.

    `day_first` is the order of dates that fit both; `local_times` says that times are local,
    whatever zone the file writes.
    """

    columns: Mapping[str, str | None] = field(default_factory=dict)
    timezone: str | None = None
    crs: str | None = None
    day_first: bool | None = None
    local_times: bool | None = None
    title: str = ""
    unit_of_count: str = ""


@dataclass(frozen=True)
class Surveyed:
    """An unknown file's columns, and the times of date columns in the same sampled rows."""

    survey: Survey
    columns: Sequence[SurveyedColumn]
    moments: Moments


@dataclass(frozen=True)
class Context:
    """What a proposal needs beside the assigned columns.

    `file_keys` are keys that tell how the file was read.
    `local_zones`: zones in the dates are not true. `utc`: dates without a zone are in UTC.
    """

    name: str
    timezone: str = "UTC"
    bounds: Bounds | None = None
    crs: str | None = None
    title: str = ""
    unit_of_count: str = ""
    local_zones: bool = False
    utc: bool = False
    first_day: datetime | None = None
    file_keys: Mapping[str, Any] = field(default_factory=dict)
    notes: tuple[str, ...] = ()


def file_context(
    file: Surveyed, found: Assignment, choices: SourceChoices, name: str
) -> tuple[Context, list[str]]:
    """Settings that hold for the whole file, and questions about them."""
    questions: list[str] = []
    bounds = None
    timezone = choices.timezone
    places = sampled_places(found)
    if places:
        timezone = timezone or likely_time_zone(*middle(places))
        bounds, exchanged = _bounds(file.survey, found, places)
        questions += [exchanged] if exchanged is not None else []
    if timezone is None:
        questions.append(
            "Which time zone do the times belong to? Nothing in the file tells: give its name as "
            'timezone, such as "America/Chicago".'
        )
    if "x" in found.fields and choices.crs is None:
        questions.append(crs_question(found))
    context = Context(
        name=name,
        timezone=timezone or "UTC",
        bounds=bounds,
        crs=choices.crs,
        title=choices.title,
        unit_of_count=choices.unit_of_count,
        first_day=_first_day(found, file.moments),
    )
    zoned = [column for column in _clocked(found) if in_utc(column)]
    if choices.local_times is not None:
        local = choices.local_times
        utc = not local and not zoned
        return replace(context, local_zones=local and bool(zoned), utc=utc), questions
    verdict = _verdict(found, file.columns, file.moments, context.timezone)
    if verdict is not None:
        local = verdict.local and bool(zoned)
        notes = (f"Times are {_taken(verdict)}: {verdict.reason}.",) if verdict.certain else ()
        context = replace(
            context, local_zones=local, utc=not verdict.local and not zoned, notes=notes
        )
    return context, [*questions, *_about_zone(zoned, verdict)]


def _bounds(
    survey: Survey, found: Assignment, places: Sequence[Place]
) -> tuple[Bounds | None, str | None]:
    """Bounds of the places of the whole file, and the question whether some are exchanged."""
    lat, lon = found.column("lat"), found.column("lon")
    if lat is None or lon is None:
        return outer_bounds(places), None
    question = exchanged_question(found, places)
    return survey.bounds(lat, lon, around(middle(places)) if question else WORLD), question


def _clocked(found: Assignment) -> list[SurveyedColumn]:
    columns = (found.column(name) for name in DATES)
    return [column for column in columns if column is not None and column.has_clock]


def _verdict(
    found: Assignment, columns: Sequence[SurveyedColumn], moments: Moments, timezone: str
) -> ZoneVerdict | None:
    """Whether times are local as written; of times without a zone, only if it is certain."""
    clocked = _clocked(found)
    zoned = [column for column in clocked if in_utc(column)]
    plain = [column for column in clocked if column.dates is not None and not column.dates.zones]
    verdict = judge_zone(columns, zoned or plain, moments, timezone)
    return verdict if zoned or (verdict is not None and verdict.certain) else None


def _about_zone(zoned: Sequence[SurveyedColumn], verdict: ZoneVerdict | None) -> Iterator[str]:
    """The question whether times are in UTC, unless another column makes it certain."""
    if not zoned or (verdict is not None and verdict.certain):
        return
    listed = ", ".join(repr(column.name) for column in zoned)
    taken = _taken(verdict) if verdict is not None else "in UTC"
    why = f" ({verdict.reason})" if verdict is not None else ""
    yield (
        f"Are the times of {listed} in UTC, as the file says, or local? They are taken as "
        f"{taken}{why}. Some agencies write Z after local times: ignore_zone = true under "
        "[dates] takes them as written."
    )


def _first_day(found: Assignment, moments: Moments) -> datetime | None:
    column = found.column("occurred_from")
    known = sorted(filter(None, moments.get(column.name, ()))) if column is not None else []
    return known[len(known) // 100] if known else None


def _taken(verdict: ZoneVerdict) -> str:
    return "local, as written" if verdict.local else "in UTC"
