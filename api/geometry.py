"""Static geometry of a snapshot, which the browser fetches once; values are sent separately."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from flask import Flask, Response, abort

from analytics.access.needs import needs
from analytics.access.roles import Permission
from analytics.crossfilter.geometry_files import FORMAT, GeometryFiles
from analytics.crossfilter.map_cells import SIZES
from analytics.errors import InputError
from analytics.incidents.reader import SnapshotReader
from analytics.incidents.warehouse import Snapshot
from analytics.services import Services
from api.immutable import immutable


def register(server: Flask, services: Services) -> None:
    files = GeometryFiles(services.settings.home)

    @server.get("/geometry/<snapshot_id>/cells-<int:size>.geojson")
    @needs(Permission.PAGES)
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
            limit = services.settings.query_timeout_s
            opened = SnapshotReader(snapshot, services.settings, timeout_s=limit)
            try:
                yield opened
            finally:
                opened.close()

        name = f"{snapshot_id}-cells-{size}"
        return _answer(name, lambda: files.cells(snapshot, size, reader))

    @server.get("/geometry/<snapshot_id>/outlines-<level>.geojson")
    @needs(Permission.PAGES)
    def outlines(snapshot_id: str, level: str) -> Response:
        """Outlines of an area level with `id`, `name` and, if known, `residents`."""
        snapshot = _snapshot(services, snapshot_id)
        if snapshot.outline(level) is None:
            abort(404, f"This snapshot has no outlines of {level!r}.")
        return _answer(f"{snapshot_id}-outlines-{level}", lambda: files.outlines(snapshot, level))


def _snapshot(services: Services, snapshot_id: str) -> Snapshot:
    try:
        return services.find_snapshot(snapshot_id)
    except InputError as error:
        abort(404, services.for_readers(error))


def _answer(name: str, packed: Callable[[], bytes]) -> Response:
    return immutable(f"{name}-{FORMAT}", packed, "application/geo+json")
