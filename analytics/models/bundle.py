"""A version as files: JSON, Parquet and GeoJSON with checksums. Read without MLflow.

<home>/models/<name>/<version>/  bundle.json, <table>.parquet, zones.geojson
<home>/models/<name>/champion.json  which version is champion, and the snapshot it was fitted on
"""

from __future__ import annotations

import json
import os
import secrets
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import polars as pl

from analytics.errors import InputError, IntegrityError
from analytics.incidents.warehouse import sha256_of
from analytics.models.fitted import Metric

FILE = "bundle.json"
CHAMPION = "champion.json"
GEOJSON = "zones.geojson"
FORMAT = 1


@dataclass(frozen=True)
class Bundle:
    """One exported version. Files are read when asked for."""

    folder: Path
    name: str
    run_id: str
    snapshot: str  # it was fitted on
    selection: str
    source: str
    crs_local: str
    code_version: str
    trained: str  # ISO 8601
    person: str
    parameters: Mapping[str, Any]
    rule: Mapping[str, Any]
    metrics: Mapping[str, Metric]
    files: Mapping[str, str] = field(repr=False)  # name → SHA-256
    version: int = 0  # 0 until it is registered

    @classmethod
    def load(cls, folder: Path) -> Bundle:
        """Read a bundle and compare its files with their checksums.

        Raises
        ------
        InputError
            There is none.
        IntegrityError
            A file is missing, new or changed, or it was written by another version.
        """
        try:
            raw = json.loads((folder / FILE).read_text(encoding="utf-8"))
        except FileNotFoundError as error:
            raise InputError(f"There is no model at {folder}.") from error
        except ValueError as error:
            raise IntegrityError(f"{folder / FILE} is damaged: {error}") from error
        if raw.pop("format", None) != FORMAT:
            raise IntegrityError(f"{folder} was written by another version; train again.")
        found = {path.name: sha256_of(path) for path in folder.iterdir() if path.name != FILE}
        wrong = sorted(
            name
            for name in found.keys() | raw["files"].keys()
            if found.get(name) != raw["files"].get(name)
        )
        if wrong:
            raise IntegrityError(f"{folder} is damaged: {', '.join(wrong)} changed; promote again.")
        raw["metrics"] = {name: Metric(**metric) for name, metric in raw["metrics"].items()}
        return cls(folder, **raw)

    def table(self, name: str) -> pl.DataFrame:
        """One of its tables, as `labels`."""
        return pl.read_parquet(self.folder / f"{name}.parquet")

    @property
    def tables(self) -> list[str]:
        """Names of its tables."""
        return sorted(path.stem for path in self.folder.glob("*.parquet"))

    @property
    def geojson(self) -> dict[str, Any] | None:
        """Outlines in WGS84, where the model has any."""
        path = self.folder / GEOJSON
        if not path.exists():
            return None
        outlines: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
        return outlines


def write_bundle(
    folder: Path,
    facts: Mapping[str, Any],
    tables: Mapping[str, pl.DataFrame],
    geojson: Mapping[str, Any] | None,
) -> Bundle:
    """Write a bundle's files. `facts` are the fields of `Bundle` but folder and files."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, table in tables.items():
        table.write_parquet(folder / f"{name}.parquet", compression="zstd")
    if geojson is not None:
        text = json.dumps(geojson, ensure_ascii=False, separators=(",", ":"))
        (folder / GEOJSON).write_text(text, encoding="utf-8")
    files = {path.name: sha256_of(path) for path in folder.iterdir() if path.name != FILE}
    write_json(folder / FILE, {"format": FORMAT, **facts, "files": files})
    return Bundle.load(folder)


def number(folder: Path, version: int) -> None:
    """Write into a bundle which version it became."""
    raw = json.loads((folder / FILE).read_text(encoding="utf-8"))
    write_json(folder / FILE, {**raw, "version": version})


def version_folder(home: Path, name: str, version: int) -> Path:
    return home / "models" / name / str(version)


def set_champion(home: Path, bundle: Bundle) -> None:
    """Point to the champion's bundle, in one step."""
    path = home / "models" / bundle.name / CHAMPION
    path.parent.mkdir(parents=True, exist_ok=True)
    write_json(path, {"version": bundle.version, "snapshot": bundle.snapshot})


def champion_versions(home: Path) -> dict[str, int]:
    """Model name → version of its champion."""
    return {name: int(raw["version"]) for name, raw in _pointers(home)}


def champion(home: Path, name: str) -> Bundle | None:
    """The champion's bundle, or None where there is no champion."""
    version = champion_versions(home).get(name)
    return None if version is None else Bundle.load(version_folder(home, name, version))


def cited_snapshots(home: Path) -> set[str]:
    """Snapshots that champions were fitted on: they must be kept."""
    return {str(raw["snapshot"]) for _, raw in _pointers(home)}


def _pointers(home: Path) -> Iterator[tuple[str, dict[str, Any]]]:
    for path in sorted((home / "models").glob(f"*/{CHAMPION}")):
        with suppress(FileNotFoundError):
            yield path.parent.name, json.loads(path.read_text(encoding="utf-8"))


def write_json(path: Path, value: Mapping[str, Any]) -> None:
    temporary = path.with_name(f"{path.name}.{secrets.token_hex(4)}")
    with temporary.open("w", encoding="utf-8") as handle:
        json.dump(value, handle, indent=1, ensure_ascii=False)
        handle.flush()
        os.fsync(handle.fileno())
    temporary.replace(path)
