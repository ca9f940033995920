"""What an address of an open-data portal names, and how its rows are requested, page by page.

Pages follow a key that every row has, so that they stay complete while the data changes, and an
interrupted fetch continues after the last one. CKAN's tables have only a row number.
"""

from __future__ import annotations

import re
from abc import ABC, abstractmethod
from collections.abc import Collection
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qs, parse_qsl, urlsplit, urlunsplit

from analytics.errors import InputError
from analytics.fetch.web import Web

PAGE_ROWS = 10_000
_UUID = r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}"
_DATASET = r"([a-z0-9]{4}-[a-z0-9]{4})"
_SOCRATA_ROWS = re.compile(rf"/resource/{_DATASET}(?:\.\w+)?/?")
_SOCRATA_PAGE = re.compile(rf"(?:/d|/[^/]+/[^/]+)/{_DATASET}(?:/data|/about_data)?/?")
_ARCGIS = re.compile(r"(.*/(?:Feature|Map)Server/\d+)(?:/query)?/?")
_CKAN_PAGE = re.compile(rf"(.*)/dataset/[^/]+/resource/({_UUID})/?")
_CKAN_SEARCH = re.compile(r"(.*)/api/(?:3/)?action/datastore_search/?")
_REQUESTED_ANYWAY = frozenset(
    {("outFields", "*"), ("outSR", "4326"), ("f", "json"), ("f", "pjson"), ("f", "geojson")}
)
"""Parameters of a map server's address that change nothing."""

Rows = list[dict[str, Any]]


class PortalTable(ABC):
    """A table of a portal, whose rows come in pages."""

    @abstractmethod
    def page(self, web: Web, after: str | None) -> tuple[Rows, str | None]:
        """The rows after a key, and the key of the last; no rows at the end."""

    def _refusal(self, address: str, answer: Any) -> InputError:
        said = " ".join(str(answer).split())[:300]
        return InputError(f"{address} does not answer with rows: {said}")


@dataclass(frozen=True)
class SocrataTable(PortalTable):
    """A dataset of a Socrata portal, by `:id`."""

    address: str
    where: str = ""

    def page(self, web: Web, after: str | None) -> tuple[Rows, str | None]:
        asked = {"$select": ":id,*", "$order": ":id", "$limit": str(PAGE_ROWS)}
        conditions = [f"({self.where})"] if self.where else []
        if after is not None:
            conditions.append(":id > '" + after.replace("'", "''") + "'")
        if conditions:
            asked["$where"] = " AND ".join(conditions)
        rows = web.json(self.address, asked)
        if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
            raise self._refusal(self.address, rows)
        return rows, str(rows[-1].get(":id")) if rows else after


@dataclass(frozen=True)
class ArcgisTable(PortalTable):
    """A layer of a map server, by its object id; points are requested in degrees."""

    address: str
    where: str

    def page(self, web: Web, after: str | None) -> tuple[Rows, str | None]:
        about = web.json(self.address, {"f": "json"})
        key = self._key(about)
        number = int(after) if after is not None else -1
        asked = {
            "where": f"({self.where}) AND {key} > {number}",
            "outFields": "*",
            "orderByFields": key,
            "resultRecordCount": str(min(PAGE_ROWS, int(about.get("maxRecordCount") or 1000))),
            "outSR": "4326",
            "f": "json",
        }
        answer = web.json(f"{self.address}/query", asked)
        features = answer.get("features") if isinstance(answer, dict) else None
        if not isinstance(features, list):
            raise self._refusal(self.address, answer)
        numbers = [int(feature["attributes"][key]) for feature in features]
        if numbers != sorted(numbers) or (numbers and numbers[0] <= number):
            raise InputError(f"{self.address} does not return rows in the order of {key}.")
        return features, str(numbers[-1]) if numbers else after

    def _key(self, about: Any) -> str:
        if not isinstance(about, dict) or "error" in about:
            raise self._refusal(self.address, about)
        fields = about.get("fields") or []
        named = (one["name"] for one in fields if one.get("type") == "esriFieldTypeOID")
        key = str(about.get("objectIdField") or next(named, ""))
        if not re.fullmatch(r"\w+", key):
            raise InputError(f"{self.address} is not a layer with an object id.")
        return key


@dataclass(frozen=True)
class CkanTable(PortalTable):
    """A resource in the table store of a CKAN portal, by the number of its row."""

    address: str
    resource: str

    def page(self, web: Web, after: str | None) -> tuple[Rows, str | None]:
        offset = int(after or 0)
        asked = {
            "resource_id": self.resource,
            "sort": "_id",
            "limit": str(PAGE_ROWS),
            "offset": str(offset),
        }
        answer = web.json(f"{self.address}/api/3/action/datastore_search", asked)
        result = answer.get("result") if isinstance(answer, dict) else None
        rows = result.get("records") if isinstance(result, dict) else None
        if not isinstance(rows, list):
            raise self._refusal(self.address, answer)
        return rows, str(offset + len(rows))


def table_at(url: str) -> PortalTable | None:
    """The table that an address names; None if it is that of a file.

    Raises
    ------
    InputError
        The address of a table has a parameter that would be ignored.
    """
    parts = urlsplit(url)
    path = parts.path

    def at(path: str) -> str:
        return urlunsplit((parts.scheme, parts.netloc, path, "", ""))

    if layer := _ARCGIS.fullmatch(path):
        asked = _parameters(url, "where", _REQUESTED_ANYWAY)
        return ArcgisTable(at(layer[1]), asked.get("where", "1=1"))
    if page := _CKAN_PAGE.fullmatch(path):
        _parameters(url)
        return CkanTable(at(page[1]), page[2])
    if (search := _CKAN_SEARCH.fullmatch(path)) and "resource_id" in parse_qs(parts.query):
        return CkanTable(at(search[1]), _parameters(url, "resource_id")["resource_id"])
    if dataset := _SOCRATA_ROWS.fullmatch(path) or _SOCRATA_PAGE.fullmatch(path):
        asked = _parameters(url, "$where")
        return SocrataTable(at(f"/resource/{dataset[1]}.json"), asked.get("$where", ""))
    return None


def _parameters(
    url: str, honored: str | None = None, needless: Collection[tuple[str, str]] = ()
) -> dict[str, str]:
    """The parameters of a table's address, each honored or needless."""
    found: dict[str, str] = {}
    for key, value in parse_qsl(urlsplit(url).query):
        if key in found or (key != honored and (key, value) not in needless):
            allowed = "without parameters" if honored is None else f"with {honored} alone"
            raise InputError(
                f"{url}: {key}={value} would be ignored, since all rows of a table are fetched. "
                f"Give the address {allowed}, or a file with the rows."
            )
        found[key] = value
    return found
