"""`patroliq fetch`: fetch incidents from an open-data portal and ingest them."""

from __future__ import annotations

import re
from datetime import date
from typing import Any

import click

from analytics.cli.confirm import confirm_option, showing_unconfirmed
from analytics.cli.output import emit, json_option, progress_bar, raise_if
from analytics.fetch.window import BY


class _Day(click.ParamType):
    """A day, only in the form 2026-01-31."""

    name = "date"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> date:
        if isinstance(value, date):
            return value
        if not re.fullmatch(r"\d{4}-\d\d-\d\d", str(value), re.ASCII):
            self.fail(f"{value!r} is not a day such as 2026-01-31.", param, ctx)
        try:
            return date.fromisoformat(value)
        except ValueError as error:
            self.fail(f"{value!r}: {error}.", param, ctx)


@click.command()
@click.argument("portal")
@click.option("--since", required=True, type=_Day(), help="First day, such as 2026-01-31.")
@click.option("--until", type=_Day(), help="Last day. Default: no end.")
@click.option(
    "--by",
    default=BY[0],
    show_default=True,
    type=click.Choice(BY),
    help="Select by day of the last update or by day of the incident.",
)
@click.option("--url", help="Address of the portal. Default: that of its TOML file.")
@click.option(
    "--page-size",
    default=20_000,
    show_default=True,
    type=click.IntRange(1, 50_000),
    help="Incidents per request.",
)
@confirm_option
@json_option
def command(  # noqa: PLR0917
    portal: str,
    since: date,
    until: date | None,
    by: str,
    url: str | None,
    page_size: int,
    confirm: bool,
    as_json: bool,
) -> None:
    """Fetch incidents from PORTAL (chicago, or a TOML file) and ingest them.

    After an interruption, the same command continues after the last complete page.
    PATROLIQ_FETCH_TOKEN holds the portal's app token, which raises its rate limits.
    """
    from analytics.cli.checks import queue_check
    from analytics.fetch.portal import Portal
    from analytics.fetch.run import fetch
    from analytics.fetch.window import FetchWindow
    from analytics.ingest.report_sentences import report_lines
    from analytics.settings import Settings

    if until is not None and until < since:
        raise click.BadParameter(f"{until} is before --since {since}.", param_hint="--until")
    settings = Settings.from_environment()
    with progress_bar() as advance, showing_unconfirmed(as_json):
        report = fetch(
            Portal.load(portal).at(url),
            FetchWindow(since, until, by),
            settings,
            page_size=page_size,
            confirmed=confirm,
            advance=advance,
        )

    def lines() -> list[str]:
        resumed = f", {report.resumed_pages:,} of them earlier" if report.resumed_pages else ""
        text = f"Fetched {report.rows:,} incidents in {report.pages:,} pages{resumed}."
        if report.ingest is None:
            return [text, "Nothing to ingest."]
        return [text, *report_lines(report.ingest)]

    emit(report.as_dict(), as_json, lines)
    if report.ingest is not None:
        if report.ingest.published:
            queue_check(settings)
        raise_if(report.ingest.failure())
