"""Stylesheets of installed packages, served by the app instead of a content network."""

from __future__ import annotations

from functools import cache
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path

from flask import Flask, Response

BOOTSTRAP = f"/vendor/bootstrap.min.css?v={version('bootstrap-flask')}"
A_YEAR_S = 31_536_000


def register(server: Flask) -> None:
    @server.get("/vendor/bootstrap.min.css")
    def bootstrap() -> Response:
        response = Response(_bootstrap(), content_type="text/css; charset=utf-8")
        response.cache_control.public = True
        response.cache_control.max_age = A_YEAR_S
        response.cache_control.immutable = True
        return response


@cache
def _bootstrap() -> bytes:
    spec = find_spec("flask_bootstrap")
    if spec is None or spec.origin is None:
        raise FileNotFoundError("Bootstrap-Flask is not installed; run `make install`.")
    folder = Path(spec.origin).parent / "static" / "bootstrap5" / "css"
    return (folder / "bootstrap.min.css").read_bytes()
