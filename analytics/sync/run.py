"""One run: everything that is due, in one ingest for each kind of record."""

from __future__ import annotations

import fcntl
import shutil
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from analytics.errors import BusyError, PatrolIQError
from analytics.ingest.report import IngestReport
from analytics.publisher import require_publisher
from analytics.settings import Settings
from analytics.sources.other_systems import FromDatabase, FromPortal
from analytics.sources.record_kinds import RECORD_KINDS, RecordKind
from analytics.sources.source import Source
from analytics.state import State
from analytics.sync.database_feed import DatabaseFeed
from analytics.sync.deletion_stop import WITHIN_S, DeletionStop
from analytics.sync.drop_feed import DropFeed
from analytics.sync.feed import Feed, FeedReport, Taken
from analytics.sync.feed_sources import served_snapshot, source_of_feeds
from analytics.sync.feed_state import FeedState, confirmation, reconciliation
from analytics.sync.inbox_feed import InboxFeed
from analytics.sync.one_feed import failing_alone
from analytics.sync.portal_feed import PortalFeed

LOCK, TEMPORARY, SCRATCH = "sync.lock", "temporary", "sync-"
Advance = Callable[[str, float], None]


@dataclass
class KindReport:
    """What a run made of one kind of record. Counts are those of the ingest."""

    kind: str
    source: str = ""
    feeds: list[FeedReport] = field(default_factory=list)
    ingest: IngestReport | None = None
    errors: list[PatrolIQError] = field(default_factory=list)  # of the load

    @property
    def all_errors(self) -> list[PatrolIQError]:
        """Those of feeds, then those of the load."""
        return [*(error for feed in self.feeds for error in feed.errors), *self.errors]

    def as_dict(self) -> dict[str, Any]:
        """The report as JSON values."""
        names = ("new", "updated", "deleted", "quarantined", "duplicates", "differing")
        counts = {name: getattr(self.ingest, name) if self.ingest else 0 for name in names}
        return {
            "kind": self.kind,
            "source": self.source,
            "published": bool(self.ingest and self.ingest.published),
            "snapshot": self.ingest.snapshot if self.ingest else None,
            **counts,
            "feeds": [
                {
                    "feed": one.name,
                    "rows": one.rows,
                    "files": one.files,
                    "deleted": one.deleted,
                    "vanished": one.vanished,
                    "errors": [str(error) for error in one.errors],
                }
                for one in self.feeds
            ],
            "errors": [str(error) for error in self.errors],
        }


def sync(
    settings: Settings,
    *,
    only: str | None = None,
    asked_only: bool = False,
    reconciles: bool = False,
    confirmed: bool = False,
    advance: Advance = lambda _what, _share: None,
) -> list[KindReport]:
    """Load what is due; returns a report for each kind of record that has a source.

    What fails is in the reports, and does not keep other feeds from being loaded.

    Parameters
    ----------
    only : str, optional
        A source by name or TOML file: others are left alone.
    asked_only : bool
        Leave the inbox and the drop folder alone.
    reconciles : bool
        Also leave out records that a source, asked for all its ids, no longer has.
    confirmed : bool
        Publish a first load even if it is doubtful, and leave out many records.

    Raises
    ------
    BusyError
        Another run has not ended.
    NotPublisherError
        Another machine publishes.
    """
    require_publisher(settings, "load what arrives")
    with _alone(settings.home), closing(State(settings)) as state:
        run = _Run(settings, state, only, asked_only, reconciles, confirmed, advance)
        reports = [run.of(kind) for kind in RECORD_KINDS.values()]
    return [report for report in reports if report is not None]


@contextmanager
def _alone(home: Path) -> Iterator[None]:
    home.mkdir(parents=True, exist_ok=True)
    with (home / LOCK).open("w") as handle:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise BusyError("Another sync is running; it takes what has arrived.") from error
        scratch = home / TEMPORARY
        scratch.mkdir(exist_ok=True)
        for rest in scratch.glob(f"{SCRATCH}*"):  # of a run that was killed
            shutil.rmtree(rest, ignore_errors=True)
        yield


