"""Labels of all incidents by the champions of pattern models, as attributes of a snapshot.

`umap_3` is the cell in the embedding of version 3, `offense_profile_2` the class of version 2. The
selection, the cross-filter, exports and the table treat them like an agency's own attributes. Their
names include the version, so that a saved selection never means the cells of another embedding.
"""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

import duckdb
import numpy as np
import numpy.typing as npt
import polars as pl

from analytics.artifacts.bundle import Bundle
from analytics.artifacts.catalog import ALL, target_of
from analytics.crossfilter.codes import FOLDER, encode
from analytics.crossfilter.conditions import Condition
from analytics.incidents.manifest import Attribute, Manifest
from analytics.incidents.model import ATTRIBUTE_PREFIX
from analytics.incidents.warehouse import DATABASE
from analytics.patterns.contributions import sum_contributions
from analytics.patterns.features import CELL_M, Codes, FeatureSpace, features_of
from analytics.patterns.grid import Grid
from analytics.patterns.latent_classes import classes_from
from analytics.patterns.names import PREFIX, attribute_of, is_label
from analytics.patterns.projection import Reference, project
from sql import load


def add_columns(folder: Path, manifest: Manifest, bundles: Sequence[Bundle]) -> Manifest:
    """Add cells and offense profiles to a staged snapshot; returns its new manifest.

    Columns of other versions of the same models are dropped, and the codes are written again.
    Models of other targets get no column, since no page shows them.
    """
    patterns = _patterns(bundles)
    if not patterns:
        return manifest
    attributes = [attribute_of(bundle.name, bundle.version) for bundle in patterns]
    replaced = {_method(one) for one in attributes}
    others = [
        one for one in manifest.attributes if not (is_label(one.name) and _method(one) in replaced)
    ]
    with duckdb.connect(str(folder / DATABASE)) as connection:
        connection.execute("SET enable_progress_bar = false")
        label_columns(connection, patterns)
        with suppress(FileNotFoundError):
            shutil.rmtree(folder / FOLDER)
        encode(connection, folder)
        connection.execute("CHECKPOINT")
    return replace(manifest, attributes=(*others, *attributes))


def label_columns(connection: duckdb.DuckDBPyConnection, bundles: Sequence[Bundle]) -> None:
    """Add the columns of cells and offense profiles to table `incidents`."""
    for bundle in _patterns(bundles):
        labels = label_incidents(bundle, _features(connection, bundle))
        _add(connection, attribute_of(bundle.name, bundle.version), labels)


def _patterns(bundles: Sequence[Bundle]) -> list[Bundle]:
    return [
        bundle
        for bundle in bundles
        if bundle.name.startswith(PREFIX) and target_of(bundle.name) == ALL
    ]


def label_incidents(bundle: Bundle, batches: Iterator[pl.DataFrame]) -> pl.Series:
    """Cell (float) or offense profile (name) of each incident, in the order of the batches."""
    space = FeatureSpace.from_frame(bundle.table("features"))
    if bundle.rule["kind"] == "offense_profile":
        classes = classes_from(bundle.table("classes"), space)
        names = bundle.table("profiles").sort("offense_profile")
        name_of = dict(names.select("offense_profile", "name").iter_rows())
        parts = [classes.labels(space.codes(batch)) for batch in batches]
        return pl.Series("label", np.concatenate(parts)).replace_strict(
            name_of, default=None, return_dtype=pl.String
        )
    cells = [cells_of(bundle, space, space.codes(batch)) for batch in batches]
    return pl.Series("label", np.concatenate(cells)).cast(pl.Float64)


def cells_of(bundle: Bundle, space: FeatureSpace, codes: Codes) -> npt.NDArray[np.uint16]:
    """Cell of each incident: as projected in training, or projected now if it is new."""
    grid = Grid(**bundle.rule["grid"])
    if bundle.rule["method"] == "pca":
        adds = bundle.table("adds")
        contributions = [
            adds.filter(pl.col("block") == name).select("x", "y").to_numpy().astype(np.float64)
            for name in space.names
        ]
        return grid.cells(sum_contributions(contributions, codes))
    projected = bundle.table("placed")
    keys = space.keys(codes)
    known, cells = projected["key"].to_numpy(), projected["cell"].to_numpy()
    at = np.minimum(np.searchsorted(known, keys), len(known) - 1)
    found = np.array(cells[at])
    new = known[at] != keys
    if new.any():
        sample = bundle.table("sample")
        xy = sample.select("x", "y").to_numpy().astype(np.float32)
        reference = Reference(space, space.codes(sample), xy)
        found[new] = grid.cells(project(reference, codes[new]))
    return found


def _features(connection: duckdb.DuckDBPyConnection, bundle: Bundle) -> Iterator[pl.DataFrame]:
    cell_m = int(bundle.rule.get("cell_m", CELL_M))
    return features_of(connection, Condition("true", {}), cell_m)


def _add(connection: duckdb.DuckDBPyConnection, attribute: Attribute, labels: pl.Series) -> None:
    """Add the column in place: a new table would leave the space of the old one in the file."""
    existing = [row[0] for row in connection.execute("DESCRIBE incidents").fetchall()]
    replaced = re.compile(rf"{ATTRIBUTE_PREFIX}{_method(attribute)}_[0-9]+")
    for name in filter(replaced.fullmatch, existing):
        connection.execute(f'ALTER TABLE incidents DROP COLUMN "{name}"')
    column = f'"{ATTRIBUTE_PREFIX}{attribute.name}"'
    type_ = "DOUBLE" if attribute.kind == "number" else "VARCHAR"
    connection.execute(f"ALTER TABLE incidents ADD COLUMN {column} {type_}")
    numbered = labels.rename("label").to_frame().with_row_index("number")
    connection.register("new_column", numbered.to_arrow())
    connection.execute(load("patterns/add_column", column=column))
    connection.unregister("new_column")


def _method(attribute: Attribute) -> str:
    return attribute.name.rpartition("_")[0]
