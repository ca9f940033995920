"""Applies the rules of retention: what is older than its rule goes, counted in the audit log.

Nothing that a plan, a briefing, a champion, an open alert or a saved view cites is removed. The
audit log gets its entry first; what it counts may have been removed by another process meanwhile.
"""

from __future__ import annotations

import json
import math
import shutil
import time
from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import ExitStack, closing, suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import sqlalchemy as sa

from analytics.audit import recorded
from analytics.audit.retention import last_before, prune
from analytics.briefing_delivery import DONE, BriefingDeliveries
from analytics.errors import BusyError
from analytics.fetch.spool import Spool
from analytics.inbox.inbox import FOLDER as INBOX
from analytics.inbox.inbox import SET_ASIDE
from analytics.incidents.warehouse import Warehouse
from analytics.ingest.kept_snapshots import kept_snapshots
from analytics.outbox.deliveries import DeliveryState
from analytics.settings import Settings
from analytics.sources.record_kinds import CALLS
from analytics.state import State, unused_selections
from analytics.state_file import StateFile
from analytics.state_tables import (
    alert_checks,
    briefing_deliveries,
    deliveries,
    jobs,
    selections,
    sessions,
)
from analytics.uploads.store import Uploads

APPLIED = "retention.applied"
ARCHIVE = "audit_archive"
SELECTIONS = "selections"
"""Kept by `PATROLIQ_SELECTION_DAYS`, which is counted from their last use."""
DAY_S = 86_400.0
ENDED_JOBS = ("done", "failed", "canceled")
ENDED_DIGESTS = (str(DeliveryState.SENT), str(DeliveryState.GIVEN_UP))


@dataclass(frozen=True)
class Outdated:
    """What a rule removes now.

    Attributes
    ----------
    days : for which it is kept; None: for ever
    items : rows, folders or files
    bytes : of folders and files
    """

    rule: str
    days: int | None
    items: int
    bytes: int
    remove: Callable[[], None]


