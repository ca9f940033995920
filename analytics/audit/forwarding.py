"""Forwarding of the audit log by syslog, as RFC 5424 messages of the standard library's handler.

One process at a time forwards, in the order of the chain, from the entry after the last forwarded
one, whose number is in a file of the home folder. So entries that a receiver missed while it did
not answer follow later, and a receiver may get one twice after a crash. UDP and a local socket do
not tell whether anybody received it; TCP tells more, but not all.
"""

from __future__ import annotations

import fcntl
import json
import logging
import socket
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from logging.handlers import SYSLOG_UDP_PORT, SysLogHandler
from urllib.parse import urlsplit

from analytics.audit import Audit, AuditEntry
from analytics.errors import UnavailableError
from analytics.settings import Settings

FILE = "audit.forwarded"
PATIENCE_S = 5.0
LONGEST_ID = 32
_KINDS = {"udp": socket.SOCK_DGRAM, "tcp": socket.SOCK_STREAM}


class AuditForwarder:
    """Sends entries to the syslog that the settings name."""

    def __init__(self, audit: Audit, settings: Settings) -> None:
        self._audit = audit
        self._address = settings.audit_syslog
        self._path = settings.home / FILE

    @property
    def forwarded(self) -> int:
        """Number of the last forwarded entry."""
        try:
            return int(self._path.read_text(encoding="ascii"))
        except (FileNotFoundError, ValueError):
            return 0

    def forward(self) -> int:
        """Send all entries that were not forwarded yet; returns how many.

        None are sent where another process is forwarding.

        Raises
        ------
        UnavailableError
            The syslog does not answer; what was sent before is not sent again.
        """
        sent, last = 0, self.forwarded
        with self._turn() as is_ours:
            if not is_ours:
                return 0
            last = self.forwarded
            handler = None
            try:
                for entry in self._audit.entries(last):
                    handler = handler or _open(self._address)
                    handler.emit(_record(entry))
                    sent, last = sent + 1, entry.sequence
            except OSError as error:
                raise UnavailableError(
                    "The syslog at PATROLIQ_AUDIT_SYSLOG does not answer "
                    f"({error.strerror or error}); entries from {last + 1} on are forwarded later."
                ) from None
            finally:
                if handler is not None:
                    handler.close()
                if sent:
                    self._note(last)
        return sent

    @contextmanager
    def _turn(self) -> Iterator[bool]:
        """Whether no other process is forwarding."""
        with self._path.with_suffix(".lock").open("w") as handle:
            try:
                fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                yield False
            else:
                yield True

    def _note(self, sequence: int) -> None:
        staged = self._path.with_suffix(".next")
        staged.write_text(f"{sequence}\n", encoding="ascii")
        staged.rename(self._path)


class _StrictSysLogHandler(SysLogHandler):
    """Raises what goes wrong, instead of printing it, and does not wait for long."""

    append_nul = False

    def createSocket(self) -> None:  # noqa: N802 - of the library, as the next
        """Connect."""
        if self.socktype == socket.SOCK_STREAM and isinstance(self.address, tuple):
            self.unixsocket = False
            self.socket = socket.create_connection(self.address, PATIENCE_S)
        else:
            super().createSocket()
            self.socket.settimeout(PATIENCE_S)

    def handleError(self, record: logging.LogRecord) -> None:  # noqa: N802
        """Raise the error being handled."""
        del record
        error = sys.exc_info()[1]
        if error is not None:
            raise error


def _open(address: str) -> SysLogHandler:
    kind, _, rest = address.partition(":")
    if kind == "unix":
        handler = _StrictSysLogHandler(rest, SysLogHandler.LOG_SECURITY)
    else:
        parts = urlsplit(address)
        place = parts.hostname or "", parts.port or SYSLOG_UDP_PORT
        handler = _StrictSysLogHandler(place, SysLogHandler.LOG_SECURITY, _KINDS[kind])
    # A message over TCP ends with a line feed, which JSON has none of (RFC 6587, 3.4.2).
    handler.setFormatter(logging.Formatter("%(message)s\n" if kind == "tcp" else "%(message)s"))
    return handler


def _record(entry: AuditEntry) -> logging.LogRecord:
    """A record whose message is that of RFC 5424 after the priority; its content is JSON."""
    host = socket.gethostname() or "-"
    content = json.dumps(asdict(entry), separators=(",", ":"))
    text = f"1 {entry.happened} {host} patroliq - {entry.event[:LONGEST_ID]} - {content}"
    return logging.LogRecord("patroliq.audit", _level(entry), "", 0, text, None, None)


def _level(entry: AuditEntry) -> int:
    if entry.outcome == "failed" or entry.outcome.startswith("5"):
        return logging.ERROR
    if entry.outcome == "refused" or entry.outcome.startswith("4"):
        return logging.WARNING
    return logging.INFO
