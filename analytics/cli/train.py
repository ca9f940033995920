"""`patroliq train`: fit models and register them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from analytics.cli.output import emit, json_option, progress_bar

if TYPE_CHECKING:
    from analytics.models.fitted import Metric
    from analytics.models.registry import Version


@click.command("train")
@click.argument("names", nargs=-1)
@click.option("--selection", default="", help="Which incidents, as type=THEFT&date=last365d.")
@click.option(
    "--set", "settings_", multiple=True, metavar="NAME=VALUE", help="A parameter, as k=8."
)
@click.option("--seed", default=1, show_default=True, type=click.IntRange(0))
@click.option(
    "--promote-first",
    is_flag=True,
    help="Promote what passes the gates where a model has no champion yet.",
)
@json_option
def command(  # noqa: PLR0917 - click calls it by name
    names: tuple[str, ...],
    selection: str,
    settings_: tuple[str, ...],
    seed: int,
    promote_first: bool,
    as_json: bool,
) -> None:
    """Fit the models NAMES (all without one), measure them, and register a version of each."""
    from analytics.errors import InputError
    from analytics.models.promote import promote_first as promote_where_none
    from analytics.models.train import train
    from analytics.settings import Settings

    settings = Settings.from_environment()
    parameters = dict(pair.partition("=")[::2] for pair in settings_)
    if not all(parameters.values()):
        raise InputError("--set takes NAME=VALUE, as --set k=8.")
    with progress_bar() as advance:
        trained = train(
            names, settings, selection=selection, parameters=parameters, seed=seed, advance=advance
        )
        promoted = promote_where_none(trained, settings) if promote_first else []

    def lines() -> list[str]:
        champions = [f"{one.name} {one.version} is champion now." for one in promoted]
        return [line for version in trained for line in _told(version)] + champions

    result = {
        "versions": [version.facts for version in trained],
        "promoted": [f"{one.name} {one.version}" for one in promoted],
    }
    emit(result, as_json, lines)


def _told(version: Version) -> list[str]:
    """What a version showed, and what its gates said."""
    name = f"{version.name} {version.version}"
    width = max(map(len, version.metrics), default=0)
    out = [f"{name}, run {version.run_id}"]
    out += [f"  {key:{width}}  {metric_text(metric)}" for key, metric in version.metrics.items()]
    out += [f"  note: {version.notes}"] if version.notes else []
    out += [f"  refused: {words}" for words in version.refused]
    if not version.refused:
        out.append("  Its gates let it pass.")
    return out


def metric_text(metric: Metric) -> str:
    """As `2.28 (2.18 to 2.38)`."""
    interval = (
        f" ({_number(metric.low)} to {_number(metric.high)})"
        if metric.low is not None and metric.high is not None
        else ""
    )
    return f"{_number(metric.value)}{interval}"


def _number(value: float) -> str:
    return f"{value:,.0f}" if abs(value) >= 1_000 else f"{value:.4g}"
