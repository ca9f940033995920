"""What `make advisories` says of what `pip-audit` found."""

from __future__ import annotations

import json
from typing import Any

import pytest

from docs.advisories import report

CLEAN = {"name": "a", "version": "1", "vulns": []}
SKIPPED = {"name": "b", "skip_reason": "Dependency not found on PyPI and could not be audited"}
ADVISED = {"name": "c", "version": "2", "vulns": [{"id": "PYSEC-1", "fix_versions": ["3"]}]}


@pytest.mark.parametrize(
    ("packages", "words", "advised"),
    [
        ([CLEAN, SKIPPED], "1 of 2 packages", False),
        ([SKIPPED], "could be reached", False),
        ([CLEAN, ADVISED], "c 2: PYSEC-1, fixed in 3", True),
    ],
)
def test_advisories_and_what_was_not_checked_are_said(
    packages: list[dict[str, Any]], words: str, advised: bool
) -> None:
    lines, found = report(json.dumps({"dependencies": packages, "fixes": []}))
    assert words in "\n".join(lines)
    assert found is advised


def test_without_an_answer_nothing_was_checked() -> None:
    lines, found = report("")
    assert "could be reached" in lines[0]
    assert not found
