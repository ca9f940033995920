"""DuckDB behind Mosaic's REST connector, and the files of the peer's page, on one address.

The connector sends `{"type": "arrow" | "json" | "exec", "sql": ...}` with POST; the answer is an
Arrow stream, JSON, or nothing. Connections stay open, each has a thread and a cursor of its own,
and page and connector share an address, so that the browser asks for no permission in advance.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from http import HTTPStatus
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa

ARROW, JSON, EXEC = "arrow", "json", "exec"
MEDIA_TYPES = {
    ARROW: "application/vnd.apache.arrow.stream",
    JSON: "application/json",
    EXEC: "text/plain",
}


def answer(cursor: duckdb.DuckDBPyConnection, query: dict[str, Any]) -> tuple[str, bytes]:
    """Media type and body of the answer to one of the connector's queries.

    Raises
    ------
    ValueError
        The type is not one of the protocol's.
    duckdb.Error
        The statement fails.
    """
    kind = query["type"]
    if kind not in MEDIA_TYPES:
        raise ValueError(f"{kind!r} is no type of Mosaic's protocol; use arrow, json or exec.")
    if kind == EXEC:
        cursor.execute(query["sql"])
        return MEDIA_TYPES[kind], b""
    table = cursor.sql(query["sql"]).to_arrow_table()  # without a copy of the rows
    if kind == JSON:
        return MEDIA_TYPES[kind], json.dumps(table.to_pylist(), default=str).encode()
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, table.schema) as stream:
        stream.write_table(table)
    return MEDIA_TYPES[kind], sink.getvalue().to_pybytes()


class _Handler(SimpleHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    wbufsize = -1  # head and body leave together

    def __init__(
        self, *arguments: Any, connection: duckdb.DuckDBPyConnection, shape: bytes, **given: Any
    ) -> None:
        self._cursor = connection.cursor()
        self._shape = shape
        super().__init__(*arguments, **given)

    def do_GET(self) -> None:
        if self.path == "/shape.json":
            self._send(HTTPStatus.OK, "application/json", self._shape)
        else:
            super().do_GET()

    def do_POST(self) -> None:
        query = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        try:
            self._send(HTTPStatus.OK, *answer(self._cursor, query))
        except (duckdb.Error, ValueError) as error:
            self._send(HTTPStatus.INTERNAL_SERVER_ERROR, "text/plain", str(error).encode())

    def _send(self, status: HTTPStatus, media_type: str, body: bytes) -> None:
        self.send_response(status)
        self.send_header("Content-Type", media_type)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_arguments: Any) -> None:
        """Requests are not logged: that would take time that is measured."""


@contextmanager
def serving(
    connection: duckdb.DuckDBPyConnection, folder: Path, shape: dict[str, Any]
) -> Iterator[str]:
    """Serve a database and the page in `folder`; gives the address."""
    handler = partial(
        _Handler, connection=connection, shape=json.dumps(shape).encode(), directory=str(folder)
    )
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        server.daemon_threads = True
        threading.Thread(target=server.serve_forever, daemon=True).start()
        try:
            yield f"http://127.0.0.1:{server.server_address[1]}"
        finally:
            server.shutdown()
