"""SQL of the coordinates of places, and their conversion to degrees."""

from __future__ import annotations

from dataclasses import dataclass

import duckdb
import numpy as np
import pyproj

from analytics.ingest.expressions import Expressions
from analytics.ingest.tables import InputTable
from analytics.sources.mapping import DEGREES
from sql import load

BATCH = 1 << 16
NULL_ISLAND = (0.0, 0.0)
TOLERANCE = {False: 1e-6, True: 1.0}  # degrees; units of length
# Well-known text, also extended: longitude first.
WKT = r"(?i)POINT ?(?:ZM|Z|M)? ?\(\s*([-+.0-9eE]+)\s+([-+.0-9eE]+)"
# A pair of decimal numbers anywhere in a text, or of any numbers that are the whole text.
_DECIMAL, _WHOLE = r"[-+]?\d+[{mark}]\d+", r"[-+]?\d+(?:[{mark}]\d+)?"
_ANYWHERE = rf"(?:^|[^-+.\d])({_DECIMAL})\s*[{{between}}\s]\s*({_DECIMAL})(?:$|[^.\d°NSEWnsew])"
_ALONE = rf"^[(\[]?\s*({_WHOLE})\s*[{{between}}\s]\s*({_WHOLE})\s*[)\]]?$"
_BETWEEN = {".": ",;/|", ",": ";/|"}
_LITTLE, _BIG = "01", "00"


@dataclass(frozen=True)
class PlaceColumns:
    """Where a file's places are.

    `fields` are the source's fields that hold them: `lat` and `lon`, `x` and `y`, or `point`.
    """

    expressions: Expressions

    @property
    def fields(self) -> tuple[str, ...]:
        found = self.expressions.positions
        if "lat" in found:
            return ("lat", "lon")
        if "point" in found:
            return ("point",)
        return ("x", "y") if "x" in found else ("lat", "lon")

    @property
    def converted(self) -> bool:
        """Whether the coordinates are in another system than degrees of WGS84."""
        if self.fields == ("point",):
            of_point = "x" not in self.expressions.source.columns
            return of_point and self.expressions.source.coordinates.crs != DEGREES
        return self.fields == ("x", "y")

    @property
    def columns(self) -> list[str]:
        """SQL of both coordinates: x and y if converted, else raw_lat and raw_lon."""
        first, second = self._pair()
        if self.expressions.source.coordinates.swapped:
            first, second = second, first
        if self.converted:
            return [f"{first} AS x", f"{second} AS y"]
        return [f"{second} AS raw_lat", f"{first} AS raw_lon"]

    @property
    def placeholder(self) -> str:
        """SQL that is true for a pair that stands for unknown."""
        expressions, coordinates = self.expressions, self.expressions.source.coordinates
        first, second = ("x", "y") if self.converted else ("raw_lat", "raw_lon")
        in_units = self.converted and coordinates.in_units
        tolerance = expressions.bind(TOLERANCE[in_units])
        tests = [
            f"(abs({first} - {expressions.bind(a)}) <= {tolerance} "
            f"AND abs({second} - {expressions.bind(b)}) <= {tolerance})"
            for a, b in dict.fromkeys((*coordinates.placeholders, NULL_ISLAND))
        ]
        return " OR ".join(tests)

    def unreadable(self, field: str) -> str:
        """SQL that is true where the field has a text without a coordinate."""
        known = f"{self.expressions.cleaned(field)} IS NOT NULL"
        if field == "point":
            value = "x" if self.converted else "raw_lon"
        else:
            names = {"lat": "raw_lat", "lon": "raw_lon", "x": "x", "y": "y"}
            other = dict(zip(self.fields, reversed(self.fields), strict=True))
            swapped = self.expressions.source.coordinates.swapped
            value = names[other[field] if swapped else field]
        return f"{value} IS NULL AND {known}"

    def _pair(self) -> tuple[str, str]:
        """Longitude and latitude, or x and y, as the columns are named."""
        if self.fields == ("point",):
            return self._of_point()
        first, second = ("x", "y") if self.fields == ("x", "y") else ("lon", "lat")
        ranges = self.expressions.source.coordinates.ranges
        number = self.expressions.middle if ranges else self.expressions.number
        return number(first), number(second)

    def _of_point(self) -> tuple[str, str]:
        text, kind = self.expressions.cleaned("point"), self.expressions.source.coordinates.point
        if kind == "wkb":
            return _of_wkb(text, 0), _of_wkb(text, 1)
        if kind == "wkt":
            return self._found(text, (WKT,), 1), self._found(text, (WKT,), 2)
        mark = self.expressions.source.decimal
        patterns = tuple(
            pattern.replace("{mark}", mark).replace("{between}", _BETWEEN[mark])
            for pattern in (_ANYWHERE, _ALONE)
        )
        first, second = (self._found(text, patterns, group) for group in (1, 2))
        return (second, first) if kind == "lat, lon" else (first, second)

    def _found(self, text: str, patterns: tuple[str, ...], group: int) -> str:
        found = (
            f"nullif(regexp_extract({text}, {self.expressions.bind(pattern)}, {group}), '')"
            for pattern in patterns
        )
        return f"TRY_CAST(replace(coalesce({', '.join(found)}), ',', '.') AS DOUBLE)"


