"""Checks of the address and port that the app is served at."""

from __future__ import annotations

import ipaddress
import socket

from analytics.errors import BusyError, InputError


def require_loopback(host: str) -> None:
    """Refuse an address that other machines can reach, since there is no sign-in yet.

    Raises
    ------
    InputError
        The host is not a loopback address.
    """
    if host == "localhost":
        return
    try:
        if ipaddress.ip_address(host).is_loopback:
            return
    except ValueError:
        pass
    raise InputError(
        f"PATROLIQ_HOST={host}: PatrolIQ has no sign-in yet, so it only serves this machine "
        "(127.0.0.1, ::1 or localhost). To reach it from another machine, use an SSH tunnel "
        "(ssh -L 8050:127.0.0.1:8050 this-machine), or run a reverse proxy with a password on "
        "this machine and add its name to PATROLIQ_HOSTS."
    )


def require_free_port(host: str, port: int) -> None:
    """Check early that a port is free.

    Raises
    ------
    BusyError
        Another program uses the port.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            raise BusyError(
                f"Port {port} on {host} cannot be used ({error.strerror}). Is PatrolIQ already "
                f"running? Choose another with PATROLIQ_PORT={port + 1} or --port {port + 1}."
            ) from error
