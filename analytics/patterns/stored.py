"""Maps and offense profiles as a page reads them: from bundles and one snapshot, nothing fitted."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import polars as pl

from analytics.artifacts.bundle import Bundle, version_folder
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
EVERYWHERE = "kmeans"
"""What the names of models end with that label every place."""

Bools = npt.NDArray[np.bool_]
Floats = npt.NDArray[np.float32]


@dataclass(frozen=True, eq=False)
class StoredMap:
    """A map of one version, and its drawn incidents as the snapshot has them now.

    Attributes
    ----------
    attribute : str
        Dimension of its cells, as `umap_3`.
    drawn : pl.DataFrame
        All columns of the drawn incidents that are still there.
    plane, space : arrays of shapes (drawn, 2) and (drawn, 3)
    """

    bundle: Bundle
    attribute: str
    drawn: pl.DataFrame = field(repr=False)
    plane: Floats = field(repr=False)
    space: Floats = field(repr=False)

    @property
    def grid(self) -> Grid:
        return Grid(**self.bundle.rule["grid"])

    def chosen(self, reader: SnapshotReader, selection: Selection) -> Bools:
        """Whether each drawn incident meets the selection, shape (drawn,)."""
        if not selection:
            return np.ones(len(self.drawn), dtype=np.bool_)
        where = conditions_of(reader).where(EVERYTHING, selection)
        statement = load("patterns/drawn_chosen", conditions=where.sql)
        cursor = reader.cursor()
        cursor.register("drawn", self.drawn.to_arrow())
        try:
            numbers = reader.frame(statement, where.params)["number"]
        finally:
            cursor.unregister("drawn")
        return np.isin(self.drawn["number"].to_numpy(), numbers.to_numpy())

    def values(self, reader: SnapshotReader, name: str) -> pl.Series:
        """A column of the drawn incidents, or the label of their place, as text; null if none."""
        if name not in LABELED:
            return self.drawn[name].cast(pl.String)
        labels = conditions_of(reader).places.labels
        model = labeller(reader.snapshot.manifest, name)
        if model is None:
            return pl.Series(name, [None] * len(self.drawn), dtype=pl.String)
        of_points = labels.of(model)
        head = label_key(model, labels.version(model), "")
        found = of_points.gather(self.drawn["point_id"].cast(pl.Int64))
        return pl.select(pl.when(found != NONE).then(head + found)).to_series()


def stored_map(reader: SnapshotReader, home: Path, method: str) -> StoredMap | None:
    """The champion's map of the method, None where the snapshot has none.

    Raises
    ------
    IntegrityError
        Its files are damaged.
    """
    bundle = stored_bundle(reader.snapshot.manifest, home, method)
    if bundle is None:
        return None
    sample = bundle.table("sample")
    drawn = reader.frame(load("patterns/drawn"), {"ids": sample["id"].to_list()})
    there = drawn["number"].to_numpy()
    plane = sample.select("x", "y").to_numpy().astype(np.float32)
    names = ("x", "y", "z") if method == "pca" else ("x3", "y3", "z3")
    space = sample.select(names).to_numpy().astype(np.float32)
    attribute = attribute_of(bundle.name, bundle.version).name
    return StoredMap(bundle, attribute, drawn, plane[there], space[there])


def stored_bundle(manifest: Manifest, home: Path, method: str) -> Bundle | None:
    """Files of the version whose labels the snapshot has."""
    version = label_versions(manifest).get(method)
    if version is None:
        return None
    return Bundle.load(version_folder(home, PREFIX + method, version))


def label_versions(manifest: Manifest) -> Mapping[str, int]:
    """Method → version of the patterns that label the incidents of a snapshot."""
    present = {attribute.name for attribute in manifest.attributes}
    return {
        name.removeprefix(PREFIX): int(version)
        for name, version in manifest.model_versions.items()
        if name.startswith(PREFIX) and attribute_of(name, int(version)).name in present
    }


def labeller(manifest: Manifest, dimension: str) -> str | None:
    """The model that labels places by `dimension`; first one that labels all places."""
    present = [name for name in manifest.model_versions if name.startswith(LABELED[dimension])]
    return min(present, key=lambda name: (not name.endswith(EVERYWHERE), name), default=None)


def cell_counts(frame: pl.DataFrame, attribute: str) -> dict[int, int]:
    """Incidents by cell, from the view of a map's cells; incidents without one are left out."""
    known = frame.filter(pl.col(attribute).str.contains(r"^[0-9.]+$"))
    cells = known[attribute].cast(pl.Float64).cast(pl.Int64)
    return dict(zip(cells.to_list(), known["incidents"].to_list(), strict=True))


def outline(cells: set[int], grid: Grid, columns: int) -> tuple[list[Any], list[Any]]:
    """Edges between chosen cells and others, as x and y of lines with gaps (None) between."""
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
