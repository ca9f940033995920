"""Solved cases: which incidents were by the same offender, as the agency gives them.

An offender is any text that is the same for incidents by the same hands, such as a case number; no
name is needed, and nothing but the grouping is used.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import sqlalchemy as sa

from analytics.audit import LOCK, Audit
from analytics.errors import InputError
from analytics.one_line import one_line, reason_of
from analytics.series.series_rows import now_text
from analytics.settings import Settings
from analytics.state import State
from analytics.state_tables import solved_cases as table
from analytics.strict_csv import numbered_rows

MOST_BYTES, MOST_ROWS, LONGEST = 20_000_000, 200_000, 100
NAMES: Mapping[str, Sequence[str]] = {
    "incident": ("incident", "incident_id", "incident id", "id"),
    "offender": ("offender", "offender_id", "offender id", "group", "case", "case_id", "series"),
}
ADDED, CLEARED = "series.cases_added", "series.cases_cleared"


@dataclass(frozen=True)
class RefusedCase:
    """A row that was refused, with its line, the column as the file names it, and why."""

    file: str
    line: int
    column: str
    reason: str


@dataclass(frozen=True)
class CaseFile:
    """Offender by incident, and the rows that were refused."""

    offenders: Mapping[str, str] = field(repr=False)
    refused: tuple[RefusedCase, ...] = ()


def read_cases(path: Path) -> CaseFile:
    """Read a CSV file with a column of incidents and one of offenders.

    Raises
    ------
    InputError
        The file cannot be read, is too large, or lacks a column.
    """
    rows = numbered_rows(path, MOST_BYTES, MOST_ROWS)
    _, header = next(rows, (1, []))
    columns = {name: _column(path, header, name) for name in NAMES}
    found: dict[str, str] = {}
    refused = []
    for line, fields in rows:
        column, reason = "", f"the row has {len(fields)} fields, the header {len(header)}"
        if len(fields) == len(header):
            row = {name: one_line(fields[at]) for name, at in columns.items()}
            lacking = next((name for name, text in row.items() if not 0 < len(text) <= LONGEST), "")
            other = found.get(row["incident"], row["offender"])
            if not lacking and other == row["offender"]:
                found[row["incident"]] = row["offender"]
                continue
            column = header[columns[lacking or "offender"]]
            reason = f"it needs 1 to {LONGEST} characters"
            if not lacking:
                reason = f"incident {row['incident']} has offender {other} in an earlier row"
        refused.append(RefusedCase(path.name, line, column, reason))
    return CaseFile(found, tuple(refused))


class SolvedCases:
    """Keeps solved cases; each change makes an entry in the audit log."""

    def __init__(self, state: State, settings: Settings) -> None:
        self._state = state
        self._audit = Audit(state, settings)

    def all(self) -> dict[str, str]:
        """Offender by incident."""
        with self._state.engine.connect() as connection:
            rows = connection.execute(sa.select(table.c.incident, table.c.offender))
            return {row.incident: row.offender for row in rows}

    def add(self, offenders: Mapping[str, str], file: str) -> None:
        """Add cases; an incident that is there already gets the new offender."""
        at = now_text()
        with self._state.exclusive(LOCK) as connection:
            known = connection.execute(sa.select(table.c.id, table.c.incident)).all()
            replaced = [key for key, incident in known if incident in offenders]
            own = sa.delete(table).where(table.c.id == sa.bindparam("key"))
            if replaced:
                connection.execute(own, [{"key": key} for key in replaced])
            rows = [
                {"incident": incident, "offender": offender, "file": file, "at": at}
                for incident, offender in offenders.items()
            ]
            if rows:
                connection.execute(sa.insert(table), rows)
            self._audit.add(connection, ADDED, file, details={"incidents": len(rows)})

    def clear(self, reason: str) -> int:
        """Remove all cases; returns of how many incidents."""
        said = reason_of(reason)
        with self._state.exclusive(LOCK) as connection:
            removed = connection.execute(sa.delete(table)).rowcount
            details = {"incidents": removed}
            self._audit.add(connection, CLEARED, "solved cases", reason=said, details=details)
        return removed


def _column(path: Path, header: Sequence[str], name: str) -> int:
    """Position of the first column that has one of the names."""
    folded = [one.strip().casefold() for one in header]
    own = next((one for one in NAMES[name] if one in folded), None)
    if own is None:
        raise InputError(f"{path}, line 1: no column is named {', '.join(NAMES[name])}.")
    if folded.count(own) > 1:
        raise InputError(f"{path}, line 1: several columns are named {own!r}.")
    return folded.index(own)
