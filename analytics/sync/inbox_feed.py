"""The inbox as a feed: of one id, what arrived last counts.

Ids are the same if they are stored as the same: padded, and labeled.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from analytics.errors import InputError
from analytics.inbox.inbox import Inbox, Request
from analytics.inbox.records import RecordReader, Sent
from analytics.ingest.csv_file import write_malformed
from analytics.ingest.csv_records import Malformed
from analytics.ingest.ids_as_stored import padded_ids
from analytics.settings import Settings
from analytics.sources.source import Source
from analytics.sync.feed import Feed, FeedReport, Taken, Trial
from analytics.sync.feed_sources import served_snapshot

MOST_TAKEN = 500_000
MOST_BYTES = 16_000_000
"""Lines and bytes of one run, after which the other requests wait for the next.

An ingest takes up to ten times the bytes in memory, if the records are long and are refused.
"""
FILE = "inbox-"
"""How the name of a file begins that ends with the newest request in it."""
_Readable = tuple[Request, list[Sent]]


class InboxFeed(Feed):
    """Requests that wait in the inbox of a source's kind."""

    def __init__(self, source: Source, settings: Settings) -> None:
        self.name = f"{source.kind.name} inbox"
        self._source = source
        self._settings = settings
        self._inbox = Inbox(settings.home, source.kind)

    def take(self, folder: Path, report: FeedReport) -> Sequence[Taken]:
        self._remove_published()
        readable = self._readable(report)
        if not readable:
            return []
        taken = self._taken(readable, folder)
        report.rows, report.files = sum(len(sent) for _, sent in readable), len(readable)
        report.deleted = len(taken.deleted)
        return [taken]

    def _taken(self, readable: Sequence[_Readable], folder: Path) -> Taken:
        """What requests come to, in files that are named by the newest of them."""
        requests = [request for request, _ in readable]
        arrived = self._arrived(readable)
        name = f"{FILE}{requests[-1].received}"
        return Taken(
            self.name,
            arrived.write(folder / f"{name}.jsonl"),
            lambda _report: self._inbox.remove(requests),
            len(arrived.records),
            frozenset(arrived.deleted.values()),
            frozenset(arrived.resent.values()),
            arrived.write_refused(folder / f"{name}-refused.jsonl"),
            before_fault=lambda trial, error: self._before_fault(readable, folder, trial, error),
        )

    def _before_fault(
        self, readable: Sequence[_Readable], folder: Path, trial: Trial, error: InputError
    ) -> tuple[Taken | None, InputError]:
        """Set the first request aside that cannot be loaded; returns what arrived before it.

        Raises
        ------
        InputError
            Not even a record without values can be loaded, so it is not due to requests.
        """
        trial(self._blank(folder))
        loads, fails = 0, len(readable)  # so many of the first requests
        while fails - loads > 1:
            middle = (loads + fails) // 2
            try:
                trial(self._taken(readable[:middle], folder))
                loads = middle
            except InputError as fault:
                fails, error = middle, fault
        request, _ = readable[loads]
        aside = self._inbox.set_aside([request], str(error))
        told = InputError(
            f"Request {request.received} of the {self.name} cannot be loaded, so it was moved to "
            f"{aside}; what arrived after it is loaded by the next run. {error}"
        )
        return self._taken(readable[:loads], folder) if loads else None, told

    def _blank(self, folder: Path) -> Taken:
        """A record without values, which any source that is not faulty itself refuses."""
        path = folder / "blank.jsonl"
        blank = RecordReader(self._source).columns({})
        path.write_text(f"{json.dumps(blank)}\n", encoding="utf-8")
        return Taken(self.name, (path,), lambda _report: None)

    def _arrived(self, requests: Sequence[_Readable]) -> _Arrived:
        """What requests come to, line after line."""
        given = {one.id for _, sent in requests for one in sent if one.id}
        arrived = _Arrived(self._source, padded_ids(self._source, given))
        for _, sent in requests:
            arrived.add(sent)
        return arrived

    def _readable(self, report: FeedReport) -> list[_Readable]:
        """Requests of the source with their lines; what cannot be read is reported."""
        found: list[_Readable] = []
        lines = bytes = 0
        for request in self._inbox.waiting():
            if request.source != self._source.name:
                report.errors.append(
                    InputError(
                        f"Request {request.received} is of source {request.source!r}, but "
                        f"{self._source.name!r} is loaded; it stays in {self._inbox.folder}."
                    )
                )
                continue
            bytes += request.path.stat().st_size
            if bytes > MOST_BYTES and found:
                break
            try:
                sent = list(request.sent())
            except InputError as error:
                report.errors.append(error)
                self._inbox.set_aside([request], str(error))
                continue
            found.append((request, sent))
            lines += len(sent)
            if lines >= MOST_TAKEN:
                break
        return found

    def _remove_published(self) -> None:
        """Remove what a run published that was killed before it could."""
        waiting = [one for one in self._inbox.waiting() if one.source == self._source.name]
        snapshot = served_snapshot(self._source.kind, self._settings) if waiting else None
        loads = snapshot.manifest.batches if snapshot else ()
        names = {file.name for load in loads for file in load.files}
        published = [number for number, one in enumerate(waiting, 1) if _names(one) & names]
        self._inbox.remove(waiting[: max(published, default=0)])


