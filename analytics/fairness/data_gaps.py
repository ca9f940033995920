"""What the data lacks, as counts; the page says what each does to maps, forecasts and plans."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum, unique

from analytics.incidents.reader import SnapshotReader
from sql import load


@unique
class Gap(StrEnum):
    """A kind of gap."""

    REFUSED = "refused"
    DIFFERING = "differing"
    NO_PLACE = "no_place"
    DEFAULT_ADDRESS = "default_address"
    NO_HOUR = "no_hour"
    HEAPED_TIME = "heaped_time"
    NO_AREA = "no_area"
    NO_HARM = "no_harm"
    PROACTIVE_UNKNOWN = "proactive_unknown"
    FOUND = "found"
    OUTSIDE = "outside"


OF_ROWS = frozenset({Gap.REFUSED, Gap.DIFFERING})
"""Gaps that are shares of the rows read, not of the incidents."""


@dataclass(frozen=True)
class DataGap:
    """How many incidents, or rows read, a gap is about, and of how many."""

    gap: Gap
    count: int
    of: int

    @property
    def share(self) -> float:
        return self.count / self.of if self.of else 0.0


def data_gaps(reader: SnapshotReader, level: str) -> tuple[DataGap, ...]:
    """All gaps of a snapshot, also those of which there are none.

    Parameters
    ----------
    level : of the areas
    """
    manifest = reader.snapshot.manifest
    (row,) = reader.frame(load("fairness/data_gaps", area=f'"{level}"'), {}).iter_rows(named=True)
    read = sum(batch.read for batch in manifest.batches)
    counts = {
        Gap.REFUSED: sum(batch.quarantined for batch in manifest.batches),
        Gap.DIFFERING: sum(batch.differing for batch in manifest.batches),
        Gap.OUTSIDE: manifest.outside_covered,
        **{gap: int(row[gap]) for gap in Gap if gap.value in row},
    }
    return tuple(
        DataGap(gap, counts[gap], read if gap in OF_ROWS else int(row["incidents"])) for gap in Gap
    )
