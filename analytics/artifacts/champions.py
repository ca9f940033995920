"""Decisions on which version is champion: the state database is the only authority.

Each model has a champion for each target; a decision on one leaves all others unchanged.

A decision is a new row and its entry in the audit log, in one transaction. Everything else is
derived from it: champion.json, the labels in a snapshot, the index, MLflow's alias. Where one of
these differs, the decision holds and the derived data is written again.
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
from analytics.artifacts.catalog import is_known
from analytics.artifacts.decisions import (
    FAILED,
    PROMOTED,
    ROLLED_BACK,
    decision_entries,
    promotions_in_force,
    version_of,
)
from analytics.audit import LOCK, Audit, AuditEntry, retry_while_busy
from analytics.errors import DamagedError, InputError, PatrolIQError
from analytics.settings import Settings
from analytics.state import State
from analytics.state_tables import champions as table

IMPORTED = "model.champion_imported"
FORMER = "Champion from before decisions were kept."
_LOG = logging.getLogger(__name__)


@dataclass(frozen=True)
class ChampionDecision:
    """One row; `model` is the name of a model with its target, see `pair_name`.

    `previous` is the id of the decision to which a rollback returns.
    """

    id: int
    model: str
    version: int
    since: str  # ISO 8601 in UTC
    person: str
    reason: str
    previous: int | None


class Champions:
    """Reads and adds decisions."""

    def __init__(self, state: State, settings: Settings) -> None:
        self._state = state
        self._settings = settings
        self._audit = Audit(state, settings)

    def holding(self, before: str = "") -> dict[str, ChampionDecision]:
        """Model → its current decision, the newest one; without models that are no longer known.

        With `before`, a time in ISO 8601, the decision that was current until then.
        """
        return {
            one.model: one
            for one in self._rows().values()
            if is_known(one.model) and not (before and one.since >= before)
        }

    def before(self) -> dict[str, ChampionDecision]:
        """Model → the decision to which a rollback returns, for models that have one."""
        rows = self._rows()
        holding = {one.model: one for one in rows.values()}
        return {
            name: rows[one.previous] for name, one in holding.items() if one.previous is not None
        }

    def promote(self, model: str, version: int, reason: str, details: Mapping[str, Any]) -> None:
        """Record the decision that a version is champion."""
        current = self.holding().get(model)
        previous = current.id if current else None
        self._decide(PROMOTED, model, version, reason, previous=previous, details=details)

    def roll_back(self, model: str, version: int, reason: str, details: Mapping[str, Any]) -> None:
        """Record a rollback to the previous decision, which must be of `version`.

        Raises
        ------
        InputError
            The previous champion is another version.
        """
        before = self.before().get(model)
        if before is None or before.version != version:
            raise InputError(f"Version {version} is not the previous champion of {model}.")
        self._decide(
            ROLLED_BACK, model, before.version, reason, previous=before.previous, details=details
        )

    def import_champions(self) -> None:
        """Add decisions for champions of a home folder from before decisions were kept.

        The audit log holds the earlier champions, and also a champion whose champion.json is lost
        or damaged.
        """
        home, known = self._settings.home, self.holding()
        named = {*models_with_champion(home)} - known.keys()
        if not named and known:
            return
        entries = decision_entries(self._audit, PROMOTED, ROLLED_BACK, FAILED)
        if not known:
            named |= {entry.subject.partition(" ")[0] for entry in entries}
        for name in sorted(named):
            self._import(name, _pointed_to(home, name), entries)

    def _import(self, name: str, champion: int | None, entries: Sequence[AuditEntry]) -> None:
        past = promotions_in_force(entries, name, champion)
        version = version_of(past[-1]) if past else champion
        if version is None:
            return
        with self._state.exclusive(LOCK) as connection:
            if name in {one.model for one in self._rows(connection).values()}:
                return  # another process was faster
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
        """All decisions by id, oldest first."""
        if connection is None:
            with self._state.engine.connect() as opened:
                return self._rows(opened)
        rows = connection.execute(sa.select(table).order_by(table.c.id)).mappings()
        return {row["id"]: ChampionDecision(**row) for row in rows}


def decisions(settings: Settings) -> dict[str, ChampionDecision]:
    """Model → its current decision, for commands: former champions are imported first."""
    with closing(State(settings)) as state:
        champions = Champions(state, settings)
        champions.import_champions()
        return champions.holding()


def outdated_pointers(
    home: Path, holding: Mapping[str, ChampionDecision]
) -> list[ChampionDecision]:
    """Decisions whose champion.json names another version, is missing or is damaged."""
    return [one for one in holding.values() if _pointed_to(home, one.model) != one.version]


def renew_pointers(home: Path, holding: Mapping[str, ChampionDecision]) -> list[ChampionDecision]:
    """Write outdated champion.json files again, if the bundle exists; returns their decisions."""
    renewed = []
    for decision in outdated_pointers(home, holding):
        folder = version_folder(home, decision.model, decision.version)
        try:
            set_champion(home, Bundle.load(folder))
        except PatrolIQError as error:
            _LOG.warning("cannot point champion.json to %s: %s", folder, error)
            continue
        renewed.append(decision)
    return renewed


def _pointed_to(home: Path, name: str) -> int | None:
    try:
        return champion_version(home, name)
    except DamagedError:
        return None


def _add(connection: sa.Connection, model: str, entry: AuditEntry, previous: int | None) -> int:
    """Add the row of an entry in the audit log; returns its id."""
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
