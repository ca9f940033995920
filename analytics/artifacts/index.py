"""Index of the registry: one file that web workers read without importing MLflow."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from analytics.access.stored_results import SeenResults, seen_results, whole_city_note
from analytics.artifacts.catalog import is_known
from analytics.artifacts.metric import Metric
from analytics.artifacts.results_without_counts import shown_metrics
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

    Models that this version of PatrolIQ does not have are left out, and those that the current
    reader may not see.

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
    seen = seen_results()

    def is_shown(name: str) -> bool:
        return is_known(name) and seen.has(name)

    return {
        "titles": {name: title for name, title in titles.items() if is_shown(name)},
        "versions": [
            _shown(version, seen)
            for version in versions
            if is_shown(str(version.get("name")))
            and seen.has_version(str(version["name"]), int(version["version"]))
        ],
    }


def _shown(version: dict[str, Any], seen: SeenResults) -> dict[str, Any]:
    if seen.counts:
        return version
    metrics = {name: Metric(**one) for name, one in version["metrics"].items()}
    shown = shown_metrics(seen, metrics)
    found = {**version, "metrics": {name: asdict(one) for name, one in shown.items()}}
    notes = " ".join(filter(None, (version.get("notes"), whole_city_note())))
    return {**found, "notes": notes}
