"""Store texts of few different values as codes (DuckDB's ENUM), so that filters compare numbers."""

from __future__ import annotations

from collections.abc import Collection

import duckdb

from sql import load

MOST_VALUES = 4_096


def code_texts(
    connection: duckdb.DuckDBPyConnection, table: str, but: Collection[str] = ()
) -> None:
    """Change the type of each text of a table that has few different values, in order.

    Parameters
    ----------
    but : columns that stay texts
    """
    columns = connection.execute(load("derive/text_columns"), {"table": table}).fetchall()
    for name in (name for (name,) in columns if name not in but):
        names = {"table": table, "column": f'"{name}"', "type": f'"{table} {name}"'}
        counted = connection.execute(
            load("derive/count_values", table=table, column=names["column"])
        )
        if 0 < counted.fetchall()[0][0] <= MOST_VALUES:
            connection.execute(load("derive/values_type", **names))
            connection.execute(load("derive/coded_column", **names))
