"""The inbox: each request is a file, on disk before it is acknowledged.

<home>/inbox/<kind>/<number>-<received>.<source>.jsonl. A file leaves when the snapshot that holds
its records is published. After a crash in between, the snapshot names the newest request that it
holds, so that none is loaded twice.
"""

from __future__ import annotations

import errno
import fcntl
import re
import secrets
import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from analytics.errors import InputError, PatrolIQError
from analytics.inbox.records import RecordReader, Sent
from analytics.stored import replace_text, replacing, sync_folder

if TYPE_CHECKING:
    from analytics.sources.record_kinds import RecordKind
    from analytics.sources.source import Source

FOLDER = "inbox"
SET_ASIDE = "set_aside"
MOST_LINES = 20_000
KEPT_FREE_BYTES = 200_000_000
"""Room that stays on the disk, so that what was received can still be loaded."""
NO_ROOM = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
_NAME = re.compile(r"([0-9]{12})-([0-9a-f]{32})\.([a-z][a-z0-9_]*)\.jsonl")


class InboxFullError(PatrolIQError):
    """The disk has no room for more records; nothing was received."""


@dataclass(frozen=True)
class Accepted:
    """What became of a request.

    Attributes
    ----------
    received : id of the request; of one that repeats the newest, the id of that one
    accepted : records and deletions that will be loaded
    quarantined : lines that are kept, but not loaded
    repeated : of `accepted`, those of a request that repeats the newest one
    reasons : line and reason of each quarantined one
    """

    received: str
    accepted: int
    quarantined: int
    repeated: int
    reasons: tuple[tuple[int, str], ...]


@dataclass(frozen=True)
class Request:
    """A request that waits in the inbox."""

    path: Path
    number: int
    received: str
    source: str

    def is_of(self, source: str, text: str) -> bool:
        """Whether it has this text, unless it is damaged or was loaded meanwhile."""
        try:
            return self.source == source and self.path.read_text(encoding="utf-8") == text
        except (FileNotFoundError, UnicodeDecodeError):
            return False

    def sent(self) -> Iterator[Sent]:
        """Its lines.

        Raises
        ------
        InputError
            The file is damaged.
        """
        with self.path.open("rb") as file:
            for line in file:
                try:
                    yield Sent.read(line.decode("utf-8"))
                except (ValueError, KeyError, TypeError) as error:
                    raise InputError(f"{self.path} is damaged: {error}.") from error


class Inbox:
    """Records of one kind that wait to be loaded."""

    def __init__(self, home: Path, kind: RecordKind) -> None:
        self.folder = home / FOLDER / kind.name

    def accept(self, source: Source, lines: Sequence[bytes]) -> Accepted:
        """Keep the lines of a request; when this returns, they survive a loss of power.

        Raises
        ------
        InputError
            There are no lines, or too many.
        InboxFullError
            The disk is full; nothing was kept.
        """
        if len(lines) > MOST_LINES:
            raise InputError(f"A request can have at most {MOST_LINES:,} lines.")
        sent = list(RecordReader(source).sent(lines))
        if not sent:
            raise InputError("The request has no records: send one JSON object per line.")
        text = _text(sent)
        try:
            received, is_repeated = self._keep(source, text)
        except OSError as error:
            if error.errno not in NO_ROOM:
                raise
            raise InboxFullError(
                "The server's disk is full; nothing was received. Send it again later."
            ) from error
        refused = [one for one in sent if one.reason]
        taken = len(sent) - len(refused)
        reasons = tuple((one.line, one.reason) for one in refused)
        return Accepted(received, taken, len(refused), taken if is_repeated else 0, reasons)

    def waiting(self) -> list[Request]:
        """Requests that are not loaded yet, in the order in which they arrived."""
        return [found for name in self.names() if (found := _request(self.folder / name))]

    def aside(self) -> list[Request]:
        """Requests that were set aside, in the order in which they arrived."""
        aside = self.folder / SET_ASIDE
        return [found for name in _names(aside) if (found := _request(aside / name))]

    def rewrite(self, request: Request, lines: Sequence[bytes]) -> None:
        """Keep only some lines of a request, unless it was loaded meanwhile; without any, none."""
        if not request.path.exists():
            return
        if lines:
            with replacing(request.path) as temporary:
                temporary.write_bytes(b"".join(lines))
            return
        request.path.unlink(missing_ok=True)
        _message(request.path).unlink(missing_ok=True)
        sync_folder(request.path.parent)

    def remove(self, requests: Sequence[Request]) -> None:
        """Remove requests whose records are published; the newest, in order of arrival, last.

        A snapshot names the newest one only: while older ones remain, after a loss of power, so
        must that.
        """
        for some in (requests[:-1], requests[-1:]):
            for one in some:
                one.path.unlink(missing_ok=True)
            if some:
                sync_folder(self.folder)

    def set_aside(self, requests: Sequence[Request], message: str) -> Path:
        """Keep requests that can never be loaded apart, with the reason; returns the folder."""
        folder = self.folder / SET_ASIDE
        folder.mkdir(exist_ok=True)
        for one in requests:
            replace_text(_message(folder / one.path.name), message + "\n")
            with suppress(FileNotFoundError):
                one.path.rename(folder / one.path.name)
        sync_folder(folder)
        sync_folder(self.folder)
        return folder

    def _keep(self, source: Source, text: str) -> tuple[str, bool]:
        """Write a request to disk unless it repeats the newest one: its id, and whether it does."""
        with self._lock():
            waiting = self.waiting()
            if waiting and waiting[-1].is_of(source.name, text):
                return waiting[-1].received, True
            received = secrets.token_hex(16)
            if shutil.disk_usage(self.folder).free < KEPT_FREE_BYTES + len(text):
                raise OSError(errno.ENOSPC, "too little room")
            number = waiting[-1].number + 1 if waiting else 1
            replace_text(self.folder / _name(number, received, source.name), text)
            return received, False

    @contextmanager
    def _lock(self) -> Iterator[None]:
        """Number requests one after the other, whichever process receives them."""
        if not self.folder.is_dir():
            self.folder.mkdir(parents=True, exist_ok=True)
            sync_folder(self.folder.parent)
            sync_folder(self.folder.parent.parent)
        with (self.folder / "lock").open("w") as handle:
            fcntl.flock(handle, fcntl.LOCK_EX)
            yield

    def names(self) -> list[str]:
        """Names of the files that wait, in the order in which they arrived."""
        return _names(self.folder)


def _names(folder: Path) -> list[str]:
    try:
        return sorted(one.name for one in folder.iterdir() if _NAME.fullmatch(one.name))
    except FileNotFoundError:
        return []


def _request(path: Path) -> Request | None:
    match = _NAME.fullmatch(path.name)
    return match and Request(path, int(match[1]), match[2], match[3])


def _message(path: Path) -> Path:
    """Why a request was set aside."""
    return path.with_name(f"{path.name}.message")


def _name(number: int, received: str, source: str) -> str:
    return f"{number:012d}-{received}.{source}.jsonl"


def _text(sent: Sequence[Sent]) -> str:
    return "".join(f"{one.as_json}\n" for one in sent)
