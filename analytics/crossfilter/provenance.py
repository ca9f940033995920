"""What every exported file says of itself, and how its cells are made safe to open."""

from __future__ import annotations

import csv
import io
from dataclasses import dataclass
from datetime import UTC, datetime

import polars as pl

from analytics.crossfilter.selection import Selection
from analytics.crossfilter.sentence import period_text, sentence
from analytics.crossfilter.text_hash import text_hash
from analytics.crossfilter.vocabulary import outline_names
from analytics.incidents.warehouse import Snapshot

PROVENANCE_LINES = 7  # at the top of an exported CSV; documented, so that programs can skip them
FORMULA_STARTS = r"^[=+\-@\t\r]"


@dataclass(frozen=True)
class Provenance:
    """Where the numbers of an export come from. Times are ISO 8601 in UTC."""

    selection: str  # canonical text; empty is everything
    sentence: str
    source: str
    synthetic: bool
    period: str  # of the data, not of the selection
    snapshot: str
    exported: str
    incidents: int
    written: int

    @classmethod
    def of(
        cls, snapshot: Snapshot, selection: Selection, incidents: int, limit: int | None = None
    ) -> Provenance:
        """Of an export of `incidents`, cut at `limit` rows."""
        manifest = snapshot.manifest
        first, last = manifest.first_day, manifest.last_day
        return cls(
            selection=selection.text,
            sentence=sentence(selection, manifest, outline_names(snapshot)),
            source=manifest.source.title,
            synthetic=manifest.source.synthetic,
            period=period_text(first, last) if first and last else "no dated incidents",
            snapshot=snapshot.id,
            exported=datetime.now(UTC).isoformat(timespec="seconds"),
            incidents=incidents,
            written=min(incidents, limit) if limit is not None else incidents,
        )

    @property
    def is_cut(self) -> bool:
        return self.written < self.incidents

    @property
    def count(self) -> str:
        if not self.is_cut:
            return f"{self.incidents:,}"
        return (
            f"the first {self.written:,} of {self.incidents:,}; "
            "the file was cut at PATROLIQ_EXPORT_ROWS"
        )

    def lines(self) -> str:
        """`PROVENANCE_LINES` lines of CSV that begin with `#`, quoted where they hold a comma."""
        synthetic = "SYNTHETIC, no real incidents: " if self.synthetic else ""
        facts = (
            f"# Exported from PatrolIQ: {self.exported}",
            f"# Source: {synthetic}{self.source}",
            f"# Period of the data: {self.period}",
            f"# Snapshot: {self.snapshot}",
            f"# Selection: {self.selection or 'everything'}",
            f"# In words: {self.sentence}",
            f"# Incidents: {self.count}",
        )
        text = io.StringIO()
        writer = csv.writer(text, lineterminator="\n")
        writer.writerows([" ".join(fact.split())] for fact in facts)
        return text.getvalue()

    def file_name(self, what: str, ending: str) -> str:
        """As `patroliq-incidents-<hash of the selection>-<snapshot>.csv`."""
        synthetic = "synthetic-" if self.synthetic else ""
        key = text_hash(self.selection)
        return f"patroliq-{synthetic}{what}-{key}-{self.snapshot}.{ending}"


def without_formulas(frame: pl.DataFrame) -> pl.DataFrame:
    """Text that a spreadsheet would run as a formula, with an apostrophe before it.

    Numbers keep their sign: only columns of text are touched.
    """
    text = pl.col(pl.String)
    safe = pl.when(text.str.contains(FORMULA_STARTS)).then(pl.lit("'") + text).otherwise(text)
    return frame.with_columns(safe.name.keep())
