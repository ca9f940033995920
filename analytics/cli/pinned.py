"""The served snapshot that a command reads, and the selection it is given."""

from __future__ import annotations

from typing import TYPE_CHECKING

from analytics.cli.output import warn
from analytics.errors import PatrolIQError
from analytics.settings import Settings

if TYPE_CHECKING:  # they load DuckDB and Polars
    from analytics.crossfilter.selection import Selection
    from analytics.services import Pinned


def pin_snapshot(settings: Settings) -> Pinned:
    """The snapshot being served.

    Raises
    ------
    PatrolIQError
        There is none yet; the message says how to load data.
    """
    from analytics.services import Services

    pinned = Services(settings).pin()
    if pinned is None:
        raise PatrolIQError(
            f"No data in {settings.home}; first run `patroliq demo` or `patroliq ingest`."
        )
    return pinned


def read_selection(text: str, pinned: Pinned) -> Selection:
    """The selection of a text with the values of the data; what was read otherwise is said."""
    from analytics.crossfilter.selection import Selection

    resolved, messages = pinned.vocabulary.resolve(Selection.parse(text, pinned.attributes))
    for message in messages:
        warn(message)
    return resolved
