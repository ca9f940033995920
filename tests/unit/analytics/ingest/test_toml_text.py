"""Writing TOML."""

from __future__ import annotations

import tomllib
from datetime import date
from typing import Any

from analytics.ingest.toml_text import toml_text


def test_what_is_written_is_read_again() -> None:
    document: dict[str, Any] = {
        "name": 'say "C:\\x"\x7f\n',
        "verified": False,
        "columns": {"id": ["a\x01"], "occurred_from": {"date": ["Día"], "time": ["T"]}},
        "dates": {"formats": ["%Y"], "earliest": date(1960, 1, 1), "updated": {"utc": True}},
        "coordinates": {"placeholders": [[0, 0]], "bounds": [-1.5, 2.0, 3.25, 4]},
        "attributes": {"weapon used": {"column": ["W"]}},
        "missing": {},
    }
    text = toml_text(document, ["first\x00line\nsecond"])
    assert text.startswith("# first line second\n")
    assert tomllib.loads(text) == {key: value for key, value in document.items() if value != {}}
