"""The window of incidents to fetch, and their order."""

from __future__ import annotations

import re
from dataclasses import asdict, dataclass
from datetime import date, timedelta
from typing import Any

from analytics.errors import UnavailableError
from analytics.fetch.portal import Portal

BY = ("updated", "occurred")
_MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,6})?")
_NUMBER = re.compile(r"-?\d{1,19}")


@dataclass(frozen=True)
class FetchWindow:
    """First and last day, both included; `by` names the date that must lie in them."""

    since: date
    until: date | None
    by: str = "updated"


@dataclass(frozen=True)
class Cursor:
    """The last incident fetched; `updated` is None while incidents without one are fetched."""

    updated: str | None
    id: str | None

    def as_dict(self) -> dict[str, Any]:
        return asdict(self)


START = Cursor("", None)
START_WITHOUT_UPDATE = Cursor(None, None)


def query(portal: Portal, window: FetchWindow, cursor: Cursor, limit: int) -> dict[str, str]:
    """SODA parameters of the page after `cursor`.

    Pages are ordered by (updated, id). A row that changes meanwhile gets a newer `updated`, moves
    to the end and is fetched again, so no row is missed, as could happen with offsets. Rows
    without `updated` come last, by id.
    """
    clauses = [*_limits(portal, window, cursor), _after(portal, cursor)]
    order = portal.id if cursor.updated is None else f"{portal.updated},{portal.id}"
    return {
        "$where": " AND ".join(clause for clause in clauses if clause),
        "$order": order,
        "$limit": str(limit),
    }


def _limits(portal: Portal, window: FetchWindow, cursor: Cursor) -> list[str]:
    by_update = window.by == "updated" and cursor.updated is not None
    column = portal.updated if by_update else portal.occurred
    limits = [f"{column} >= '{_midnight(window.since)}'"]
    if window.until is not None:
        limits.append(f"{column} < '{_midnight(window.until + timedelta(days=1))}'")
    known = "IS NULL" if cursor.updated is None else "IS NOT NULL"
    return [*limits, f"{portal.updated} {known}"]


def _after(portal: Portal, cursor: Cursor) -> str:
    if cursor.id is None:
        return ""
    identifier = id_literal(portal, cursor.id)
    if cursor.updated is None:
        return f"{portal.id} > {identifier}"
    return (
        f"({portal.updated} > '{cursor.updated}' OR "
        f"({portal.updated} = '{cursor.updated}' AND {portal.id} > {identifier}))"
    )


def id_literal(portal: Portal, identifier: str) -> str:
    """An id as a query writes it."""
    if portal.id_type == "number":
        return identifier
    return "'" + identifier.replace("'", "''") + "'"


def _midnight(day: date) -> str:
    return f"{day.isoformat()}T00:00:00.000"


def advance_cursor(portal: Portal, cursor: Cursor, rows: list[dict[str, Any]]) -> Cursor:
    """The cursor after a page.

    Raises
    ------
    UnavailableError
        A row has no valid id or update, or the page is not in order after the cursor.
    """
    last = cursor
    for row in rows:
        found = _cursor_of(portal, row, cursor.updated is None)
        if last.id is not None and _key(portal, found) <= _key(portal, last):
            raise UnavailableError(
                f"{portal.url} does not return rows in the requested order: {portal.id} "
                f"{found.id} comes after {last.id}."
            )
        last = found
    return last


def _cursor_of(portal: Portal, row: dict[str, Any], without_update: bool) -> Cursor:
    identifier, updated = str(row.get(portal.id, "")), row.get(portal.updated)
    if not identifier or (portal.id_type == "number" and not _NUMBER.fullmatch(identifier)):
        raise UnavailableError(f"{portal.url}: a row has {portal.id}={identifier!r}, not an id.")
    if without_update:
        return Cursor(None, identifier)
    if not isinstance(updated, str) or not _MOMENT.fullmatch(updated):
        raise UnavailableError(
            f"{portal.url}: row {identifier} has {portal.updated}={updated!r}, not a time."
        )
    return Cursor(updated, identifier)


def _key(portal: Portal, cursor: Cursor) -> tuple[str, int, str]:
    identifier = cursor.id or ""
    number = int(identifier) if portal.id_type == "number" else 0
    return (cursor.updated or "", number, identifier)
