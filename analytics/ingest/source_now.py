"""The source that the served incidents would be read with now."""

from __future__ import annotations

from analytics.errors import InputError
from analytics.incidents.warehouse import Snapshot, Warehouse
from analytics.settings import Settings
from analytics.sources.own import own_sources
from analytics.sources.source import Source, bundled_sources


def source_now(snapshot: Snapshot, settings: Settings) -> Source:
    """The source of a snapshot's incidents as it is now, else as its last load read it.

    Raises
    ------
    InputError
        It is not known any more.
    """
    name = snapshot.manifest.source.name
    if name in (*own_sources(settings.home), *bundled_sources()):
        return Source.load(name, own=settings.home)
    for load in reversed(snapshot.manifest.batches):
        path = Warehouse(settings.home).raw / load.id / "source.toml"
        if path.is_file():
            return Source.load(path)
    raise InputError(f"The source {name} of this data is not kept; load a file again with it.")
