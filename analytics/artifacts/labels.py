"""Labels of places by a model: computed for new places, stored in a snapshot.

Table `labels(model VARCHAR, version INTEGER, point_id INTEGER, label VARCHAR)` of a snapshot has a
row for each place in a zone of a champion; it does not exist if there is no champion.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import duckdb
import numpy as np
import numpy.typing as npt
import polars as pl
import shapely

from analytics.errors import IntegrityError
from sql import load

if TYPE_CHECKING:
    from scipy.spatial import cKDTree

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

OUTSIDE = -1
PARTITIONS = ("nearest_center", "cell")
"""Kinds of rules that put every place of the city in a zone."""


def score(rule: Mapping[str, Any], labels: pl.DataFrame, xy: Floats) -> Ints:
    """Label of each place, `OUTSIDE` (-1) if it is in no zone.

    Parameters
    ----------
    rule : mapping
        `kind` is `nearest_center` (with `centers`, local meters), `nearest_core` (core places of
        `labels` within `eps_m`), `cell` (`size_m`; cells that places of `labels` lie in), `patch`
        (the same, where cells are only some of the city) or `nearest_street` (`stretches` of
        x, y, x, y and label within `reach_m`; label -1 for streets that are in no zone).
    labels : pl.DataFrame
        x_m, y_m, label, and core for `nearest_core`.
    xy : array of shape (places, 2)
        Local meters.

    Raises
    ------
    IntegrityError
        The rule was written by another version of the program.
    """
    kind = rule.get("kind")
    if not len(xy):
        return np.zeros(0, dtype=np.int64)
    if kind == "nearest_center":
        return np.asarray(_tree(np.asarray(rule["centers"])).query(xy)[1], dtype=np.int64)
    if kind == "nearest_core":
        return _nearest_core(labels.filter("core"), xy, float(rule["eps_m"]))
    if kind == "nearest_street":
        return _nearest_street(rule["stretches"], xy, float(rule["reach_m"]))
    if kind in {"cell", "patch"}:
        return _same_cell(labels, xy, int(rule["size_m"]))
    raise IntegrityError(f"{kind!r} is not a valid label rule. Train the model again.")


def label_places(
    rule: Mapping[str, Any], labels: pl.DataFrame, places: pl.DataFrame
) -> pl.DataFrame:
    """`point_id`, `label` of places in a zone: stored labels of known places, scores for new ones.

    Parameters
    ----------
    labels, places : pl.DataFrame
        With lat and lon, which identify a place, and x_m, y_m.
    """
    known = labels.select("lat", "lon", pl.col("label").cast(pl.Int64).alias("kept"))
    joined = places.join(known, on=["lat", "lon"], how="left", maintain_order="left")
    scored = score(rule, labels, joined.select("x_m", "y_m").to_numpy())
    return (
        joined.with_columns(pl.coalesce("kept", pl.Series("scored", scored)).alias("label"))
        .filter(pl.col("label") >= 0)
        .select("point_id", pl.col("label").cast(pl.String))
    )


def places_of(connection: duckdb.DuckDBPyConnection) -> pl.DataFrame:
    """point_id, lat, lon, x_m, y_m of a snapshot's places."""
    return connection.sql(load("models/places")).pl()


def store_labels(
    connection: duckdb.DuckDBPyConnection, model: str, version: int, labels: pl.DataFrame
) -> None:
    """Store a model's labels (`point_id`, `label`) in a staged snapshot, replacing its old ones."""
    connection.execute(load("models/create_labels"))
    connection.execute(load("models/drop_labels"), {"model": model})
    add_labels(connection, model, version, labels)


def add_labels(
    connection: duckdb.DuckDBPyConnection, model: str, version: int, labels: pl.DataFrame
) -> None:
    """Add a model's labels (`point_id`, `label`) of places that have none yet."""
    connection.register("new_labels", labels.to_arrow())
    connection.execute(load("models/add_labels"), {"model": model, "version": version})
    connection.unregister("new_labels")


def _nearest_core(core: pl.DataFrame, xy: Floats, eps_m: float) -> Ints:
    found = np.full(len(xy), OUTSIDE, dtype=np.int64)
    if core.is_empty():
        return found
    tree = _tree(core.select("x_m", "y_m").to_numpy())
    distance, nearest = tree.query(xy, distance_upper_bound=np.nextafter(eps_m, np.inf))
    within = distance <= eps_m
    found[within] = core["label"].to_numpy()[nearest[within]]
    return found


def _nearest_street(stretches: Sequence[Sequence[float]], xy: Floats, reach_m: float) -> Ints:
    found = np.full(len(xy), OUTSIDE, dtype=np.int64)
    if not stretches:
        return found
    known = np.asarray(stretches, dtype=np.float64)
    tree = shapely.STRtree(shapely.linestrings(known[:, :4].reshape(-1, 2, 2)))
    place, nearest = tree.query_nearest(shapely.points(xy), max_distance=reach_m, all_matches=False)
    found[place] = known[nearest, 4].astype(np.int64)
    return found


def _tree(places: Floats) -> cKDTree:
    from scipy.spatial import cKDTree  # noqa: PLC0415 - slow to import, and not every rule has one

    return cKDTree(places)


def _same_cell(labels: pl.DataFrame, xy: Floats, size_m: int) -> Ints:
    cells = labels.filter(pl.col("label") >= 0).select(
        (pl.col("x_m") / size_m).floor().cast(pl.Int64).alias("col"),
        (pl.col("y_m") / size_m).floor().cast(pl.Int64).alias("row"),
        pl.col("label").cast(pl.Int64),
    )
    cells = cells.unique(["col", "row"], keep="first", maintain_order=True)
    numbers = np.floor(xy / size_m).astype(np.int64)
    places = pl.DataFrame({"col": numbers[:, 0], "row": numbers[:, 1]})
    found = places.join(cells, on=["col", "row"], how="left", maintain_order="left")
    return found["label"].fill_null(OUTSIDE).to_numpy()
