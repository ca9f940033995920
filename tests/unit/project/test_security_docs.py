"""Threats cite tests that exist; every requirement of the standards has one line and one answer."""

from __future__ import annotations

import re
from pathlib import Path

from tests import ROOT

DOCS = ROOT / "docs"
LEVELS = Path(__file__).parent / "asvs_levels.txt"
ANSWERS = {"ours", "the operator's", "open"}
CITED = re.compile(r"`([a-z0-9_/]+\.py)::(test_\w+)`")


def requirements(deepest: int) -> list[str]:
    """Ids of the requirements up to a level."""
    lines = LEVELS.read_text(encoding="utf-8").splitlines()
    sections = (line.split() for line in lines if not line.startswith("#"))
    return [
        f"{section}.{number}"
        for section, levels in sections
        for number, level in enumerate(levels, 1)
        if int(level) <= deepest
    ]


def table_rows(name: str, heading: str = "# ") -> list[list[str]]:
    """Cells of the rows of tables below a heading."""
    text = (DOCS / name).read_text(encoding="utf-8").partition(heading)[2]
    rows = [line.strip("| ").split(" | ") for line in text.splitlines() if line.startswith("| ")]
    return [row for row in rows if row[0] not in {"---", "id", "control", "who"}]


def test_the_list_has_as_many_requirements_as_the_standard() -> None:
    assert [len(requirements(level)) for level in (1, 2, 3)] == [70, 253, 345]


def test_each_requirement_of_levels_1_and_2_has_one_answer() -> None:
    rows = table_rows("asvs.md")
    assert [row[0] for row in rows] == requirements(2)
    for id, answer, why in rows:
        assert answer in ANSWERS | {"not applicable"}, id
        assert why, id


def test_each_control_has_one_answer() -> None:
    rows = table_rows("cjis.md")
    assert len({row[0] for row in rows}) == len(rows)
    assert {row[0].partition("-")[0] for row in rows} == {"AC", "AU", "IA", "SC"}
    for control, answer, why in rows:
        assert answer in ANSWERS, control
        assert why, control


def test_each_threat_cites_tests_that_exist() -> None:
    threats = table_rows("security.md", "## Threats")
    assert len(threats) > 50
    for who, what, how, tests, ids, controls in threats:
        assert all((who, what, how)), what
        cited = CITED.findall(tests)
        assert tests == "<br>".join(f"`{path}::{name}`" for path, name in cited), what
        assert cited, what
        for path, name in cited:
            text = (ROOT / "tests" / path).read_text(encoding="utf-8")
            assert f"\ndef {name}(" in text, f"{path}::{name}"
        assert set(ids.split(", ")) <= set(requirements(2)), what
        assert set(controls.split(", ")) <= {row[0] for row in table_rows("cjis.md")}, what
