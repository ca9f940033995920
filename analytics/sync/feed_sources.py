"""The source of the records that feeds bring: the served one, or one that the settings name."""

from __future__ import annotations

from analytics.errors import InputError
from analytics.incidents.warehouse import Snapshot, Warehouse
from analytics.ingest.source_now import source_now
from analytics.settings import Settings
from analytics.sources.record_kinds import INCIDENTS, RECORD_KINDS, RecordKind
from analytics.sources.source import Source, bundled_sources, source_path


def source_of_feeds(kind: RecordKind, settings: Settings, *also: str) -> Source | None:
    """The source whose records of a kind may arrive; None if none is served or named.

    Parameters
    ----------
    also : str
        Further sources, as in PATROLIQ_SYNC_SOURCES.

    Raises
    ------
    InputError
        Another source is served than is named, or two are named.
    """
    named = [
        Source.load(name, kind, settings.home)
        for name in dict.fromkeys((*also, *settings.sync_sources))
        if _kind_of(name) is kind
    ]
    if len({one.name for one in named}) > 1:
        raise InputError(
            f"Several sources of {kind.name} are named: {', '.join(one.name for one in named)}. "
            "A warehouse holds one; name it in PATROLIQ_SYNC_SOURCES."
        )
    served = served_snapshot(kind, settings)
    if served is None or (served.manifest.source.synthetic and named):
        return named[0] if named else None
    if not named:
        return source_now(served, settings)
    if served.manifest.source.name != named[0].name:
        raise InputError(
            f"The served {kind.name} are of source {served.manifest.source.name!r}, not of "
            f"{named[0].name!r}, which PATROLIQ_SYNC_SOURCES or --source names."
        )
    return named[0]


def served_snapshot(kind: RecordKind, settings: Settings) -> Snapshot | None:
    """The snapshot of a kind that the next ingest merges with."""
    return Warehouse(settings.home / kind.home).mergeable()


def _kind_of(name: str) -> RecordKind:
    if name.endswith(".toml"):
        path = source_path(name)
        return Source.parse(path.read_text(encoding="utf-8-sig"), path).kind
    for kind in RECORD_KINDS.values():
        if kind is not INCIDENTS and name in bundled_sources(kind):
            return kind
    return INCIDENTS
