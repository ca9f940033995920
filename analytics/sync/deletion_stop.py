"""The safety stop: many records that are deleted at once are rather a fault of the source.

So nothing is removed until a person confirms it.
"""

from __future__ import annotations

from collections.abc import Collection

from analytics.errors import PatrolIQError
from analytics.incidents.warehouse import Snapshot
from analytics.ingest.ids_as_stored import count_of, ids_as_stored
from analytics.sources.source import Source

MOST_SHARE = 0.02
MOST_RECORDS = 100
"""Records that are removed without a confirmation: this many, or the share if that is more."""


class TooManyDeletedError(PatrolIQError):
    """A feed would delete more records than the safety stop lets pass; nothing of it was loaded."""

    exit_code = 7

    def __init__(self, feed: str, deleted: int, stored: int) -> None:
        super().__init__(
            f"The {feed} deletes {deleted:,} of {stored:,} records ({deleted / stored:.1%}). "
            f"Nothing of it was loaded, as more than {MOST_SHARE:.0%} and {MOST_RECORDS} would go; "
            "it waits. If it is so, run `patroliq sync --confirm`."
        )


def is_too_many(deleted: int, stored: int) -> bool:
    """Whether the safety stop holds up that so many of the stored records are removed."""
    return deleted > max(MOST_RECORDS, MOST_SHARE * stored)


def require_few(
    feed: str, deleted: Collection[str], source: Source, served: Snapshot | None
) -> None:
    """Check what a feed deletes; ids are as the source writes them.

    Raises
    ------
    TooManyDeletedError
        It deletes more of the served records than the safety stop lets pass.
    """
    if served is None or len(deleted) <= MOST_RECORDS:
        return
    found = count_of(served, ids_as_stored(source, deleted, served))
    if is_too_many(found, served.manifest.incidents):
        raise TooManyDeletedError(feed, found, served.manifest.incidents)
