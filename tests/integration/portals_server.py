"""A small server that answers like a Socrata, an ArcGIS and a CKAN portal, faults included."""

from __future__ import annotations

import json
import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

DATASET = "ab12-cd34"
RESOURCE = "0f8fad5b-d9cb-469f-a165-70867728950e"
LAYER = "/arcgis/rest/services/Crime/FeatureServer/0"


@dataclass
class Portals:
    """Rows of id, when and type by number; a fault answers the request of its number instead."""

    rows: dict[int, dict[str, str]]
    most: int = 3  # rows in an answer
    faults: dict[int, int] = field(default_factory=dict)  # request → status
    asked: list[str] = field(default_factory=list)
    redirect: str = ""
    url: str = ""

    def after(self, number: int) -> list[int]:
        return [one for one in sorted(self.rows) if one > number][: self.most]

    def answer(self, path: str, asked: dict[str, str]) -> Any:
        if path == f"/resource/{DATASET}.json":
            found = re.search(r":id > 'row-(\d+)'", asked.get("$where", ""))
            shown = self.after(int(found[1]) if found else -1)
            return [{":id": f"row-{one:04}", **self.rows[one]} for one in shown]
        if path == LAYER:
            fields = [{"name": "FID", "type": "esriFieldTypeOID"}]
            return {"maxRecordCount": 2, "fields": fields, "supportsPagination": False}
        if path == f"{LAYER}/query":
            found = re.search(r"FID > (-?\d+)", asked["where"])
            if found is None or asked["orderByFields"] != "FID":
                return {"error": {"code": 400, "message": "Invalid query"}}
            shown = self.after(int(found[1]))[: int(asked["resultRecordCount"])]
            return {"features": [self.feature(one) for one in shown]}
        if path == "/api/3/action/datastore_search":
            offset = int(asked["offset"])
            shown = sorted(self.rows)[offset : offset + self.most]
            records = [{"_id": one, **self.rows[one]} for one in shown]
            return {"success": True, "result": {"total": len(self.rows), "records": records}}
        return None

    def feature(self, number: int) -> dict[str, Any]:
        geometry = {"x": -87.63, "y": 41.88}
        return {"attributes": {"FID": number, **self.rows[number]}, "geometry": geometry}

    @property
    def csv(self) -> bytes:
        lines = ["id,when,type", *(",".join(row.values()) for row in self.rows.values())]
        return "\n".join([*lines, ""]).encode()


class _Handler(BaseHTTPRequestHandler):
    portals: Portals

    def do_GET(self) -> None:
        portals, parts = self.portals, urlsplit(self.path)
        portals.asked.append(self.path)
        status = portals.faults.get(len(portals.asked), 200)
        asked = {key: values[0] for key, values in parse_qs(parts.query).items()}
        answer = portals.answer(parts.path, asked)
        body = portals.csv if parts.path.endswith("/town.csv") else json.dumps(answer).encode()
        if status == 200 and answer is None and body == b"null":
            status = 404
        if parts.path == "/moved":
            self.send_response(302)
            self.send_header("Location", portals.redirect)
            self.send_header("Content-Length", "0")
            self.end_headers()
            return
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:
        """Write nothing."""


@contextmanager
def serving(rows: dict[int, dict[str, str]]) -> Iterator[Portals]:
    portals = Portals(rows)
    handler = type("_Bound", (_Handler,), {"portals": portals})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    portals.url = f"http://127.0.0.1:{server.server_port}"
    try:
        yield portals
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
