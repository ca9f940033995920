"""Peers of the cross-filter; all sum incidents, arrests and harm."""

from __future__ import annotations

import os
from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any, ClassVar

import duckdb
import numpy as np
import pandas as pd
import polars as pl

from analytics.crossfilter.clauses import Choice, Clause, Period, Polygon
from analytics.crossfilter.crossfilter import CrossFilter
from analytics.crossfilter.scope import EVERYTHING
from analytics.crossfilter.selection import Selection
from analytics.crossfilter.views import View
from analytics.incidents.warehouse import Snapshot
from bench.coded import FLAGS, CodedIncidents
from bench.states import CELL_M

CELLS = f"cells:{CELL_M}"
KEYS = {name: name for name in ("type", "hour_weekday", "district", "month", "arrest")} | {
    CELLS: "cell"
}
Answer = dict[Any, tuple[int, int, int]]
THREADS = 2


class Engine(ABC):
    """Counts the views of a selection; labels are added outside the measured time."""

    name: str

    @abstractmethod
    def counts(self, selection: Selection, views: Sequence[View]) -> Mapping[str, Any]:
        """Counts by view, in the engine's own format."""

    @abstractmethod
    def labeled(self, view: View, found: Any) -> Answer:
        """Bin (a tuple of keys) → incidents, arrests, harm."""


class PatrolIQ(Engine):
    """The product's cross-filter; labels and order are part of its measured time."""

    def __init__(self, crossfilter: CrossFilter, name: str = "patroliq") -> None:
        self.name = name
        self._crossfilter = crossfilter

    def counts(self, selection: Selection, views: Sequence[View]) -> Mapping[str, Any]:
        return self._crossfilter.counts(EVERYTHING, selection, views)

    def labeled(self, view: View, found: Any) -> Answer:
        width = len(view.bins)
        return {row[:width]: row[width:] for row in found.iter_rows()}


class SqlPerView(Engine):
    """One statement per view on the snapshot's own table, DuckDB with two threads."""

    name = "sql"
    _expressions: ClassVar[dict[str, str]] = {
        **KEYS,
        "hour_weekday": "weekday, hour",
        CELLS: f"floor(x_m / {CELL_M})::INTEGER, floor(y_m / {CELL_M})::INTEGER",
    }
    _day = "operational_day"
    _point = "point_id"
    _arrested = "arrest"
    _harm = "harm_days"

    def __init__(self, snapshot: Snapshot, coded: CodedIncidents) -> None:
        self._coded = coded
        self._connection = duckdb.connect(config={"threads": THREADS, "memory_limit": "8GB"})
        self._connection.execute("SET enable_progress_bar = false")
        self._open(snapshot)

    def _open(self, snapshot: Snapshot) -> None:
        path = str(snapshot.database).replace("'", "''")
        self._connection.execute(f"ATTACH '{path}' AS snapshot (READ_ONLY)")
        self._connection.execute("USE snapshot")

    def counts(self, selection: Selection, views: Sequence[View]) -> Mapping[str, Any]:
        self._place(selection.get("polygon"))
        return {view.name: self._one(selection.without(view.owns), view) for view in views}

    def _one(self, selection: Selection, view: View) -> Any:
        parts, values = [], []
        for name, clause in selection.items:
            part, bound = self._condition(name, clause)
            parts.append(part)
            values += bound
        keys = self._expressions[view.name]
        numbers = ", ".join(str(at + 1) for at in range(len(keys.split(", "))))
        statement = (
            f"SELECT {keys}, count(*), count(*) FILTER (WHERE {self._arrested}), "
            f"coalesce(sum({self._harm}), 0)::BIGINT "
            f"FROM incidents WHERE {' AND '.join(parts) or 'true'} GROUP BY {numbers}"
        )
        return self._connection.execute(statement, values).fetchall()

    def _condition(self, name: str, clause: Clause) -> tuple[str, list[Any]]:
        if isinstance(clause, Period):
            return f"{self._day} BETWEEN ? AND ?", [
                self._date(clause.first),
                self._date(clause.last),
            ]
        if isinstance(clause, Polygon):
            return f"{self._point} IN (SELECT point FROM inside)", []
        values = self._values(name, clause)
        return f"{name} IN ({', '.join('?' * len(values))})", values

    def _date(self, day: date | None) -> Any:
        return day

    def _values(self, name: str, clause: Any) -> list[Any]:
        if name in ("arrest", "domestic"):
            return [key == "yes" for key in clause.keys]
        return list(clause.keys)

    def _place(self, polygon: Clause | None) -> None:
        if isinstance(polygon, Polygon):
            points = np.flatnonzero(self._coded.inside(polygon)).astype(np.int32)
            self._connection.register("inside", pl.DataFrame({"point": points}).to_arrow())

    def labeled(self, view: View, found: Any) -> Answer:
        return {self._bin(view, row[:-3]): row[-3:] for row in found}

    def _bin(self, view: View, key: tuple[Any, ...]) -> tuple[Any, ...]:
        if view.name == "hour_weekday":
            return key
        if view.name == CELLS:
            return ("unknown",) if key[0] is None else (f"{CELL_M}:{key[0]}_{key[1]}",)
        if view.name == "arrest":
            return ("unknown" if key[0] is None else FLAGS[key[0]],)
        return ("unknown" if key[0] is None else key[0],)


