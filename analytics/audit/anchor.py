"""The anchor: the newest entry, noted in a file outside the database.

Whoever can write the database can cut entries off its end, or write a whole new log. The anchor
then names an entry that the log lacks. Lines are only added, so the file may be one that the
system lets nobody shorten; it belongs on another disk. A line has a sequence number, the hash, the
id of a key and a signature by it.

An anchor may be older than the newest entry, such as after a crash between the two. It is never
newer: an entry is on the disk before it is noted.
"""

from __future__ import annotations

import fcntl
import hashlib
import hmac
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass

from analytics.audit.chain import Link
from analytics.settings import Settings

FILE = "audit.anchor"
LOCK_FILE = "audit.lock"
LONGEST_LINE = 200
MOST_BYTES = 1_000_000
"""Above it, all lines but the last are removed, where the system lets us."""


@dataclass(frozen=True)
class NotedHead:
    """The last line of the file; `signed` tells whether one of our keys signed it."""

    link: Link
    signed: bool


class AuditAnchor:
    """Reads the file and adds to it."""

    def __init__(self, settings: Settings) -> None:
        self.path = settings.audit_anchor or settings.home / FILE
        self._lock = settings.home / LOCK_FILE

    @contextmanager
    def locked(self) -> Iterator[None]:
        """Keep other processes of this machine from noting an entry."""
        self._lock.parent.mkdir(parents=True, exist_ok=True)
        with self._lock.open("w") as handle:
            fcntl.flock(handle, fcntl.LOCK_EX)
            yield

    def read(self, keys: Mapping[str, bytes]) -> NotedHead | None:
        """The newest noted entry; None if there is no file, or nothing in it."""
        try:
            with self.path.open("rb") as file:
                file.seek(max(file.seek(0, os.SEEK_END) - 2 * LONGEST_LINE, 0))
                lines = file.read().splitlines(keepends=True)
        except FileNotFoundError:
            return None
        whole = [line for line in lines if line.endswith(b"\n")]  # a crash may cut the last one
        return _parse(whole[-1], keys) if whole else None

    def note(self, link: Link, secret: bytes) -> None:
        """Add an entry."""
        text = f"{link.sequence} {link.hash} {link.key}"
        line = f"{text} {_signature(text, secret)}\n".encode()
        descriptor = os.open(self.path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        try:
            if os.fstat(descriptor).st_size > MOST_BYTES:
                with suppress(OSError):  # the system lets nobody shorten it
                    self._start_again(line)
                    return
            os.write(descriptor, line)
        finally:
            os.close(descriptor)

    def _start_again(self, line: bytes) -> None:
        staged = self.path.with_name(f"{self.path.name}.next")
        staged.write_bytes(line)
        staged.chmod(0o600)
        staged.rename(self.path)


def _signature(text: str, secret: bytes) -> str:
    return hmac.new(secret, b"patroliq audit anchor\0" + text.encode(), hashlib.sha256).hexdigest()


def _parse(line: bytes, keys: Mapping[str, bytes]) -> NotedHead:
    try:
        sequence, digest, key, signature = line.decode("ascii").split()
        link = Link(int(sequence), digest, key)
    except ValueError:
        return NotedHead(Link(), signed=False)
    text = f"{link.sequence} {link.hash} {link.key}"
    secret = keys.get(key)
    signed = secret is not None and hmac.compare_digest(_signature(text, secret), signature)
    return NotedHead(link, signed)
