"""`patroliq quarantine`: list or export refused rows."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from analytics.cli.output import emit, json_option
from analytics.cli.record_kind import kind_option, warehouse_of
from analytics.errors import InputError

if TYPE_CHECKING:
    from analytics.incidents.reader import SnapshotReader


@click.group("quarantine")
def command() -> None:
    """List or export refused rows."""


def _reader(kind: str) -> SnapshotReader:
    from analytics.incidents.reader import SnapshotReader
    from analytics.settings import Settings

    settings = Settings.from_environment()
    snapshot = warehouse_of(settings, kind).current()
    if snapshot is None:
        raise InputError(f"{settings.home} has no snapshot of {kind}; first run `patroliq ingest`.")
    return SnapshotReader(snapshot, settings)


@command.command("list")
@click.option("--batch", help="Only rows refused in this batch.")
@click.option("--offset", default=0, type=click.IntRange(0), help="Rows to skip.")
@click.option("--limit", default=20, type=click.IntRange(0), help="Most rows to show.")
@kind_option
@json_option
def list_rows(batch: str | None, offset: int, limit: int, kind: str, as_json: bool) -> None:
    """List refused rows: counts by batch, file and reason, and the first rows."""
    from analytics.ingest.quarantine import quarantine_counts, quarantined

    reader = _reader(kind)
    counts = quarantine_counts(reader, batch=batch).to_dicts()
    rows = quarantined(reader, batch=batch, offset=offset, limit=limit).to_dicts()
    snapshot = reader.snapshot.id
    reader.close()

    def lines() -> list[str]:
        out = [f"{c['rows']:>9,}  {c['file']}  {c['reason']}  (batch {c['batch']})" for c in counts]
        for row in rows:
            column = f", column {row['column']!r}" if row["column"] else ""
            value = f": {row['value']!r}" if row["value"] is not None else ""
            out.append(f"{row['file']}, line {row['line']}{column}: {row['reason']}{value}")
        return out or ["No rows in quarantine."]

    total = sum(count["rows"] for count in counts)
    emit({"snapshot": snapshot, "total": total, "counts": counts, "rows": rows}, as_json, lines)


@command.command("export")
@click.argument("path", type=click.Path(path_type=Path, dir_okay=False))
@click.option("--batch", help="Only rows refused in this batch.")
@kind_option
@json_option
def export_rows(path: Path, batch: str | None, kind: str, as_json: bool) -> None:
    """Write complete refused rows to a CSV or JSON lines (.jsonl) file."""
    from analytics.ingest.quarantine import export_quarantine

    reader = _reader(kind)
    try:
        rows = export_quarantine(reader, path, batch)
    except OSError as error:
        raise InputError(f"{path} cannot be written: {error.strerror}.") from error
    finally:
        reader.close()
    emit({"path": str(path), "rows": rows}, as_json, lambda: [f"Wrote {rows:,} rows to {path}."])
