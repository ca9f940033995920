"""Bins of each view over the codes of one column, and the view's frame from sums by code."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from functools import cached_property
from typing import Any

import numpy as np
import polars as pl

from analytics.crossfilter import point_sample
from analytics.crossfilter.clauses import label_key
from analytics.crossfilter.code_files import Array, CodeFiles
from analytics.crossfilter.codes import CELL, CELL_M, DAY, FLAGS, HOUR_WEEKDAY, OFFENSE, POINT
from analytics.crossfilter.crossfilter import MEASURES
from analytics.crossfilter.lookups import Lookups, flag_of_codes
from analytics.crossfilter.views import View, bounds
from analytics.errors import InputError
from analytics.incidents.model import ATTRIBUTE_PREFIX, UNKNOWN
from analytics.incidents.reader import SnapshotReader
from analytics.lru_cache import LruCache
from sql import load

MOST_VIEWS = 64
_AXES = {
    **dict.fromkeys(("total", "type", "description", "group", "arrest"), OFFENSE),
    **dict.fromkeys(("hour", "weekday", "hour_weekday", "shift"), HOUR_WEEKDAY),
    **dict.fromkeys(("day", "month"), DAY),
    **dict.fromkeys(("domestic", "heaped", "default_address"), FLAGS),
}
_FLAG_WORDS = ("no", "yes", UNKNOWN)
_NESTED = (CELL_M, 2 * CELL_M, 4 * CELL_M)
"""Sizes whose cells follow exactly from those of `CELL_M`: multiples by powers of two."""


@dataclass(frozen=True)
class ViewBins:
    """Bins of a view: sorted labels, and for each code of `axis` the row of its label."""

    axis: str
    labels: pl.DataFrame
    of_codes: Array  # uint32 (codes,)


class CodeBins:
    """Bins of one snapshot's views, with recently used ones cached."""

    def __init__(self, reader: SnapshotReader, files: CodeFiles, lookups: Lookups) -> None:
        self._files = files
        self._lookups = lookups
        self._bins = LruCache(MOST_VIEWS)
        self._places = reader.frame(load("crossfilter/codes_points"))

    def axis(self, view: View) -> str:
        """Column of codes over which a view is counted.

        Raises
        ------
        InputError
            The snapshot has no such attribute, or no labels of this model.
        """
        if view.base in ("cells", "points", "places"):
            nested = view.base == "cells" and int(view.argument) in _NESTED
            return CELL if nested and CELL in self._files.columns else POINT
        if view.model:
            self._lookups.labels.version(view.model)
            return POINT
        if view.base == "map":
            return view.argument
        if view.base == "group":
            return OFFENSE
        if view.is_attribute:
            if view.name not in self._lookups.attributes:
                raise InputError(f"View not found: {view.name!r}; this data has no such attribute.")
            return ATTRIBUTE_PREFIX + view.name
        return _AXES.get(view.base, view.name)

    def bins(self, view: View) -> ViewBins:
        """Bins of a view that puts each code in one bin."""
        return self._bins.get_or_compute(view.name, lambda: self._numbered(view))

    def _numbered(self, view: View) -> ViewBins:
        axis = self.axis(view)
        return _numbered(axis, self._words(view, axis))

    def frame(self, view: View, sums: Array) -> pl.DataFrame:
        """The frame of a view from sums by code; int64, shape (3, codes)."""
        if view.name == "total":
            total = sums.sum(axis=1, keepdims=True)
            return _measured(pl.DataFrame(), total[:, total[0] > 0])
        if view.base == "points":
            return self._points(view, sums)
        if view.base == "places":
            found = self._within(view, sums)
            places = pl.DataFrame({"places": [len(found)]}, {"places": pl.Int64})
            totals = sums[:, found].sum(axis=1, keepdims=True)
            return _measured(places, totals) if len(found) else _measured(places[:0], totals[:, :0])
        if view.base == "group" and view.argument:
            return self._lines(view, sums)
        bins = self.bins(view)
        return frame_of_bins(bins, add_up(sums, bins))

    def _points(self, view: View, sums: Array) -> pl.DataFrame:
        found, most = self._within(view, sums), point_sample.POINT_CAP
        if len(found) > most:
            found = found[np.argpartition(self._draws[found], most)[:most]]
        found = found[np.argsort(self._degrees[2][found])]
        labels = self._places.select("lat", "lon", "point_id")
        return _measured(_rows(labels, found), sums[:, found])

    def _within(self, view: View, sums: Array) -> Array:
        """Points within the bounds of a view that have incidents."""
        west, south, east, north = bounds(view)
        lat, lon, _ = self._degrees
        inside = (lon >= west) & (lon <= east) & (lat >= south) & (lat <= north)
        return np.flatnonzero((sums[0, :-1] > 0) & inside)

    @cached_property
    def _draws(self) -> Array:
        return point_sample.draw_order(self._places["point_id"].to_numpy())

    @cached_property
    def _degrees(self) -> tuple[Array, Array, Array]:
        """Latitude, longitude and rank by both of every point."""
        lat, lon = (self._places[name].to_numpy() for name in ("lat", "lon"))
        order = np.empty(len(lat), np.int64)
        order[np.lexsort((lon, lat))] = np.arange(len(lat))
        return lat, lon, order

    def _lines(self, view: View, sums: Array) -> pl.DataFrame:
        of_offenses = sums.reshape(3, -1, 3).sum(axis=2)
        lines = self._lookups.lines_of(view.argument)
        labels = pl.DataFrame(
            {"group": [f"{view.argument}:{line}" for line in lines]}, schema={"group": pl.String}
        )
        members = [self._lookups.offenses_of(view.argument, line) for line in lines]
        totals = [of_offenses[:, ids].sum(axis=1) for ids in members]
        table = np.stack(totals, axis=1) if totals else np.zeros((3, 0), np.int64)
        kept = np.flatnonzero(table[0] > 0)
        return _measured(_rows(labels, kept), table[:, kept]).sort("group")

    def _words(self, view: View, axis: str) -> pl.DataFrame:
        """The bin of every code, one row each."""
        if axis in (CELL, POINT):
            return self._labels(view) if view.model else self._cells(view, axis)
        if axis == OFFENSE:
            return self._offense_words(view)
        if axis == HOUR_WEEKDAY:
            return self._hour_words(view)
        if axis == DAY:
            return self._day_words(view)
        if axis == FLAGS:
            return _flag_words(view.name, flag_of_codes(view.name, self._files))
        texts = self._files.values(axis)["text"].extend_constant(None, 1)
        return pl.DataFrame({view.bins[0]: texts.fill_null(UNKNOWN)})

    def _offense_words(self, view: View) -> pl.DataFrame:
        if view.name == "arrest":
            return _flag_words(view.name, flag_of_codes(view.name, self._files))
        words = self._lookups.offenses[view.name].fill_null(UNKNOWN)
        return words[np.repeat(np.arange(len(words)), 3)].to_frame()

    def _hour_words(self, view: View) -> pl.DataFrame:
        codes = pl.DataFrame({"code": np.arange(200)})
        weekday, hour = pl.col("code") // 25 + 1, pl.col("code") % 25
        columns = {
            "weekday": pl.when(weekday < 8).then(weekday),
            "hour": pl.when(hour < 24).then(hour),
            "shift": pl.lit(pl.Series(self._files.index.shifts, dtype=pl.String))
            .gather(hour)
            .fill_null(UNKNOWN),
        }
        return codes.select(columns[name].alias(name) for name in view.bins)

    def _day_words(self, view: View) -> pl.DataFrame:
        days = self._files.columns[DAY].codes - 1
        first = self._lookups.first_day
        known: list[Any] = [first + timedelta(days=day) for day in range(days)]
        words = pl.Series("day", [*known, None], dtype=pl.Date)
        if view.name == "month":
            words = words.dt.strftime("%Y-%m").fill_null(UNKNOWN).alias("month")
        return words.to_frame()

    def _labels(self, view: View) -> pl.DataFrame:
        known = self._lookups.labels
        head = label_key(view.model, known.version(view.model), "")
        keys = head + known.of(view.model)
        return pl.DataFrame({view.base: keys.extend_constant(UNKNOWN, 1)})

    def _cells(self, view: View, axis: str) -> pl.DataFrame:
        size = int(view.argument)
        if axis == CELL:
            keys = self._files.cells() // (size // CELL_M)
            column, row = keys[:, 0], keys[:, 1]
        else:
            column, row = (
                np.floor(self._places[name].to_numpy() / size).astype(np.int64)
                for name in ("x_m", "y_m")
            )
        keys_of_codes = pl.DataFrame({"column": [*column, None], "row": [*row, None]}, strict=False)
        known = pl.format("{}:{}_{}", pl.lit(view.argument), pl.col("column"), pl.col("row"))
        unknown = pl.col("column").is_null()
        return keys_of_codes.select(
            pl.when(unknown).then(pl.lit(UNKNOWN)).otherwise(known).alias("cell")
        )


