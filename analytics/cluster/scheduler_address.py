"""Which addresses of a scheduler are allowed.

Dask runs whatever a scheduler, a worker or a client sends, so all of them must be one trusted
network; TLS with certificates keeps others out.
"""

from __future__ import annotations

import ipaddress
from importlib.util import find_spec
from urllib.parse import urlsplit

from analytics.errors import InputError

INSTALL_DASK = "pip install '.[cluster]' in the project's folder"


def require_trusted(address: str, *, unencrypted: bool) -> None:
    """Refuse an address whose traffic others could read or take part in.

    Raises
    ------
    InputError
        It is not encrypted, leaves this machine, and no setting allows that.
    """
    if urlsplit(address).scheme == "tls" or unencrypted or _is_loopback(address):
        return
    raise InputError(
        f"PATROLIQ_CLUSTER={address}: Dask runs what anybody sends to a scheduler that is not "
        "encrypted. Use tls:// with the certificates of Dask's own configuration, or, in a "
        "network that only trusted machines reach, PATROLIQ_CLUSTER_UNENCRYPTED=yes."
    )


def is_dask_installed() -> bool:
    """Whether the extra `cluster` is installed; nothing is imported."""
    return find_spec("distributed") is not None


def _is_loopback(address: str) -> bool:
    host = urlsplit(address).hostname or ""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
