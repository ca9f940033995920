"""Whatever writes a CSV guards its cells against formulas."""

from __future__ import annotations

import re

import pytest

from tests import ROOT

ROOMS = ("analytics", "api", "callbacks", "components", "jobs", "security", "sql")
WRITES = re.compile(
    r"csv\.(?:writer|DictWriter)\(|\.(?:write_csv|sink_csv|to_csv)\(|\"text/csv|FORMAT csv", re.I
)
GUARDS = re.compile(r"\b(?:formula_free|without_formulas|csv_text)\(")
UNGUARDED = {
    "analytics/ingest/csv_file.py": "a copy that ingest alone reads, and deletes",
    "security/headers.py": "names the type, and writes nothing",
}
WRITERS = sorted(
    str(path.relative_to(ROOT))
    for room in ROOMS
    for path in (ROOT / room).rglob("*.*")
    if path.suffix in {".py", ".sql"} and WRITES.search(path.read_text(encoding="utf-8"))
)


def test_writers_are_found() -> None:
    assert {"api/exports.py", "api/records.py", "analytics/ingest/quarantine.py"} <= {*WRITERS}
    assert {*UNGUARDED} <= {*WRITERS}


@pytest.mark.parametrize("writer", [one for one in WRITERS if one not in UNGUARDED])
def test_a_writer_guards_its_cells(writer: str) -> None:
    assert GUARDS.search((ROOT / writer).read_text(encoding="utf-8")), (
        f"{writer} writes a CSV: pass its text through analytics.formula_free"
    )
