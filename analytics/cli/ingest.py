"""`patroliq ingest`: read an agency's files into a new snapshot."""

from __future__ import annotations

from pathlib import Path

import click

from analytics.cli.output import emit, json_option, progress_bar, raise_if, warn


@click.command("ingest")
@click.argument("paths", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option("--source", help="Bundled source by name, or a TOML file. See docs/sources.md.")
@click.option("--dry-run", is_flag=True, help="Read and report; publish nothing.")
@click.option("--replace", is_flag=True, help="Replace the incidents of the warehouse.")
@click.option("--suggest", is_flag=True, help="Propose a source for an unknown file, and stop.")
@json_option
def command(  # noqa: PLR0917
    paths: tuple[Path, ...],
    source: str | None,
    dry_run: bool,
    replace: bool,
    suggest: bool,
    as_json: bool,
) -> None:
    """Read incidents from CSV (also .gz and .zip), Parquet or JSON files into a new snapshot.

    The served data stays unchanged until the new snapshot is complete. Every row is counted:
    read = accepted + quarantined + duplicates + differing (same id, different content).

    Exit codes: 2 no row could be used, 6 more than 5% of rows were refused.
    """
    from analytics.cli.checks import queue_check
    from analytics.ingest.pipeline import ingest
    from analytics.ingest.report_sentences import note_words, report_dict, report_lines, warnings
    from analytics.logs import configure
    from analytics.settings import Settings
    from analytics.sources.source import Source, bundled_sources

    settings = Settings.from_environment()
    if settings.log_level == "debug":
        configure(settings)
    if suggest:
        _suggest(paths[0], as_json)
        return
    if source is None:
        names = ", ".join(bundled_sources())
        raise click.UsageError(
            f"Name the source: --source with one of {names}, or a TOML file. "
            "For an unknown file, --suggest proposes one."
        )
    with progress_bar() as advance:
        report = ingest(
            paths,
            Source.load(source),
            settings,
            dry_run=dry_run,
            replace=replace,
            advance=advance,
        )
    if as_json:
        for text in (*warnings(report), *map(note_words, report.notes)):
            warn(text)
    emit(report_dict(report), as_json, lambda: report_lines(report))
    if report.published:
        queue_check(settings)
    raise_if(report.failure())


def _suggest(path: Path, as_json: bool) -> None:
    from analytics.ingest.suggest import suggest
    from analytics.sources.reading import reading

    with reading(path):
        suggestion = suggest(path)
    emit(suggestion.as_dict(), as_json, suggestion.lines)
