"""Response headers that limit what the browser may load, and the check of host names.

Only our own files: no inline scripts except those whose hash Dash gives, no content network, no
frames. The charts' strict script needs no `eval`; without it, the one of the Python package is
served, and `eval` is allowed.
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Sequence
from pathlib import Path
from urllib.parse import urlsplit

from flask import Flask, Response, abort, request

STRICT_CHARTS = "vendor/charts.js"
NAMED_BY_CONTENT = ("/assets/vendor/by-content/", "/bundles/")
A_YEAR_S = 31_536_000

WITH_DATA = frozenset({"application/json", "text/csv", "text/html", "text/plain"})
"""Kinds of answers that no cache keeps, unless they say otherwise."""
PRIVATE = "private, no-cache"
PERMISSIONS = ("camera", "display-capture", "geolocation", "microphone", "midi", "payment", "usb")


def strict_charts(assets: Path) -> Path | None:
    """The charts' script that runs without `eval`; None if it was not built."""
    path = assets / STRICT_CHARTS
    return path if path.is_file() else None


def content_policy(script_hashes: Sequence[str], tile_url: str = "", *, strict: bool = True) -> str:
    """The Content-Security-Policy.

    Parameters
    ----------
    script_hashes
        Hashes of the inline scripts: `app.csp_hashes()` after all callbacks are registered.
    tile_url
        Address of map tiles; images from its host are allowed.
    strict
        Whether the charts' strict script is served; if not, `eval` must be allowed.
    """
    evaluation = () if strict else ("'unsafe-eval'",)
    directives = {
        "default-src": ("'self'",),
        "script-src": ("'self'", *script_hashes, *evaluation),
        "style-src": ("'self'", "'unsafe-inline'"),
        "img-src": ("'self'", "data:", "blob:", *_tile_hosts(tile_url)),
        "font-src": ("'self'", "data:"),
        "connect-src": ("'self'",),
        "object-src": ("'none'",),
        "base-uri": ("'none'",),
        "form-action": ("'self'",),
        "frame-ancestors": ("'none'",),
    }
    return "; ".join(f"{name} {' '.join(sources)}" for name, sources in directives.items())


def register(server: Flask, policy: str, hosts: Sequence[str] = ()) -> None:
    """Add the headers to each response, and answer only requests for the app's own host names.

    `hosts` are allowed names besides loopback. A foreign page whose name points to this machine
    (DNS rebinding) gets a 400 instead of data.
    """
    names = frozenset(name.lower() for name in hosts)
    fixed = {
        "Content-Security-Policy": policy,
        "X-Content-Type-Options": "nosniff",
        "Referrer-Policy": "same-origin",
        "Permissions-Policy": ", ".join(f"{feature}=()" for feature in PERMISSIONS),
        "Cross-Origin-Opener-Policy": "same-origin",
        "Cross-Origin-Resource-Policy": "same-origin",
    }

    @server.before_request
    def refuse_foreign_names() -> None:
        # Flask's TRUSTED_HOSTS cannot name an IPv6 address (werkzeug cuts it at its first colon).
        if not is_own_name(request.headers.get("Host", ""), names):
            abort(400, "This host name is not allowed; add it to PATROLIQ_HOSTS.")

    @server.after_request
    def add_headers(response: Response) -> Response:
        for name, value in fixed.items():
            response.headers.setdefault(name, value)
        named_by_content = request.path.startswith(NAMED_BY_CONTENT) or (
            request.path.startswith("/assets/") and "m" in request.args
        )
        # Chromium asks for the icon whenever the address changes, so at every gesture.
        kept = named_by_content or request.path == "/_favicon.ico"
        if kept and response.status_code < 400:
            response.headers["Cache-Control"] = f"public, max-age={A_YEAR_S}, immutable"
        holds_data = response.mimetype in WITH_DATA
        response.headers.setdefault("Cache-Control", "no-store" if holds_data else PRIVATE)
        return response


def is_own_name(host_header: str, names: frozenset[str]) -> bool:
    """Whether a Host header names a loopback address or one of `names`."""
    try:
        name = (urlsplit(f"//{host_header}").hostname or "").lower()
    except ValueError:
        return False
    if name == "localhost" or name in names:
        return True
    try:
        return ipaddress.ip_address(name).is_loopback
    except ValueError:
        return False


def _tile_hosts(tile_url: str) -> tuple[str, ...]:
    """`https://{s}.tile.example/{z}/{x}/{y}.png` → `https://*.tile.example`."""
    address = urlsplit(tile_url.replace("{s}", "*"))
    if address.scheme not in ("http", "https") or not re.fullmatch(
        r"(\*\.)?[A-Za-z0-9.-]+(:\d+)?", address.netloc
    ):
        return ()
    return (f"{address.scheme}://{address.netloc}",)