def add_up(sums: Array, bins: ViewBins) -> Array:
    """Add up sums by code to sums by bin; int64, shape (3, bins)."""
    count = bins.labels.height
    # bincount adds floats, which are exact for whole numbers below 2**53.
    return np.stack([np.bincount(bins.of_codes, row, count) for row in sums]).astype(np.int64)


def frame_of_bins(bins: ViewBins, sums: Array) -> pl.DataFrame:
    """Labels with incidents, and their measures."""
    kept = np.flatnonzero(sums[0] > 0)
    if len(kept) == bins.labels.height:
        return _measured(bins.labels, sums)
    return _measured(_rows(bins.labels, kept), sums[:, kept])


def _measured(labels: pl.DataFrame, sums: Array) -> pl.DataFrame:
    measures = [pl.Series(name, row) for name, row in zip(MEASURES, sums, strict=True)]
    return labels.hstack(measures) if labels.width else pl.DataFrame(measures)


def _rows(labels: pl.DataFrame, kept: Array) -> pl.DataFrame:
    # Gathering the whole frame would wake Polars' threads, which takes longer than a few rows.
    rows = pl.Series(kept.astype(np.uint32))
    return pl.DataFrame([column[rows] for column in labels])


def _numbered(axis: str, words: pl.DataFrame) -> ViewBins:
    names = words.columns
    labels = words.unique().sort(names, nulls_last=True)
    numbered = labels.with_row_index("bin")
    joined = words.join(numbered, on=names, how="left", nulls_equal=True, maintain_order="left")
    return ViewBins(axis, labels, joined["bin"].to_numpy().astype(np.uint32))


def _flag_words(name: str, values: Array) -> pl.DataFrame:
    return pl.DataFrame({name: pl.Series(_FLAG_WORDS)[values]})
