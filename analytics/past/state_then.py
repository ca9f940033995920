"""A copy of the state database with what people had recorded before a moment.

Accounts, sessions, jobs, schedules and deliveries are not in it. A withdrawn note or intervention
stays withdrawn, and a text that a retraction cleaned stays clean: the copy is of today's rows.
"""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import closing

import sqlalchemy as sa

from analytics import state_tables as tables
from analytics.settings import Settings
from analytics.state import State

RECORDED_AT: Mapping[sa.Table, sa.Column[str]] = {
    one: one.c[name]
    for one, name in (
        (tables.saved_views, "created"),
        (tables.custom_areas, "created"),
        (tables.watch_lists, "created"),
        (tables.alerts, "updated"),
        (tables.alert_events, "at"),
        (tables.series, "updated"),
        (tables.series_events, "at"),
        (tables.series_runs, "at"),
        (tables.solved_cases, "at"),
        (tables.map_notes, "at"),
        (tables.alert_checks, "at"),
        (tables.interventions, "at"),
        (tables.notes, "at"),
        (tables.zone_edits, "at"),
        (tables.plans, "created"),
        (tables.plan_versions, "at"),
        (tables.briefing_versions, "at"),
        (tables.briefings, "at"),
        (tables.visits, "recorded"),
        (tables.refused_visits, "recorded"),
    )
}
"""Tables that are copied, with the time of a row; of alerts and series of their last change."""
EVENTS_OF = {tables.alert_events: tables.alerts, tables.series_events: tables.series}
"""Tables of events, of which only those of copied rows are."""
BY_OTHERS = (
    tables.audit,
    tables.champions,
    tables.briefing_documents,
)
"""Tables of which rows are copied by another rule than a time of people's entries."""
NOT_COPIED = (
    tables.selections,
    tables.jobs,
    tables.schedules,
    tables.deliveries,
    tables.briefing_deliveries,
    tables.people,
    tables.role_scopes,
    tables.sign_in_failures,
    tables.sessions,
    tables.tokens,
    tables.feeds,
    tables.dropped_files,
)
SECOND = len("2026-12-01T05:57:24")
ABOUT_MODELS = "model.%"
"""Entries of the audit log that pages show: decisions on versions."""


def copy_state(settings: Settings, then: Settings, until: str) -> tuple[int, int]:
    """Copy rows from before `until` to the empty state of another home.

    People's rows have times in whole seconds, so those of its second are left out: they may be
    later. Decisions on models, which may have ended that second, are exact.

    Returns how many alerts are left out, whose evidence a later check brought up to date, and how
    many series, which a later run or person changed.
    """
    with (
        closing(State(settings)) as source,
        closing(State(then)) as target,
        source.engine.connect() as rows,
        target.engine.begin() as copy,
    ):
        _remove_guards(copy)
        for table in tables.metadata.sorted_tables:
            if (chosen := _chosen(table, until)) is not None:
                _insert(copy, table, [dict(row) for row in rows.execute(chosen).mappings()])
        _restore_ended(copy, until)
        _restore_alerts(copy)
        alerts, series = (
            rows.execute(
                sa.select(sa.func.count()).where(one.c.created < until, one.c.updated >= until)
            ).scalar_one()
            for one in (tables.alerts, tables.series)
        )
        return alerts, series


def _chosen(table: sa.Table, until: str) -> sa.Select[tuple[object, ...]] | None:
    """Rows of a table to copy; None for a table that is not copied."""
    if table is tables.audit:
        of_models = table.c.event.like(ABOUT_MODELS)
        return sa.select(table).where(of_models, table.c.happened < until)
    if table is tables.champions:
        return sa.select(table).where(table.c.since < until)
    until = until[:SECOND]
    if table is tables.briefing_documents:
        versions = tables.briefing_versions
        had = sa.select(versions.c.briefing).where(versions.c.at < until)
        return sa.select(table).where(table.c.id.in_(had))
    if (parent := EVENTS_OF.get(table)) is not None:
        (of,) = (one.parent for one in table.foreign_keys)
        kept = sa.select(parent.c.id).where(parent.c.updated < until)
        return sa.select(table).where(table.c.at < until, of.in_(kept))
    recorded = RECORDED_AT.get(table)
    return None if recorded is None else sa.select(table).where(recorded < until)


def _remove_guards(copy: sa.Connection) -> None:
    """Drop the triggers, which refuse a part of the audit log; the copy is only read."""
    found = copy.exec_driver_sql("SELECT name FROM sqlite_master WHERE type = 'trigger'")
    for name in found.scalars().all():
        copy.exec_driver_sql(f'DROP TRIGGER "{name}"')


def _insert(copy: sa.Connection, table: sa.Table, rows: list[dict[str, object]]) -> None:
    if rows:
        copy.execute(sa.insert(table), rows)


def _restore_ended(copy: sa.Connection, until: str) -> None:
    """Watch lists and custom areas that were ended later go on."""
    lists, areas = tables.watch_lists, tables.custom_areas
    copy.execute(sa.update(lists).where(lists.c.ended >= until).values(ended=None))
    copy.execute(sa.update(areas).where(areas.c.ended >= until).values(ended=""))


def _restore_alerts(copy: sa.Connection) -> None:
    """The state of an alert is that of its last event."""
    alerts, events = tables.alerts, tables.alert_events
    last = (
        sa.select(events.c.state)
        .where(events.c.alert == alerts.c.id)
        .order_by(events.c.id.desc())
        .limit(1)
        .scalar_subquery()
    )
    copy.execute(sa.update(alerts).values(state=sa.func.coalesce(last, alerts.c.state)))