def _names(request: Request) -> set[str]:
    """Names of the files of a load whose newest request it is."""
    return {f"{FILE}{request.received}{ending}" for ending in (".jsonl", "-refused.jsonl")}


class _Arrived:
    """Records and deletions in the order of their arrival, without those that others replace.

    `deleted` has ids as they are stored → as they were sent, `resent` those of which a record came
    after their deletion; `stored` has each id as it is stored.
    """

    def __init__(self, source: Source, stored: Mapping[str, str]) -> None:
        self._stored = stored
        self._reader = RecordReader(source)
        updated = source.dates.get("updated")
        self._updated = (
            [names[0] for names in (updated.date, updated.time) if names] if updated else []
        )
        self.records: dict[Any, dict[str, Any]] = {}
        self._keys: dict[str, set[Any]] = {}
        self.deleted: dict[str, str] = {}
        self.resent: dict[str, str] = {}
        self.refused: list[Malformed] = []
        self.lines = 0

    def add(self, request: Sequence[Sent]) -> None:
        for one in request:
            self.lines += 1
            if one.reason:
                self.refused.append(Malformed(self.lines, one.reason, one.raw))
            elif one.record is None:
                self._delete(one.id)
            else:
                columns = self._reader.columns(one.record)
                self._add_record(self._stored.get(one.id, ""), columns)

    def write(self, path: Path) -> tuple[Path, ...]:
        """Write the records, one object per line; no file if there are none."""
        if not self.records:
            return ()
        with path.open("w", encoding="utf-8") as file:
            file.writelines(f"{json.dumps(one)}\n" for one in self.records.values())
        return (path,)

    def write_refused(self, path: Path) -> Path | None:
        if not self.refused:
            return None
        with path.open("w", encoding="utf-8") as file:
            for one in self.refused:
                write_malformed(file, one)
        return path

    def _delete(self, sent: str) -> None:
        id = self._stored.get(sent)
        if id is None:
            return
        for key in self._keys.pop(id, ()):
            del self.records[key]
        self.resent.pop(id, None)
        self.deleted[id] = sent

    def _add_record(self, id: str, columns: dict[str, Any]) -> None:
        """Replace an earlier record of the id, unless its `updated` can tell which is newer.

        It does not tell so of a record that was deleted in between, here or in what is stored.
        """
        if id in self.deleted:
            self.resent[id] = self.deleted.pop(id)
        version = tuple(str(columns[name]) for name in self._updated)
        key = (id, version) if id else self.lines
        self.records.pop(key, None)
        self.records[key] = columns
        if id:
            self._keys.setdefault(id, set()).add(key)
