"""The counts that demand is forecast from: incidents by area, shift and day.

Offenses that officers find themselves are left out: they follow patrol instead of asking for it
(Lum & Isaac 2016). Codes of which that is not known are kept.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import date, timedelta

import numpy as np
import polars as pl

from analytics.crossfilter.conditions import conditions_of
from analytics.crossfilter.nights import DayClock
from analytics.crossfilter.scope import EVERYTHING
from analytics.crossfilter.selection import Selection
from analytics.errors import InputError
from analytics.formats import country_of
from analytics.incidents.manifest import Manifest
from analytics.incidents.model import require_area_level
from analytics.incidents.reader import SnapshotReader
from analytics.incidents.row_ranges import added_up
from analytics.statistics.arrays import Floats, Ints
from sql import load

ALL_DAY = "all day"
"""The one shift of data without hours."""
COUNTS = "demand_counts"
"""Statement of the counts, in sql/forecasting."""
PARENTS = {"beat": "district"}
"""Levels whose areas are parts of those of another one."""
STRAY_SHARE = 0.01
"""Share of the incidents of an average area; one with fewer is a stray value, not an area."""


@dataclass(frozen=True, eq=False)
class DemandPanel:
    """Complete days from `first` on.

    Attributes
    ----------
    areas, shifts : names, shifts in the order of the day
    counts : shape (areas, shifts, days)
    country : ISO code whose holidays count; empty for none
    strays : incidents by area that is left out, as it has hardly any
    without_area, without_shift : incidents left out
    parent : the panel of the larger areas that these are parts of, such as districts of beats
    parent_of : shape (areas,), the row of `parent` that each area is part of
    """

    areas: tuple[str, ...]
    shifts: tuple[str, ...]
    first: date
    counts: Floats = field(repr=False)
    country: str = ""
    strays: dict[str, int] = field(default_factory=dict)
    without_area: int = 0
    without_shift: int = 0
    parent: DemandPanel | None = field(default=None, repr=False)
    parent_of: Ints = field(default_factory=lambda: np.zeros(0, np.int64), repr=False)

    @property
    def days(self) -> int:
        return self.counts.shape[2]

    def column(self, day: date) -> int:
        return (day - self.first).days

    def day(self, column: int) -> date:
        return self.first + timedelta(days=column)

    def until(self, column: int) -> DemandPanel:
        """The panel before a day: what was known that morning."""
        parent = self.parent.until(column) if self.parent is not None else None
        return replace(self, counts=self.counts[:, :, :column], parent=parent)


def read_panel(reader: SnapshotReader, selection: Selection, level: str) -> DemandPanel:
    """Count the complete days of a snapshot; filters on the date are left out.

    Parameters
    ----------
    level : of the areas, such as district

    Raises
    ------
    InputError
        The data gives months only, has no areas of the level, or nothing is selected.
    """
    return panel_of_frames(reader, level, counted(reader, selection, level, COUNTS))


def counted(
    reader: SnapshotReader, selection: Selection, level: str, statement: str
) -> dict[str, pl.DataFrame]:
    """Frames of a statement by level: the areas' own, and that of the larger areas they are in."""
    manifest = reader.snapshot.manifest
    first, last = complete_days(manifest, level)
    where = conditions_of(reader).where(EVERYTHING, selection.without({"date"}))
    levels = [level, PARENTS.get(level, level)]
    found = {}
    for one in dict.fromkeys(name for name in levels if name not in manifest.views_off):
        params = {"first": first, "last": last, **where.params}
        name = f"forecasting/{statement}"
        frame = added_up(reader, name, where.sql, params, area=f'"{one}"')
        all_day = _shifts_of(manifest) == (ALL_DAY,)
        found[one] = frame.with_columns(shift=pl.lit(ALL_DAY)) if all_day else frame
    return found


