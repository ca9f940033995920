"""One name, one thing: no public class shares its name with one of another module."""

from __future__ import annotations

import ast
from collections import defaultdict

from tests import ROOT

ROOMS = ("analytics", "api", "bench", "callbacks", "components", "jobs", "security")


def test_no_class_shares_its_name_with_another() -> None:
    found = defaultdict(list)
    for room in ROOMS:
        for path in sorted((ROOT / room).rglob("*.py")):
            for node in ast.parse(path.read_text(encoding="utf-8")).body:
                if isinstance(node, ast.ClassDef) and not node.name.startswith("_"):
                    found[node.name].append(str(path.relative_to(ROOT)))
    assert len(found) > 100
    assert not {name: paths for name, paths in found.items() if len(paths) > 1}
