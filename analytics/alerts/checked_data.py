"""The data that watch lists are checked against: one snapshot, as a command reads it."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from pathlib import Path

from analytics.artifacts.targets import Targets
from analytics.crossfilter.clauses import Period
from analytics.crossfilter.crossfilter import CrossFilter
from analytics.crossfilter.selection import Selection
from analytics.crossfilter.vocabulary import Vocabulary
from analytics.formats import country_of
from analytics.incidents.manifest import Manifest
from analytics.incidents.reader import SnapshotReader
from analytics.overview.daily_rows import LEVELS
from analytics.zones.edits import ZoneEdits


@dataclass(frozen=True, eq=False)
class CheckedData:
    """One snapshot with everything that rules ask of it.

    Attributes
    ----------
    now : when the check runs, in UTC
    """

    reader: SnapshotReader = field(repr=False)
    crossfilter: CrossFilter = field(repr=False)
    vocabulary: Vocabulary = field(repr=False)
    targets: Targets = field(repr=False)
    zone_edits: ZoneEdits = field(repr=False)
    home: Path
    now: datetime

    @property
    def manifest(self) -> Manifest:
        return self.reader.snapshot.manifest

    @property
    def last(self) -> date | None:
        """The last complete day; None where dates give months only, or there are none."""
        return None if self.manifest.months_only else self.manifest.last_complete_day

    @property
    def country(self) -> str:
        return country_of(self.manifest.source.timezone)

    @property
    def level(self) -> str:
        """The level of areas that tables are by: the first that the data has."""
        known = (one for one in LEVELS if one not in self.manifest.views_off)
        return next(known, LEVELS[0])

    @property
    def has_areas(self) -> bool:
        return self.level not in self.manifest.views_off

    def chosen(self, text: str) -> Selection:
        """The selection of a watch list, without its dates: a rule has its own.

        Raises
        ------
        InputError
            It cannot be read, or names a value that the data lacks.
        """
        selection = self.vocabulary.resolve_strictly(Selection.parse(text))[0]
        return selection.without({"date"})


def days_before(last: date, days: int) -> date:
    """First day of a period that ends on a day."""
    return last - timedelta(days=days - 1)


def within(selection: Selection, first: date, last: date) -> Selection:
    """The selection on the days of a finding."""
    return selection.replace("date", Period(first, last))
