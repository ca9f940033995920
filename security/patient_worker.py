"""A worker of gunicorn in which slow clients wait beside the threads, not in them.

gunicorn 26 reads a request in the thread that will answer it, without a limit of time, and waits
for clients to hang up in the loop that serves all of them: eight unfinished requests stop eight
threads. Here the loop collects requests, and threads get whole ones. What is too long, or does not
arrive in time, is refused with a sentence.
"""

from __future__ import annotations

import errno
import re
import selectors
import socket
import time
from collections import deque
from concurrent.futures import Future
from functools import partial
from http import HTTPStatus
from typing import Any

from gunicorn.http.errors import ParseException
from gunicorn.workers.gthread import TConn, ThreadWorker

from security.body_limit import MESSAGE as TOO_LARGE
from security.body_limit import MOST_BYTES

MOST_WAITING = 400
"""Requests that may be on their way to one worker; the oldest makes way for another."""
MOST_WAITING_BYTES = 64 * MOST_BYTES
"""What they may fill together."""
LINGERS_S = 2.0
"""How long a client that was answered may take to hang up."""
READ_AT_ONCE = 65_536
_HEAD_ENDS = b"\r\n\r\n"
_LENGTH = re.compile(rb"\r\ncontent-length:[ \t]*([0-9]{1,18})[ \t]*\r\n", re.IGNORECASE)
_ENCODED = re.compile(rb"\r\ntransfer-encoding:", re.IGNORECASE)
_EXPECTS = re.compile(rb"\r\nexpect:[ \t]*100-continue[ \t]*\r\n", re.IGNORECASE)
_GONE = (errno.EAGAIN, errno.EWOULDBLOCK, errno.ECONNABORTED)


class BrokenLimitError(Exception):
    """A request that is not taken; its text is for the reader."""

    def __init__(self, status: HTTPStatus, message: str) -> None:
        super().__init__(message)
        self.status = status


def still_missing(received: bytes | bytearray, line: int, fields: int, field: int) -> int:
    """Bytes of a request that have not arrived yet, at least; 0 if it is whole.

    Parameters
    ----------
    received
    line, fields, field
        Limits: bytes of the request line, number of headers, bytes of one header.

    Raises
    ------
    BrokenLimitError
        It breaks a limit, or does not say how long it is.
    """
    line_end = received.find(b"\r\n", 0, line + 2)
    if line_end < 0 and len(received) >= line + 2:
        raise BrokenLimitError(
            HTTPStatus.REQUEST_URI_TOO_LONG,
            f"The address is too long; the limit is {line:,} characters. Open the page without "
            "its filters and choose them again: PatrolIQ then keeps a long selection itself.",
        )
    end = received.find(_HEAD_ENDS)
    head = received[: end + 2] if end >= 0 else received
    lines = head.split(b"\r\n")[1:]
    if len(lines) > fields + 1 or max(map(len, lines), default=0) > field:
        raise BrokenLimitError(
            HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE,
            f"The request has too many or too long headers; the limits are {fields} headers of "
            f"{field:,} bytes. Delete this site's cookies and try again.",
        )
    if end < 0:
        return 1
    if _ENCODED.search(head):
        raise BrokenLimitError(
            HTTPStatus.LENGTH_REQUIRED,
            "The request does not say how long its body is; send it with Content-Length.",
        )
    length = _LENGTH.search(head)
    if length is None:
        return 0
    if int(length[1]) > MOST_BYTES:
        raise BrokenLimitError(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, TOO_LARGE)
    return max(end + len(_HEAD_ENDS) + int(length[1]) - len(received), 0)


def refusal(status: HTTPStatus, message: str) -> bytes:
    """An answer of one sentence, after which the connection ends."""
    body = f"{message}\n".encode()
    head = (
        f"HTTP/1.1 {status.value} {status.phrase}\r\n"
        "Connection: close\r\n"
        "Cache-Control: no-store\r\n"
        "Content-Type: text/plain; charset=utf-8\r\n"
        "X-Content-Type-Options: nosniff\r\n"
        f"Content-Length: {len(body)}\r\n\r\n"
    )
    return head.encode("ascii") + body


