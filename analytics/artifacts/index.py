"""Index of the registry: one file that web workers read without importing MLflow."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from analytics.artifacts.catalog import is_known
from analytics.stored import damaged, read_object, replace_text

FILE = "index.json"
MEND = "`patroliq models list` writes it again."


def write_index(
    home: Path, titles: Mapping[str, str], versions: Sequence[Mapping[str, Any]]
) -> None:
    """Write <home>/models/index.json atomically."""
    path = home / "models" / FILE
    path.parent.mkdir(parents=True, exist_ok=True)
    text = json.dumps({"titles": titles, "versions": versions}, ensure_ascii=False, default=str)
    replace_text(path, text)


def read_index(home: Path) -> dict[str, Any]:
    """Read `titles` by name and `versions`, newest first, with metrics and verdicts.

    Models that this version of PatrolIQ does not have are left out.

    Raises
    ------
    DamagedError
        The file is damaged; `patroliq models list` writes it again.
    """
    path = home / "models" / FILE
    try:
        found = read_object(path, MEND)
    except FileNotFoundError:
        return {"titles": {}, "versions": []}
    titles, versions = found.get("titles"), found.get("versions")
    if not isinstance(titles, dict) or not isinstance(versions, list):
        raise damaged(path, "it lists no versions", MEND)
    if not all(isinstance(version, dict) for version in versions):
        raise damaged(path, "a version is not an object", MEND)
    return {
        "titles": {name: title for name, title in titles.items() if is_known(name)},
        "versions": [version for version in versions if is_known(str(version.get("name")))],
    }