@dataclass(frozen=True)
class _Run:
    """A run, and what it was asked."""

    settings: Settings
    state: State
    only: str | None
    asked_only: bool
    reconciles: bool
    confirmed: bool
    advance: Advance

    def of(self, kind: RecordKind) -> KindReport | None:
        """Load what is due of a kind; None if it has no source, or another one is meant."""
        report = KindReport(kind.name)
        try:
            source = source_of_feeds(kind, self.settings, *([self.only] if self.only else []))
        except PatrolIQError as error:
            report.errors.append(error)
            return report
        if source is None or self.only not in (None, source.name, str(source.path)):
            return None
        report.source = source.name
        scratch = self.settings.home / TEMPORARY
        with (
            TemporaryDirectory(prefix=SCRATCH, dir=scratch, ignore_cleanup_errors=True) as folder,
            ExitStack() as held,
        ):
            self._load(source, Path(folder), report, held)
        self._note(report)
        return report

    def _load(self, source: Source, folder: Path, report: KindReport, held: ExitStack) -> None:
        taken: list[Taken] = []
        gone: set[str] = set()
        stop = None if self.confirmed else self._stop(source)
        for feed in self._feeds(source):
            own = FeedReport(feed.name)
            held.callback(_close, feed, own)
            report.feeds.append(own)
            self.advance(f"Reading {feed.name}", 0.0)
            with failing_alone(feed.name, own.errors):
                taken += feed.take(folder, own)
                if self.reconciles:
                    gone |= self._vanished(feed, source, own, stop)
        if not (taken or gone):
            return
        from analytics.sync.load import load  # noqa: PLC0415 - takes longer than a look at feeds

        try:
            report.ingest, faults = load(
                taken,
                source,
                self.settings,
                vanished=frozenset(gone),
                stop=stop,
                advance=self.advance,
            )
            report.errors += faults
            if self.confirmed and report.ingest is not None and report.ingest.published:
                FeedState(self.state).ran(confirmation(source.kind))
        except PatrolIQError as error:
            report.errors.append(error)

    def _stop(self, source: Source) -> DeletionStop:
        """The safety stop: it counts from the newest confirmation on, or a day back."""
        confirmed = FeedState(self.state).get(confirmation(source.kind)).ran or 0.0
        since = max(time.time() - WITHIN_S, confirmed)
        return DeletionStop(source, served_snapshot(source.kind, self.settings), since)

    def _vanished(
        self, feed: Feed, source: Source, own: FeedReport, stop: DeletionStop | None
    ) -> frozenset[str]:
        """What the source of a feed no longer has; asked after what it has was taken."""
        notes, name = FeedState(self.state), reconciliation(source.kind)
        try:
            listed = feed.ids()
            if listed is None:
                return frozenset()
            from analytics.sync.reconcile import vanished  # noqa: PLC0415 - as `load`

            found = vanished(source, listed, self.settings, stop)
        except PatrolIQError as error:
            notes.ran(name, str(error))
            own.errors.append(error)
            return frozenset()
        notes.ran(name)
        own.vanished = len(found)
        return found

    def _note(self, report: KindReport) -> None:
        """Note each feed's run; what failed together failed for each feed that had something."""
        for own in report.feeds:
            had_any = own.rows or own.files or own.deleted
            errors = [*own.errors, *(report.errors if had_any else ())]
            FeedState(self.state).ran(own.name, " ".join(map(str, errors)))

    def _feeds(self, source: Source) -> Iterator[Feed]:
        settings, state = self.settings, self.state
        if not self.asked_only:
            yield InboxFeed(source, settings)
            if settings.drop is not None:
                yield DropFeed(source, settings, state, settings.drop)
        if isinstance(source.sync, FromDatabase):
            yield DatabaseFeed(source, source.sync, settings, FeedState(state))
        elif isinstance(source.sync, FromPortal):
            yield PortalFeed(source, source.sync, settings, FeedState(state))


def _close(feed: Feed, own: FeedReport) -> None:
    with failing_alone(feed.name, own.errors):
        feed.close()
