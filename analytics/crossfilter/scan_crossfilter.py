"""The fast cross-filter: one pass over memory-mapped codes for all views.

Incidents, arrests and harm come from the same pass, threads or machines share the blocks, and
blocks whose codes cannot pass are not read. Views that no clause affects use sums made at ingest.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from types import ModuleType

import numpy as np
import polars as pl

from analytics.crossfilter.code_bins import CodeBins, add_up, frame_of_bins
from analytics.crossfilter.code_files import Array, CodeFiles
from analytics.crossfilter.code_scan import (
    CodeScan,
    ElsewhereSums,
    JobFilter,
    JobHistogram,
    ScanJob,
    nowhere_else,
)
from analytics.crossfilter.codes import BLOCK, OFFENSE, POINT
from analytics.crossfilter.conditions import conditions_of
from analytics.crossfilter.crossfilter import CrossFilter
from analytics.crossfilter.lookups import Lookups
from analytics.crossfilter.nights import DayClock
from analytics.crossfilter.scan_plan import CodedSnapshot, Histogram, ScanPlan, make_plans
from analytics.crossfilter.scope import Scope
from analytics.crossfilter.selection import Selection
from analytics.crossfilter.views import View
from analytics.incidents.reader import SnapshotReader


@dataclass
class _Layout:
    """Offsets of histograms: those unpacked after every task, those unpacked once, then counts."""

    offsets: list[int]
    often: int
    packed: int
    total: int


class ScanCrossFilter(CrossFilter):
    """Answers from the codes of a snapshot."""

    def __init__(
        self,
        reader: SnapshotReader,
        files: CodeFiles,
        kernels: ModuleType,
        threads: int,
        elsewhere: ElsewhereSums = nowhere_else,
    ) -> None:
        """Read the small tables of the snapshot; `kernels` is the compiled module.

        `elsewhere` may add up a scan on other machines that have the same codes.

        Raises
        ------
        ValueError
            Harm is negative, or that of one block is more than a packed bin holds.
        """
        super().__init__(DayClock.of(reader.snapshot.manifest))
        self._reader = reader  # keeps open the database that the lookups read
        self._files = files
        self._kernels = kernels
        self._elsewhere = elsewhere
        self._lookups = Lookups(reader, files, conditions_of(reader))
        self._bins = CodeBins(reader, files, self._lookups)
        self._snapshot = CodedSnapshot(files, self._lookups, self._bins)
        if self._lookups.harm.min(initial=0) < 0:
            raise ValueError("an offense has negative harm")
        self._codes = CodeScan(files, kernels, threads)
        self._fits: dict[str, bool] = {}

    def has_codes(self, scope: Scope, selection: Selection, views: Sequence[View]) -> bool:
        """Whether the snapshot has the codes of all columns; those made earlier have no blocks."""
        used = {view.argument or view.name for view in views}
        return BLOCK in self._files.columns or BLOCK not in (
            used | scope.selection.clauses.keys() | selection.clauses.keys()
        )

    def _counts(
        self, scope: Scope, selection: Selection, views: Sequence[View]
    ) -> dict[str, pl.DataFrame]:
        frames: dict[str, pl.DataFrame] = {}
        if views:
            for plan in make_plans(scope, selection, views, self._snapshot):
                frames |= self._answer(plan)
        return {view.name: frames[view.name] for view in views}

    def _answer(self, plan: ScanPlan) -> dict[str, pl.DataFrame]:
        frames = {}
        for histogram, sums in zip(plan.histograms, self._sums(plan), strict=True):
            for view in histogram.views:
                frames[view.name] = self._frame(plan, histogram, view, sums)
        return frames

    def _frame(self, plan: ScanPlan, histogram: Histogram, view: View, sums: Array) -> pl.DataFrame:
        if histogram.binned:
            return frame_of_bins(self._bins.bins(view), sums)
        failing = [
            ~passing
            for name, passing in plan.passing.get(histogram.axis, ())
            if name not in view.owns
        ]
        if failing:
            sums = np.where(np.logical_or.reduce(failing), 0, sums)
        return self._bins.frame(view, sums)

    def _sums(self, plan: ScanPlan) -> list[Array]:
        """Sums of every histogram by code, or by bin if it is binned."""
        decisive = 0
        for each in plan.filters:
            decisive |= sum(each.bits)
        scanned = [histogram for histogram in plan.histograms if histogram.need & decisive]
        found = dict(zip(map(id, scanned), self._scan(plan, scanned), strict=True))
        return [
            found[id(histogram)] if id(histogram) in found else self._known(histogram)
            for histogram in plan.histograms
        ]

    def _known(self, histogram: Histogram) -> Array:
        sums = self._files.sums(histogram.axis)
        return add_up(sums, self._bins.bins(histogram.views[0])) if histogram.binned else sums

    def _scan(self, plan: ScanPlan, histograms: list[Histogram]) -> list[Array]:
        if not histograms:
            return []
        job = self._job(plan, histograms)
        blocks = job.live_blocks
        total = self._elsewhere(job, blocks)
        if total is None:
            total = self._codes.sums(job, blocks)
        return [
            self._measures(histogram, total[:, each.offset : each.offset + self._size(histogram)])
            for histogram, each in zip(histograms, job.histograms, strict=True)
        ]

    def _job(self, plan: ScanPlan, histograms: list[Histogram]) -> ScanJob:
        layout = self._layout(histograms)
        evaluate, constant = self._blocks(plan)
        needs = np.unique([histogram.need for histogram in histograms])
        lives = ((needs[:, None] & np.arange(256)) == 0).any(axis=0).astype(np.uint8)
        return ScanJob(
            filters=tuple(JobFilter(each.column, each.table, each.sure) for each in plan.filters),
            evaluate=evaluate,
            constant=constant,
            lives=lives,
            histograms=tuple(
                JobHistogram(
                    histogram.axis,
                    histogram.need,
                    offset,
                    self._bins.bins(histogram.views[0]).of_codes if histogram.binned else None,
                )
                for histogram, offset in zip(histograms, layout.offsets, strict=True)
            ),
            harm=self._lookups.harm,
            often=layout.often,
            packed=layout.packed,
            total=layout.total,
        )

    def _measures(self, histogram: Histogram, sums: Array) -> Array:
        if histogram.axis != OFFENSE:
            return sums
        counts, arrested = sums[0], np.arange(sums.shape[1]) % 3 == 1
        return np.stack([counts, counts * arrested, counts * self._lookups.harm])

    def _layout(self, histograms: list[Histogram]) -> _Layout:
        """Order histograms: those that could overflow, other packed ones, then counts."""
        order = sorted(
            range(len(histograms)),
            key=lambda i: (histograms[i].axis == OFFENSE, self._is_safe(histograms[i])),
        )
        offsets, position = [0] * len(histograms), 0
        often = packed = 0
        for index in order:
            histogram = histograms[index]
            offsets[index] = position
            position += self._size(histogram)
            if histogram.axis != OFFENSE:
                packed = position
                if not self._is_safe(histogram):
                    often = position
        return _Layout(offsets, often, packed, position)

    def _size(self, histogram: Histogram) -> int:
        if histogram.binned:
            return self._bins.bins(histogram.views[0]).labels.height
        return self._files.columns[histogram.axis].codes

    def _is_safe(self, histogram: Histogram) -> bool:
        """Whether no bin can overflow, whatever the selection."""
        key = histogram.views[0].name if histogram.binned else histogram.axis
        if key not in self._fits:
            counts, _, harm = self._known(histogram)
            kernels = self._kernels
            self._fits[key] = bool(
                counts.max(initial=0) < 1 << kernels.COUNT_BITS
                and harm.max(initial=0) < 1 << kernels.HARM_BITS
            )
        return self._fits[key]

    def _blocks(self, plan: ScanPlan) -> tuple[Array, Array]:
        """By filter and block, whether codes differ in bits; by block, the bits of all codes."""
        count = len(self._files.harm_of_blocks())
        evaluate = np.zeros((len(plan.filters), count), np.uint8)
        constant = np.zeros(count, np.uint8)
        for number, each in enumerate(plan.filters):
            if each.column == POINT:  # places of a block are spread over the whole city
                evaluate[number] = 1
                constant |= np.bitwise_and.reduce(each.table)
                continue
            blocks = self._files.blocks(each.column)
            for bit in each.bits:
                failing = each.table & bit != 0
                some, all_ = blocks.any_of(failing), blocks.none_but(failing)
                constant[all_] |= bit
                evaluate[number] |= some & ~all_
        return evaluate, constant