def panel_of_frames(
    reader: SnapshotReader, level: str, frames: dict[str, pl.DataFrame]
) -> DemandPanel:
    """The panel of frames of `counted`.

    Raises
    ------
    InputError
        They are empty.
    """
    manifest = reader.snapshot.manifest
    first, last = complete_days(manifest, level)
    country, shifts = country_of(manifest.source.timezone), _shifts_of(manifest)
    panels = {
        one: replace(panel_of(frame, shifts, first, last), country=country)
        for one, frame in frames.items()
    }
    panel = panels.pop(level)
    if not panel.areas:
        raise InputError("No incidents to forecast demand from; choose another target.")
    for larger, parent in panels.items():
        panel = within(panel, parent, _parents(reader, level, larger))
    return panel


def _shifts_of(manifest: Manifest) -> tuple[str, ...]:
    """The agency's shifts, or all day where the source has no hours."""
    shifts = tuple(DayClock.of(manifest).shifts)
    return (ALL_DAY,) if "shift" in manifest.views_off or not shifts else shifts


def _parents(reader: SnapshotReader, level: str, larger: str) -> dict[str, str]:
    statement = load("forecasting/area_parents", area=f'"{level}"', parent=f'"{larger}"')
    return dict(reader.frame(statement).iter_rows())


def within(panel: DemandPanel, parent: DemandPanel, parents: dict[str, str]) -> DemandPanel:
    """The panel as parts of another; without those whose larger area is not in that one.

    Parameters
    ----------
    parents : name of the larger area of each area
    """
    rows = {name: row for row, name in enumerate(parent.areas)}
    inside = [row for row, name in enumerate(panel.areas) if parents.get(name) in rows]
    if not inside:
        return panel
    names = tuple(panel.areas[row] for row in inside)
    lost = {name: panel.counts[row].sum() for row, name in enumerate(panel.areas)}
    strays = panel.strays | {name: int(lost[name]) for name in lost if name not in names}
    parent_of = np.array([rows[parents[name]] for name in names], dtype=np.int64)
    return replace(
        panel,
        areas=names,
        counts=panel.counts[inside],
        strays=strays,
        parent=parent,
        parent_of=parent_of,
    )


def complete_days(manifest: Manifest, level: str) -> tuple[date, date]:
    """First and last complete day of data that has days, and areas of a level.

    Raises
    ------
    InputError
        It has none.
    """
    require_area_level(level)
    if manifest.months_only:
        raise InputError("This source gives months only; demand by day cannot be forecast.")
    if level in manifest.views_off:
        raise InputError(f"This source has no areas of level {level}.")
    last = manifest.last_complete_day
    if manifest.covered is None or last is None:
        raise InputError("The snapshot has no incidents.")
    return manifest.covered[0], last


def panel_of(found: pl.DataFrame, shifts: tuple[str, ...], first: date, last: date) -> DemandPanel:
    """A panel of a frame with day, area, shift and count."""
    unplaced = int(found.filter(pl.col("area").is_null())["count"].sum())
    found = found.filter(pl.col("area").is_not_null())
    known = pl.col("shift").is_in(shifts)
    untimed = int(found.filter(~known.fill_null(value=False))["count"].sum())
    found = found.filter(known)
    totals = found.group_by("area").agg(pl.col("count").sum()).sort("area")
    few = pl.col("count") < STRAY_SHARE * pl.col("count").mean()
    strays = dict(totals.filter(few).iter_rows())
    areas = totals.filter(~few)["area"].to_list()
    found = found.filter(pl.col("area").is_in(areas))
    counts = np.zeros((len(areas), len(shifts), (last - first).days + 1))
    at = (_positions(found["area"], areas), _positions(found["shift"], list(shifts)))
    days = (found["day"] - first).dt.total_days().to_numpy()
    np.add.at(counts, (*at, days), found["count"].to_numpy())
    return DemandPanel(tuple(areas), shifts, first, counts, "", strays, unplaced, untimed)


def _positions(values: pl.Series, names: list[str]) -> np.ndarray:
    return values.replace_strict(names, list(range(len(names))), return_dtype=pl.Int64).to_numpy()
