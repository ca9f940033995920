"""Embeddings and offense profiles read from bundles and one snapshot; nothing is fitted."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import polars as pl

from analytics.artifacts.bundle import Bundle, version_folder
from analytics.artifacts.catalog import ALL, target_of
from analytics.crossfilter.clauses import NONE, label_key
from analytics.crossfilter.conditions import conditions_of
from analytics.crossfilter.dimensions import LABELED
from analytics.crossfilter.scope import EVERYTHING
from analytics.crossfilter.selection import Selection
from analytics.incidents.manifest import Manifest
from analytics.incidents.reader import SnapshotReader
from analytics.patterns.grid import Grid
from analytics.patterns.names import PREFIX, attribute_of
from sql import load

METHODS = ("umap", "tsne", "pca")
LABELS_EVERY_PLACE = "kmeans"
"""Suffix of the models that label every place."""

Bools = npt.NDArray[np.bool_]
Floats = npt.NDArray[np.float32]


@dataclass(frozen=True, eq=False)
class StoredMap:
    """The embedding of one version, with its sampled incidents as in the current snapshot.

    Attributes
    ----------
    attribute : str
        Dimension of its cells, such as `umap_3`.
    sampled : pl.DataFrame
        All columns of the sampled incidents that the snapshot still has.
    xy, xyz : arrays of shapes (sampled, 2) and (sampled, 3)
    """

    bundle: Bundle
    attribute: str
    sampled: pl.DataFrame = field(repr=False)
    xy: Floats = field(repr=False)
    xyz: Floats = field(repr=False)

    @property
    def grid(self) -> Grid:
        return Grid(**self.bundle.rule["grid"])

    def chosen(self, reader: SnapshotReader, selection: Selection) -> Bools:
        """Whether each sampled incident is selected, shape (sampled,)."""
        if not selection:
            return np.ones(len(self.sampled), dtype=np.bool_)
        where = conditions_of(reader).where(EVERYTHING, selection)
        statement = load("patterns/sampled_selected", conditions=where.sql)
        cursor = reader.cursor()
        cursor.register("sampled", self.sampled.to_arrow())
        try:
            numbers = reader.frame(statement, where.params)["number"]
        finally:
            cursor.unregister("sampled")
        return np.isin(self.sampled["number"].to_numpy(), numbers.to_numpy())

    def values(self, reader: SnapshotReader, name: str) -> pl.Series:
        """A column of the sampled incidents, or the labels of their places, as text or null."""
        if name not in LABELED:
            return self.sampled[name].cast(pl.String)
        labels = conditions_of(reader).places.labels
        model = labeling_model(reader.snapshot.manifest, name)
        if model is None:
            return pl.Series(name, [None] * len(self.sampled), dtype=pl.String)
        prefix = label_key(model, labels.version(model), "")
        found = labels.of(model).gather(self.sampled["point_id"].cast(pl.Int64))
        return pl.select(pl.when(found != NONE).then(prefix + found)).to_series()


def stored_map(reader: SnapshotReader, home: Path, method: str) -> StoredMap | None:
    """The embedding whose cells the snapshot has, or None.

    Raises
    ------
    IntegrityError
        Its files are damaged.
    """
    bundle = stored_bundle(reader.snapshot.manifest, home, method)
    if bundle is None:
        return None
    sample = bundle.table("sample")
    sampled = reader.frame(load("patterns/sampled"), {"ids": sample["id"].to_list()})
    kept = sampled["number"].to_numpy()
    xy = sample.select("x", "y").to_numpy().astype(np.float32)
    names = ("x", "y", "z") if method == "pca" else ("x3", "y3", "z3")
    xyz = sample.select(names).to_numpy().astype(np.float32)
    attribute = attribute_of(bundle.name, bundle.version).name
    return StoredMap(bundle, attribute, sampled, xy[kept], xyz[kept])


def stored_bundle(manifest: Manifest, home: Path, method: str) -> Bundle | None:
    """Bundle of the version whose labels the snapshot has, or None."""
    version = label_versions(manifest).get(method)
    if version is None:
        return None
    return Bundle.load(version_folder(home, PREFIX + method, version))


def label_versions(manifest: Manifest) -> Mapping[str, int]:
    """Method → version of the pattern models whose labels a snapshot has."""
    present = {attribute.name for attribute in manifest.attributes}
    return {
        name.removeprefix(PREFIX): int(version)
        for name, version in manifest.model_versions.items()
        if name.startswith(PREFIX)
        and target_of(name) == ALL
        and attribute_of(name, int(version)).name in present
    }


def labeling_model(manifest: Manifest, dimension: str) -> str | None:
    """The model of all incidents that labels places by `dimension`, preferably every place."""
    prefix = LABELED[dimension]
    present = [
        name
        for name in manifest.model_versions
        if name.startswith(prefix) and target_of(name) == ALL
    ]
    return min(
        present, key=lambda name: (not name.endswith(LABELS_EVERY_PLACE), name), default=None
    )


def cell_counts(frame: pl.DataFrame, attribute: str) -> dict[int, int]:
    """Incidents by cell, from the view of an embedding's cells; those without one are left out."""
    known = frame.filter(pl.col(attribute).str.contains(r"^[0-9.]+$"))
    cells = known[attribute].cast(pl.Float64).cast(pl.Int64)
    return dict(zip(cells.to_list(), known["incidents"].to_list(), strict=True))


def outline(cells: set[int], grid: Grid, columns: int) -> tuple[list[Any], list[Any]]:
    """Outline of the chosen cells: x and y of line segments separated by None."""
    x: list[Any] = []
    y: list[Any] = []
    for cell in cells:
        column, row = cell % columns, cell // columns
        left, bottom = grid.left + column * grid.size, grid.bottom + row * grid.size
        right, top = left + grid.size, bottom + grid.size
        sides = (
            (column > 0 and cell - 1 in cells, (left, bottom), (left, top)),
            (column < columns - 1 and cell + 1 in cells, (right, bottom), (right, top)),
            (cell - columns in cells, (left, bottom), (right, bottom)),
            (cell + columns in cells, (left, top), (right, top)),
        )
        for inside, start, end in sides:
            if not inside:
                x += [start[0], end[0], None]
                y += [start[1], end[1], None]
    return x, y
