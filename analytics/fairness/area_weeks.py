"""Incidents by area and week: reported by the public, found by police activity, and their harm."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, timedelta

import numpy as np
import polars as pl

from analytics.areas.outline_file import read_kept_areas
from analytics.crossfilter.conditions import conditions_of
from analytics.crossfilter.scope import EVERYTHING
from analytics.crossfilter.selection import Selection
from analytics.errors import InputError
from analytics.incidents.manifest import Manifest
from analytics.incidents.model import require_area_level
from analytics.incidents.reader import SnapshotReader
from analytics.statistics.arrays import Floats
from sql import load

YEAR_WEEKS = 52
FEWEST_WEEKS = 8


@dataclass(frozen=True, eq=False)
class AreaWeeks:
    """Incidents by area and week; arrays of shape (areas, weeks).

    Attributes
    ----------
    reported, found
        Incidents that the public reported, and those found by police activity.
    harm
        Days of sentence of the reported ones.
    residents
        Shape (areas,); NaN where the number is not known.
    unplaced
        Incidents without an area, which are left out.
    """

    level: str
    areas: tuple[str, ...]
    reported: Floats = field(repr=False)
    found: Floats = field(repr=False)
    harm: Floats = field(repr=False)
    residents: Floats = field(repr=False)
    unplaced: int = 0

    def harm_shares(self) -> dict[str, float]:
        """Share of the harm by area; 0 everywhere where none was reported."""
        harm = self.harm.sum(axis=1)
        return dict(zip(self.areas, (harm / (harm.sum() or 1.0)).tolist(), strict=True))


def last_weeks(manifest: Manifest, weeks: int, before: date | None = None) -> date:
    """First day of the last complete weeks, of those before a day where one is given.

    Raises
    ------
    InputError
        The data has fewer.
    """
    first, there = _complete_weeks(manifest, weeks, before)
    if there < weeks:
        raise InputError(f"The data has {there} complete weeks, not {weeks}.")
    return first


def year_before(manifest: Manifest, before: date) -> tuple[date, int]:
    """First day and number of the last complete weeks before a day: a year's, or what there is.

    Raises
    ------
    InputError
        The data has fewer than eight.
    """
    _, there = _complete_weeks(manifest, YEAR_WEEKS, before)
    weeks = min(there, YEAR_WEEKS)
    if weeks < FEWEST_WEEKS:
        raise InputError(
            f"The data has {there} complete weeks before {before}; shares of harm need "
            f"{FEWEST_WEEKS}."
        )
    return last_weeks(manifest, weeks, before), weeks


def _complete_weeks(manifest: Manifest, weeks: int, before: date | None) -> tuple[date, int]:
    """First day of the last weeks, and how many complete weeks there are."""
    last = manifest.last_complete_day
    if manifest.months_only or manifest.covered is None or last is None:
        raise InputError("This source gives months only; weeks cannot be counted.")
    if before is not None:
        last = min(last, before - timedelta(days=1))
    there = max((last - manifest.covered[0]).days + 1, 0) // 7
    return last - timedelta(days=7 * weeks - 1), there


def read_weeks(
    reader: SnapshotReader, selection: Selection, level: str, first: date, weeks: int
) -> AreaWeeks:
    """Count whole weeks from a day on; filters on the date are left out.

    Raises
    ------
    InputError
        The data has no areas of the level, does not tell what police activity found, or has no
        incidents in these weeks.
    """
    manifest = reader.snapshot.manifest
    require_area_level(level)
    if level in manifest.views_off:
        raise InputError(f"This source has no areas of level {level}.")
    where = conditions_of(reader).where(EVERYTHING, selection.without({"date"}))
    statement = load("fairness/weeks", area=f'"{level}"', conditions=where.sql)
    last = first + timedelta(days=7 * weeks - 1)
    found = reader.frame(statement, {"first": first, "last": last, **where.params})
    unplaced = found.filter(pl.col("area").is_null()).select(pl.sum("reported", "found"))
    found = found.filter(pl.col("area").is_not_null())
    if not found.height:
        raise InputError("No incidents in these weeks.")
    if not found["known"].sum():
        raise InputError(
            "This source does not tell which offenses police activity finds; name its offense "
            "codes in the table of harm."
        )
    areas = tuple(found["area"].unique().sort())
    at = (
        found["area"].replace_strict(list(areas), list(range(len(areas)))).to_numpy(),
        found["week"].to_numpy(),
    )

    def counted(name: str) -> Floats:
        counts = np.zeros((len(areas), weeks))
        counts[at] = found[name].to_numpy()
        return counts

    return AreaWeeks(
        level,
        areas,
        counted("reported"),
        counted("found"),
        counted("harm"),
        _residents(reader, level, areas),
        int(unplaced.sum_horizontal().item() or 0),
    )


def _residents(reader: SnapshotReader, level: str, areas: tuple[str, ...]) -> Floats:
    path = reader.snapshot.outline(level)
    kept = {} if path is None else {area.key: area.residents for area in read_kept_areas(path)}
    known = [kept.get(area) for area in areas]
    return np.array([np.nan if number is None else number for number in known])
