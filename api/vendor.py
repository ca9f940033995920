"""Stylesheets of installed packages, served by the app instead of a content network."""

from __future__ import annotations

from functools import cache
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path

from flask import Flask, Response

from analytics.access.needs import Open, needs
from api.immutable import keep_for_a_year

BOOTSTRAP = f"/vendor/bootstrap.min.css?v={version('bootstrap-flask')}"


def register(server: Flask) -> None:
    @server.get("/vendor/bootstrap.min.css")
    @needs(Open.ANYONE)
    def bootstrap() -> Response:
        response = Response(_bootstrap(), content_type="text/css; charset=utf-8")
        keep_for_a_year(response)
        return response


@cache
def _bootstrap() -> bytes:
    spec = find_spec("flask_bootstrap")
    if spec is None or spec.origin is None:
        raise FileNotFoundError("Bootstrap-Flask is not installed; run `make install`.")
    folder = Path(spec.origin).parent / "static" / "bootstrap5" / "css"
    return (folder / "bootstrap.min.css").read_bytes()
