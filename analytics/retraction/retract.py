"""Retract incidents: list them as not to come back, then remove them from everything kept.

The order makes it safe to be killed at any moment: the list is written first, the snapshots last.
Until the last one is written, running it again finds what is left.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from contextlib import closing
from dataclasses import dataclass, replace

from analytics.audit import recorded
from analytics.errors import InputError, IntegrityError
from analytics.incidents.model import SCHEMA_VERSION
from analytics.incidents.retracted import RetractedIds
from analytics.incidents.snapshot_events import RETRACTED
from analytics.incidents.warehouse import Snapshot, Warehouse
from analytics.ingest.kept_snapshots import kept_snapshots
from analytics.ingest.pipeline import Advance, silent
from analytics.ingest.retracted_rows import clean_load
from analytics.retraction.artifacts import clean_artifacts, remove_caches
from analytics.retraction.marks import SHORTEST, Marks
from analytics.retraction.received import clean_inbox
from analytics.retraction.snapshots import (
    marks_in,
    publish_without,
    refuses_any,
    replace_without,
)
from analytics.retraction.texts import clean_state
from analytics.settings import Settings
from analytics.sources.source import Source
from analytics.state import State
from analytics.uploads.store import Uploads


@dataclass(frozen=True)
class Retraction:
    """What a retraction did. Counts are incidents, rows as they were read, and snapshots.

    Attributes
    ----------
    found
        Retracted incidents that the current snapshot had.
    snapshots
        Kept snapshots that were written again.
    served
        Id of the snapshot that is served now; empty for an empty warehouse.
    train_again
        Versions of models that held single incidents and were removed.
    """

    requested: int
    found: int
    raw_rows: int
    snapshots: int
    served: str
    train_again: tuple[str, ...]


def retract(
    ids: Iterable[str], reason: str, settings: Settings, advance: Advance = silent
) -> Retraction:
    """Remove incidents from everything kept, and keep them out. It cannot be undone.

    Without ids, a retraction that was interrupted is finished.

    Raises
    ------
    InputError
        There are no ids and nothing to finish, or no reason.
    BusyError
        Another process is writing to the warehouse.
    IntegrityError
        The served snapshot, or the manifest of another one, cannot be read.
    """
    wanted = list(dict.fromkeys(one.strip() for one in ids if one.strip()))
    if not reason.strip():
        raise InputError("Give a reason: it goes to the audit log.")
    warehouse, listed = Warehouse(settings.home), RetractedIds(settings.home)
    with warehouse.lock():
        if not wanted and not listed.is_pending:
            raise InputError("Name the incidents to retract; no retraction is unfinished.")
        _require_readable(warehouse)
        details = {"requested": len(wanted)}
        with recorded(settings, RETRACTED, "", reason=reason, details=details):
            listed.begin(wanted)
            run = _Run(warehouse, listed, settings, advance)
            done = run.remove(wanted)
            listed.finish()
    return replace(done, requested=len(wanted))


def _require_readable(warehouse: Warehouse) -> None:
    """Check that every snapshot can be searched, before anything is changed."""
    warehouse.current()
    faults = warehouse.unreadable()
    if faults:
        raise IntegrityError(f"Nothing was retracted. {' '.join(faults.values())}")


@dataclass(frozen=True)
class _Run:
    """A retraction under way."""

    warehouse: Warehouse
    listed: RetractedIds
    settings: Settings
    advance: Advance

    def remove(self, wanted: Sequence[str]) -> Retraction:
        """Remove whatever is listed; `wanted` are the ids as far as they are known."""
        home, current = self.settings.home, self.warehouse.current()
        serving = current.id if current else ""
        marks = Marks({one for one in wanted if len(one) >= SHORTEST})
        self.advance("Looking for them", 0.0)
        found = [(one, self._count(one, marks, serving)) for one in self._snapshots()]
        having = [one for one, count in found if count or self._names_any(one, marks)]
        self.advance("Cleaning rows as they were read", 0.2)
        loads = [path.parent for path in sorted(self.warehouse.raw.glob("*/source.toml"))]
        rows = sum(clean_load(load, self.listed, marks.pattern) for load in loads)
        sources = [Source.load(load / "source.toml") for load in loads]
        by_name = {source.name: source for source in sources}
        rows += clean_inbox(home, by_name, self.listed, marks.pattern)
        self.advance("Cleaning models, plans and caches", 0.4)
        remove_caches(home)
        withheld = clean_artifacts(home, marks) if having else []
        with closing(State(self.settings)) as state:
            clean_state(state, marks)
        Uploads(self.settings).clear()
        served = self._write_again(having, marks, serving)
        remove_caches(home)  # what web workers made of the old ones meanwhile
        self.advance("Done", 1.0)
        incidents = sum(count for one, count in found if one.id == serving)
        return Retraction(0, incidents, rows, len(having), served, tuple(withheld))

    def _snapshots(self) -> list[Snapshot]:
        """Kept snapshots; those of an earlier schema, which cannot be served, are removed."""
        folder, found = self.warehouse.snapshots_folder, []
        for one in self.warehouse.list():
            if one.schema_version == SCHEMA_VERSION:
                found.append(Snapshot(folder / one.id, one))
            else:
                self.warehouse.remove(one.id)
        return found

    def _count(self, snapshot: Snapshot, marks: Marks, serving: str) -> int:
        is_current = snapshot.id == serving
        return marks_in(snapshot, self.listed, self.settings, marks, current=is_current)

    def _names_any(self, snapshot: Snapshot, marks: Marks) -> bool:
        """Whether refused rows name one, or the manifest does among rows that differed."""
        batches = snapshot.manifest.batches
        if refuses_any(snapshot, self.listed, self.settings, marks):
            return True
        return any(self.listed.has(one.id) for batch in batches for one in batch.differing_samples)

    def _write_again(self, having: Sequence[Snapshot], marks: Marks, serving: str) -> str:
        """Write snapshots again; returns the id of the one that is served then."""
        cited, served = kept_snapshots(self.settings), serving
        for number, snapshot in enumerate(having):
            self.advance("Writing snapshots again", 0.5 + 0.5 * number / len(having))
            if snapshot.id == serving:
                served = publish_without(
                    self.warehouse, snapshot, marks, self.listed, self.settings
                ).id
            if snapshot.id != serving or cited is None or snapshot.id in cited:
                replace_without(self.warehouse, snapshot, marks, self.listed, self.settings)
            else:
                self.warehouse.remove(snapshot.id)
        return served
