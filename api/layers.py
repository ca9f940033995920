"""Tiles of the layers under the data of every map, and names of areas where no layer has them."""

from __future__ import annotations

import gzip
import json

from flask import Flask, Response, abort, request

from analytics.access.needs import needs
from analytics.access.roles import Permission
from analytics.areas.area_names import named_places
from analytics.layers.kinds import LayerKind
from analytics.layers.layer_store import LayerStore, bounds_of, version_of
from analytics.layers.tile_levels import EXTENT, LEVELS
from analytics.lru_cache import LruCache
from analytics.services import Services
from api.immutable import immutable

CACHED_BYTES = 1 << 24
"""Packed tiles in memory."""


def register(server: Flask, services: Services) -> None:
    cached = LruCache(CACHED_BYTES, lambda _key, packed: len(packed))

    @server.get("/layers/current.json")
    @needs(Permission.PAGES)
    def current() -> Response:
        """What there is: the version in the address of tiles, their levels, names of areas."""
        infos = LayerStore(services.settings.home).infos()
        labeled = any(info.kind == LayerKind.LABELS for info in infos)
        pinned = None if labeled else services.pin()
        names = (
            pinned.get_or_compute("named places", lambda: named_places(pinned.snapshot))
            if pinned is not None
            else []
        )
        body = {
            "version": version_of(infos),
            "bounds": bounds_of(infos) if infos else None,
            "levels": LEVELS,
            "extent": EXTENT,
            "licenses": sorted({info.license for info in infos if info.license}),
            "names": names,
        }
        text = json.dumps(body, ensure_ascii=False, separators=(",", ":"))
        response = Response(text, content_type="application/json")
        response.cache_control.no_cache = True
        response.add_etag()
        response.make_conditional(request.environ)
        return response

    @server.get("/layers/<version>/<int:level>/<int:x>/<int:y>.json")
    @needs(Permission.PAGES)
    def tile(version: str, level: int, x: int, y: int) -> Response:
        """One tile of all layers: by kind, a list with the content of each layer.

        Nothing (204) for a page that was opened before the layers were changed: it asks again what
        there is.
        """
        store = LayerStore(services.settings.home)
        infos = store.infos()
        if not infos or version != version_of(infos):
            return Response(status=204, headers={"Cache-Control": "no-store"})
        if level not in LEVELS or max(x, y) >= 2**level:
            abort(404, "Tile not found.")
        name = f"{version}-{level}-{x}-{y}"

        def packed() -> bytes:
            return gzip.compress(store.tile(infos, level, x, y), compresslevel=6, mtime=0)

        return immutable(name, lambda: cached.get_or_compute(name, packed), "application/json")
