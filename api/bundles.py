"""Stylesheets and scripts of the app, joined into a few files."""

from __future__ import annotations

from collections.abc import Mapping

from flask import Flask, Response, abort, request

from analytics.access.needs import Open, needs

KINDS = {"css": "text/css; charset=utf-8", "js": "text/javascript; charset=utf-8"}


def register(server: Flask, bundles: Mapping[str, bytes]) -> None:
    """Serve each content at its path; a name of other content is not found."""

    @server.get("/bundles/<name>")
    @needs(Open.ANYONE)
    def bundle(name: str) -> Response:
        content = bundles.get(request.path)
        if content is None:
            abort(404, "There is no such file; reload the page.")
        return Response(content, content_type=KINDS[name.rpartition(".")[2]])
