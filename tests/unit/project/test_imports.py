"""Which room may import which: the rules of pyproject.toml, and functions that stay readable."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import pytest

from tests import ROOT

ROOMS = ("analytics", "api", "callbacks", "components", "jobs", "security", "sql")
WEB = {"dash", "dash_ag_grid", "dash_leaflet", "flask"}


def modules(room: str) -> list[Path]:
    return sorted((ROOT / room).rglob("*.py"))


def imported(path: Path) -> set[str]:
    names = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names |= {alias.name.partition(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            names.add(node.module.partition(".")[0])
    return names


def documented(function: ast.FunctionDef) -> int:
    """Lines of its docstring."""
    first = function.body[0]
    said = isinstance(first, ast.Expr) and isinstance(first.value, ast.Constant)
    return (first.end_lineno or 0) - first.lineno + 1 if said else 0


def test_the_import_rules_hold() -> None:
    done = subprocess.run(
        [str(Path(sys.executable).parent / "lint-imports"), "--no-cache"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout


@pytest.mark.parametrize("room", ["analytics", "sql"])
def test_what_computes_knows_no_web_framework(room: str) -> None:
    for path in modules(room):
        assert not imported(path) & WEB, path.relative_to(ROOT)


def test_no_callback_is_registered_process_wide() -> None:
    """`@dash.callback` fills a list that the first app of the process empties."""
    for path in modules("callbacks"):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        for node in ast.walk(tree):
            if isinstance(node, ast.ImportFrom) and node.module == "dash":
                names = {alias.name for alias in node.names}
                assert not names & {"callback", "clientside_callback"}, path.relative_to(ROOT)


@pytest.mark.parametrize("room", ROOMS)
def test_functions_stay_short_enough_to_read(room: str) -> None:
    for path in modules(room):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.FunctionDef):
                lines = (node.end_lineno or 0) - node.lineno + 1 - documented(node)
                assert lines <= 60, f"{path.relative_to(ROOT)}: {node.name} has {lines} lines"


def test_every_statement_says_what_it_returns_and_takes() -> None:
    for path in sorted((ROOT / "sql").rglob("*.sql")):
        first, second, *_ = path.read_text(encoding="utf-8").splitlines()
        assert first.startswith("-- "), path.relative_to(ROOT)
        assert second.startswith("-- "), path.relative_to(ROOT)
