"""Whether more of a load was lost than the settings allow."""

from __future__ import annotations

from collections.abc import Sequence

from analytics.ingest.doubts import Doubt, DoubtKind
from analytics.ingest.quarantine import Refused
from analytics.ingest.report import FileReport, IngestReport
from analytics.settings import Settings

FEWEST_ROWS = 50
"""Rows below which a share says little, so that no confirmation is needed."""


def doubts_of(
    files: Sequence[FileReport], read: int, refused: Refused, settings: Settings
) -> tuple[Doubt, ...]:
    """Whether more rows or places were lost than the settings allow."""
    found = []
    if refused.rows > (1 - settings.least_accepted) * read:
        reason = next(iter(refused.reasons), "")
        columns = (refused.column,) if refused.column else ()
        found.append(Doubt(DoubtKind.ROWS, refused.rows, read, columns, reason))
    if loses_places(files, settings):
        lost, places = _places(files)
        worst = max(files, key=lambda file: file.lost_places)
        found.append(
            Doubt(DoubtKind.PLACES, lost, places, worst.place_columns, "", worst.place_remedy)
        )
    return tuple(found)


def is_doubtful(report: IngestReport) -> bool:
    """Whether a load, if it is the first, must wait for a confirmation."""
    return bool(report.doubts and report.accepted and report.read >= FEWEST_ROWS)


def loses_places(files: Sequence[FileReport], settings: Settings) -> bool:
    """Whether more places of some files are lost than the settings allow."""
    lost, places = _places(files)
    return lost > settings.most_places_lost * places


def _places(files: Sequence[FileReport]) -> tuple[int, int]:
    lost = sum(file.lost_places for file in files)
    return lost, lost + sum(file.placed for file in files)
