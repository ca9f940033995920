"""Say what `pip-audit` found: advisories, none, or that no database of them could be reached.

`make advisories` runs it. A database that cannot be reached does not fail the build, since many
machines that build cannot reach one; it is said, so that nobody takes silence for a clean result.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any


def report(text: str) -> tuple[list[str], bool]:
    """Lines about a result of `pip-audit --format json`, and whether it names advisories."""
    packages: list[Mapping[str, Any]] = json.loads(text)["dependencies"] if text.strip() else []
    checked = [one for one in packages if "vulns" in one]
    found = list(_advisories(checked))
    if not checked:
        return ["No database of advisories could be reached; no package was checked."], False
    lines = [f"{len(checked)} of {len(packages)} packages were checked."]
    return [*lines, *(found or ["No advisory names any of them."])], bool(found)


def _advisories(packages: list[Mapping[str, Any]]) -> Iterator[str]:
    for one in packages:
        for advisory in one["vulns"]:
            fixed = ", ".join(advisory.get("fix_versions") or ()) or "no version"
            yield f"{one['name']} {one['version']}: {advisory['id']}, fixed in {fixed}"


if __name__ == "__main__":
    path = Path(sys.argv[1])
    said, advised = report(path.read_text(encoding="utf-8") if path.exists() else "")
    print("\n".join(said))
    sys.exit(advised)
