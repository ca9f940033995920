"""The audit log by syslog: whole, in order, and later where nobody answered."""

from __future__ import annotations

import json
import re
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

from analytics.access_log import AccessLog
from analytics.access_notes import NewEntry
from analytics.audit import Audit
from analytics.audit.forwarding import AuditForwarder
from analytics.errors import InputError, UnavailableError
from analytics.settings import Settings
from analytics.state import State

MESSAGE = re.compile(rb"<(\d+)>1 (\S+) (\S+) patroliq - (\S+) - (\{.*\})")


@pytest.fixture
def receiver() -> Iterator[socket.socket]:
    """A syslog server on UDP."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as server:
        server.bind(("127.0.0.1", 0))
        server.settimeout(10)
        yield server


@pytest.fixture
def state(settings: Settings) -> Iterator[State]:
    with closing(State(settings)) as state:
        audit = Audit(state, settings)
        for number in range(3):
            audit.record("event", f"Ünïcode {number}")
        yield state


def forwarder(state: State, settings: Settings, address: str) -> AuditForwarder:
    named = replace(settings, audit_syslog=address)
    return AuditForwarder(Audit(state, named), named)


def udp(receiver: socket.socket) -> str:
    return f"udp://127.0.0.1:{receiver.getsockname()[1]}"


def test_each_entry_is_one_message_of_rfc_5424(
    state: State, settings: Settings, receiver: socket.socket
) -> None:
    own = forwarder(state, settings, udp(receiver))
    assert own.forward() == 3
    for entry in Audit(state, settings).entries():
        found = MESSAGE.fullmatch(receiver.recv(65_536))
        assert found
        assert int(found[1]) == 13 * 8 + 6
        assert found[2].decode() == entry.happened
        assert found[4] == b"event"
        assert json.loads(found[5])["hash"] == entry.hash
    assert own.forward() == 0
    Audit(state, settings).record("event", "later")
    assert own.forward() == 1


def test_outcomes_have_severities(
    state: State, settings: Settings, receiver: socket.socket
) -> None:
    own = forwarder(state, settings, udp(receiver))
    own.forward()
    log = AccessLog(lambda: state, settings)
    log.record(*[NewEntry("x", "y", outcome=one) for one in ("403", "failed", "done")])
    log.close()
    assert own.forward() == 3
    texts = [receiver.recv(65_536) for _ in range(6)]
    assert [text[: text.index(b">")] for text in texts[3:]] == [b"<108", b"<107", b"<110"]


@pytest.mark.parametrize("kind", ["tcp", "unix"])
def test_what_nobody_received_follows_when_somebody_answers(
    state: State, settings: Settings, kind: str, tmp_path: Path
) -> None:
    if kind == "tcp":
        server, address = socket.socket(), ("127.0.0.1", 0)
        server.bind(address)
        named = f"tcp://127.0.0.1:{server.getsockname()[1]}"
    else:
        server = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        named = f"unix:{tmp_path}/log"
    with server:
        own = forwarder(state, settings, named)
        with pytest.raises(UnavailableError, match="from 1 on are forwarded later"):
            own.forward()
        if kind == "tcp":
            server.listen()
        else:
            server.bind(f"{tmp_path}/log")
        assert own.forward() == 3
        if kind == "tcp":
            with server.accept()[0] as connection, connection.makefile("rb") as lines:
                texts = [line.removesuffix(b"\n") for line in lines]
        else:
            texts = [server.recv(65_536) for _ in range(3)]
    found = [MESSAGE.fullmatch(text) for text in texts]
    assert [json.loads(one[5])["sequence"] for one in found if one] == [1, 2, 3]


def test_two_processes_forward_each_entry_once(
    state: State, settings: Settings, receiver: socket.socket
) -> None:
    sent: list[int] = []
    forwarders = [forwarder(state, settings, udp(receiver)) for _ in range(4)]
    threads = [threading.Thread(target=lambda one=one: sent.append(one.forward()))
               for one in forwarders]  # fmt: skip
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sum(sent) == 3


def test_the_server_forwards_soon_and_a_dead_syslog_stops_nothing(
    state: State, settings: Settings, receiver: socket.socket
) -> None:
    log = AccessLog(lambda: state, replace(settings, audit_syslog=udp(receiver)))
    log.record_soon(NewEntry("page.viewed", "explore"))
    texts = [receiver.recv(65_536) for _ in range(4)]
    assert b"page.viewed" in texts[-1]
    log.close()
    dead = AccessLog(lambda: state, replace(settings, audit_syslog="tcp://127.0.0.1:1"))
    dead.record_soon(NewEntry("page.viewed", "hotspots"))
    dead.flush()
    assert Audit(state, settings).latest(1)[0].subject == "hotspots"
    deadline = time.monotonic() + 10
    while not dead.trouble and time.monotonic() < deadline:
        time.sleep(0.02)
    assert "does not answer" in dead.trouble
    dead.close()


@pytest.mark.parametrize(
    "text", ["10.0.0.1", "http://x", "udp://", "unix:log", "tcp://a:b", "udp://u@h"]
)
def test_an_address_that_is_not_valid_is_refused(text: str) -> None:
    with pytest.raises(InputError, match="PATROLIQ_AUDIT_SYSLOG"):
        Settings.from_environment({"PATROLIQ_AUDIT_SYSLOG": text})
