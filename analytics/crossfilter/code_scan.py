"""A scan by value: what a plan asks of the codes, so that any machine with them can add it up.

`CodeScan` runs a job over some blocks. Sums of blocks that do not overlap add up, whether threads
or machines made them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from types import ModuleType
from typing import Any

import numpy as np

from analytics.crossfilter.code_files import Array, CodeFiles
from analytics.crossfilter.code_sums import BLOCK_ROWS
from analytics.crossfilter.codes import DAY, HOUR_WEEKDAY, OFFENSE
from analytics.crossfilter.scan_threads import share

_IN_RUNS = (DAY, HOUR_WEEKDAY)
"""Columns whose neighbors are mostly equal, because incidents are stored by time."""


@dataclass(frozen=True)
class JobFilter:
    """A column that filters, with the bits of each code, uint8 (codes,)."""

    column: str
    table: Array
    sure: bool  # whether every histogram needs all its bits


@dataclass(frozen=True)
class JobHistogram:
    """Sums by the codes of a column, or by their bins, uint32 (codes,)."""

    axis: str
    need: int  # bits that must not be set
    offset: int  # of its first sum
    bins: Array | None = None


@dataclass(frozen=True)
class ScanJob:
    """Filters and histograms of one pass over blocks.

    Attributes
    ----------
    evaluate : uint8 (filters, blocks)
        0 where all codes of the block have the same bits.
    constant : uint8 (blocks,)
        Bits that all incidents of the block have.
    lives : uint8 (256,)
        1 for sets of bits with which an incident counts in some histogram.
    harm : int64 (offense codes,)
        Harm of one incident.
    often, packed, total : int
        Ends of three ranges of sums: packed ones that are unpacked after every task, packed ones
        that cannot overflow, and plain counts.
    """

    filters: tuple[JobFilter, ...]
    evaluate: Array
    constant: Array
    lives: Array
    histograms: tuple[JobHistogram, ...]
    harm: Array
    often: int
    packed: int
    total: int

    @property
    def live_blocks(self) -> Array:
        """Blocks in which some incident may count; int64 (live,)."""
        return np.flatnonzero(self.lives[self.constant] == 1)


ElsewhereSums = Callable[[ScanJob, Array], Array | None]
"""Adds up a job over some blocks like `CodeScan.sums`, but on other machines; None if this one
should."""


def nowhere_else(_job: ScanJob, _blocks: Array) -> Array | None:
    """Leave every scan to this machine."""
    return None


class CodeScan:
    """Runs jobs over the mapped codes of one snapshot."""

    def __init__(self, files: CodeFiles, kernels: ModuleType, threads: int) -> None:
        """`kernels` is the compiled module.

        Raises
        ------
        ValueError
            Harm of one block is more than a packed bin holds.
        """
        self._files = files
        self._kernels = kernels
        self._threads = threads
        self._task_of_block = self._tasks()

    def sums(self, job: ScanJob, blocks: Array) -> Array:
        """Incidents, arrests and harm of a job over some blocks; int64, shape (3, job.total).

        All three are counts of incidents from `job.packed` on.
        """
        kernels = self._kernels
        filters, held = self._filter_rows(job)
        rows, tables = self._histogram_rows(job.histograms)
        offenses = self._files.codes(OFFENSE)
        where = np.array([_address(offenses), offenses.itemsize], np.int64)
        weights = self._packed_weights(job.harm)

        def work(drawn: Iterator[Array]) -> Array:
            bins = np.zeros(job.total + kernels.SLACK, np.uint64)
            sums = np.zeros((3, job.packed), np.int64)
            for task in drawn:
                kernels.scan(
                    task, self._files.rows, filters, job.evaluate, job.constant, rows, job.lives,
                    where, weights, bins,
                )  # fmt: skip
                self._unpack(bins[: job.often], sums[:, : job.often])
            rest = slice(job.often, job.packed)
            self._unpack(bins[rest], sums[:, rest])
            counts = bins[job.packed : job.total].astype(np.int64)
            return np.concatenate([sums, np.stack([counts, counts, counts])], axis=1)

        parts = share(self._split(blocks), work, self._threads)
        total: Array = sum(parts, np.zeros((3, job.total), np.int64))
        del held, tables  # kept alive until here, since the kernels only have their addresses
        return total

    def _unpack(self, bins: Array, sums: Array) -> None:
        if len(bins):
            self._kernels.unpack(bins, *sums)

    def _split(self, blocks: Array) -> list[Array]:
        tasks = self._task_of_block[blocks]
        return [
            part.astype(np.int64)
            for part in np.split(blocks, np.flatnonzero(np.diff(tasks)) + 1)
            if len(part)
        ]

    def _filter_rows(self, job: ScanJob) -> tuple[Array, list[Any]]:
        held: list[Any] = []
        rows = []
        for each in job.filters:
            codes = self._files.codes(each.column)
            table = _for_every_code(each.table, codes.itemsize)
            held += [codes, table]
            kills = int(not job.lives[each.table].all())
            address, last = _address(table), len(each.table) - 1
            rows.append([_address(codes), codes.itemsize, address, int(each.sure), kills, last])
        return np.array(rows, np.int64).reshape(-1, 6), held

    def _histogram_rows(self, histograms: Sequence[JobHistogram]) -> tuple[Array, list[Any]]:
        kernels = self._kernels
        held: list[Any] = []
        rows = []
        for each in histograms:
            codes = self._files.codes(each.axis)
            kind = (
                kernels.COUNTED
                if each.axis == OFFENSE
                else kernels.RUNS
                if each.axis in _IN_RUNS
                else kernels.WEIGHED
            )
            held += [codes, each.bins]
            place = 0 if each.bins is None else _address(each.bins)
            last = self._files.columns[each.axis].codes - 1
            rows.append(
                [_address(codes), codes.itemsize, place, each.offset, each.need, kind, last]
            )
        return np.array(rows, np.int64), held

    def _packed_weights(self, harm: Array) -> Array:
        kernels = self._kernels
        arrested = (np.arange(len(harm)) % 3 == 1).astype(np.int64)
        packed = 1 + (arrested << kernels.COUNT_BITS) + (harm << kernels.HARM_SHIFT)
        return _for_every_code(packed.astype(np.uint64), self._files.codes(OFFENSE).itemsize)

    def _tasks(self) -> Array:
        """Task number of each block; a task has as many blocks as surely fit into a packed bin."""
        kernels = self._kernels
        most_blocks = ((1 << kernels.COUNT_BITS) - 1) // BLOCK_ROWS
        harms = self._files.harm_of_blocks()
        if harms.max(initial=0) >= 1 << kernels.HARM_BITS:
            raise ValueError("the harm of one block of incidents is too large")
        numbers, number, blocks, total = [], 0, 0, 0
        for harm in harms.tolist():
            if blocks == most_blocks or total + harm >= 1 << kernels.HARM_BITS:
                number, blocks, total = number + 1, 0, 0
            numbers.append(number)
            blocks, total = blocks + 1, total + harm
        return np.array(numbers, np.int64)


def _for_every_code(table: Array, width: int) -> Array:
    """Pad a table to every code that 1 or 2 bytes can hold; not for 4 bytes."""
    if width == 4:
        return np.ascontiguousarray(table)
    padded = np.zeros(1 << 8 * width, table.dtype)
    padded[: len(table)] = table
    return padded


def _address(array: Array) -> int:
    return int(array.ctypes.data)
