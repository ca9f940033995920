"""The source that the served incidents or calls would be read with now."""

from __future__ import annotations

from analytics.errors import InputError
from analytics.incidents.packed_loads import RawRows
from analytics.incidents.warehouse import Snapshot, Warehouse
from analytics.settings import Settings
from analytics.sources.own import own_sources
from analytics.sources.record_kinds import INCIDENTS, RECORD_KINDS
from analytics.sources.source import Source, bundled_sources


def source_now(snapshot: Snapshot, settings: Settings) -> Source:
    """The source of a snapshot's records as it is now, else as its last load read it.

    Raises
    ------
    InputError
        It is not known any more.
    """
    name = snapshot.manifest.source.name
    kind = RECORD_KINDS[snapshot.manifest.source.kind]
    own = own_sources(settings.home) if kind is INCIDENTS else {}
    if name in (*own, *bundled_sources(kind)):
        return Source.load(name, kind, settings.home)
    rows = RawRows(Warehouse(settings.home / kind.home).raw)
    for load in reversed(snapshot.manifest.batches):
        folder = rows.folder(load.id)
        if folder is not None and (path := folder / "source.toml").is_file():
            return Source.load(path, kind)
    raise InputError(f"The source {name} of this data is not kept; load a file again with it.")
