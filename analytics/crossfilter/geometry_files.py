"""Geometry of a snapshot as gzipped GeoJSON, cached in the home folder."""

from __future__ import annotations

import gzip
import json
import shutil
import threading
from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path

from analytics.crossfilter.map_cells import cells_geojson
from analytics.crossfilter.outline_names import titled_outlines
from analytics.errors import InputError
from analytics.incidents.model import AREA_LEVELS
from analytics.incidents.reader import SnapshotReader
from analytics.incidents.warehouse import Snapshot
from analytics.stored import replacing

OpenReader = Callable[[], AbstractContextManager[SnapshotReader]]

FORMAT = "v2"  # part of file names; raise it when the content changes
KEPT_IN_MEMORY = 8  # files, if the cache folder cannot be written


class GeometryFiles:
    """Gives gzipped bytes, which are always the same for a snapshot and name."""

    def __init__(self, home: Path) -> None:
        self._home = home
        self._memory: dict[tuple[str, str], bytes] = {}
        self._lock = threading.Lock()

    def cells(self, snapshot: Snapshot, size: int, reader: OpenReader) -> bytes:
        """Fishnet cells of one size; opens a reader only if needed, and raises its errors."""

        def make() -> bytes:
            with reader() as opened:
                return cells_geojson(opened, size)

        return self._get_or_make(snapshot, f"cells-{size}", make)

    def outlines(self, snapshot: Snapshot, level: str) -> bytes:
        """Outlines of one area level.

        Raises
        ------
        InputError
            The snapshot has no outlines of this level.
        """
        path = snapshot.outline(level) if level in AREA_LEVELS else None
        if path is None:
            raise InputError(f"This snapshot has no outlines of {level!r}.")

        def make() -> bytes:
            text = json.dumps(titled_outlines(path), ensure_ascii=False, separators=(",", ":"))
            return text.encode("utf-8")

        return self._get_or_make(snapshot, f"outlines-{level}", make)

    def _get_or_make(self, snapshot: Snapshot, name: str, make: Callable[[], bytes]) -> bytes:
        path = self._home / "cache" / snapshot.id / f"{name}.{FORMAT}.geojson.gz"
        with self._lock:
            try:
                return path.read_bytes()
            except OSError:
                pass
            key = (snapshot.id, name)
            if key not in self._memory:
                packed = gzip.compress(make(), compresslevel=6, mtime=0)
                if self._keep(path, packed):
                    return packed
                while len(self._memory) >= KEPT_IN_MEMORY:
                    self._memory.pop(next(iter(self._memory)))
                self._memory[key] = packed
            return self._memory[key]

    def _keep(self, path: Path, packed: bytes) -> bool:
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            with replacing(path, durable=False) as temporary:
                temporary.write_bytes(packed)
        except OSError:
            return False
        self._forget_pruned()
        return True

    def _forget_pruned(self) -> None:
        for folder in (self._home / "cache").iterdir():
            if not (self._home / "snapshots" / folder.name).exists():
                shutil.rmtree(folder, ignore_errors=True)