class SqlOnCodes(SqlPerView):
    """The same statements on a DuckDB table of small integers in memory.

    Text keys cost DuckDB more than codes, so this is the SQL used to scale results of other
    machines.
    """

    name = "sql on codes"
    _expressions: ClassVar[dict[str, str]] = KEYS
    _day, _point, _arrested, _harm = "day", "point", "arrested", "harm"

    def _open(self, snapshot: Snapshot) -> None:  # noqa: ARG002 - the codes are read already
        self._connection.register("codes", self._coded.frame.to_arrow())
        self._connection.execute("CREATE TABLE incidents AS SELECT * FROM codes")
        self._connection.unregister("codes")

    def _date(self, day: date | None) -> Any:
        return days(day)

    def _values(self, name: str, clause: Any) -> list[Any]:
        return codes_of(self._coded, name, clause)

    def labeled(self, view: View, found: Any) -> Answer:
        words = self._coded.words[view.name]
        return {words[row[0]]: row[1:] for row in found}


class PolarsCollectAll(Engine):
    """One lazy query per view, collected together, over codes in memory sorted by day."""

    name = "polars"

    def __init__(self, coded: CodedIncidents) -> None:
        self._coded = coded
        self._day = coded.frame["day"]

    def counts(self, selection: Selection, views: Sequence[View]) -> Mapping[str, Any]:
        queries = [self._query(selection.without(view.owns), view) for view in views]
        frames = pl.collect_all(queries)
        return {view.name: frame for view, frame in zip(views, frames, strict=True)}

    def _query(self, selection: Selection, view: View) -> pl.LazyFrame:
        rows, conditions = self._coded.frame, []
        for name, clause in selection.items:
            if isinstance(clause, Period):
                rows = rows.slice(*self._rows(clause))
            else:
                conditions.append(self._condition(name, clause))
        query = rows.lazy()
        if conditions:
            query = query.filter(*conditions)
        return query.group_by(KEYS[view.name]).agg(
            pl.len(), pl.col("arrested").sum(), pl.col("harm").sum()
        )

    def _rows(self, period: Period) -> tuple[int, int]:
        """Offset and length of a period: the frame is sorted by day."""
        start = int(self._day.search_sorted(days(period.first), side="left"))
        return start, int(self._day.search_sorted(days(period.last), side="right")) - start

    def _condition(self, name: str, clause: Clause) -> pl.Expr:
        if isinstance(clause, Polygon):
            inside = pl.Series(np.flatnonzero(self._coded.inside(clause)).astype(np.int32))
            return pl.col("point").is_in(inside.implode())
        wanted = codes_of(self._coded, name, clause)
        if len(wanted) == 1:
            return pl.col(name) == wanted[0]
        return pl.col(name).is_in(wanted)

    def labeled(self, view: View, found: Any) -> Answer:
        words = self._coded.words[view.name]
        return {words[row[0]]: row[1:] for row in found.iter_rows()}


class PandasMasks(Engine):
    """Boolean masks for clauses and a group-by for each view, over codes in memory."""

    name = "pandas"

    def __init__(self, coded: CodedIncidents) -> None:
        self._coded = coded
        self._frame = pd.DataFrame(
            {name: coded.frame[name].to_numpy() for name in coded.frame.columns}
        )

    def counts(self, selection: Selection, views: Sequence[View]) -> Mapping[str, Any]:
        masks = {name: self._mask(name, clause) for name, clause in selection.items}
        return {view.name: self._one(masks, view) for view in views}

    def _one(self, masks: Mapping[str, Any], view: View) -> Any:
        applied = [mask for name, mask in masks.items() if name not in view.owns]
        key = KEYS[view.name]
        rows = self._frame[[key, "arrested", "harm"]]
        if applied:
            rows = rows[np.logical_and.reduce(applied)]
        groups = rows.groupby(key, sort=False)
        return groups.agg(
            incidents=("arrested", "size"), arrests=("arrested", "sum"), harm=("harm", "sum")
        )

    def _mask(self, name: str, clause: Clause) -> Any:
        if isinstance(clause, Period):
            day = self._frame["day"].to_numpy()
            return (day >= days(clause.first)) & (day <= days(clause.last))
        if isinstance(clause, Polygon):
            return self._coded.inside(clause)[self._frame["point"].to_numpy()]
        return self._frame[name].isin(codes_of(self._coded, name, clause)).to_numpy()

    def labeled(self, view: View, found: Any) -> Answer:
        words = self._coded.words[view.name]
        return {
            words[code]: (int(row[0]), int(row[1]), int(row[2]))
            for code, row in zip(found.index, found.to_numpy(), strict=True)
        }


def days(day: date | None) -> int:
    """Days since 1970-01-01."""
    if day is None:
        raise ValueError("periods of the benchmarks must have both ends")
    return (day - date(1970, 1, 1)).days


def codes_of(coded: CodedIncidents, name: str, clause: Any) -> list[int]:
    """The codes of a clause that lists values."""
    if not isinstance(clause, Choice):
        raise TypeError(f"{clause!r} is not a list of values")
    if name in ("arrest", "domestic"):
        return [FLAGS.index(key) for key in clause.keys]
    if name in coded.codes:
        return [coded.codes[name][key] for key in clause.keys]
    return [int(key) for key in clause.keys]


def cpu_count() -> int:
    """Cores this process may use."""
    return len(os.sched_getaffinity(0))
