"""The safety stop: many records that are deleted within a day are rather a fault of the source.

So nothing is removed until a person confirms it.
"""

from __future__ import annotations

from collections.abc import Collection
from contextlib import closing
from datetime import UTC, datetime
from functools import cached_property

import duckdb

from analytics.errors import PatrolIQError
from analytics.incidents.warehouse import Snapshot, start_of_id
from analytics.ingest.beside_files import DELETED
from analytics.ingest.ids_as_stored import count_of, ids_as_stored
from analytics.sources.source import Source
from sql import load

WITHIN_S = 86_400.0
MOST_SHARE = 0.02
MOST_RECORDS = 100
"""Records that are removed within a day without a confirmation: so many, or the share if more."""


class TooManyDeletedError(PatrolIQError):
    """A feed would delete more records than the safety stop lets pass; nothing of it was loaded."""

    exit_code = 7

    def __init__(self, feed: str, deleted: int, stored: int, earlier: int = 0) -> None:
        super().__init__(
            f"The {feed} deletes {deleted:,} of {stored:,} records ({deleted / stored:.1%})"
            f"{after(earlier)}. Nothing of it was loaded, as more than {MOST_SHARE:.0%} and "
            f"{MOST_RECORDS} would go within a day; it waits. If it is so, run "
            "`patroliq sync --confirm`."
        )


def after(earlier: int) -> str:
    """How a message goes on if records were deleted before."""
    return f", after {earlier:,} in the last 24 hours" if earlier else ""


class DeletionStop:
    """Judges what a run deletes beside what was deleted within a day, by whatever feed.

    What was confirmed does not count, nor does a record that is served again.

    Parameters
    ----------
    served : Snapshot, optional
        What would lose the records.
    since : float
        Seconds since 1970 after which deletions count.
    """

    def __init__(self, source: Source, served: Snapshot | None, since: float) -> None:
        self._source = source
        self._served = served
        self._since = since
        self._passed = 0

    @property
    def earlier(self) -> int:
        """Records that were deleted lately, or that this run is to delete already."""
        return self._lately + self._passed

    def count(self, deleted: Collection[str]) -> int:
        """How many of the served records have these ids, which are as the source writes them."""
        if self._served is None or not deleted:
            return 0
        return count_of(self._served, ids_as_stored(self._source, deleted, self._served))

    def is_too_many(self, deleted: int) -> bool:
        """Whether so many more of the served records may not be removed unconfirmed."""
        if self._served is None or not deleted:
            return False
        most = max(MOST_RECORDS, MOST_SHARE * self._served.manifest.incidents)
        return deleted + self.earlier > most

    def let_pass(self, deleted: int) -> None:
        """Count what this run is to delete."""
        self._passed += deleted

    def require_few(self, feed: str, deleted: int) -> None:
        """Let pass what a feed deletes.

        Raises
        ------
        TooManyDeletedError
            It is more than the safety stop lets pass.
        """
        if self._served is not None and self.is_too_many(deleted):
            stored = self._served.manifest.incidents
            raise TooManyDeletedError(feed, deleted, stored, self.earlier)
        self.let_pass(deleted)

    @cached_property
    def _lately(self) -> int:
        """Records that earlier runs deleted and that are still gone."""
        if self._served is None:
            return 0
        kind = self._served.manifest.source.kind
        since = datetime.fromtimestamp(self._since, UTC)  # a load keeps its id in a pack of others
        values = {"since": start_of_id(since), "file": DELETED, "reason": DELETED}
        statement = load("incidents/count_deleted_lately", table=kind)
        with closing(duckdb.connect(str(self._served.database), read_only=True)) as connection:
            ((count,),) = connection.execute(statement, values).fetchall()
        return int(count)
