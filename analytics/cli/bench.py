"""`patroliq bench`: measure the product against its peers."""

from __future__ import annotations

from importlib import import_module
from pathlib import Path
from typing import Any

import click

from analytics.cli.output import emit, json_option
from analytics.errors import PatrolIQError

NAMES = (
    "crossfilter", "growth", "browser", "users", "ingest", "start", "training", "pages", "visits",
    "calls", "patrol", "audit", "scopes", "memory", "cluster", "browser_mosaic",
)  # fmt: skip


@click.command("bench")
@click.argument("name", type=click.Choice(NAMES))
@click.option(
    "--incidents",
    type=click.IntRange(1_000),
    multiple=True,
    help="Number of incidents, or of calls; growth, browser and users take several.",
)
@click.option(
    "--file",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="File whose rows are repeated with jitter. Default: the demo city.",
)
@click.option("--source", default="chicago", show_default=True, help="Source of that file.")
@click.option(
    "--store", type=click.Path(file_okay=False, path_type=Path), help="Folder for the JSON result."
)
@click.option(
    "--trace",
    is_flag=True,
    help="With browser: what the browser does for a click, by Chromium's trace.",
)
@json_option
def command(  # noqa: PLR0917 - click calls it by name
    name: str,
    incidents: tuple[int, ...],
    file: Path | None,
    source: str,
    store: Path | None,
    trace: bool,
    as_json: bool,
) -> None:
    """Run a benchmark: cross-filter, pages, visits, ingest, training, start, calls, patrol,
    audit, scopes, memory or cluster; browser_mosaic is Explore beside the same views of Mosaic.

    Its warehouses are kept in PATROLIQ_BENCH_HOME, or else in the temporary folder.
    """
    try:
        run = import_module("bench.run")  # bench is outside the layers of analytics
    except ModuleNotFoundError as error:
        raise PatrolIQError(f"The benchmarks are not installed: {error}.") from error
    if trace:
        if name not in run.TRACED:
            raise click.UsageError(f"--trace goes with {', '.join(run.TRACED)}, not with {name}.")
        click.echo("\n".join(run.trace(name, incidents, file, source)))
        return
    result = run.measure(name, incidents, file, source, store)
    shown: Any = result["rows"] if name == "crossfilter" else result
    emit(shown, as_json, lambda: run.lines(name, result))
