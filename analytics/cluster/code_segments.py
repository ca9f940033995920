"""Scans of codes by segment: each worker adds up a range of blocks, and the sums are added here."""

from __future__ import annotations

import pickle
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from analytics.cluster.connection import Call, Cluster
from analytics.cluster.own_answer import OrOwnAnswer
from analytics.cluster.worker_snapshots import SnapshotName, open_snapshot
from analytics.crossfilter.code_files import Array
from analytics.crossfilter.code_scan import ScanJob
from analytics.crossfilter.code_sums import BLOCK_ROWS
from analytics.incidents.warehouse import Snapshot

LEAST_BLOCKS = 16
"""Blocks below which a segment is not worth its round trip."""


@dataclass(frozen=True)
class NarrowSums:
    """Sums of a segment in as few bytes as hold them; plain counts only once."""

    incidents: Array
    arrests: Array
    harm: Array

    @classmethod
    def of(cls, sums: Array, packed: int) -> NarrowSums:
        incidents, arrests, harm = sums
        return cls(_narrow(incidents), _narrow(arrests[:packed]), _narrow(harm[:packed]))

    def add_to(self, total: Array) -> None:
        """Add these to sums of shape (3, bins)."""
        packed = len(self.arrests)
        total[0] += self.incidents
        total[1, :packed] += self.arrests
        total[2, :packed] += self.harm
        total[1:, packed:] += self.incidents[packed:]


class CodeSegments:
    """Adds up scans of one snapshot on the workers of a cluster."""

    def __init__(self, cluster: Cluster, snapshot: Snapshot, least_incidents: int) -> None:
        """Scans of fewer incidents than `least_incidents` stay on this machine."""
        self._cluster = cluster
        self._name = SnapshotName.of(snapshot)
        self._least = least_incidents
        self._or_own = OrOwnAnswer(snapshot.id)

    def __call__(self, job: ScanJob, blocks: Array) -> Array | None:
        """The sums of a job over some blocks, int64 (3, job.total); None to scan them here."""
        if len(blocks) * BLOCK_ROWS < self._least:
            return None
        return self._or_own.ask(lambda: self._sums(job, len(blocks)))

    def _sums(self, job: ScanJob, blocks: int) -> Array:
        sent = pickle.dumps(job, protocol=5)
        calls = [
            Call(worker, (self._name, sent, start, stop))
            for worker, (start, stop) in _shares(self._cluster.workers(), blocks)
        ]
        total = np.zeros((3, job.total), np.int64)
        for found in self._cluster.run(sum_segment, calls):
            found.add_to(total)
        return total


def sum_segment(name: SnapshotName, sent: bytes, start: int, stop: int) -> NarrowSums:
    """On a worker: the sums of the job's live blocks from `start` to before `stop`.

    Raises
    ------
    SegmentError
        The worker has no such snapshot.
    """
    codes = open_snapshot(name).codes
    job: ScanJob = pickle.loads(sent)  # noqa: S301 - of a machine that Dask trusts with any code
    return NarrowSums.of(codes.sums(job, job.live_blocks[start:stop]), job.packed)


def _shares(threads: dict[str, int], blocks: int) -> Sequence[tuple[str, tuple[int, int]]]:
    """A range of blocks for each worker, by its threads; the same for as many blocks and workers,
    so that a worker reads the same pages again."""
    chosen = list(threads.items())[: max(blocks // LEAST_BLOCKS, 1)]
    ends = np.cumsum([0, *(count for _, count in chosen)]) * blocks // sum(n for _, n in chosen)
    ranges = zip(ends[:-1].tolist(), ends[1:].tolist(), strict=True)
    return list(zip((worker for worker, _ in chosen), ranges, strict=True))


def _narrow(sums: Array) -> Array:
    kind = np.min_scalar_type(int(sums.max(initial=0)))
    return sums.astype(np.int64 if kind == np.uint64 else kind)  # which adds to no int64
