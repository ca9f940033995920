"""One statement per file, each with a header: what it returns, which parameters it takes."""

from __future__ import annotations

from functools import cache
from pathlib import Path

FOLDER = Path(__file__).parent


@cache
def _read(name: str) -> str:
    return (FOLDER / f"{name}.sql").read_text(encoding="utf-8")


def load(name: str, **identifiers: str) -> str:
    """A statement, with its `{placeholders}` replaced by identifiers from lists in code.

    Values are never put in here: they are bound when the statement runs.
    """
    statement = _read(name)
    for placeholder, identifier in identifiers.items():
        statement = statement.replace("{" + placeholder + "}", identifier)
    return statement
