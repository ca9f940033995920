"""Add an agency's file as a layer, or remove a layer."""

from __future__ import annotations

import hashlib
import json
import re
import tempfile
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import shapely

from analytics.areas.outlines import OnRecord, unrecorded
from analytics.crossfilter.extent import extent
from analytics.errors import InputError
from analytics.incidents.checksums import sha256_of
from analytics.incidents.reader import SnapshotReader
from analytics.incidents.warehouse import Warehouse
from analytics.layers.kinds import LayerKind
from analytics.layers.layer_content import LayerContent, content_of
from analytics.layers.layer_fields import choose_fields
from analytics.layers.layer_file import Box, FileOptions, locate, read_layer_file
from analytics.layers.layer_store import FOLDER, TILES, LayerInfo, LayerStore, write_tiles
from analytics.one_line import visible_line
from analytics.settings import Settings

FORMAT = 1  # part of versions; raise it when tables or tiles change
LONGEST_LICENSE = 120
LONGEST_TITLE = 60
TITLES = {
    LayerKind.STREETS: "Streets",
    LayerKind.WATER: "Water",
    LayerKind.LABELS: "Place names",
}


@dataclass(frozen=True)
class LayerOptions:
    """What the operator says about a file.

    Attributes
    ----------
    title : str
        Name of a set of places; by default the file's name.
    license : str
        Shown in the corner of every map.
    name, class_, kind : str, optional
        Field of names, of streets' classes, of places' kinds.
    major : list of str
        Classes of streets that are major.
    synthetic : bool
        Whether they are of the demo city, which an agency's incidents replace.
    """

    title: str = ""
    license: str = ""
    name: str | None = None
    class_: str | None = None
    kind: str | None = None
    major: Sequence[str] = ()
    synthetic: bool = False
    reading: FileOptions = field(default_factory=FileOptions)


def add_layer(
    settings: Settings,
    kind: LayerKind,
    path: Path,
    options: LayerOptions,
    *,
    on_record: OnRecord = unrecorded,
) -> LayerInfo:
    """Store a file as a layer, in place of an earlier one of its kind or, for places, title.

    Raises
    ------
    InputError
        The file or an option is not valid.
    BusyError
        Another process is writing to the warehouse.
    """
    id, title = _identity(kind, path, options)
    if len(options.license) > LONGEST_LICENSE:
        raise InputError(f"The license has more than {LONGEST_LICENSE} characters; shorten it.")
    city = _city(settings)
    content, about = _read(kind, path, options, title, city)
    sha256 = sha256_of(path)
    info = LayerInfo(
        id=id,
        kind=str(kind),
        title=title,
        version=_version(sha256, options, city),
        file=path.name,
        sha256=sha256,
        added=datetime.now(UTC).isoformat(timespec="seconds"),
        license=options.license,
        counts=content.counts,
        fields=content.fields,
        synthetic=options.synthetic,
        **about,
    )
    details = {
        **{name: getattr(info, name) for name in ("file", "sha256", "license", "features")},
        "counts": dict(info.counts),
        "left_out": dict(info.left_out),
    }
    home = settings.home
    (home / FOLDER).mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="adding-", dir=home / FOLDER) as folder:
        made = Path(folder) / info.folder
        _write(made, content)
        with Warehouse(home).lock(), on_record("layer.added", id, details):
            return LayerStore(home).put(info, made)


def remove_layer(home: Path, id: str, *, on_record: OnRecord = unrecorded) -> LayerInfo:
    """Remove a layer; raises InputError if there is none with this id."""
    store = LayerStore(home)
    info = store.get(id)
    details = {"file": info.file, "sha256": info.sha256}
    with Warehouse(home).lock(), on_record("layer.removed", id, details):
        return store.remove(id)


def _read(
    kind: LayerKind, path: Path, options: LayerOptions, title: str, city: Box | None
) -> tuple[LayerContent, dict[str, Any]]:
    asked = {"name": options.name, "class": options.class_, "kind": options.kind}
    chosen: dict[str, str] = {}

    def choose(names: Sequence[str]) -> list[str]:
        chosen.update(choose_fields(path, kind, asked, names))
        return sorted(set(chosen.values()))

    features = read_layer_file(path, kind, options.reading, choose)
    located = locate(path, features, options.reading.crs, city)
    try:
        content = content_of(
            kind,
            located.features,
            chosen,
            title=title,
            major=options.major,
            by_class=options.class_ is not None,
        )
    except InputError as error:
        raise InputError(f"{path}: {error}") from error
    bounds = [round(float(one), 6) for one in shapely.total_bounds(located.features.shapes)]
    left_out = {"without shape": features.without_shape, "far away": located.far_away}
    about = {
        "features": len(located.features.numbers),
        "bounds": bounds,
        "left_out": {why: count for why, count in left_out.items() if count},
    }
    return content, about


def _identity(kind: LayerKind, path: Path, options: LayerOptions) -> tuple[str, str]:
    """Id and title of a layer."""
    if kind is not LayerKind.PLACES:
        if options.title:
            raise InputError(f"Only places have a title; there is one layer of {kind}.")
        return str(kind), TITLES[kind]
    stem = path.name.partition(".")[0]
    title = visible_line(options.title or stem.replace("_", " "))[:LONGEST_TITLE]
    slug = re.sub(r"[^a-z0-9]+", "-", title.casefold()).strip("-")
    if not slug:
        raise InputError("The title needs a letter or a digit; give it with --title.")
    return f"{kind}-{slug}", title


def _city(settings: Settings) -> Box | None:
    """Extent of the incidents; None without any."""
    current = Warehouse(settings.home).current()
    if current is None:
        return None
    reader = SnapshotReader(current, settings)
    try:
        corners = extent(reader)
    finally:
        reader.close()
    if corners is None:
        return None
    (south, west), (north, east) = corners
    return west, south, east, north


def _version(sha256: str, options: LayerOptions, city: Box | None) -> str:
    told = json.dumps([FORMAT, sha256, asdict(options), city], default=str, sort_keys=True)
    return hashlib.sha256(told.encode()).hexdigest()[:12]


def _write(folder: Path, content: LayerContent) -> None:
    folder.mkdir()
    for name, table in content.tables.items():
        table.write_parquet(folder / f"{name}.parquet", compression="zstd")
    write_tiles(folder / TILES, content.tiles)
