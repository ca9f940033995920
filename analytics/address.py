"""Where the app may be served."""

from __future__ import annotations

import ipaddress
import socket

from analytics.errors import BusyError, InputError


def require_loopback(host: str) -> None:
    """Refuse an address other machines can reach: there is no sign-in yet.

    Raises
    ------
    InputError
        The host is not of this machine's loopback range.
    """
    if host == "localhost":
        return
    try:
        if ipaddress.ip_address(host).is_loopback:
            return
    except ValueError:
        pass
    raise InputError(
        f"PATROLIQ_HOST={host}: PatrolIQ has no sign-in yet, so it serves on this machine only "
        "(127.0.0.1, ::1 or localhost). To reach it from another machine use an SSH tunnel "
        "(ssh -L 8050:127.0.0.1:8050 this-machine), or put a reverse proxy that asks for a "
        "password on this machine and name it in PATROLIQ_HOSTS."
    )


def require_free_port(host: str, port: int) -> None:
    """Say at once that a port is taken.

    Raises
    ------
    BusyError
        Another program listens there.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            raise BusyError(
                f"Port {port} on {host} cannot be used ({error.strerror}); is PatrolIQ running "
                f"already? Choose another with PATROLIQ_PORT={port + 1} or --port {port + 1}."
            ) from error
