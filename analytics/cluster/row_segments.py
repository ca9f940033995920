"""Statements by ranges of rows on the workers of a cluster: exports in order, sums of shares."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from itertools import islice
from typing import TYPE_CHECKING, Any

import polars as pl

from analytics.cluster.connection import Call, Cluster
from analytics.cluster.own_answer import OrOwnAnswer
from analytics.cluster.worker_snapshots import SnapshotName, open_snapshot
from analytics.incidents.reader import SnapshotReader
from analytics.incidents.warehouse import Snapshot
from analytics.settings import Settings

if TYPE_CHECKING:
    from distributed import Future

STREAMED_ROWS = 65_536
"""Rows of a range of an export, which its machine holds in memory at once."""
MOST_AHEAD = 8
"""Ranges of an export that are read ahead."""
NO_END = 1 << 62


class RowSegments:
    """Has workers answer statements of one snapshot, which its own reader answers else."""

    def __init__(self, cluster: Cluster, reader: SnapshotReader, least_incidents: int) -> None:
        """Snapshots of fewer incidents than `least_incidents` are read on this machine."""
        self._cluster = cluster
        self._frame = reader.frame
        self._name = SnapshotName.of(reader.snapshot)
        self._rows = reader.snapshot.manifest.incidents
        self._least = least_incidents
        self._or_own = OrOwnAnswer(reader.snapshot.id)

    def shares(self, statement: str, params: Mapping[str, Any]) -> list[pl.DataFrame] | None:
        """The answer of each worker for a share of the rows; None to read them here."""
        if self._is_small:
            return None
        return self._or_own.ask(lambda: self._shares(statement, params))

    def in_order(self, statement: str, params: Mapping[str, Any]) -> Iterator[pl.DataFrame] | None:
        """Answers of small ranges in the order of storage; None to read them here.

        Where the cluster fails in between, this machine goes on with the next range.
        """
        if self._is_small or self._or_own.is_resting:
            return None
        return self._in_order(statement, params)

    @property
    def _is_small(self) -> bool:
        return self._rows < max(self._least, 1)

    def _shares(self, statement: str, params: Mapping[str, Any]) -> list[pl.DataFrame]:
        workers = list(self._cluster.workers())
        calls = [
            Call(worker, (self._name, statement, _within(params, rows)))
            for worker, rows in zip(workers, _ranges(self._rows, len(workers)), strict=False)
        ]
        return self._cluster.run(read_rows, calls)

    def _in_order(self, statement: str, params: Mapping[str, Any]) -> Iterator[pl.DataFrame]:
        ranges = enumerate(_ranges(self._rows, -(-self._rows // STREAMED_ROWS)))
        ahead: deque[tuple[dict[str, Any], Future | None]] = deque()
        try:
            while True:
                for number, rows in islice(ranges, MOST_AHEAD - len(ahead)):
                    values = _within(params, rows)
                    ahead.append((values, self._begin(statement, values, number)))
                if not ahead:
                    return
                values, future = ahead.popleft()
                frame = self._finish(future)
                if frame is None:
                    frame = self._frame(statement, values)
                if frame.height:
                    yield frame
        finally:  # also where the reader of the export went away
            for _, future in ahead:
                if future is not None:
                    future.release()

    def _begin(self, statement: str, values: dict[str, Any], number: int) -> Future | None:
        def submit() -> Future:
            workers = list(self._cluster.workers())
            call = Call(workers[number % len(workers)], (self._name, statement, values))
            (future,) = self._cluster.submit(read_rows, [call])
            return future

        return self._or_own.ask(submit)

    def _finish(self, future: Future | None) -> pl.DataFrame | None:
        if future is None:
            return None
        found = self._or_own.ask(lambda: self._cluster.results([future]))
        return None if found is None else found[0]


def read_rows(name: SnapshotName, statement: str, values: Mapping[str, Any]) -> pl.DataFrame:
    """On a worker: the answer of a statement; its values name the range.

    Raises
    ------
    SegmentError
        The worker has no such snapshot.
    """
    return open_snapshot(name).reader.frame(statement, values)


@contextmanager
def reader_with_cluster(snapshot: Snapshot, settings: Settings) -> Iterator[SnapshotReader]:
    """A reader of a snapshot whose sums the workers of the settings' cluster add up.

    Raises
    ------
    DamagedError
        The database cannot be opened.
    InputError
        The address of the cluster is not allowed.
    """
    with closing(SnapshotReader(snapshot, settings)) as reader:
        cluster = Cluster.of(settings)
        if cluster is None:
            yield reader
            return
        with closing(cluster):
            reader.elsewhere = RowSegments(cluster, reader, settings.cluster_from)
            yield reader


def _ranges(rows: int, count: int) -> list[tuple[int, int]]:
    """First and last row of each range; the last one has no end, as rowids may have gaps."""
    starts = [number * rows // count for number in range(count)]
    return list(zip(starts, [*(start - 1 for start in starts[1:]), NO_END], strict=True))


def _within(params: Mapping[str, Any], rows: tuple[int, int]) -> dict[str, Any]:
    return {**params, "first_row": rows[0], "last_row": rows[1]}
