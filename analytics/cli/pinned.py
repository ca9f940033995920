"""The served snapshot that a command reads, and the selection it is given."""

from __future__ import annotations

from typing import TYPE_CHECKING

from analytics.cli.output import warn
from analytics.errors import PatrolIQError
from analytics.settings import Settings

if TYPE_CHECKING:  # they load DuckDB and Polars
    from analytics.crossfilter.selection import Selection
    from analytics.services import Pinned


def pin_snapshot(settings: Settings, snapshot: str | None = None) -> Pinned:
    """The snapshot being served, or the one of an id.

    Raises
    ------
    PatrolIQError
        There is none yet, or none of this id; the message says how to load data.
    """
    from analytics.services import Services

    services = Services(settings)
    if snapshot is not None:
        return services.open_snapshot(services.warehouse.get(snapshot))
    pinned = services.pin()
    if pinned is None:
        raise PatrolIQError(
            f"No data in {settings.home}; first run `patroliq demo` or `patroliq ingest`."
        )
    return pinned


def read_selection(text: str, pinned: Pinned, *, strictly: bool = False) -> Selection:
    """The selection of a text or address, with the values of the data; says what it read otherwise.

    Raises
    ------
    InputError
        The text cannot be read, or `strictly` and a value is not in the data.
    """
    from analytics.crossfilter.selection import Selection
    from analytics.page_address import pasted_filters

    parsed = Selection.parse(pasted_filters(text), pinned.attributes)
    vocabulary = pinned.vocabulary
    resolve = vocabulary.resolve_strictly if strictly else vocabulary.resolve
    resolved, messages = resolve(parsed)
    for message in messages:
        warn(message)
    return resolved
