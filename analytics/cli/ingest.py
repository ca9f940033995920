"""`patroliq ingest`: read an agency's files into a new snapshot."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from analytics.cli.confirm import confirm_option, showing_unconfirmed
from analytics.cli.output import emit, json_option, progress_bar, raise_if, warn
from analytics.cli.record_kind import kind_option

if TYPE_CHECKING:
    from analytics.ingest.report import IngestReport
    from analytics.settings import Settings


@click.command("ingest")
@click.argument("paths", nargs=-1, required=True, metavar="FILE_OR_URL...")
@kind_option
@click.option(
    "--source",
    help="Source by name, or a TOML file. See docs/sources.md.",
)
@click.option("--dry-run", is_flag=True, help="Read and report; publish nothing.")
@click.option("--replace", is_flag=True, help="Replace what the warehouse holds of this kind.")
@confirm_option
@click.option("--suggest", is_flag=True, help="Print a proposed source for an unknown file.")
@json_option
def command(  # noqa: PLR0917
    paths: tuple[str, ...],
    kind: str,
    source: str | None,
    dry_run: bool,
    replace: bool,
    confirm: bool,
    suggest: bool,
    as_json: bool,
) -> None:
    """Read incidents or calls from files, or from addresses of open-data portals, into a snapshot.

    Files may be CSV, Excel, JSON, GeoJSON or Parquet, also in .gz or .zip.

    Calls for service are a data set of their own, beside the incidents; see docs/calls.md.

    The served data stays unchanged until the new snapshot is complete. Every row is counted:
    read = accepted + quarantined + duplicates + differing (same id, different content).

    Exit codes: 2 no row could be used, 6 more than 5% of rows were refused, 7 a first load is
    doubtful and waits for --confirm.
    """
    from analytics.cli.checks import forget_unused_selections, queue_check
    from analytics.fetch.download import fetched
    from analytics.ingest.pipeline import ingest
    from analytics.logs import configure
    from analytics.settings import Settings
    from analytics.sources.record_kinds import INCIDENTS, RECORD_KINDS
    from analytics.sources.source import Source, bundled_sources

    settings = Settings.from_environment()
    if settings.log_level == "debug":
        configure(settings)
    records = RECORD_KINDS[kind]
    if suggest:
        if records is not INCIDENTS:
            raise click.UsageError("--suggest proposes sources of incidents; see docs/calls.md.")
        _suggest(paths[0], settings, as_json)
        return
    if source is None:
        names = ", ".join(bundled_sources(records))
        raise click.UsageError(
            f"Name the source: --source with one of {names}, or a TOML file. "
            "docs/sources.md describes its keys."
        )
    with (
        progress_bar() as advance,
        showing_unconfirmed(as_json),
        fetched(paths, settings.home, advance=advance) as files,
    ):
        report = ingest(
            files,
            Source.load(source, records, settings.home),
            settings,
            dry_run=dry_run,
            replace=replace,
            confirmed=confirm,
            advance=advance,
        )
    _tell(report, as_json)
    if report.published and records is INCIDENTS:
        queue_check(settings)
        forget_unused_selections(settings)
    raise_if(report.failure())


def _tell(report: IngestReport, as_json: bool) -> None:
    from analytics.ingest.report_sentences import note_lines, report_dict, report_lines, warnings

    if as_json:
        for text in (*warnings(report), *note_lines(report)):
            warn(text)
    emit(report_dict(report), as_json, lambda: report_lines(report))


def _suggest(name: str, settings: Settings, as_json: bool) -> None:
    from analytics.fetch.download import fetched
    from analytics.ingest.suggest import suggest
    from analytics.sources.reading import reading

    with fetched([name], settings.home) as files, reading(name):
        suggestion = suggest(files[0])
    emit(suggestion.as_dict(), as_json, suggestion.toml.splitlines)
    if not as_json:
        for remark in suggestion.remarks():
            warn(remark)