def _of_wkb(text: str, number: int) -> str:
    """SQL of a coordinate of a point in well-known binary, as hexadecimal digits.

    DuckDB casts no bytes to DOUBLE: they are taken apart by IEEE 754.
    """
    little = f"prefix({text}, '{_LITTLE}')"
    kind = f"CASE WHEN {little} THEN substr({text}, 9, 2) ELSE substr({text}, 3, 2) END"
    has_srid = f"{kind} IN ('20', '60', 'A0', 'a0', 'E0', 'e0')"
    start = f"CASE WHEN {has_srid} THEN {19 + 16 * number} ELSE {11 + 16 * number} END"
    digits = f"substr({text}, {start}, 16)"
    swapped = " || ".join(f"substr({digits}, {at}, 2)" for at in range(15, 0, -2))
    bits = f"TRY_CAST('0x' || CASE WHEN {little} THEN {swapped} ELSE {digits} END AS UBIGINT)"
    exponent = f"CAST(({bits} >> 52) & 2047 AS INTEGER)"
    fraction = f"CAST({bits} & 4503599627370495 AS DOUBLE) / 4503599627370496"
    sign = f"CASE WHEN {bits} >> 63 = 1 THEN -1 ELSE 1 END"
    normal = f"{sign} * (1 + {fraction}) * pow(2, {exponent} - 1023)"
    is_point = f"regexp_matches({text}, '^(?i)(01|00.{{6}})(01|e9|d1|b9)')"
    value = f"CASE {exponent} WHEN 0 THEN 0 WHEN 2047 THEN NULL ELSE {normal} END"
    return f"CASE WHEN {is_point} THEN {value} END"


def convert_places(
    connection: duckdb.DuckDBPyConnection, table: InputTable, expressions: Expressions
) -> None:
    """Fill table `projected` with degrees of every distinct pair x, y, in batches."""
    own = Expressions(expressions.source, expressions.positions)
    statement = load(
        "incidents/distinct_places",
        names=table.names_sql,
        places=", ".join(PlaceColumns(own).columns),
    )
    connection.execute(load("incidents/create_projected"))
    transformer = pyproj.Transformer.from_crs(
        expressions.source.coordinates.crs, DEGREES, always_xy=True
    )
    reader = connection.cursor()
    reader.execute(statement, {"path": str(table.path), **own.values})
    while pairs := reader.fetchmany(BATCH):
        x, y = np.array(pairs, dtype=np.float64).T
        lon, lat = transformer.transform(x, y)
        batch = {"x": x, "y": y, "raw_lat": lat, "raw_lon": lon}
        connection.register("projected_batch", batch)
        connection.execute(load("incidents/add_projected"))
        connection.unregister("projected_batch")
