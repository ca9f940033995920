"""What pages and routes answer a reader, as texts that can be compared."""

from __future__ import annotations

import gzip
import io
import json
import re
from collections.abc import Iterator

import polars as pl
from plotly.utils import PlotlyJSONEncoder

from analytics.services import Services
from callbacks.frame.history import SelectionState
from callbacks.frame.pages import PageWiring
from callbacks.frame.selection import respond_to
from tests.integration.scoped_town import TownRow


def answers(services: Services, page: PageWiring, text: str, **options: str) -> str:
    gesture = {"n": 1, "action": "open", "text": text, "page": options}
    opened = respond_to(services, page, gesture, SelectionState())
    later = {"n": 2, "action": "page", "changed": ["later"], "page": options}
    followed = respond_to(services, page, later, SelectionState.of(opened["state"]))
    return json.dumps([opened, followed], cls=PlotlyJSONEncoder)


def normal(text: str) -> str:
    """Without ids of snapshots and the title, which differ."""
    text = text.replace(" (only what you may see)", "")
    text = re.sub(r" \d+ of \d+ rows read were quarantined as unusable\.", "", text)
    return re.sub(r"\d{8}T\d{9}-[0-9a-f]{8}(\.[0-9a-f]{16})?", "SNAPSHOT", text)


def addresses(snapshot_id: str, rows: list[TownRow]) -> Iterator[str]:
    """Every route with data, by its rule."""
    for selection in ("", "type=THEFT"):
        for export in (
            "incidents.csv",
            "incidents.parquet",
            "incidents.geoparquet",
            "map.geojson",
            "blocks.csv",
            "surface.csv",
            "surface.geojson",
        ):
            yield f"/export/{export}?{selection}"
        for name in ("type", "block", "day", "cells:250", "beat"):
            yield f"/export/view.csv?_view={name}&{selection}"
        for export in (
            "zones.csv",
            "zones.geojson",
            "forecast.csv",
            "forecast.geojson",
            "demand.csv",
            "demand.geojson",
        ):
            yield f"/export/{export}?{selection}"
        for query in ("", "&level=beat&rows=type"):
            yield f"/export/compstat.csv?{selection}{query}"
            yield f"/export/compstat.json?{selection}{query}"
            yield f"/compstat?{selection}{query}"
    yield from addresses_of_api()
    yield "/alerts"
    yield "/alerts?state=all"
    yield "/alerts/count"
    yield "/alerts.rss"
    yield "/alerts/1"
    yield "/series"
    yield "/export/calls.csv"
    yield "/briefings/1"
    for ending in ("html", "pdf"):
        yield f"/export/briefing-1.{ending}"
    for part in ("gaps", "shares", "models"):
        yield f"/export/responsible-use.csv?part={part}"
    for size in (250, 500):
        yield f"/geometry/{snapshot_id}/cells-{size}.geojson"
    for level in ("district", "beat", "ward", "area"):
        yield f"/geometry/{snapshot_id}/outlines-{level}.geojson"
    yield f"/geometry/{snapshot_id}/forecast-hotspot_forecast.geojson"
    yield "/geometry/zones/zones_kmeans/1.geojson"
    for path in ("plans.json", "plan.json?plan=1"):
        yield f"/go/{path}"
    for path in ("/patrol/briefing?plan=1", "/patrol/sheet?plan=1", "/export/plan.ics?plan=1"):
        yield path
    yield "/export/plan.geojson?plan=1"
    yield "/layers/current.json"
    yield "/ready"
    yield "/health"
    yield "/"
    yield "/_dash-layout"
    for row in rows:
        yield f"/export/incident.json?id={row.id}"
        yield f"/export/incident.csv?id={row.id}"


def addresses_of_api() -> Iterator[str]:
    """Every route for programs, with data."""
    for selection in ("", "type=THEFT"):
        for view in ("type", "block", "cells:250"):
            yield f"/api/v1/aggregates?_view={view}&{selection}"
        for path in ("incidents?limit=1000&", "zones?", "forecasts?"):
            yield f"/api/v1/{path}{selection}"
    yield "/feeds/plans.ics"
    for path in ("alerts", "plans", "plans/1"):
        yield f"/api/v1/{path}"


def is_compared(address: str) -> bool:
    """Whether an answer is made of incidents alone: not of rows as they were read."""
    return address.startswith(("/export/", "/geometry/", "/api/")) and not (
        "/incident." in address or "part=gaps" in address
    )


def text_of(body: bytes) -> str:
    """An answer as text, of Parquet its rows."""
    if body[:2] == b"\x1f\x8b":
        body = gzip.decompress(body)
    if body[:4] == b"PAR1":
        rows = pl.read_parquet(io.BytesIO(body))
        return rows.with_columns(pl.selectors.binary().bin.encode("hex")).write_csv()
    return body.decode()


def data_of(text: str) -> str:
    """A file without the lines that say where it comes from."""
    lines = [line for line in text.splitlines() if not line.startswith("#")]
    text = re.sub(r'"exported": ?"[^"]*"', "", "\n".join(lines))
    return normal(text)


def difference(one: str, other: str) -> str:
    """Where two texts begin to differ; empty if they are equal."""
    if one == other:
        return ""
    at = next((n for n, pair in enumerate(zip(one, other, strict=False)) if pair[0] != pair[1]), 0)
    return f"{one[max(at - 200, 0) : at + 100]!r} != {other[max(at - 200, 0) : at + 100]!r}"
