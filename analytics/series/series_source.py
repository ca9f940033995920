"""The data that series are sought in."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

import polars as pl

from analytics.artifacts.targets import ModelTarget, Targets
from analytics.incidents.manifest import Manifest
from analytics.incidents.reader import SnapshotReader
from analytics.series.compared_incidents import fields_of, kind_incidents
from analytics.series.search import DAYS_BACK, NothingFound

KINDS = ("burglary", "robbery", "vehicle_theft", "gun_violence")
"""Targets among which series are sought unless others are named."""


@dataclass(frozen=True, eq=False)
class SeriesSource:
    """The data that series are sought in: one snapshot, as a command reads it."""

    reader: SnapshotReader
    targets: Targets

    @property
    def manifest(self) -> Manifest:
        return self.reader.snapshot.manifest

    @property
    def id(self) -> str:
        """Of the snapshot."""
        return self.reader.snapshot.id

    @property
    def fields(self) -> tuple[str, ...]:
        """Columns that are compared besides place and time."""
        return fields_of(self.manifest)

    @property
    def lack(self) -> NothingFound | None:
        """What the data lacks for a search."""
        if self.manifest.months_only or self.manifest.last_complete_day is None:
            return NothingFound.NO_DAYS
        return NothingFound.NO_PLACES if "cell" in self.manifest.views_off else None

    def kinds(self, names: Sequence[str] = ()) -> list[ModelTarget]:
        """The named targets, or those of `KINDS` that the data has.

        Raises
        ------
        InputError
            A name is not one of a target.
        """
        if names:
            return [self.targets.find(name) for name in names]
        return [self.targets.offered[name] for name in KINDS if name in self.targets.offered]

    def newest(self, kind: ModelTarget, last: date) -> pl.DataFrame:
        """Incidents of a kind up to a day, as far back as they are compared."""
        first = last - timedelta(days=DAYS_BACK - 1)
        return kind_incidents(self.reader, kind.selection, first, last)

    def solved(self, kind: ModelTarget, offenders: Mapping[str, str]) -> pl.DataFrame | None:
        """Incidents of a kind that solved cases name, with a column `offender`; None without any.

        Parameters
        ----------
        offenders
            By id of the incident; those that the data lacks are left out.
        """
        if not offenders or self.manifest.covered is None:
            return None
        every = kind_incidents(self.reader, kind.selection, *self.manifest.covered)
        cases = pl.DataFrame(
            {"id": list(offenders), "offender": list(offenders.values())},
            schema={"id": pl.String, "offender": pl.String},
        )
        found = every.join(cases, on="id", how="inner", maintain_order="left")
        return found if found.height else None
