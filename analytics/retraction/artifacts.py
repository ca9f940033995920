"""Remove places and texts of retracted incidents from stored results, which are files.

Aggregates stay: one incident in the counts of a zone or the weights of a forecast tells nothing of
it. What holds single incidents goes: samples of pattern models cannot be matched with incidents, so
these models are removed and must be trained again.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import polars as pl

from analytics.artifacts.bundle import FILE, GEOJSON, write_json
from analytics.incidents.checksums import sha256_of
from analytics.patterns.names import PREFIX
from analytics.retraction.marks import Marks
from analytics.stored import replace_text, replacing

FOLDERS = ("models", "mlartifacts")
TEXT_FOLDERS = ("comparisons", "proposals", "fairness", "risk_terrain", "models", "mlartifacts")
REMOVED = ("as_it_was", "cache", "scoped", "temporary", "fetch")
"""Folders of the home that are made again when they are needed."""
_TEXTS = (".json", ".geojson", ".csv", ".txt", ".toml", ".yaml", ".md", ".html")


def clean_artifacts(home: Path, marks: Marks) -> list[str]:
    """Clean all stored results; returns names of versions that must be trained again."""
    withheld = list(_remove_samples(home))
    for folder in FOLDERS:
        for path in (home / folder).rglob("*.parquet"):
            _clean_table(path, marks)
        for path in (home / folder).rglob(GEOJSON):
            _clean_outlines(path, marks)
    for folder in TEXT_FOLDERS:
        for path in (home / folder).rglob("*"):
            if path.suffix in _TEXTS and path.is_file():
                _clean_text(path, marks)
    for folder in FOLDERS:
        for path in (home / folder).rglob(FILE):
            _renew_checksums(path)
    return withheld


def remove_caches(home: Path) -> None:
    """Remove what is made again when it is needed."""
    for name in REMOVED:
        shutil.rmtree(home / name, ignore_errors=True)


def _remove_samples(home: Path) -> Iterator[str]:
    for folder in FOLDERS:
        for path in list((home / folder).rglob("sample.parquet")):
            about = path.with_name(FILE)
            name = json.loads(about.read_text(encoding="utf-8"))["name"] if about.exists() else ""
            if name.startswith(PREFIX) or not name:
                if folder == FOLDERS[0]:
                    yield f"{name} {path.parent.name}"
                shutil.rmtree(path.parent)


def _clean_table(path: Path, marks: Marks) -> None:
    frame = pl.read_parquet(path)
    kept = frame
    if {"lat", "lon"} <= set(frame.columns) and marks.places:
        gone = pl.DataFrame(
            sorted(marks.places), schema={"lat": pl.Float64, "lon": pl.Float64}, orient="row"
        )
        kept = kept.join(gone, on=["lat", "lon"], how="anti", maintain_order="left")
    texts = [name for name, kind in kept.schema.items() if kind == pl.String]
    if texts:
        kept = kept.with_columns(pl.col(texts).map_elements(marks.cleaned, return_dtype=pl.String))
    if not kept.equals(frame):
        with replacing(path) as temporary:
            kept.write_parquet(temporary, compression="zstd")


def _clean_outlines(path: Path, marks: Marks) -> None:
    """Drop corners that are places of retracted incidents, as far as a ring can spare them."""
    places = {(round(lon, 6), round(lat, 6)) for lat, lon in marks.places}
    outlines = json.loads(path.read_text(encoding="utf-8"))

    def cleaned(value: Any) -> Any:
        if isinstance(value, list) and len(value) > 3 and all(map(_is_corner, value)):
            kept = [one for one in value if (round(one[0], 6), round(one[1], 6)) not in places]
            if kept and kept[0] != kept[-1] and value[0] == value[-1]:
                kept.append(kept[0])
            return kept if len(kept) > 3 else [value[0]] * 4
        if isinstance(value, list):
            return [cleaned(one) for one in value]
        if isinstance(value, dict):
            return {key: cleaned(one) for key, one in value.items()}
        return value

    new = cleaned(outlines)
    if new != outlines:
        text = json.dumps(new, ensure_ascii=False, separators=(",", ":"))
        replace_text(path, text)


def _is_corner(value: Any) -> bool:
    return (
        isinstance(value, list)
        and len(value) == 2
        and all(isinstance(one, int | float) for one in value)
    )


def _clean_text(path: Path, marks: Marks) -> None:
    try:
        text = path.read_text(encoding="utf-8")
    except UnicodeDecodeError:
        return
    cleaned = marks.cleaned(text)
    if cleaned != text:
        replace_text(path, cleaned)


def _renew_checksums(path: Path) -> None:
    about = json.loads(path.read_text(encoding="utf-8"))
    files = {
        name: sha256_of(path.with_name(name))
        for name in about.get("files", {})
        if path.with_name(name).exists()
    }
    if files != about.get("files"):
        write_json(path, {**about, "files": files})
