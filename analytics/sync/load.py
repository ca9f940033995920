"""Load what feeds took in one ingest; what cannot be loaded does not hold up the others."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace

from analytics.errors import InputError, PatrolIQError
from analytics.ingest.beside_files import BesideFiles
from analytics.ingest.ids_as_stored import ids_as_stored
from analytics.ingest.pipeline import ingest
from analytics.ingest.report import IngestReport
from analytics.settings import Settings
from analytics.sources.reading import reading
from analytics.sources.source import Source
from analytics.sync.deletion_stop import DeletionStop, TooManyDeletedError
from analytics.sync.feed import Taken
from analytics.sync.feed_sources import served_snapshot
from analytics.sync.one_feed import failing_alone

Advance = Callable[[str, float], None]


def load(
    taken: Sequence[Taken],
    source: Source,
    settings: Settings,
    *,
    vanished: frozenset[str] = frozenset(),
    stop: DeletionStop | None,
    advance: Advance,
) -> tuple[IngestReport | None, list[PatrolIQError]]:
    """Publish everything taken in one snapshot, and tell the feeds.

    Parameters
    ----------
    vanished : ids, as they are stored, that the source does not have any more
    stop : judges what deletes records; none if somebody confirmed that many go, and a doubtful
        first load

    Returns
    -------
    The report of the ingest, None if nothing was to be loaded; and why something was left out.

    Raises
    ------
    PatrolIQError
        Nothing was published; feeds keep what they have.
    """
    run = _Load(source, settings, vanished, stop is None, advance)
    faults: list[PatrolIQError] = []
    if stop is not None:
        taken, stopped = run.without_many_deletions(taken, stop)
        faults += stopped
    if not taken and not vanished:
        return None, faults
    try:
        report = run.ingest(taken)
    except InputError:
        good, faulty = run.without_faulty(taken)
        faults += faulty
        if not faulty:
            raise
        if not good and not vanished:
            return None, faults
        report, taken = run.ingest(good), good
    if report.snapshot is None:  # a first load without a usable row: nothing is served
        faults += _refused(taken, report)
        return report, faults
    for one in taken:
        with failing_alone(one.what, faults):
            one.published(report)
    return report, faults


@dataclass(frozen=True)
class _Load:
    """A load, and what it was asked."""

    source: Source
    settings: Settings
    vanished: frozenset[str]
    confirmed: bool
    advance: Advance

    def ingest(self, some: Sequence[Taken], *, dry: bool = False) -> IngestReport:
        """Publish something of what was taken; if `dry`, only see whether it can be.

        Any unexpected error may be due to what arrived, and must not hold up the rest of it.
        """
        sent = {id for one in some for id in one.deleted}
        served = served_snapshot(self.source.kind, self.settings)
        deleted = ids_as_stored(self.source, sent, served) | self.vanished
        again = {id for one in some for id in one.resent}
        refused = next((one.refused for one in some if one.refused), None)
        beside = BesideFiles(deleted, refused, ids_as_stored(self.source, again, served))
        with reading(" and ".join(one.what for one in some) or self.source.name):
            return ingest(
                [path for one in some for path in one.paths],
                self.source,
                self.settings,
                dry_run=dry,
                confirmed=self.confirmed or dry,
                beside=beside,
                advance=self.advance,
            )

    def without_faulty(self, taken: Sequence[Taken]) -> tuple[list[Taken], list[InputError]]:
        """What can be loaded alone, and why the rest cannot."""
        good: list[Taken] = []
        faults: list[InputError] = []
        for one in taken:
            try:
                self.trial(one)
                good.append(one)
            except InputError as error:
                rest, fault = self._without_fault(one, error)
                good += [rest] if rest is not None else []
                faults.append(fault)
        return good, faults

    def trial(self, one: Taken) -> None:
        """See whether something can be loaded.

        Raises
        ------
        InputError
            It cannot.
        """
        if one.paths or one.refused is not None:
            without = replace(one, deleted=frozenset())
            replace(self, vanished=frozenset()).ingest([without], dry=True)

    def _without_fault(self, one: Taken, error: InputError) -> tuple[Taken | None, InputError]:
        """What can be loaded of something that cannot as a whole, and why the rest is left out."""
        if one.failed is not None:
            one.failed(error)
            return None, error
        try:
            if one.before_fault is not None:
                return one.before_fault(self.trial, error)
        except InputError as general:
            error = general
        return None, InputError(f"The {one.what} is left out: {error}")

    def without_many_deletions(
        self, taken: Sequence[Taken], stop: DeletionStop
    ) -> tuple[list[Taken], list[TooManyDeletedError]]:
        """What deletes no more than the safety stop lets pass, and the errors of the rest."""
        passed, stopped = [], []
        for one in taken:
            try:
                stop.require_few(one.what, self._removed_by(one, stop))
                passed.append(one)
            except TooManyDeletedError as error:
                stopped.append(error)
        return passed, stopped

    def _removed_by(self, one: Taken, stop: DeletionStop) -> int:
        """How many records are gone after a load, or more if these are not too many.

        Those that are sent again are gone if what is sent is refused, as only a load can tell.
        """
        most = stop.count(one.deleted | one.resent)
        if one.resent and stop.is_too_many(most):
            with suppress(InputError):  # then it counts as deleting all of them
                return replace(self, vanished=frozenset()).ingest([one], dry=True).deleted
        return most


def _refused(taken: Sequence[Taken], report: IngestReport) -> list[InputError]:
    """Set files without a usable row aside; what else was taken stays where it is."""
    fault = report.failure()
    error = fault if isinstance(fault, InputError) else InputError(str(fault))
    for one in taken:
        if one.failed is not None:
            one.failed(error)
    return [error]
