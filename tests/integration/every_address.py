"""Every address that the app answers, and the request of every callback, so that none is missed."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from flask import Flask
from flask.testing import FlaskClient

from bench.gestures import DEPENDENCIES, AnalystPage, template

PART = re.compile(r"<(?:(?P<kind>\w+)(?:\([^)]*\))?:)?(?P<name>\w+)>")
SAMPLES = {
    "_rest": "none",
    "ending": "csv",
    "filename": "frame/bus.js",
    "fingerprinted_path": "dash/deps/none.js",
    "level": "district",
    "model": "zones_kmeans",
    "name": "hotspot_forecast",
    "package_name": "dash",
    "path": "explore",
    "upload_id": "0123456789abcdef",
    "version": "1",
}
"""A value of each part of an address that is text; another part fails until it is given here."""
QUERIES = {
    "/export/incident.json": "id=1",
    "/export/incident.csv": "id=1",
    "/export/map.geojson": "mode=cells:500",
    "/export/forecast.csv": "forecast=hotspot_forecast",
    "/export/responsible-use.csv": "part=areas",
    "/export/plan.geojson": "plan=1",
    "/export/plan.ics": "plan=1",
    "/patrol/sheet": "plan=1",
    "/patrol/briefing": "plan=1",
    "/go/plan.json": "plan=1",
    "/go/plans.json": "day=2026-10-31",
}


def addresses(server: Flask, snapshot: str, method: str = "GET") -> list[str]:
    """An address of each route that takes a method, with what it needs to answer."""
    values = {**SAMPLES, **sample_values(snapshot)}

    def sample(part: re.Match[str]) -> str:
        return "1" if part["kind"] == "int" else values[part["name"]]

    found = []
    for rule in server.url_map.iter_rules():
        if method in (rule.methods or ()):
            path = PART.sub(sample, rule.rule)
            query = QUERIES.get(path, "")
            found.append(f"{path}?{query}" if query else path)
    return sorted(set(found))


def sample_values(snapshot: str) -> dict[str, str]:
    """Parts of addresses that follow the data."""
    return {"snapshot_id": snapshot}


def pages(client: FlaskClient) -> Iterator[AnalystPage]:
    """Each page, to be asked."""
    callbacks: list[dict[str, Any]] = client.get(DEPENDENCIES).get_json()
    for callback in callbacks:
        asked = callback["inputs"][0]["id"] if callback["inputs"] else ""
        if asked.startswith("gesture-"):
            yield AnalystPage(template(callbacks, asked))
