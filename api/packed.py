"""Scripts and stylesheets compressed once as far as possible, instead of a little for each visit.

`make install` stores every file that a page may load in `packed`, named by what it holds. A file
that is not there, such as one that was changed since, is packed quickly when it is first asked for,
and kept in memory.
"""

from __future__ import annotations

import gzip
from collections.abc import Callable, Iterable
from hashlib import sha256
from pathlib import Path

import brotli
from flask import Flask, Response, request

PACKED = Path(__file__).resolve().parents[1] / "packed"
STATIC = ("/_dash-component-suites/", "/assets/", "/bundles/")
KINDS = frozenset({"application/javascript", "text/javascript", "text/css", "image/svg+xml"})
WAYS: dict[str, tuple[Callable[[bytes], bytes], Callable[[bytes], bytes]]] = {
    "br": (
        lambda content: brotli.compress(content, quality=11),
        lambda content: brotli.compress(content, quality=5),
    ),
    "gzip": (
        lambda content: gzip.compress(content, 9, mtime=0),
        lambda content: gzip.compress(content, 6, mtime=0),
    ),
}
"""How a file is packed thoroughly and quickly, by the name that a browser accepts, best first."""


class PackedFiles:
    """Packed contents, from the folder or made when they are asked for."""

    def __init__(self, folder: Path = PACKED) -> None:
        self._folder = folder
        self._known: dict[tuple[str, str], bytes] = {}

    def packed(self, content: bytes, way: str) -> bytes:
        """A content packed in one of `WAYS`."""
        key = (sha256(content).hexdigest(), way)
        if key not in self._known:
            stored = self._path(*key)
            quickly = WAYS[way][1]
            self._known[key] = stored.read_bytes() if stored.is_file() else quickly(content)
        return self._known[key]

    def store(self, contents: Iterable[bytes]) -> None:
        """Pack contents thoroughly, and remove what was packed of others."""
        self._folder.mkdir(exist_ok=True)
        wanted = set()
        for content in contents:
            for way, (thoroughly, _) in WAYS.items():
                path = self._path(sha256(content).hexdigest(), way)
                wanted.add(path)
                if not path.is_file():
                    made = path.with_suffix(".new")
                    made.write_bytes(thoroughly(content))
                    made.replace(path)
        for path in set(self._folder.iterdir()) - wanted:
            path.unlink()

    def _path(self, digest: str, way: str) -> Path:
        return self._folder / f"{digest[:32]}.{way}"


def register(server: Flask) -> None:
    """Answer requests of static files packed; before Flask-Compress, which leaves those alone."""
    files = PackedFiles()

    @server.after_request
    def pack(response: Response) -> Response:
        if response.status_code != 200 or not request.path.startswith(STATIC):
            return response
        if response.mimetype not in KINDS or response.content_encoding:
            return response
        response.vary.add("Accept-Encoding")
        way = next((one for one in WAYS if request.accept_encodings[one] > 0), None)
        if way is not None:
            response.direct_passthrough = False
            response.set_data(files.packed(response.get_data(), way))
            response.content_encoding = way
            response.headers.pop("Accept-Ranges", None)  # of the file as it is
            if (tag := response.get_etag()[0]) is not None:
                response.set_etag(tag, weak=True)  # the same for each way of packing
        return response


def pack_all(server: Flask, addresses: Iterable[str]) -> None:
    """Store every static file at these addresses."""
    client = server.test_client()
    PackedFiles().store(
        answer.get_data()
        for address in addresses
        if (answer := client.get(address, buffered=True)).status_code == 200
    )
