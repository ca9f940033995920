"""Static geometry of a snapshot, which the browser fetches once; values are sent separately."""

from __future__ import annotations

import gzip
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from flask import Flask, Response, abort, request

from analytics.crossfilter.geometry_files import FORMAT, GeometryFiles
from analytics.crossfilter.map_cells import SIZES
from analytics.errors import InputError
from analytics.incidents.reader import SnapshotReader
from analytics.incidents.warehouse import Snapshot, Warehouse
from analytics.services import Services

A_YEAR_S = 31_536_000


def register(server: Flask, services: Services) -> None:
    files = GeometryFiles(services.settings.home)

    @server.get("/geometry/<snapshot_id>/cells-<int:size>.geojson")
    def cells(snapshot_id: str, size: int) -> Response:
        """Fishnet cells, each with the property `id`."""
        if size not in SIZES:
            abort(404, f"{size} m is not a valid cell size.")
        snapshot = _snapshot(services, snapshot_id)

        @contextmanager
        def reader() -> Iterator[SnapshotReader]:
            pinned = services.pin()
            if pinned is not None and pinned.snapshot.id == snapshot.id:
                yield pinned.reader
                return
            opened = SnapshotReader(snapshot, services.settings)
            try:
                yield opened
            finally:
                opened.close()

        name = f"{snapshot_id}-cells-{size}"
        return _answer(name, lambda: files.cells(snapshot, size, reader))

    @server.get("/geometry/<snapshot_id>/outlines-<level>.geojson")
    def outlines(snapshot_id: str, level: str) -> Response:
        """Outlines of an area level with `id`, `name` and, if known, `residents`."""
        snapshot = _snapshot(services, snapshot_id)
        if snapshot.outline(level) is None:
            abort(404, f"This snapshot has no outlines of {level!r}.")
        return _answer(f"{snapshot_id}-outlines-{level}", lambda: files.outlines(snapshot, level))


def _snapshot(services: Services, snapshot_id: str) -> Snapshot:
    try:
        return Warehouse(services.settings.home).get(snapshot_id)
    except InputError as error:
        abort(404, services.for_readers(error))


def _answer(name: str, packed: Callable[[], bytes]) -> Response:
    """Respond with content that never changes at this address."""
    response = Response(content_type="application/geo+json")
    response.set_etag(f"{name}-{FORMAT}", weak=True)
    response.cache_control.public = True
    response.cache_control.max_age = A_YEAR_S
    response.cache_control.immutable = True
    response.vary.add("Accept-Encoding")
    if request.if_none_match.contains_weak(f"{name}-{FORMAT}"):
        response.status_code = 304
        return response
    if "gzip" in request.accept_encodings:
        response.content_encoding = "gzip"
        response.set_data(packed())
    else:
        response.set_data(gzip.decompress(packed()))
    return response
