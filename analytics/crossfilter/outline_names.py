"""Names of a snapshot's outlined areas, as people write them."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from analytics.incidents.model import AREA_LEVELS
from analytics.incidents.warehouse import Snapshot

_WORD = re.compile(r"\w+(?:['’]s\b)?", re.IGNORECASE)


def area_title(name: str) -> str:
    """An area's name as people write it: `MCKINLEY PARK` → McKinley Park, `O'HARE` → O'Hare."""
    return _WORD.sub(_capitalized, name) if name.isupper() else name


def titled_outlines(path: Path) -> dict[str, Any]:
    """The GeoJSON of outlines; each feature has a `name`, its key where the file has no name."""
    collection: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    for feature in collection["features"]:
        properties = feature["properties"]
        properties["name"] = area_title(str(properties.get("name") or properties["id"]))
    return collection


def outline_names(snapshot: Snapshot) -> dict[str, dict[str, str]]:
    """Names of outlined areas by level and key."""
    names: dict[str, dict[str, str]] = {}
    for level in AREA_LEVELS:
        path = snapshot.outline(level)
        if path is not None:
            features = titled_outlines(path)["features"]
            found = (feature["properties"] for feature in features)
            names[level] = {str(each["id"]): each["name"] for each in found}
    return names


def names_besides_keys(
    names: Mapping[str, Mapping[str, str]],
) -> dict[str, Mapping[str, str]]:
    """Those of `outline_names`, among other names, of levels with names that are not only keys."""
    return {
        level: names[level]
        for level in AREA_LEVELS
        if any(name != key for key, name in names.get(level, {}).items())
    }


def _capitalized(word: re.Match[str]) -> str:
    text = word[0].capitalize()
    return f"Mc{text[2:].capitalize()}" if text.startswith("Mc") and len(text) > 3 else text
