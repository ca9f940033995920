"""Interventions that people record: what was done, where, when, and against which incidents.

Rows are never changed or deleted; a mistaken one is withdrawn with a reason.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from typing import Any

import sqlalchemy as sa

from analytics.acting import person
from analytics.audit import LOCK, Audit
from analytics.crossfilter.selection import EMPTY, Selection
from analytics.errors import InputError
from analytics.one_line import reason_of, visible_line
from analytics.overview.daily_rows import WHERE
from analytics.saved_views import ViewAddress
from analytics.settings import Settings
from analytics.state import State
from analytics.state_tables import interventions as table

LONGEST_NAME, LONGEST_NOTE = 80, 1_000
RECORDED, WITHDRAWN = "intervention.recorded", "intervention.withdrawn"


@dataclass(frozen=True)
class PlaceMeasure:
    """What was done.

    Attributes
    ----------
    incidents : that it was meant to prevent; not their places or dates
    places : where; empty for the whole city
    control, displacement : places to compare with, and places that incidents may move to; empty
        where none were named
    first, last : days; None where it goes on
    """

    name: str
    note: str
    incidents: Selection
    places: Selection
    control: Selection
    displacement: Selection
    first: date
    last: date | None

    def __post_init__(self) -> None:
        if self.last is not None and self.last < self.first:
            raise InputError(f"The last day {self.last} is before the first, {self.first}.")
        for chosen in (self.control, self.displacement):
            if chosen and not self.places:
                raise InputError("A measure in the whole city has no places to compare with.")

    @property
    def selection(self) -> Selection:
        """The incidents at the places."""
        return Selection((*self.incidents.items, *self.places.items))

    def resolved(self, resolve: Callable[[Selection], Selection]) -> PlaceMeasure:
        """The same with each selection as the data knows it."""
        return replace(
            self,
            incidents=resolve(self.incidents),
            places=resolve(self.places),
            control=resolve(self.control),
            displacement=resolve(self.displacement),
        )


@dataclass(frozen=True)
class EnteredMeasure:
    """A measure as people enter it.

    Attributes
    ----------
    where, control, displacement : addresses of a page, or selections such as `beat=1011`
    """

    name: str
    first: date
    last: date | None = None
    note: str = ""
    where: str = ""
    control: str = ""
    displacement: str = ""

    def read(self) -> PlaceMeasure:
        """The measure.

        Raises
        ------
        InputError
            A text is missing, too long or not valid.
        """
        name, note = visible_line(self.name), visible_line(self.note)
        if not name or len(name) > LONGEST_NAME:
            raise InputError(f"An intervention needs a name of at most {LONGEST_NAME} characters.")
        if len(note) > LONGEST_NOTE:
            raise InputError(f"A note has at most {LONGEST_NOTE} characters.")
        chosen = selection_of(self.where)
        return PlaceMeasure(
            name=name,
            note=note,
            incidents=chosen.without(WHERE),
            places=chosen.without({one for one, _ in chosen.items} - WHERE),
            control=_places_of(self.control),
            displacement=_places_of(self.displacement),
            first=self.first,
            last=self.last,
        )


@dataclass(frozen=True)
class RecordedIntervention:
    """A measure with who recorded it; `at` is ISO 8601 in UTC."""

    id: int
    measure: PlaceMeasure
    person: str
    at: str


class Interventions:
    """Reads and adds interventions; each change makes an entry in the audit log."""

    def __init__(self, state: State, settings: Settings) -> None:
        self._state = state
        self._audit = Audit(state, settings)
        self._person = person(settings)

    def all(self, *, own: bool = False) -> list[RecordedIntervention]:
        """Those not withdrawn, the newest first; with `own`, those of the reader alone."""
        rows = self._standing(sa.select(table), own=own)
        with self._state.engine.connect() as connection:
            return [_recorded(row) for row in connection.execute(rows).mappings()]

    def first_days(self, *, own: bool = False) -> list[tuple[str, date]]:
        """Name and first day of each, the newest first."""
        rows = self._standing(sa.select(table.c.name, table.c.first), own=own)
        with self._state.engine.connect() as connection:
            return [(name, date.fromisoformat(first)) for name, first in connection.execute(rows)]

    def _standing(self, chosen: sa.Select[Any], *, own: bool) -> sa.Select[Any]:
        rows = chosen.where(table.c.withdrawn == "")
        rows = rows.where(table.c.person == self._person) if own else rows
        return rows.order_by(table.c.first.desc(), table.c.id.desc())

    def get(self, intervention: int, *, own: bool = False) -> RecordedIntervention:
        """One of them; with `own`, only if the reader recorded it.

        Raises
        ------
        InputError
            There is none, or it was withdrawn.
        """
        for one in self.all(own=own):
            if one.id == intervention:
                return one
        raise InputError(f"Intervention {intervention} not found; it may have been withdrawn.")

    def record(self, measure: PlaceMeasure) -> RecordedIntervention:
        """Add one."""
        values = {
            "name": measure.name,
            "note": measure.note,
            "incidents": measure.incidents.text,
            "places": measure.places.text,
            "control": measure.control.text,
            "displacement": measure.displacement.text,
            "first": measure.first.isoformat(),
            "last": measure.last.isoformat() if measure.last else "",
            "person": self._person,
            "at": datetime.now(UTC).isoformat(timespec="seconds"),
            "withdrawn": "",
        }
        with self._state.exclusive(LOCK) as connection:
            key = connection.execute(sa.insert(table).values(values)).inserted_primary_key
            details = {name: values[name] for name in ("incidents", "places", "first", "last")}
            self._audit.add(connection, RECORDED, measure.name, details=details)
        return self.get(int(key[0]))  # type: ignore[index]

    def withdraw(self, intervention: int, reason: str) -> RecordedIntervention:
        """Take one out of all lists and timelines.

        Raises
        ------
        InputError
            There is no such intervention, or no reason.
        """
        words, found = reason_of(reason), self.get(intervention)
        with self._state.exclusive(LOCK) as connection:
            own = sa.update(table).where(table.c.id == intervention)
            connection.execute(own.values(withdrawn=words))
            self._audit.add(connection, WITHDRAWN, found.measure.name, reason=words)
        return found


def selection_of(text: str) -> Selection:
    """The selection of an address of a page, or of its own text, without its dates.

    Raises
    ------
    InputError
        It is neither, or a stored selection.
    """
    text = text.strip()
    if not text.startswith("/"):
        return Selection.parse(text.removeprefix("?")).without({"date"}) if text else EMPTY
    address = ViewAddress.parse(text)
    if address.selection is None:
        raise InputError("Choose fewer filters: a long list of them cannot be recorded.")
    return address.selection.without({"date"})


def _places_of(text: str) -> Selection:
    chosen = selection_of(text)
    other = sorted(name for name, _ in chosen.items if name not in WHERE)
    if other:
        raise InputError(f"Places to compare with are places only; remove {', '.join(other)}.")
    return chosen


def _recorded(row: sa.RowMapping) -> RecordedIntervention:
    chosen = {
        name: Selection.parse(row[name])
        for name in ("incidents", "places", "control", "displacement")
    }
    last = date.fromisoformat(row["last"]) if row["last"] else None
    first = date.fromisoformat(row["first"])
    measure = PlaceMeasure(name=row["name"], note=row["note"], first=first, last=last, **chosen)
    return RecordedIntervention(row["id"], measure, row["person"], row["at"])
