"""One name, one thing: public classes of one name in two modules."""

from __future__ import annotations

import ast
from collections import defaultdict

from tests import ROOT

ROOMS = ("analytics", "api", "callbacks", "components", "jobs", "security")
KNOWN = {
    "Block",
    "Change",
    "Facts",
    "Fitted",
    "Forecast",
    "Peak",
    "Quality",
    "Series",
    "Shown",
    "Week",
}
"""Names that two modules share. It only ever gets shorter."""


def test_no_further_class_shares_its_name_with_another() -> None:
    found = defaultdict(list)
    for room in ROOMS:
        for path in sorted((ROOT / room).rglob("*.py")):
            for node in ast.parse(path.read_text(encoding="utf-8")).body:
                if isinstance(node, ast.ClassDef) and not node.name.startswith("_"):
                    found[node.name].append(str(path.relative_to(ROOT)))
    shared = {name: paths for name, paths in found.items() if len(paths) > 1}
    assert not {name: paths for name, paths in shared.items() if name not in KNOWN}
