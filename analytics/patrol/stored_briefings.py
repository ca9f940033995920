"""Briefings of plans in the state database: the text as saved, and the draft it was made from.

Saving adds a row and an entry in the audit log; none is ever changed.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from datetime import UTC, datetime

import sqlalchemy as sa

from analytics.acting import person
from analytics.audit import LOCK, Audit, canonical
from analytics.briefing.cited_text import CitedText
from analytics.briefing.edited_text import numbers_by_hand
from analytics.errors import InputError
from analytics.one_line import one_line
from analytics.settings import Settings
from analytics.state import State
from analytics.state_tables import briefings

LONGEST_TEXT = 6_000
SAVED = "briefing.saved"
MOST_SHOWN = 21
"""The text in use and twenty earlier ones."""


@dataclass(frozen=True)
class SavedBriefing:
    """A briefing as a person saved it.

    Attributes
    ----------
    id : counts up with each that is saved
    plan, version : of the plan
    at : ISO 8601 in UTC
    draft : what the text was made from
    """

    id: int
    plan: int
    version: int
    at: str
    person: str
    text: str = field(repr=False)
    draft: CitedText = field(repr=False)


class StoredBriefings:
    """Reads and adds briefings of plans."""

    def __init__(self, state: State, settings: Settings) -> None:
        self._state = state
        self._audit = Audit(state, settings)
        self._person = person(settings)

    def saved(self, plan: int, version: int) -> list[SavedBriefing]:
        """Those of a version of a plan, the newest first, at most `MOST_SHOWN`."""
        with self._state.engine.connect() as connection:
            return self._saved(connection, plan, version, MOST_SHOWN)

    def save(
        self, plan: int, version: int, text: str, draft: CitedText, *, after: int | None
    ) -> SavedBriefing:
        """Add a briefing.

        Parameters
        ----------
        after : id of the saved briefing that the person saw; None if there was none

        Raises
        ------
        InputError
            The text is empty or too long, or another person saved one meanwhile.
        """
        tidied = briefing_text(text)
        at = datetime.now(UTC).isoformat(timespec="seconds")
        values = {
            "plan": plan,
            "version": version,
            "at": at,
            "person": self._person,
            "text": tidied,
            "draft": canonical(draft.as_json()),
        }
        by_hand = numbers_by_hand(draft, tidied)
        with self._state.exclusive(LOCK) as connection:
            newest = next(iter(self._saved(connection, plan, version, 1)), None)
            if newest is not None and newest.id != after:
                raise InputError(
                    f"{newest.person} saved this briefing meanwhile. Look at that text; saving "
                    "again puts yours in its place."
                )
            key = connection.execute(sa.insert(briefings).values(values)).inserted_primary_key
            subject = f"plan {plan} version {version}"
            details = {"characters": len(tidied), "numbers_by_hand": len(by_hand)}
            self._audit.add(connection, SAVED, subject, details=details)
        number = int(key[0])  # type: ignore[index]
        return SavedBriefing(number, plan, version, at, self._person, tidied, draft)

    def _saved(
        self, connection: sa.Connection, plan: int, version: int, most: int
    ) -> list[SavedBriefing]:
        table = briefings
        statement = (
            sa.select(table)
            .where(table.c.plan == plan, table.c.version == version)
            .order_by(table.c.id.desc())
            .limit(most)
        )
        names = ("id", "plan", "version", "at", "person", "text")
        return [
            SavedBriefing(
                **{name: row[name] for name in names},
                draft=CitedText.from_json(json.loads(row["draft"])),
            )
            for row in connection.execute(statement).mappings()
        ]


def is_text_of(typed: str, saved: str) -> bool:
    """Whether a text that was typed is what was saved."""
    return _tidied(typed) == saved


def briefing_text(text: str) -> str:
    """The text with its paragraphs, each on one line.

    Raises
    ------
    InputError
        It is empty or too long.
    """
    clean = _tidied(text)
    if not clean:
        raise InputError("The briefing is empty.")
    if len(clean) > LONGEST_TEXT:
        raise InputError(f"A briefing has at most {LONGEST_TEXT:,} characters.")
    return clean


def _tidied(text: str) -> str:
    return "\n".join(one_line(line) for line in text.splitlines()).strip()