class PatientWorker(ThreadWorker):
    """Threads that get whole requests.

    Attributes
    ----------
    patience_s : int
        Seconds within which a request must arrive, and a part of an answer be taken.
    """

    patience_s = 30

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.closing_conns: deque[TConn] = deque()

    def accept(self, listener: socket.socket) -> None:
        """Take a connection, and wait for its request."""
        try:
            client, address = listener.accept()
        except OSError as error:
            if error.errno in _GONE:
                return
            raise
        self.nr_conns += 1
        if len(self.pending_conns) >= MOST_WAITING:
            self._drop_oldest()
        self._await_request(TConn(self.cfg, client, address, listener.getsockname()), b"")

    def on_client_socket_readable(self, conn: TConn, client: socket.socket) -> None:
        """Begin the next request of a connection that was kept."""
        self._await_request(self._leave(conn, self.keepalived_conns), b"")
        self.on_pending_socket_readable(conn, client)

    def on_pending_socket_readable(self, conn: TConn, client: socket.socket) -> None:
        """Take what arrived; a whole request goes to a thread."""
        try:
            data = client.recv(READ_AT_ONCE)
        except BlockingIOError:
            return
        except OSError:
            data = b""
        if not data:
            self._drop(self._leave(conn, self.pending_conns))
            return
        conn.received += data
        self._answer_if_whole(conn)
        while sum(len(one.received) for one in self.pending_conns) > MOST_WAITING_BYTES:
            self._drop_oldest()

    def finish_request(self, conn: TConn, fs: Future[bool]) -> None:
        """Keep the connection for another request, or end it without waiting for the client."""
        kept = self.alive and not fs.cancelled() and fs.exception() is None and fs.result()
        if not kept:
            self._close_gently(conn)
            return
        begun = conn.parser.unreader.take_buffered()
        if begun:
            self._await_request(conn, begun)
            self._answer_if_whole(conn)
        else:
            super().finish_request(conn, fs)

    def handle(self, conn: TConn) -> bool:
        """Answer a whole request. Runs in a thread."""
        conn.sock.setblocking(True)
        conn.init()
        conn.parser.unreader.unread(bytes(conn.received))
        conn.received.clear()
        conn.data_ready = True
        return bool(super().handle(conn))

    def handle_request(self, req: Any, conn: TConn) -> bool:
        """Answer a parsed request, and give up if the client does not take the answer."""
        conn.sock.settimeout(self.patience_s)
        try:
            return bool(super().handle_request(req, conn))
        except TimeoutError:
            self.log.info("A client did not take its answer in time: %s", req.path)
            return False

    def handle_error(self, req: Any, client: socket.socket, addr: Any, exc: BaseException) -> None:
        """Answer what is not HTTP with a sentence, and log neither its query nor its headers."""
        if isinstance(exc, ParseException):
            self.log.warning("Request of %s refused: %s", _host(addr), type(exc).__name__)
            answer = refusal(HTTPStatus.BAD_REQUEST, "The request is not valid HTTP.")
        else:
            self.log.error("Request failed: %s", getattr(req, "path", "-"), exc_info=exc)
            answer = refusal(
                HTTPStatus.INTERNAL_SERVER_ERROR, "An error occurred on the server and was logged."
            )
        _send_at_once(client, answer)

    def murder_pending(self) -> None:
        """End connections whose request did not arrive in time, and those left open."""
        now = time.monotonic()
        for conn in _expired(self.pending_conns, now if self.alive else now + self.patience_s):
            self._leave(conn, self.pending_conns)
            if conn.received:
                self._refuse(conn, HTTPStatus.REQUEST_TIMEOUT, "The request took too long.")
            else:
                self._drop(conn)
        for conn in _expired(self.closing_conns, now):
            self._drop(self._leave(conn, self.closing_conns))

    def _await_request(self, conn: TConn, begun: bytes) -> None:
        conn.received = bytearray(begun)
        self._watch(conn, self.pending_conns, self.patience_s, self.on_pending_socket_readable)

    def _answer_if_whole(self, conn: TConn) -> None:
        limits = self.cfg.limit_request_line, self.cfg.limit_request_fields
        try:
            missing = still_missing(conn.received, *limits, self.cfg.limit_request_field_size)
        except BrokenLimitError as refused:
            self._leave(conn, self.pending_conns)
            self._refuse(conn, refused.status, str(refused))
            return
        if not missing:
            self.enqueue_req(self._leave(conn, self.pending_conns))
            return
        expects = _EXPECTS.search(conn.received, 0, conn.received.find(_HEAD_ENDS) + 2)
        if expects:
            _send_at_once(conn.sock, b"HTTP/1.1 100 Continue\r\n\r\n")
            del conn.received[expects.start() : expects.end() - 2]  # gunicorn would send it again

    def _refuse(self, conn: TConn, status: HTTPStatus, message: str) -> None:
        self.log.warning("Request of %s refused: %s", _host(conn.client), status.phrase)
        _send_at_once(conn.sock, refusal(status, message))
        self._close_gently(conn)

    def _close_gently(self, conn: TConn) -> None:
        """Hang up once the client has: at once, it could lose the answer (RFC 9112, 9.6)."""
        try:
            conn.sock.shutdown(socket.SHUT_WR)
        except OSError:
            self._drop(conn)
            return
        self._watch(conn, self.closing_conns, LINGERS_S, self._on_closing_socket_readable)

    def _on_closing_socket_readable(self, conn: TConn, client: socket.socket) -> None:
        try:
            ended = not client.recv(READ_AT_ONCE)
        except BlockingIOError:
            return
        except OSError:
            ended = True
        if ended:
            self._drop(self._leave(conn, self.closing_conns))

    def _watch(self, conn: TConn, waiting: deque[TConn], seconds: float, react: Any) -> None:
        conn.sock.setblocking(False)
        conn.timeout = time.monotonic() + seconds
        waiting.append(conn)
        self.poller.register(conn.sock, selectors.EVENT_READ, partial(react, conn))

    def _leave(self, conn: TConn, waiting: deque[TConn]) -> TConn:
        self.poller.unregister(conn.sock)
        waiting.remove(conn)
        return conn

    def _drop_oldest(self) -> None:
        self._drop(self._leave(self.pending_conns[0], self.pending_conns))

    def _drop(self, conn: TConn) -> None:
        self.nr_conns -= 1
        conn.close()


def _host(address: Any) -> str:
    """Host of a client; clients of a unix socket have no address."""
    return str(address[0]) if address else "-"


def _expired(waiting: deque[TConn], now: float) -> list[TConn]:
    return [conn for conn in waiting if conn.timeout <= now]


def _send_at_once(client: socket.socket, answer: bytes) -> None:
    """Send what fits into the empty buffer of a socket; a client that is gone does not matter."""
    try:
        client.setblocking(False)
        client.send(answer)
    except OSError:
        return
