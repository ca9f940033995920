"""Remove texts of retracted incidents from the state database: plans, briefings, notes, jobs.

The audit log is not touched: its chain would break. It names no incident of a retraction.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import sqlalchemy as sa

from analytics.audit import LOCK
from analytics.retraction.marks import Marks
from analytics.state import State
from analytics.state_tables import audit, metadata, selections


def clean_state(state: State, marks: Marks) -> int:
    """Clean every text column; returns how many rows changed. Stored selections are removed."""
    with state.exclusive(LOCK) as connection:
        tables = [table for table in metadata.sorted_tables if table is not audit]
        with _unguarded(connection, tables):
            changed = sum(_clean(connection, table, marks) for table in tables)
    if state.engine.dialect.name == "sqlite":
        with state.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.exec_driver_sql("VACUUM")
            connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
    return changed


@contextmanager
def _unguarded(connection: sa.Connection, tables: Sequence[sa.Table]) -> Iterator[None]:
    """Lift the triggers that forbid changes of rows, until the context or the transaction ends."""
    if connection.dialect.name != "sqlite":
        for table in tables:
            connection.exec_driver_sql(f"ALTER TABLE {table.name} DISABLE TRIGGER USER")
        yield
        for table in tables:
            connection.exec_driver_sql(f"ALTER TABLE {table.name} ENABLE TRIGGER USER")
        return
    names = {table.name for table in tables}
    found = connection.exec_driver_sql(
        "SELECT name, tbl_name, sql FROM sqlite_master WHERE type = 'trigger'"
    ).all()
    guards = [(name, sql) for name, table, sql in found if table in names]
    for name, _ in guards:
        connection.exec_driver_sql(f'DROP TRIGGER "{name}"')
    yield
    for _, sql in guards:
        connection.exec_driver_sql(sql)


def _clean(connection: sa.Connection, table: sa.Table, marks: Marks) -> int:
    keys = list(table.primary_key.columns)
    texts = [
        column
        for column in table.columns
        if isinstance(column.type, sa.Text) and column not in keys
    ]
    changed = 0
    if not texts or not keys:
        return 0
    for row in connection.execute(sa.select(*keys, *texts)).mappings().all():
        new = {
            column.name: cleaned
            for column in texts
            if row[column.name] and (cleaned := marks.cleaned(row[column.name])) != row[column.name]
        }
        if not new:
            continue
        changed += 1
        where = sa.and_(*(key == row[key.name] for key in keys))
        if table is selections:
            connection.execute(sa.delete(table).where(where))
        else:
            connection.execute(sa.update(table).where(where).values(new))
    return changed
