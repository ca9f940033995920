"""Table `[sync]` of a source: the database or portal that `patroliq sync` asks for new records."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import MISSING, dataclass, fields
from datetime import date, datetime
from typing import Any

Watermark = datetime | date | int | str
_PLACE = re.compile(r"(?<![:\w]):watermark\b")
_STRICT = re.compile(r">\s*:watermark\b|(?<![:\w]):watermark\s*<(?!=)")
_SELECT = re.compile(r"\s*(select|with)\b", re.IGNORECASE)
_VARIABLE = re.compile(r"[A-Z][A-Z0-9_]*")
LEAST_TIMEOUT_S, MOST_TIMEOUT_S = 1, 21_600


@dataclass(frozen=True)
class FromDatabase:
    """A database of the agency.

    Attributes
    ----------
    database : environment variable that holds its address, as SQLAlchemy writes it
    query : gives the records changed at or after `:watermark`
    watermark : column of the query that tells when a record changed
    start : first value of `:watermark`
    overlap : seconds, of times, or a number, by which each run reads again what was read before
    deleted : column of the query that says that a record was deleted
    deleted_ids : gives the ids deleted at or after `:watermark`, if it names it
    ids : gives all ids, for `--reconcile`
    timeout_s : seconds after which a run gives up
    """

    database: str
    query: str
    watermark: str
    start: Watermark
    overlap: int | None = None
    deleted: str = ""
    deleted_ids: str = ""
    ids: str = ""
    timeout_s: int = 600

    @property
    def must_reconcile(self) -> bool:
        """Whether deletions are found only by comparing all ids."""
        return bool(self.ids) and not (self.deleted or self.deleted_ids)


@dataclass(frozen=True)
class FromPortal:
    """An open-data portal.

    Attributes
    ----------
    portal : by name, or a TOML file; see docs/fetch.md
    start : first day that is fetched
    overlap_days : days by which each run fetches again what was fetched before
    reconcile : whether a record that the portal does not have any more was deleted
    timeout_s : seconds after which a run gives up
    """

    portal: str
    start: date
    overlap_days: int = 2
    reconcile: bool = False
    timeout_s: int = 3_600

    @property
    def must_reconcile(self) -> bool:
        """Whether deletions are found only by comparing all ids."""
        return self.reconcile


def read_other_system(table: Mapping[str, Any]) -> FromDatabase | FromPortal:
    """Read the table.

    Raises
    ------
    ValueError
        A key is missing, unknown or not valid: the key, then what is wrong.
    """
    kind = FromPortal if "portal" in table else FromDatabase
    known = {one.name: one for one in fields(kind)}
    for name in table:
        if name not in known:
            raise ValueError(name, f"is not a known key. Known: {', '.join(known)}.")
    for name, one in known.items():
        if one.default is MISSING and name not in table:
            raise ValueError(name, "is missing")
    for name, value in table.items():
        _check(name, value)
    found = kind(**table)
    if isinstance(found, FromDatabase):
        _check_queries(found)
    return found


def _check(name: str, value: Any) -> None:
    is_number = isinstance(value, int) and not isinstance(value, bool)
    if name == "start":
        if not (is_number or isinstance(value, str | date)):
            raise ValueError(name, "must be a time, a day, a number or a text")
    elif name in ("overlap", "overlap_days"):
        if not is_number or value < 0:
            raise ValueError(name, "must be a whole number, 0 or more")
    elif name == "timeout_s":
        if not is_number or not LEAST_TIMEOUT_S <= value <= MOST_TIMEOUT_S:
            raise ValueError(name, f"must be {LEAST_TIMEOUT_S} to {MOST_TIMEOUT_S} seconds")
    elif name == "reconcile":
        if not isinstance(value, bool):
            raise ValueError(name, "must be true or false")
    elif not isinstance(value, str) or not value.strip():
        raise ValueError(name, "must be a text")


def _check_queries(found: FromDatabase) -> None:
    if not _VARIABLE.fullmatch(found.database):
        raise ValueError(
            "database",
            "must be the name of an environment variable that holds the address, such as "
            "RMS_DATABASE, so that no password is in this file",
        )
    for name in ("query", "deleted_ids", "ids"):
        text = getattr(found, name)
        if text and not _SELECT.match(text):
            raise ValueError(name, "must begin with SELECT or WITH")
        if _STRICT.search(text):
            raise ValueError(
                name, "must compare with >= :watermark: > loses records with the same value"
            )
    if not _PLACE.search(found.query):
        raise ValueError("query", "must have :watermark, such as WHERE changed >= :watermark")


def uses_watermark(query: str) -> bool:
    return _PLACE.search(query) is not None
