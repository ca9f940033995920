"""Checks of the address and port that the app is served at."""

from __future__ import annotations

import ipaddress
import socket
from collections.abc import Collection
from pathlib import Path

from analytics.errors import BusyError, InputError

SOCKET = "unix:"
FIRST_ACCOUNT = (
    "Add the first account with `patroliq users add NAME --role admin`, or use an SSH tunnel "
    "(ssh -L 8050:127.0.0.1:8050 this-machine)."
)


def require_loopback(host: str, names: Collection[str] = (), *, accounts: bool) -> None:
    """Refuse what other machines can reach, unless people sign in.

    Parameters
    ----------
    names
        Further host names to answer to, which are those of a proxy.

    Raises
    ------
    InputError
        The host is not a loopback address, or there are further names, without accounts.
    """
    if accounts:
        return
    if names:
        raise InputError(
            f"PATROLIQ_HOSTS={','.join(names)}: without accounts, whoever reaches the proxy may do "
            f"everything. {FIRST_ACCOUNT}"
        )
    if host == "localhost" or socket_path(host) is not None:
        return
    try:
        if ipaddress.ip_address(host).is_loopback:
            return
    except ValueError:
        pass
    raise InputError(
        f"PATROLIQ_HOST={host}: without accounts, PatrolIQ only serves this machine (127.0.0.1, "
        f"::1 or localhost). {FIRST_ACCOUNT}"
    )


def socket_path(host: str) -> Path | None:
    """File of a unix socket, which only this machine reaches; None for an address."""
    return Path(host.removeprefix(SOCKET)) if host.startswith(SOCKET) else None


def require_free_socket(path: Path) -> None:
    """Check early that a file can be made the socket of a server.

    Raises
    ------
    BusyError
        Another server listens there.
    InputError
        The path is not absolute, names another file, or its folder is missing.
    """
    if not path.is_absolute() or not path.parent.is_dir():
        raise InputError(f"PATROLIQ_HOST={SOCKET}{path}: give a file in an existing folder.")
    if not path.exists():
        return
    if not path.is_socket():
        raise InputError(f"PATROLIQ_HOST={SOCKET}{path}: the file exists and is not a socket.")
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as probe:
        try:
            probe.connect(str(path))
        except OSError:  # left by a server that was killed; gunicorn replaces it
            return
    raise BusyError(f"Another server listens at {path}. Is PatrolIQ already running?")


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
