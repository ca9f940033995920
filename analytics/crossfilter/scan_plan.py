"""The plan of a scan: columns that filter, and histograms to add up.

Each column with a clause of the selection has one bit, set for incidents that fail it; one more bit
stands for the scope and for clauses that every view applies. A histogram has a mask of bits that
must not be set: those of columns whose clauses its views apply. Clauses on the histogram's own
column are applied to its bins afterwards, so all views over one column share one histogram.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

import numpy as np

from analytics.crossfilter.clauses import Clause
from analytics.crossfilter.code_bins import CodeBins
from analytics.crossfilter.code_files import Bools, CodeFiles
from analytics.crossfilter.codes import POINT
from analytics.crossfilter.lookups import Lookups
from analytics.crossfilter.scope import Scope
from analytics.crossfilter.selection import Selection
from analytics.crossfilter.views import View

ALWAYS = 128
MOST_BITS = 7


@dataclass
class Filter:
    """One column that filters, with the bits of each code, uint8 (codes,)."""

    column: str
    table: np.ndarray[tuple[int], np.dtype[np.uint8]]
    sure: bool  # whether every histogram needs all its bits
    share: float  # of all incidents, those that pass it

    @property
    def bits(self) -> tuple[int, ...]:
        """Bits that at least one code has."""
        found = int(np.bitwise_or.reduce(self.table, initial=0))
        return tuple(1 << bit for bit in range(8) if found >> bit & 1)


@dataclass
class Histogram:
    """One histogram and the views read from it."""

    axis: str
    need: int
    views: list[View] = field(default_factory=list)
    binned: bool = False  # counted by the bins of its one view instead of by code


@dataclass
class ScanPlan:
    """Filters (sure and most selective ones first), histograms, and clauses left to the bins."""

    filters: list[Filter]
    histograms: list[Histogram]
    passing: dict[str, list[tuple[str, Bools]]]  # column → (dimension, codes that pass)


@dataclass(frozen=True)
class CodedSnapshot:
    """A snapshot's codes with their lookups and bins."""

    files: CodeFiles
    lookups: Lookups
    bins: CodeBins


@dataclass(frozen=True)
class _Clause:
    name: str
    column: str
    passing: Bools


def make_plans(
    scope: Scope,
    selection: Selection,
    views: Sequence[View],
    snapshot: CodedSnapshot,
) -> list[ScanPlan]:
    """Plans that together answer all views; more than one if one would need too many bits.

    Raises
    ------
    InputError
        A clause or view is on a dimension that the snapshot does not have.
    """
    axes = {view: snapshot.bins.axis(view) for view in views}
    applied = [item for item in selection.items if not all(item[0] in v.owns for v in views)]
    scoped = _clauses(scope.selection.items, snapshot.lookups)
    chosen = _clauses(applied, snapshot.lookups)
    return list(_split(scoped, chosen, list(axes), axes, snapshot.files))


def _split(
    scoped: list[_Clause],
    chosen: list[_Clause],
    views: list[View],
    axes: dict[View, str],
    files: CodeFiles,
) -> Iterable[ScanPlan]:
    columns = {clause.column for clause in chosen}
    spared = sorted(
        column
        for column in columns
        if any(not _needs(view, column, chosen, axes) for view in views)
    )
    if len(spared) > MOST_BITS:
        middle = len(views) // 2
        yield from _split(scoped, chosen, views[:middle], axes, files)
        yield from _split(scoped, chosen, views[middle:], axes, files)
        return
    bits = dict.fromkeys(columns, ALWAYS) | {
        column: 1 << number for number, column in enumerate(spared)
    }
    histograms: dict[tuple[str, int, str], Histogram] = {}
    for view in views:
        need = ALWAYS
        for column in columns:
            if _needs(view, column, chosen, axes):
                need |= bits[column]
        axis = axes[view]
        binned = (
            axis == POINT and view.base not in ("points", "places") and _owns_places(view, chosen)
        )
        key = (axis, need, view.name if binned else "")
        histograms.setdefault(key, Histogram(axis, need, binned=binned)).views.append(view)
    needs = [histogram.need for histogram in histograms.values()]
    passing: dict[str, list[tuple[str, Bools]]] = {}
    for clause in chosen:
        passing.setdefault(clause.column, []).append((clause.name, clause.passing))
    filters = _filters(scoped, chosen, bits, needs, files)
    yield ScanPlan(
        filters, sorted(histograms.values(), key=lambda histogram: histogram.need), passing
    )


def _clauses(items: Iterable[tuple[str, Clause]], lookups: Lookups) -> list[_Clause]:
    return [
        _Clause(name, lookups.column(name), lookups.passing(name, clause)) for name, clause in items
    ]


def _needs(view: View, column: str, chosen: list[_Clause], axes: dict[View, str]) -> bool:
    """Whether a view leaves out incidents that fail the column's clauses during the scan."""
    if axes[view] == column:
        return False
    owned = {clause.name in view.owns for clause in chosen if clause.column == column}
    if len(owned) > 1:
        raise RuntimeError(f"view {view.name} owns some clauses on {column} and not others")
    return owned == {False}


def _owns_places(view: View, chosen: list[_Clause]) -> bool:
    """Whether the view owns all clauses on place, so none is applied to its bins afterwards."""
    return all(clause.name in view.owns for clause in chosen if clause.column == POINT)


def _filters(
    scoped: list[_Clause],
    chosen: list[_Clause],
    bits: dict[str, int],
    needs: list[int],
    files: CodeFiles,
) -> list[Filter]:
    filters = []
    shared = int(np.bitwise_and.reduce(needs))
    used = int(np.bitwise_or.reduce(needs))
    for column in sorted({clause.column for clause in (*scoped, *chosen)}):
        table = np.zeros(files.columns[column].codes, np.uint8)
        for clauses, bit in ((scoped, ALWAYS), (chosen, bits.get(column, 0) & used)):
            for clause in clauses:
                if clause.column == column:
                    table[~clause.passing] |= bit
        if not table.any():
            continue
        sums = files.sums(column)[0]
        share = float(sums[table == 0].sum() / max(files.rows, 1))
        filters.append(Filter(column, table, not np.any(table & (255 - shared)), share))
    return sorted(filters, key=lambda each: (not each.sure, each.share))
