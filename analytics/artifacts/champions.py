"""Which version of a model is champion. It is decided here, in the state database, and only here.

A decision is a row that is added, with its entry in the audit log, in one transaction. What others
read is derived from it: champion.json, the labels in a snapshot, the index, MLflow's alias. Where
one of these says something else, the decision holds and it is made again.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from analytics.artifacts.bundle import (
    Bundle,
    champion_version,
    models_with_champion,
    set_champion,
    version_folder,
)
from analytics.artifacts.decisions import (
    FAILED,
    PROMOTED,
    ROLLED_BACK,
    decided,
    standing,
    version_of,
)
from analytics.audit import LOCK, Audit, AuditEntry, retry_while_busy
from analytics.errors import DamagedError, InputError, PatrolIQError
from analytics.settings import Settings
from analytics.state import State
from analytics.state import champions as table

IMPORTED = "model.champion_imported"
FORMER = "Champion already when decisions began to be kept."
_LOG = logging.getLogger(__name__)


@dataclass(frozen=True)
class ChampionDecision:
    """One row. `previous` is the id of the decision that a rollback returns to."""

    id: int
    model: str
    version: int
    since: str  # ISO 8601 in UTC
    person: str
    reason: str
    previous: int | None


class Champions:
    """Reads decisions and adds them."""

    def __init__(self, state: State, settings: Settings) -> None:
        self._state = state
        self._settings = settings
        self._audit = Audit(state, settings)

    def holding(self) -> dict[str, ChampionDecision]:
        """Model → the decision that holds: the newest one."""
        return {one.model: one for one in self._rows().values()}

    def before(self) -> dict[str, ChampionDecision]:
        """Model → the decision that a rollback returns to, where there is one."""
        rows = self._rows()
        holding = {one.model: one for one in rows.values()}
        return {
            name: rows[one.previous] for name, one in holding.items() if one.previous is not None
        }

    def promote(self, model: str, version: int, reason: str, details: Mapping[str, Any]) -> None:
        """Decide that a version is champion from now on."""
        current = self.holding().get(model)
        previous = current.id if current else None
        self._decide(PROMOTED, model, version, reason, previous=previous, details=details)

    def roll_back(self, model: str, version: int, reason: str, details: Mapping[str, Any]) -> None:
        """Take the decision that holds back: the one before it, of `version`, holds again.

        Raises
        ------
        InputError
            That is not the one before it.
        """
        before = self.before().get(model)
        if before is None or before.version != version:
            raise InputError(f"Version {version} is not the champion of {model} before this one.")
        self._decide(
            ROLLED_BACK, model, before.version, reason, previous=before.previous, details=details
        )

    def take_in_former(self) -> None:
        """Make decisions of the champions a home folder has from before decisions were kept.

        The audit log tells what was champion before them; it also tells of a champion whose
        champion.json is lost or damaged.
        """
        home, known = self._settings.home, self.holding()
        named = {*models_with_champion(home)} - known.keys()
        if not named and known:
            return
        entries = decided(self._audit, PROMOTED, ROLLED_BACK, FAILED)
        if not known:
            named |= {entry.subject.partition(" ")[0] for entry in entries}
        for name in sorted(named):
            self._take_in(name, _former(home, name), entries)

    def _take_in(self, name: str, champion: int | None, entries: Sequence[AuditEntry]) -> None:
        past = standing(entries, name, champion)
        version = version_of(past[-1]) if past else champion
        if version is None:
            return
        with self._state.exclusive(LOCK) as connection:
            if name in {one.model for one in self._rows(connection).values()}:
                return  # by another process meanwhile
            row = None
            for entry in past:
                row = _add(connection, name, entry, row)
            entry = self._audit.add(connection, IMPORTED, f"{name} {version}", reason=FORMER)
            if not past:
                _add(connection, name, entry, None)

    def _decide(
        self,
        event: str,
        model: str,
        version: int,
        reason: str,
        *,
        previous: int | None,
        details: Mapping[str, Any],
    ) -> None:
        def write() -> None:
            with self._state.exclusive(LOCK) as connection:
                entry = self._audit.add(
                    connection, event, f"{model} {version}", reason=reason, details=details
                )
                _add(connection, model, entry, previous)

        retry_while_busy(write)

    def _rows(self, connection: sa.Connection | None = None) -> dict[int, ChampionDecision]:
        """By id, oldest first."""
        if connection is None:
            with self._state.engine.connect() as opened:
                return self._rows(opened)
        rows = connection.execute(sa.select(table).order_by(table.c.id)).mappings()
        return {row["id"]: ChampionDecision(**row) for row in rows}


def decisions(settings: Settings) -> dict[str, ChampionDecision]:
    """Model → the decision that holds, for a command: former champions are taken in first."""
    with closing(State(settings)) as state:
        champions = Champions(state, settings)
        champions.take_in_former()
        return champions.holding()


def told_otherwise(home: Path, holding: Mapping[str, ChampionDecision]) -> list[ChampionDecision]:
    """Decisions whose champion.json names another version, is missing or cannot be read."""
    return [one for one in holding.values() if _former(home, one.model) != one.version]


def renew_pointers(home: Path, holding: Mapping[str, ChampionDecision]) -> list[ChampionDecision]:
    """Write champion.json where it tells otherwise and the version's files are there: for which."""
    renewed = []
    for decision in told_otherwise(home, holding):
        folder = version_folder(home, decision.model, decision.version)
        try:
            set_champion(home, Bundle.load(folder))
        except PatrolIQError as error:
            _LOG.warning("%s cannot be champion yet: %s", folder, error)
            continue
        renewed.append(decision)
    return renewed


def _former(home: Path, name: str) -> int | None:
    try:
        return champion_version(home, name)
    except DamagedError:
        return None


def _add(connection: sa.Connection, model: str, entry: AuditEntry, previous: int | None) -> int:
    """A row that says what its entry in the audit log says; its id."""
    values = {
        "model": model,
        "version": version_of(entry),
        "since": entry.happened,
        "person": entry.person,
        "reason": entry.reason,
        "previous": previous,
    }
    key = connection.execute(sa.insert(table).values(values)).inserted_primary_key
    if key is None:
        raise RuntimeError("the database gave the new row no number")
    return int(key[0])
