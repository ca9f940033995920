"""Who sends a request: what limits are kept for, and the address that the audit log has."""

from __future__ import annotations

import ipaddress

from flask import current_app, request

from analytics.access.reader import reader_now

TRUSTED = "PATROLIQ_TRUSTED_SENDERS"
"""Key of the configuration: networks whose word about the sender counts, besides this machine."""


def client_key() -> str:
    """The signed-in person, else the address."""
    reader = reader_now()
    is_person = reader is not None and reader.is_person
    return f"person {reader.name}" if reader and is_person else f"address {client_address()}"


def client_address() -> str:
    """Where a request comes from: as a proxy of this machine or a trusted one says.

    Of several addresses in the header, the last one is the proxy's own word.
    """
    sender = request.remote_addr or ""
    told = request.headers.get("X-Forwarded-For", "").rpartition(",")[2].strip()
    return told if told and _is_address(told) and _is_trusted(sender) else sender or "-"


def is_health_check() -> bool:
    """Whether this machine asks if the process runs: never limited, so that it is not restarted."""
    is_check = request.path in {"/health", "/ready"}
    return is_check and client_address() in {"127.0.0.1", "::1"}


def is_within(address: str, networks: tuple[str, ...]) -> bool:
    """Whether an address is in one of these networks."""
    if not _is_address(address):
        return False
    sender = ipaddress.ip_address(address)
    return any(sender in ipaddress.ip_network(one) for one in networks)


def _is_trusted(sender: str) -> bool:
    """This machine, as a loopback address or by a unix socket, or a trusted proxy."""
    if not _is_address(sender):
        return True
    networks = current_app.config.get(TRUSTED, ())
    return ipaddress.ip_address(sender).is_loopback or is_within(sender, networks)


def _is_address(text: str) -> bool:
    try:
        ipaddress.ip_address(text)
    except ValueError:
        return False
    return True
