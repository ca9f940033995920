"""Plans in the state database: each change of a plan is a new version with who, when and why.

Versions are never changed or deleted. A version cites the snapshot that it was made from, which is
kept (`cited_plans`), and the model whose forecast it uses.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime
from itertools import islice
from typing import Any

import sqlalchemy as sa

from analytics.access.stored_results import ALL, SeenResults, require_results, seen_results
from analytics.acting import person
from analytics.audit import LOCK, Audit, canonical
from analytics.errors import InputError
from analytics.one_line import reason_of
from analytics.patrol.place_edits import PlaceEdits
from analytics.patrol.plan_content import PlanContent
from analytics.patrol.plan_request import PlanRequest
from analytics.patrol.rules import PatrolRules
from analytics.patrol.seen_plans import (
    IN_AREAS,
    digits_of,
    edits_of_part,
    part_in_areas,
    rounded,
    seen_content,
)
from analytics.settings import Settings
from analytics.state import State
from analytics.state_tables import plan_versions, plans

HIGHEST = 2**31 - 1
"""No number of a plan or version is higher: the database has no room for one."""
OF_REQUEST = (
    "rules", "per", "area", "harm", "proactive", "minimum", "balance", "at_most_share", "places",
)  # fmt: skip
"""Fields of a summary that have no column of their own."""
MADE, EDITED = "plan.made", "plan.edited"
_ALIKE = ("selection", "per", "area", "harm", "proactive", "places", "rules")


@dataclass(frozen=True)
class PlanVersion:
    """One version of a plan.

    Attributes
    ----------
    plan, version : its numbers; versions of a plan count from 1
    at : ISO 8601 in UTC
    reason : why it was made
    snapshot : id of the data that it was made from
    is_part : whether the reader sees only the units of some areas
    notes : sentences on what the reader does not see of it
    """

    plan: int
    version: int
    at: str
    person: str
    reason: str
    snapshot: str
    request: PlanRequest
    edits: PlaceEdits
    content: PlanContent = field(repr=False)
    is_part: bool = False
    notes: tuple[str, ...] = ()

    @property
    def model(self) -> str:
        """Version of the model, such as `hotspot_forecast_street@3`, or `DISCOUNTED_COUNTS`."""
        return self.content.forecast

    def as_json(self) -> dict[str, Any]:
        """As `patroliq plan show` prints it."""
        own = {
            name: getattr(self, name)
            for name in ("plan", "version", "at", "person", "reason", "snapshot", "model")
        }
        edits = self.edits.as_json()
        return {**own, **document(self.request, self.content), "edits": edits}


@dataclass(frozen=True)
class PlanSummary:
    """The newest version of a plan, in short; from `rules` on as in its request."""

    plan: int
    version: int
    at: str
    person: str
    reason: str
    day: date
    shift: str
    units: int
    target: str
    model: str
    snapshot: str
    captured: float
    expected: float
    rules: PatrolRules
    per: str
    area: str | None
    harm: bool
    proactive: bool
    minimum: int
    balance: float | None
    at_most_share: float | None
    places: str


class StoredPlans:
    """Reads and adds plans; each added version also makes an entry in the audit log.

    Plans are made from the incidents of the whole agency: readers of some areas see the units of
    these, and readers of some kinds of incidents none; see `seen_plans`.
    """

    def __init__(self, state: State, settings: Settings) -> None:
        self._state = state
        self._audit = Audit(state, settings)
        self._person = person(settings)

    def newest(self, number: int = 50, day: date | None = None) -> list[PlanSummary]:
        """The newest version of each plan, the newest plan first; only those of a day if given."""
        seen, table = seen_results(), plan_versions
        last = sa.select(sa.func.max(table.c.id)).group_by(table.c.plan)
        names = [name for name in PlanSummary.__dataclass_fields__ if name not in OF_REQUEST]
        if seen.areas is not None:
            names.append("content")
        columns = [table.c[name] for name in (*names, "request")]
        statement = sa.select(*columns).where(table.c.id.in_(last))
        if day is not None:
            statement = statement.where(table.c.day == day.isoformat())
        statement = statement.order_by(table.c.plan.desc())
        with self._state.engine.connect() as connection:
            rows = connection.execute(statement).mappings()
            found = (_summary(dict(row), seen) for row in rows)
            return list(islice(filter(None, found), number))

    def versions(self, plan: int) -> list[PlanVersion]:
        """All versions of a plan, oldest first.

        Raises
        ------
        OutsideScopeError
            The current reader may not see plans.
        InputError
            There is no such plan, or none that the reader sees.
        """
        seen = _require_plans()
        statement = (
            sa.select(plan_versions)
            .where(plan_versions.c.plan == min(plan, HIGHEST))
            .order_by(plan_versions.c.version)
        )
        with self._state.engine.connect() as connection:
            rows = connection.execute(statement).mappings().all()
        found = [one for row in rows if (one := _version(dict(row), seen)) is not None]
        if not found:
            raise InputError(f"Plan {plan} not found. `patroliq plan list` shows the plans.")
        return found

    def read(self, plan: int, version: int | None = None) -> PlanVersion:
        """A version of a plan; the newest by default.

        Raises
        ------
        OutsideScopeError
            The current reader may not see plans.
        InputError
            There is no such plan or version, or none that the reader sees.
        """
        seen = _require_plans()
        table = plan_versions
        statement = sa.select(table).where(table.c.plan == min(plan, HIGHEST))
        if version is not None:
            statement = statement.where(table.c.version == min(version, HIGHEST))
        statement = statement.order_by(table.c.version.desc()).limit(1)
        with self._state.engine.connect() as connection:
            row = connection.execute(statement).mappings().first()
        found = None if row is None else _version(dict(row), seen)
        if found is None:
            which = f"Plan {plan}" if version is None else f"Version {version} of plan {plan}"
            raise InputError(f"{which} not found. `patroliq plan list` shows the plans.")
        return found

    def before(self, version: PlanVersion) -> int | None:
        """The plan before that of a version, requested alike.

        It is the last one stored earlier, for the same or an earlier day: of the same shift,
        incidents, areas, weight, places and settings. Units and limits may differ.
        """
        asked, table = version.request, plan_versions
        statement = (
            sa.select(table.c.plan, table.c.request)
            .where(
                table.c.version == 1,
                table.c.plan < version.plan,
                table.c.day <= asked.day.isoformat(),
                table.c.shift == asked.shift,
                table.c.target == asked.target,
            )
            .order_by(table.c.plan.desc())
        )
        with self._state.engine.connect() as connection:
            for plan, request in connection.execute(statement):
                earlier = PlanRequest.from_json(json.loads(request))
                if all(getattr(earlier, name) == getattr(asked, name) for name in _ALIKE):
                    return int(plan)
        return None

    def to_edit(self, plan: int, version: int) -> PlanVersion:
        """The version of a plan, to make the next one from.

        Raises
        ------
        InputError
            It is not there, or not the newest version.
        """
        newest = self.read(plan)
        _require_newest(plan, version, newest.version)
        return newest

    def add(
        self, request: PlanRequest, content: PlanContent, snapshot: str, reason: str
    ) -> PlanVersion:
        """Store a new plan as its version 1.

        Raises
        ------
        InputError
            The reason is missing or too long.
        """
        why = reason_of(reason)
        with self._state.exclusive(LOCK) as connection:
            values = {"created": _now(), "person": self._person}
            key = connection.execute(sa.insert(plans).values(values)).inserted_primary_key
            plan = int(key[0])  # type: ignore[index]
            made = PlanVersion(
                plan, 1, _now(), self._person, why, snapshot, request, PlaceEdits(), content
            )
            self._insert(connection, made, MADE)
        return made

    def add_version(
        self, edited: PlanVersion, edits: PlaceEdits, content: PlanContent, reason: str
    ) -> PlanVersion:
        """Store the next version of a plan, made from the newest one.

        Raises
        ------
        InputError
            The reason is missing or too long, or `edited` is not the newest version.
        """
        why, table = reason_of(reason), plan_versions
        with self._state.exclusive(LOCK) as connection:
            last = connection.execute(
                sa.select(sa.func.max(table.c.version)).where(table.c.plan == edited.plan)
            ).scalar()
            _require_newest(edited.plan, edited.version, last)
            made = PlanVersion(
                edited.plan,
                edited.version + 1,
                _now(),
                self._person,
                why,
                edited.snapshot,
                edited.request,
                edits,
                content,
            )
            self._insert(connection, made, EDITED)
        return made

    def _insert(self, connection: sa.Connection, made: PlanVersion, event: str) -> None:
        request, content = made.request, made.content
        values = {
            **{name: getattr(made, name) for name in ("plan", "version", "at", "person", "reason")},
            **{name: getattr(request, name) for name in ("shift", "units", "seed", "target")},
            **{name: getattr(content, name) for name in ("captured", "bound", "expected")},
            "day": request.day.isoformat(),
            "model": made.model,
            "snapshot": made.snapshot,
            "request": canonical(request.as_json()),
            "edits": canonical(made.edits.as_json()),
            "content": canonical(content.as_json()),
        }
        connection.execute(sa.insert(plan_versions).values(values))
        kept = ("day", "shift", "units", "seed", "target", "model", "snapshot", "edits")
        details = {name: values[name] for name in kept}
        subject = f"{made.plan} version {made.version}"
        self._audit.add(connection, event, subject, reason=made.reason, details=details)


def _require_newest(plan: int, version: int, newest: int | None) -> None:
    if version != newest:
        raise InputError(
            f"Plan {plan} has a version {newest} by now; this change was made to version "
            f"{version}. Look at the newest version and change that one."
        )


def document(request: PlanRequest, content: PlanContent) -> dict[str, Any]:
    """A plan as commands print it: the request, and what it led to."""
    asked = request.as_json()
    return {"date": asked.pop("day"), **asked, **content.as_json()}


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")


def _require_plans() -> SeenResults:
    """What the current reader sees, if there are plans in it; raises like `StoredPlans.read`."""
    seen = seen_results()
    if not seen.has_plans(ALL):
        require_results(ALL)
    return seen


def _summary(row: dict[str, Any], seen: SeenResults) -> PlanSummary | None:
    """None where the reader sees nothing of the plan."""
    asked = PlanRequest.from_json(json.loads(row.pop("request")))
    if not seen.has_plans(asked.target, asked.selection):
        return None
    own = {name: getattr(asked, name) for name in ("day", *OF_REQUEST)}
    if seen.areas is not None:
        content = PlanContent.from_json(json.loads(row.pop("content")))
        part = part_in_areas(content, seen.areas.inside.get(asked.per, ()))
        if part is None:
            return None
        row |= {"units": len(part.units), "captured": part.captured, "expected": part.expected}
    if not seen.counts:
        digits = digits_of(row["model"])
        row |= {name: rounded(row[name], digits) for name in ("captured", "expected")}
    return PlanSummary(**{**row, **own})


def _version(row: dict[str, Any], seen: SeenResults) -> PlanVersion | None:
    """None where the reader sees nothing of the plan."""
    asked = PlanRequest.from_json(json.loads(row["request"]))
    if not seen.has_plans(asked.target, asked.selection):
        return None
    own = {name: row[name] for name in ("plan", "version", "at", "person", "reason", "snapshot")}
    version = PlanVersion(
        **own,
        request=asked,
        edits=PlaceEdits.from_json(json.loads(row["edits"])),
        content=seen_content(PlanContent.from_json(json.loads(row["content"])), seen),
    )
    return version if seen.areas is None else _part(version, seen.areas.inside)


def _part(version: PlanVersion, areas: Mapping[str, Collection[str]]) -> PlanVersion | None:
    """The part of a plan in some areas, as a plan of so many units."""
    asked = version.request
    content = part_in_areas(version.content, areas.get(asked.per, ()))
    if content is None:
        return None
    return replace(
        version,
        request=replace(asked, units=len(content.units)),
        edits=edits_of_part(version.edits, content),
        content=content,
        is_part=True,
        notes=(IN_AREAS,),
    )
