"""A small server that answers like a Socrata portal (SODA 2.1), faults included."""

from __future__ import annotations

import json
import sqlite3
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email.utils import formatdate
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from time import time
from typing import Any
from urllib.parse import parse_qsl, urlsplit

NUMBERS = ("id",)
TEXTS = (
    *("case_number", "date", "block", "iucr", "primary_type", "description"),
    *("location_description", "arrest", "domestic", "beat", "district", "ward"),
    *("community_area", "fbi_code", "latitude", "longitude", "updated_on"),
)
COLUMNS = (*NUMBERS, *TEXTS)


@dataclass
class SocrataServer:
    """Rows by id, the faults the next requests meet, and what was asked.

    Faults: `429` (asks for 1 s), `429-date`, `429-bare`, `500`, `503`, `drop` (no answer),
    `cut` (the body stops short of its announced length), `garbage` (whole, but not JSON), `hang`
    (until released), `ok`.
    """

    rows: dict[int, dict[str, Any]] = field(default_factory=dict)
    faults: list[str] = field(default_factory=list)
    requests: list[dict[str, str]] = field(default_factory=list)
    tokens: list[str | None] = field(default_factory=list)
    statuses: list[str] = field(default_factory=list)
    most_rows: int = 50_000
    after_page: Callable[[int], None] = lambda _answered: None
    released: threading.Event = field(default_factory=threading.Event)
    hanging: threading.Event = field(default_factory=threading.Event)
    url: str = ""

    def put(self, *rows: dict[str, Any]) -> None:
        for row in rows:
            self.rows[int(row["id"])] = row

    def answer(self, parameters: dict[str, str]) -> list[dict[str, Any]]:
        """Rows of a query, as sqlite understands $where and $order."""
        connection = sqlite3.connect(":memory:")
        columns = ", ".join([*(f"{name} INTEGER" for name in NUMBERS), *TEXTS])
        connection.execute(f"CREATE TABLE dataset ({columns})")
        marks = ", ".join("?" * len(COLUMNS))
        values = [[row.get(name) for name in COLUMNS] for row in self.rows.values()]
        connection.executemany(f"INSERT INTO dataset VALUES ({marks})", values)
        where = parameters.get("$where", "1 = 1")
        order = parameters.get("$order", "random()")
        limit = min(int(parameters.get("$limit", 1_000)), self.most_rows)
        offset = int(parameters.get("$offset", 0))
        found = connection.execute(
            f"SELECT * FROM dataset WHERE {where} ORDER BY {order} LIMIT {limit} OFFSET {offset}"
        ).fetchall()
        named = (zip(COLUMNS, row, strict=True) for row in found)
        return [{name: str(value) for name, value in row if value is not None} for row in named]


class _Handler(BaseHTTPRequestHandler):
    portal: SocrataServer
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        portal = self.portal
        parameters = dict(parse_qsl(urlsplit(self.path).query))
        portal.requests.append(parameters)
        portal.tokens.append(self.headers.get("X-App-Token"))
        fault = portal.faults.pop(0) if portal.faults else "ok"
        portal.statuses.append(fault)
        if fault == "hang":
            portal.hanging.set()
            portal.released.wait(30)
            self._drop()
        elif fault == "drop":
            self._drop()
        elif fault in ("500", "503"):
            self._send(int(fault), {"error": True, "message": "Internal error"})
        elif fault.startswith("429"):
            self._too_many(fault)
        else:
            self._answer(parameters, fault)
        portal.after_page(sum(status == "ok" for status in portal.statuses))

    def _answer(self, parameters: dict[str, str], fault: str) -> None:
        if self.portal.tokens[-1] == "wrong":
            self._send(403, {"message": "Invalid app_token specified"})
        elif urlsplit(self.path).path != "/resource/ijzp-q8t2.json":
            self._send(404, {"message": "Cannot find view with id"})
        else:
            try:
                self._rows(self.portal.answer(parameters), fault)
            except sqlite3.Error as error:
                self._send(400, {"errorCode": "query.compiler.malformed", "message": str(error)})

    def _rows(self, rows: list[dict[str, Any]], fault: str) -> None:
        body = json.dumps(rows).encode()
        if fault == "garbage":
            body = body[: len(body) // 2]
        announced = len(body)
        if fault == "cut":
            body = body[: len(body) // 2]
        self._write(200, body, announced, {})
        if fault == "cut":
            self._drop()

    def _too_many(self, fault: str) -> None:
        headers = {
            "429": {"Retry-After": "1"},
            "429-date": {"Retry-After": formatdate(time() - 5, usegmt=True)},
            "429-bare": {},
        }[fault]
        body = b'{"message": "Too many requests"}'
        self._write(429, body, len(body), headers)

    def _send(self, status: int, content: dict[str, Any]) -> None:
        body = json.dumps(content).encode()
        self._write(status, body, len(body), {})

    def _write(self, status: int, body: bytes, announced: int, headers: dict[str, str]) -> None:
        self.send_response(status)
        self.send_header("Content-Type", "application/json;charset=utf-8")
        self.send_header("Content-Length", str(announced))
        for name, value in headers.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def _drop(self) -> None:
        self.close_connection = True

    def log_message(self, format: str, *args: Any) -> None:
        """Says nothing."""


@contextmanager
def serve() -> Iterator[SocrataServer]:
    """A portal on a free port of the loopback address."""
    portal = SocrataServer()
    handler = type("Handler", (_Handler,), {"portal": portal})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    portal.url = f"http://127.0.0.1:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield portal
    finally:
        portal.released.set()
        server.shutdown()
        server.server_close()
        thread.join()


def incident(number: int, **values: Any) -> dict[str, Any]:
    """A row as the portal has it; every third shares its update time with its neighbors."""
    minute = number // 3
    row = {
        "id": number,
        "case_number": f"JA{number:06d}",
        "date": f"2018-03-{1 + number % 28:02d}T{number % 24:02d}:00:00.000",
        "block": "001XX N STATE ST",
        "iucr": "0820",
        "primary_type": "THEFT",
        "description": "$500 AND UNDER",
        "location_description": "STREET",
        "arrest": "false",
        "domestic": "false",
        "beat": "0111",
        "district": "001",
        "ward": "42",
        "community_area": "32",
        "fbi_code": "06",
        "latitude": "41.883500187",
        "longitude": "-87.627876698",
        "updated_on": f"2018-04-01T{minute // 60 % 24:02d}:{minute % 60:02d}:00.000",
    }
    return {**row, **values}