class Retention:
    """The rules of one installation at one time.

    Parameters
    ----------
    commands
        The words that name each command that can be queued, such as `("briefing", "deliver")`.
    """

    def __init__(
        self,
        settings: Settings,
        state: State,
        commands: Collection[tuple[str, ...]],
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._settings = settings
        self._state = state
        self._commands = commands
        self._now = clock()
        self._clock = clock
        self._calls = Warehouse(settings.home / CALLS.home)

    def outdated(self) -> list[Outdated]:
        """What each rule would remove, without removing anything.

        Raises
        ------
        StateError, DamagedError
            The state database, or what is served, cannot be read: then nothing may be removed.
        """
        return [
            self._snapshots(),
            self._rows("jobs", jobs, self._old_jobs),
            self._rows("sessions", sessions, self._old_sessions),
            self._rows("digests", deliveries, self._old_digests),
            self._rows("checks", alert_checks, self._old_checks),
            self._old_selections(),
            self._files("briefings", self._old_briefings),
            self._files("uploads", lambda _before: Uploads(self._settings, self._clock).prunable()),
            self._pages(),
            self._files("damaged", self._old_set_aside),
            self._audit(),  # last, as a log that is not intact stops it
        ]

    def apply(self) -> list[Outdated]:
        """Remove it; returns what was removed. The entry in the audit log is written first.

        Raises
        ------
        BusyError
            Another process is writing to the warehouse; nothing is removed.
        """
        with ExitStack() as locks:
            locks.enter_context(Warehouse(self._settings.home).lock())
            if self._calls.home.is_dir():
                locks.enter_context(self._calls.lock())
            found = [one for one in self.outdated() if one.items]
            if not found:
                return []
            counts = {one.rule: one.items for one in found}
            with recorded(self._settings, APPLIED, "retention", details=counts):
                for one in found:
                    one.remove()
            return found

    def _snapshots(self) -> Outdated:
        days = self._settings.days_kept("snapshots")
        cited = kept_snapshots(self._settings)
        found = [(self._calls, *self._calls.prunable((), days))]
        if cited is not None:
            incidents = Warehouse(self._settings.home)
            found.append((incidents, *incidents.prunable(cited, days)))
        folders = [one for _, *parts in found for part in parts for one in part]

        def remove() -> None:
            for warehouse, snapshots, rows in found:
                for folder in (*snapshots, *rows):
                    warehouse.remove_folder(folder)

        return Outdated("snapshots", days, len(folders), _bytes(folders), remove)

    def _audit(self) -> Outdated:
        days = self._settings.days_kept("audit")
        if days is None:
            return Outdated("audit", None, 0, 0, lambda: None)
        before = (datetime.fromtimestamp(self._now, UTC) - timedelta(days=days)).date()
        entries = last_before(self._state, before)[1]
        folder = self._settings.home / ARCHIVE
        made = datetime.now(UTC)
        file = folder / f"before-{before}-{made:%Y%m%dT%H%M%S}.jsonl"

        def remove() -> None:
            folder.mkdir(exist_ok=True)
            prune(self._state, self._settings, before, file)

        return Outdated("audit", days, entries, 0, remove)

    def _old_jobs(self, before: float) -> sa.ColumnElement[bool]:
        # The newest of each end, as daily jobs are due by the last one that was done.
        named = _name_of_command(self._commands)
        newest = sa.select(sa.func.max(jobs.c.id)).group_by(named, jobs.c.status)
        ended = jobs.c.status.in_(ENDED_JOBS)
        return sa.and_(ended, jobs.c.ended < before, jobs.c.id.not_in(newest))

    def _old_sessions(self, before: float) -> sa.ColumnElement[bool]:
        longest = self._settings.session_hours * 3_600
        return sa.func.coalesce(sessions.c.ended, sessions.c.started + longest) < before

    def _old_digests(self, before: float) -> sa.ColumnElement[bool]:
        newest = sa.select(sa.func.max(deliveries.c.id)).group_by(deliveries.c.channel)
        ended = deliveries.c.state.in_(ENDED_DIGESTS)
        when = sa.func.coalesce(deliveries.c.sent, deliveries.c.tried)
        return sa.and_(ended, when < before, deliveries.c.id.not_in(newest))

    def _old_checks(self, before: float) -> sa.ColumnElement[bool]:
        newest = sa.select(sa.func.max(alert_checks.c.id)).scalar_subquery()
        at = datetime.fromtimestamp(before, UTC).isoformat(timespec="seconds")
        return sa.and_(alert_checks.c.at < at, alert_checks.c.id != newest)

    def _old_selections(self) -> Outdated:
        days = self._settings.selection_days
        before = datetime.fromtimestamp(self._now, UTC) - timedelta(days=days)
        return self._removed_rows(SELECTIONS, days, selections, unused_selections(before))

    def _rows(
        self, rule: str, table: sa.Table, old: Callable[[float], sa.ColumnElement[bool]]
    ) -> Outdated:
        days = self._settings.days_kept(rule)
        if days is None:
            return Outdated(rule, None, 0, 0, lambda: None)
        return self._removed_rows(rule, days, table, old(self._now - days * DAY_S))

    def _removed_rows(
        self, rule: str, days: int, table: sa.Table, old: sa.ColumnElement[bool]
    ) -> Outdated:
        def remove() -> None:
            with self._state.engine.begin() as connection:
                connection.execute(sa.delete(table).where(old))

        counted = sa.select(sa.func.count()).select_from(table).where(old)
        with self._state.engine.connect() as connection:
            number = connection.execute(counted).scalar() or 0
        return Outdated(rule, days, number, 0, remove)

    def _files(self, rule: str, old: Callable[[float], Sequence[Path]]) -> Outdated:
        days = self._settings.days_kept(rule)
        if days is None:
            return Outdated(rule, None, 0, 0, lambda: None)
        found = old(self._now - days * DAY_S)

        def remove() -> None:
            for path in found:
                if path.is_dir():
                    shutil.rmtree(path, ignore_errors=True)
                else:
                    path.unlink(missing_ok=True)

        return Outdated(rule, days, len(found), _bytes(found), remove)

    def _old_briefings(self, before: float) -> list[Path]:
        folder = BriefingDeliveries(self._state, self._settings).folder
        since = datetime.fromtimestamp(before, UTC).isoformat(timespec="seconds")
        table = briefing_deliveries
        old = sa.select(table.c.file).where(table.c.state == DONE, table.c.at < since)
        with self._state.engine.connect() as connection:
            names = [str(name) for name in connection.execute(old).scalars()]
        return [path for path in (folder / Path(name).name for name in names) if path.is_file()]

    def _pages(self) -> Outdated:
        days = self._settings.days_kept("fetch")
        if days is None:
            return Outdated("fetch", None, 0, 0, lambda: None)
        before = self._now - days * DAY_S
        home = self._settings.home
        folders = sorted(path for path in (home / "fetch").glob("*/") if _newest(path) < before)
        spools = [one for one in (Spool(home, path.name) for path in folders) if _is_free(one)]

        def remove() -> None:
            for spool in spools:
                with suppress(BusyError), spool.lock():  # else a fetch began meanwhile
                    if _newest(spool.folder) < before:
                        spool.remove()

        folders = [spool.folder for spool in spools]
        return Outdated("fetch", days, len(folders), _bytes(folders), remove)

    def _old_set_aside(self, before: float) -> list[Path]:
        """Damaged requests and their reasons, by when these were written."""
        end = ".message"
        reasons = (self._settings.home / INBOX).glob(f"*/{SET_ASIDE}/*{end}")
        old = [path for path in sorted(reasons) if _changed(path) < before]
        requests = [path.with_name(path.name.removesuffix(end)) for path in old]
        return [*(path for path in requests if path.is_file()), *old]


def retention_of(
    settings: Settings, commands: Collection[tuple[str, ...]], *, dry: bool
) -> list[Outdated]:
    """Apply the rules of an installation, or with `dry` only look; `commands` as of `Retention`.

    Raises
    ------
    StateError, DamagedError, BusyError
        As `Retention`.
    """
    if not (settings.state_url or StateFile(settings.home).path.exists()):
        return []  # nothing was ever stored
    with closing(State(settings)) as state:
        retention = Retention(settings, state, commands)
        return retention.outdated() if dry else retention.apply()


def _name_of_command(commands: Collection[tuple[str, ...]]) -> sa.ColumnElement[str]:
    """The words that name a job's command, without what it was given."""
    text = jobs.c.command
    return sa.case(
        *(
            (text.startswith(json.dumps(words)[:-1], autoescape=True), " ".join(words))
            for words in commands
        ),
        else_=text,
    )


def _is_free(spool: Spool) -> bool:
    try:
        with spool.lock():
            return True
    except BusyError:
        return False


def _newest(folder: Path) -> float:
    """When the folder or a file in it last changed; infinite if one vanishes meanwhile."""
    try:
        return max(_changed(path) for path in (folder, *folder.iterdir()))
    except FileNotFoundError:
        return math.inf


def _changed(path: Path) -> float:
    """When a file last changed; infinite if it was removed meanwhile."""
    try:
        return path.stat().st_mtime
    except FileNotFoundError:
        return math.inf


def _bytes(paths: Sequence[Path]) -> int:
    return sum(size for path in paths for size in _sizes(path))


def _sizes(path: Path) -> Iterator[int]:
    for one in (path, *path.rglob("*")):
        with suppress(FileNotFoundError):  # removed meanwhile
            if one.is_file():
                yield one.stat().st_size
