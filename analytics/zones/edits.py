"""Changes that analysts make to the list of zones: add, suppress, rename, undo.

Rows are never changed or deleted. A rename or suppression belongs to a zone of one version of its
model, since the same number in another version is another zone. An added zone does not belong to a
version and stays when the version changes.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime

import sqlalchemy as sa

from analytics.access.stored_results import seen_results
from analytics.acting import person
from analytics.audit import Audit
from analytics.crossfilter.clauses import Polygon, label_key
from analytics.crossfilter.parse import read_raw
from analytics.errors import InputError
from analytics.one_line import reason_of, visible_line
from analytics.settings import Settings
from analytics.state import State
from analytics.state_tables import zone_edits as table

UNDO = "undo"
LONGEST_NAME = 80
MOST_ADDED = 20
LOCK = 0x5061_7A65
ADDED = "added-"
"""Prefix of the key of an added zone, before the id of its row."""


@dataclass(frozen=True)
class Edit:
    """One row. `zone` is the label, `added-<id>` for an added zone, or empty where it is added."""

    id: int
    model: str
    version: int
    zone: str
    action: str
    name: str
    polygon: str
    reason: str
    person: str
    at: str  # ISO 8601 in UTC
    undoes: int | None = None


@dataclass(frozen=True)
class AddedZone:
    """A zone drawn by an analyst."""

    key: str
    name: str
    polygon: Polygon
    edit: Edit


@dataclass(frozen=True)
class Edits:
    """The edits in force for one version of a model.

    Attributes
    ----------
    names : latest rename by key of the zone
    suppressed : suppression by key of the zone
    added : added zones that are not suppressed, oldest first
    current : rows that are not undone, newest first
    """

    names: dict[str, Edit]
    suppressed: dict[str, Edit]
    added: tuple[AddedZone, ...]
    current: tuple[Edit, ...]


class ZoneEdits:
    """Reads and adds rows; each added row also makes an entry in the audit log."""

    def __init__(self, state: State, settings: Settings) -> None:
        self._state = state
        self._audit = Audit(state, settings)
        self._person = person(settings)

    def rows(self, model: str) -> list[Edit]:
        """All rows of a model, oldest first."""
        statement = sa.select(table).where(table.c.model == model).order_by(table.c.id)
        with self._state.engine.connect() as connection:
            return [Edit(**row) for row in connection.execute(statement).mappings()]

    def of(self, model: str, version: int) -> Edits:
        """The edits in force for a version; a reader of some areas sees no zones that others drew.

        Where they drew them would say what is of interest outside.
        """
        found = replay(self.rows(model), version)
        if seen_results().areas is None:
            return found
        return replace(
            found,
            added=tuple(one for one in found.added if one.edit.person == self._person),
            current=tuple(one for one in found.current if one.person == self._person),
        )

    def add(self, model: str, version: int, name: str, polygon: str, reason: str) -> Edit:
        """Add a zone.

        Raises
        ------
        InputError
            The name, the polygon or the reason is missing or too long, or there are too many
            added zones.
        """
        clause = _polygon(polygon)
        if len(self.of(model, version).added) >= MOST_ADDED:
            raise InputError(f"There are already {MOST_ADDED} added zones; remove one first.")
        return self._write(
            model,
            version,
            "",
            "add",
            name=_name(name),
            polygon=clause.text,
            reason=reason_of(reason),
        )

    def rename(self, model: str, version: int, zone: str, name: str, reason: str) -> Edit:
        """Rename a zone; raises like `add`."""
        return self._write(
            model, version, zone, "rename", name=_name(name), reason=reason_of(reason)
        )

    def suppress(self, model: str, version: int, zone: str, reason: str) -> Edit:
        """Leave a zone out of the list; raises like `add`."""
        return self._write(model, version, zone, "suppress", reason=reason_of(reason))

    def undo(self, model: str, version: int, edit_id: int, reason: str = "") -> Edit:
        """Undo a row by adding another one.

        Raises
        ------
        InputError
            There is no such row in this list, or it is already undone.
        """
        current = {edit.id: edit for edit in self.of(model, version).current}
        if edit_id not in current:
            raise InputError("This change no longer exists; reload the page.")
        undone = current[edit_id]
        words = reason_of(reason) if reason.strip() else f"Undo: {undone.action}"
        return self._write(model, version, undone.zone, UNDO, reason=words, undoes=edit_id)

    def _write(
        self,
        model: str,
        version: int,
        zone: str,
        action: str,
        *,
        reason: str,
        name: str = "",
        polygon: str = "",
        undoes: int | None = None,
    ) -> Edit:
        values = {
            "model": model,
            "version": version,
            "zone": zone,
            "action": action,
            "name": name,
            "polygon": polygon,
            "reason": reason,
            "person": self._person,
            "at": datetime.now(UTC).isoformat(timespec="seconds"),
            "undoes": undoes,
        }
        subject = f"{model} {version} zone {zone or name}"
        self._audit.record(f"zone.{action}", subject, reason=reason, details=values)
        with self._state.exclusive(LOCK) as connection:
            key = connection.execute(sa.insert(table).values(values)).inserted_primary_key
        if key is None:
            raise RuntimeError("the database gave the new row no number")
        return Edit(id=int(key[0]), **values)  # type: ignore[arg-type]


def names_given(edits: ZoneEdits, models: Mapping[str, int]) -> dict[str, str]:
    """Names that analysts gave to zones, by the value that selects them: `kmeans@7:12` → name.

    Parameters
    ----------
    models
        Version by name of the models of zones whose labels a snapshot has.
    """
    return {
        label_key(model, version, zone): edit.name
        for model, version in models.items()
        for zone, edit in edits.of(model, version).names.items()
        if not zone.startswith(ADDED)
    }


def replay(rows: Sequence[Edit], version: int) -> Edits:
    """The edits in force after all rows, oldest row first."""
    undone = {row.undoes for row in rows if row.action == UNDO}
    current = [row for row in rows if row.action != UNDO and row.id not in undone]
    added = {f"{ADDED}{row.id}": row for row in current if row.action == "add"}
    own = [
        row for row in current if row.action == "add" or row.zone in added or _belongs(row, version)
    ]
    names = {row.zone: row for row in own if row.action == "rename"}
    suppressed = {row.zone: row for row in own if row.action == "suppress"}
    zones = tuple(
        AddedZone(key, names[key].name if key in names else row.name, _polygon(row.polygon), row)
        for key, row in added.items()
        if key not in suppressed
    )
    return Edits(names, suppressed, zones, tuple(reversed(own)))


def _belongs(row: Edit, version: int) -> bool:
    return row.version == version and not row.zone.startswith(ADDED)


def _polygon(text: str) -> Polygon:
    clause = read_raw("polygon", text.strip().removeprefix("polygon="))
    if not isinstance(clause, Polygon):
        raise InputError("An added zone needs a drawn area; draw one on the map first.")
    return clause


def _name(text: str) -> str:
    words = visible_line(text)
    if not words:
        raise InputError("Give the zone a name that officers know.")
    if len(words) > LONGEST_NAME:
        raise InputError(
            f"A name has at most {LONGEST_NAME} characters; this one has {len(words)}."
        )
    return words
