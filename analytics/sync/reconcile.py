"""Records that the source no longer has, for sources that do not tell what they delete.

The source lists all its ids; what is stored and not listed was deleted. A list that would remove
many is rather a faulty one, so nothing is removed until a person confirms it.
"""

from __future__ import annotations

from analytics.errors import InputError, PatrolIQError
from analytics.ingest.ids_as_stored import ids_as_stored, ids_of
from analytics.settings import Settings
from analytics.sources.source import Source
from analytics.sync.deletion_stop import MOST_RECORDS, MOST_SHARE, DeletionStop, after
from analytics.sync.feed_sources import served_snapshot


class TooManyVanishedError(PatrolIQError):
    """More records would be removed than the safety stop lets pass; none was."""

    exit_code = 7

    def __init__(self, source: str, vanished: int, stored: int, earlier: int = 0) -> None:
        share = vanished / stored if stored else 0.0
        super().__init__(
            f"{source} no longer lists {vanished:,} of {stored:,} records ({share:.1%})"
            f"{after(earlier)}. Nothing was deleted, as more than {MOST_SHARE:.0%} and "
            f"{MOST_RECORDS} would vanish within a day. If it is so, run `patroliq sync "
            "--reconcile --confirm`."
        )


def vanished(
    source: Source, listed: set[str], settings: Settings, stop: DeletionStop | None
) -> frozenset[str]:
    """Ids, as they are stored, of served records that the source does not list.

    Parameters
    ----------
    stop : DeletionStop, optional
        None if somebody confirmed that many may be removed.

    Raises
    ------
    InputError
        The source's records may have no id.
    TooManyVanishedError
        More would be removed than the safety stop lets pass.
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
    if stop is not None:
        if stop.is_too_many(len(gone)):
            raise TooManyVanishedError(source.name, len(gone), len(stored), stop.earlier)
        stop.let_pass(len(gone))
    return frozenset(gone)
