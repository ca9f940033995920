"""Records that the source no longer has, for sources that do not tell what they delete.

The source lists all its ids; what is stored and not listed was deleted. A list that would remove
many is rather a faulty one, so nothing is removed until a person confirms it.
"""

from __future__ import annotations

from analytics.errors import InputError, PatrolIQError
from analytics.ingest.ids_as_stored import ids_as_stored, ids_of
from analytics.settings import Settings
from analytics.sources.source import Source
from analytics.sync.deletion_stop import MOST_RECORDS, MOST_SHARE, is_too_many
from analytics.sync.feed_sources import served_snapshot


class TooManyVanishedError(PatrolIQError):
    """More records would be removed than the safety stop lets pass; none was."""

    exit_code = 7

    def __init__(self, source: str, vanished: int, stored: int) -> None:
        share = vanished / stored if stored else 0.0
        super().__init__(
            f"{source} no longer lists {vanished:,} of {stored:,} records ({share:.1%}). Nothing "
            f"was deleted, as more than {MOST_SHARE:.0%} and {MOST_RECORDS} would vanish. If it is "
            "so, run `patroliq sync --reconcile --confirm`."
        )


def vanished(
    source: Source, listed: set[str], settings: Settings, *, confirmed: bool = False
) -> frozenset[str]:
    """Ids, as they are stored, of served records that the source does not list.

    Raises
    ------
    InputError
        The source's records may have no id.
    TooManyVanishedError
        More would be removed than the safety stop lets pass, and nobody confirmed it.
    """
    if source.missing_id == "content":
        raise InputError(
            f"Source {source.name} makes ids of records without one, so that they cannot be "
            "compared with those of its system."
        )
    snapshot = served_snapshot(source.kind, settings)
    if snapshot is None:
        return frozenset()
    stored = ids_of(snapshot)
    gone = stored - ids_as_stored(source, listed, snapshot)
    if is_too_many(len(gone), len(stored)) and not confirmed:
        raise TooManyVanishedError(source.name, len(gone), len(stored))
    return frozenset(gone)
