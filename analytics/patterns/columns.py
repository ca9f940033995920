"""What champions of patterns say of every incident, as further attributes of a snapshot.

`umap_3` is the cell of the map that version 3 drew, `offense_profile_2` the class of version 2.
They are attributes like an agency's own: the selection, the cross-filter, exports and the table
know them without knowing what they are. Their names say the version, so that a saved selection
never means the cells of another map.
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
from analytics.crossfilter.codes import FOLDER, encode
from analytics.crossfilter.conditions import Condition
from analytics.incidents.manifest import Attribute, Manifest
from analytics.incidents.model import ATTRIBUTE_PREFIX
from analytics.incidents.warehouse import DATABASE
from analytics.patterns.features import CELL_M, Codes, FeatureSpace, facts_of
from analytics.patterns.grid import Grid
from analytics.patterns.latent_classes import classes_from
from analytics.patterns.names import LABELS, PREFIX, attribute_of
from analytics.patterns.pca import sum_of_tables
from analytics.patterns.projection import Reference, place
from sql import load

_OURS = re.compile(rf"({'|'.join(LABELS)})_[0-9]+")


def add_columns(folder: Path, manifest: Manifest, bundles: Sequence[Bundle]) -> Manifest:
    """Add cells and offense profiles to a staged snapshot; the manifest with them.

    Those of other versions of the same models go. The codes are written again.
    """
    ours = [bundle for bundle in bundles if bundle.name.startswith(PREFIX)]
    if not ours:
        return manifest
    attributes = [attribute_of(bundle.name, bundle.version) for bundle in ours]
    gone = {_method(one) for one in attributes}
    others = [
        one
        for one in manifest.attributes
        if not (_OURS.fullmatch(one.name) and _method(one) in gone)
    ]
    with duckdb.connect(str(folder / DATABASE)) as connection:
        connection.execute("SET enable_progress_bar = false")
        for bundle, attribute in zip(ours, attributes, strict=True):
            labels = label_incidents(bundle, _facts(connection, bundle))
            _add(connection, attribute, labels)
        with suppress(FileNotFoundError):
            shutil.rmtree(folder / FOLDER)
        encode(connection, folder)
        connection.execute("CHECKPOINT")
    return replace(manifest, attributes=(*others, *attributes))


def label_incidents(bundle: Bundle, batches: Iterator[pl.DataFrame]) -> pl.Series:
    """Cell (float) or name of the offense profile of each incident, in the order of the batches."""
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
    """Cell of each incident: as it was placed in training, placed now where it was not there."""
    grid = Grid(**bundle.rule["grid"])
    if bundle.rule["method"] == "pca":
        adds = bundle.table("adds")
        tables = [
            adds.filter(pl.col("block") == name).select("x", "y").to_numpy().astype(np.float64)
            for name in space.names
        ]
        return grid.cells(sum_of_tables(tables, codes))
    placed = bundle.table("placed")
    keys = space.keys(codes)
    known, cells = placed["key"].to_numpy(), placed["cell"].to_numpy()
    at = np.minimum(np.searchsorted(known, keys), len(known) - 1)
    found = np.array(cells[at])
    new = known[at] != keys
    if new.any():
        sample = bundle.table("sample")
        places = sample.select("x", "y").to_numpy().astype(np.float32)
        reference = Reference(space, space.codes(sample), places)
        found[new] = grid.cells(place(reference, codes[new]))
    return found


def _facts(connection: duckdb.DuckDBPyConnection, bundle: Bundle) -> Iterator[pl.DataFrame]:
    cell_m = int(bundle.rule.get("cell_m", CELL_M))
    return facts_of(connection, Condition("true", {}), cell_m)


def _add(connection: duckdb.DuckDBPyConnection, attribute: Attribute, labels: pl.Series) -> None:
    """In place: a table made anew would leave the space of the old one in the file."""
    there = [row[0] for row in connection.execute("DESCRIBE incidents").fetchall()]
    gone = re.compile(rf"{ATTRIBUTE_PREFIX}{_method(attribute)}_[0-9]+")
    for name in filter(gone.fullmatch, there):
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
