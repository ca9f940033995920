"""Remove records of retracted incidents from requests that wait in the inbox or were set aside."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path

from analytics.errors import InputError
from analytics.inbox.inbox import Inbox, Request
from analytics.inbox.records import RecordReader, Sent
from analytics.incidents.retracted import RetractedIds
from analytics.ingest.ids_as_stored import padded_ids
from analytics.ingest.retracted_rows import listed_objects
from analytics.sources.record_kinds import INCIDENTS
from analytics.sources.source import Source


@dataclass(frozen=True)
class _Line:
    """A line of a request; `sent` is None if the line is damaged."""

    request: Request
    raw: bytes
    sent: Sent | None


def clean_inbox(home: Path, sources: Mapping[str, Source], listed: RetractedIds, marks: str) -> int:
    """Clean all requests; returns how many lines were removed.

    A source that is not in `sources`, which are by name, has ids as they are written. `marks` is a
    pattern: refused and damaged lines that match it go too.
    """
    inbox = Inbox(home, INCIDENTS)
    lines = [line for one in (*inbox.waiting(), *inbox.aside()) for line in _lines(one)]
    gone = _named(lines, listed, re.compile(marks))
    for name in {line.request.source for line in lines} & sources.keys():
        gone |= _stored_as_listed(sources[name], lines, listed)
    for request, numbers in groupby(range(len(lines)), lambda number: lines[number].request):
        of_request = list(numbers)
        if gone.intersection(of_request):
            kept = [lines[number].raw for number in of_request if number not in gone]
            inbox.rewrite(request, kept)
    return len(gone)


def _lines(request: Request) -> list[_Line]:
    try:
        content = request.path.read_bytes()
    except FileNotFoundError:  # loaded meanwhile
        return []
    return [_Line(request, raw, _sent(raw)) for raw in content.splitlines(keepends=True)]


def _sent(raw: bytes) -> Sent | None:
    try:
        return Sent.read(raw.decode("utf-8"))
    except (ValueError, KeyError, TypeError):
        return None


def _named(lines: Sequence[_Line], listed: RetractedIds, marks: re.Pattern[str]) -> set[int]:
    """Lines with a retracted id as it is written, and other lines that name one."""
    hashes = set(listed.hashes)
    found = set()
    for number, line in enumerate(lines):
        if line.sent is None:
            is_one = bool(marks.search(line.raw.decode("utf-8", "replace")))
        elif line.sent.reason:
            is_one = bool(marks.search(line.sent.raw))
        else:
            is_one = listed.hash_of(line.sent.id) in hashes
        if is_one:
            found.add(number)
    return found


def _stored_as_listed(source: Source, lines: Sequence[_Line], listed: RetractedIds) -> set[int]:
    """Lines of a source whose record would be stored under a retracted id."""
    sent = {
        number: line.sent
        for number, line in enumerate(lines)
        if line.request.source == source.name and line.sent is not None and not line.sent.reason
    }
    hashes = set(listed.hashes)
    padded = padded_ids(source, {one.id for one in sent.values() if one.id})
    is_listed = {one: listed.hash_of(stored) in hashes for one, stored in padded.items()}
    found = {number for number, one in sent.items() if is_listed.get(one.id)}
    if source.missing_id == "content":
        reader = RecordReader(source)
        records = {
            number: reader.columns(one.record)
            for number, one in sent.items()
            if one.record is not None
        }
        found |= _of_content(source, records, listed)
    return found


def _of_content(
    source: Source, records: Mapping[int, Mapping[str, object]], listed: RetractedIds
) -> set[int]:
    numbers = list(records)
    try:
        rows = listed_objects(list(records.values()), source, listed)
    except InputError:  # the source does not read them, so none is stored
        return set()
    return {numbers[row] for row in rows}
