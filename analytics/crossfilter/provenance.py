"""Provenance of exported files, and protection against formulas in their cells."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

import polars as pl

from analytics.crossfilter.listing import listed
from analytics.crossfilter.outline_names import outline_names
from analytics.crossfilter.selection import Selection
from analytics.crossfilter.sentence import sentence
from analytics.crossfilter.text_hash import text_hash
from analytics.crossfilter.views import View
from analytics.formula_free import NUMBER, RISKY, formula_free
from analytics.incidents.warehouse import Snapshot

PROVENANCE_LINES = 7  # at the top of an exported CSV; documented, since programs skip them
_DASH_OF_FORMULA = re.compile(rf"(?<=[,;])-(?!{NUMBER})")


@dataclass(frozen=True)
class Provenance:
    """Origin of an export's numbers. Times are ISO 8601 in UTC."""

    selection: str  # canonical text; empty means everything
    sentence: str
    source: str
    synthetic: bool
    period: str  # of the data, not of the selection
    snapshot: str
    exported: str
    incidents: int  # of the selection
    written: int  # incidents counted or listed in the rows
    rows: int
    count: str  # a sentence with both numbers, and why they differ
    counted: str = "Incidents"  # or Calls, which the numbers above then count

    @classmethod
    def of(
        cls,
        snapshot: Snapshot,
        selection: Selection,
        incidents: int,
        *,
        rows: int,
        written: int | None = None,
        selected: int | None = None,
        why: str = "",
    ) -> Provenance:
        """Provenance of an export whose rows may count other incidents than the selection's.

        Parameters
        ----------
        incidents
            Incidents of the selection.
        written, selected
            Incidents counted in the rows, and how many of them are selected; by default all of
            the selection.
        why
            Why they differ, such as "which leave out the filter on crime type".
        """
        written = incidents if written is None else written
        selected = min(written, incidents) if selected is None else selected
        manifest = snapshot.manifest
        first, last = manifest.first_day, manifest.last_day
        return cls(
            selection=selection.text,
            sentence=sentence(selection, manifest, outline_names(snapshot)),
            source=manifest.source.title,
            synthetic=manifest.source.synthetic,
            period=f"{first.isoformat()} to {last.isoformat()}"
            if first and last
            else "no dated incidents",
            snapshot=snapshot.id,
            exported=datetime.now(UTC).isoformat(timespec="seconds"),
            incidents=incidents,
            written=written,
            rows=rows,
            count=_count(incidents, written, selected, why),
        )

    def lines(self) -> str:
        """`PROVENANCE_LINES` lines that start with `#`, never quoted, so that readers skip them."""
        synthetic = "SYNTHETIC, not real incidents: " if self.synthetic else ""
        lines = (
            f"# Exported from PatrolIQ: {self.exported}",
            f"# Source: {synthetic}{self.source}",
            f"# Period of the data: {self.period}",
            f"# Snapshot: {self.snapshot}",
            f"# Selection: {_DASH_OF_FORMULA.sub('%2D', self.selection) or 'everything'}",
            f"# In words: {self.sentence}",
            f"# {self.counted}: {self.count}",
        )
        return "".join(f"{_safe_line(line)}\n" for line in lines)

    def file_name(self, what: str, ending: str) -> str:
        """A name such as `patroliq-incidents-<hash of the selection>-<snapshot>.csv`."""
        synthetic = "synthetic-" if self.synthetic else ""
        key = text_hash(self.selection)
        return f"patroliq-{synthetic}{what}-{key}-{self.snapshot}.{ending}"


def left_out(selection: Selection, view: View, labels: Mapping[str, str]) -> str:
    """`which leave out the filter on crime type`; empty if the view applies every filter."""
    names = [labels.get(name, name).lower() for name in selection.clauses if name in view.owns]
    if not names:
        return ""
    return f"which leave out the filter{'s' if len(names) > 1 else ''} on {listed(names)}"


def _count(incidents: int, written: int, selected: int, why: str) -> str:
    if not why and incidents == written == selected:
        return f"{incidents:,}"
    among = "" if selected == min(incidents, written) else f" ({selected:,} of them selected)"
    reason = f", {why}" if why else ""
    return f"{incidents:,} selected; {written:,} in the rows{among}{reason}"


def _safe_line(text: str) -> str:
    """Make one line of plain cells: without quotes, and without formulas."""
    return formula_free(" ".join(text.split()).replace('"', "'"))


def without_formulas(frame: pl.DataFrame) -> pl.DataFrame:
    """Put an apostrophe before text that a spreadsheet would run as a formula.

    Only columns of text are changed, so numbers keep their sign.
    """
    for name in frame.select(pl.col(pl.String)).columns:
        risky = frame[name].filter(frame[name].str.contains(RISKY)).unique()
        if len(risky):
            safe = [formula_free(text) for text in risky]
            frame = frame.with_columns(pl.col(name).replace(risky, safe))
    return frame
