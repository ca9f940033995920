"""What makes a load doubtful: many rows refused, or many places lost."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum, unique

from analytics.formats import percent


@unique
class DoubtKind(StrEnum):
    """What was lost."""

    ROWS = "rows"
    PLACES = "places"


@dataclass(frozen=True)
class Doubt:
    """More was lost than the settings allow.

    Attributes
    ----------
    lost, of
        Rows refused, of rows read; or places that cannot be read or are out of bounds, of places.
    columns
        Columns of the file that most of it is due to.
    reason
        The most frequent reason of refused rows.
    remedy
        The key of a source with which most of the places would be inside the bounds, if any.
    """

    kind: DoubtKind
    lost: int
    of: int
    columns: tuple[str, ...]
    reason: str = ""
    remedy: str = ""

    def __str__(self) -> str:
        """A sentence that says what was lost, why, and what may help."""
        share = f"{self.lost:,} of {self.of:,} {self.kind} ({percent(self.lost / self.of, 0)})"
        named = ", ".join(map(repr, self.columns))
        where = f" in column{'s' if len(self.columns) > 1 else ''} {named}" if named else ""
        if self.kind is DoubtKind.ROWS:
            return f"{share} were refused, mostly because of: {self.reason}{where}."
        help_ = (
            f"With {self.remedy} in the source, most would be inside."
            if self.remedy
            else ("Check the columns, [coordinates] crs and bounds, and decimal.")
        )
        return f"{share} are lost: not readable or out of bounds{where}. {help_}"
