"""Entries that an auditor looks for."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

import sqlalchemy as sa

from analytics.errors import InputError
from analytics.state_tables import audit as table


class OutcomeGroup(StrEnum):
    """Outcomes as people ask for them; those of requests may be a status."""

    DONE = "done"
    REFUSED = "refused"
    FAILED = "failed"


_STATUS = {OutcomeGroup.REFUSED: "4__", OutcomeGroup.FAILED: "5__"}


@dataclass(frozen=True)
class AuditSearch:
    """What entries must match; empty fields match all.

    Attributes
    ----------
    event
        An event, or a family of them with a dot at its end, such as `access.`.
    first, last
        Days in UTC, both included.
    """

    person: str = ""
    event: str = ""
    outcome: OutcomeGroup | None = None
    first: date | None = None
    last: date | None = None

    @classmethod
    def of(cls, given: Mapping[str, str]) -> AuditSearch:
        """Read the fields of a form.

        Raises
        ------
        InputError
            A day or the outcome is not valid.
        """
        outcome = given.get("outcome", "")
        if outcome and outcome not in set(OutcomeGroup):
            raise InputError(
                f"outcome={outcome[:20]} is not valid; choose one of {', '.join(OutcomeGroup)}."
            )
        return cls(
            given.get("person", "").strip(),
            given.get("event", "").strip(),
            OutcomeGroup(outcome) if outcome else None,
            _day(given, "first"),
            _day(given, "last"),
        )

    def conditions(self) -> Iterator[sa.ColumnElement[bool]]:
        """What the columns must be."""
        columns = table.c
        if self.person:
            yield columns.person == self.person
        if self.event.endswith("."):
            yield columns.event.startswith(self.event, autoescape=True)
        elif self.event:
            yield columns.event == self.event
        if self.outcome:
            same = columns.outcome == self.outcome.value
            status = _STATUS.get(self.outcome)
            yield sa.or_(same, columns.outcome.like(status)) if status else same
        if self.first:
            yield columns.happened >= self.first.isoformat()
        if self.last:
            yield columns.happened < f"{self.last.isoformat()}U"  # after the `T` of any time


def _day(given: Mapping[str, str], name: str) -> date | None:
    text = given.get(name, "").strip()
    try:
        return date.fromisoformat(text) if text else None
    except ValueError:
        raise InputError(f"{name}={text[:20]} is not a day such as 2026-11-21.") from None
