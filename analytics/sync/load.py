"""Load what feeds took in one ingest; what cannot be loaded does not hold up the others."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from analytics.errors import InputError, PatrolIQError
from analytics.ingest.beside_files import BesideFiles
from analytics.ingest.ids_as_stored import ids_as_stored
from analytics.ingest.pipeline import ingest
from analytics.ingest.report import IngestReport
from analytics.settings import Settings
from analytics.sources.source import Source
from analytics.sync.deletion_stop import TooManyDeletedError, require_few
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
    confirmed: bool = False,
    advance: Advance,
) -> tuple[IngestReport | None, list[PatrolIQError]]:
    """Publish everything taken in one snapshot, and tell the feeds.

    Parameters
    ----------
    vanished : ids, as they are stored, that the source does not have any more
    confirmed : also load what deletes many records, and a doubtful first load

    Returns
    -------
    The report of the ingest, None if nothing was to be loaded; and why something was left out.

    Raises
    ------
    PatrolIQError
        Nothing was published; feeds keep what they have.
    """
    run = _Load(source, settings, vanished, confirmed, advance)
    faults: list[PatrolIQError] = []
    if not confirmed:
        taken, stopped = _without_many_deletions(taken, source, settings)
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
        """Publish something of what was taken; if `dry`, only see whether it can be."""
        sent = {id for one in some for id in one.deleted}
        served = served_snapshot(self.source.kind, self.settings)
        deleted = ids_as_stored(self.source, sent, served) | self.vanished
        refused = next((one.refused for one in some if one.refused), None)
        return ingest(
            [path for one in some for path in one.paths],
            self.source,
            self.settings,
            dry_run=dry,
            confirmed=self.confirmed or dry,
            beside=BesideFiles(deleted, refused),
            advance=self.advance,
        )

    def without_faulty(self, taken: Sequence[Taken]) -> tuple[list[Taken], list[InputError]]:
        """What can be loaded alone, and why the rest cannot."""
        good, faults = [], []
        for one in taken:
            try:
                if one.paths:
                    self.ingest([one], dry=True)
                good.append(one)
            except InputError as error:
                if one.failed is None:
                    faults.append(InputError(f"The {one.what} is left out: {error}"))
                else:
                    faults.append(error)
                    one.failed(error)
        return good, faults


def _without_many_deletions(
    taken: Sequence[Taken], source: Source, settings: Settings
) -> tuple[list[Taken], list[TooManyDeletedError]]:
    """What deletes no more than the safety stop lets pass, and the errors of the rest."""
    served = served_snapshot(source.kind, settings)
    passed, stopped = [], []
    for one in taken:
        try:
            require_few(one.what, one.deleted, source, served)
            passed.append(one)
        except TooManyDeletedError as error:
            stopped.append(error)
    return passed, stopped


def _refused(taken: Sequence[Taken], report: IngestReport) -> list[InputError]:
    """Set files without a usable row aside; what else was taken stays where it is."""
    fault = report.failure()
    error = fault if isinstance(fault, InputError) else InputError(str(fault))
    for one in taken:
        if one.failed is not None:
            one.failed(error)
    return [error]
