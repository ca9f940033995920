"""`patroliq train`: train models and register them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import click

from analytics.cli.output import emit, json_option, progress_bar, target_option
from analytics.formats import number

if TYPE_CHECKING:
    from analytics.artifacts.metric import Metric
    from analytics.settings import Settings
    from analytics.training.registry import Version


STANDINGS = {
    "champion": "is now the champion.",
    "passed": "passed its promotion checks; `patroliq models promote` makes it champion.",
    "refused": "failed its promotion checks and is not used.",
}
ORIGINS = {"set": "as set", "default": "the default", "proposal": "proposed from the selection"}
"""Where the value of a parameter comes from, in words."""


@click.command("train")
@click.argument("names", nargs=-1)
@target_option
@click.option(
    "--selection", default="", help="Training incidents, such as type=THEFT&date=last365d."
)
@click.option(
    "--set", "settings_", multiple=True, metavar="NAME=VALUE", help="A parameter, such as k=8."
)
@click.option("--seed", default=1, show_default=True, type=click.IntRange(0))
@click.option(
    "--promote-first",
    is_flag=True,
    help="Promote versions that pass their checks for models without a champion.",
)
@click.option(
    "--propose",
    "only_propose",
    is_flag=True,
    help="Only propose the parameters that depend on the incidents, and store the proposals.",
)
@json_option
def command(  # noqa: PLR0917 - click calls it by name
    names: tuple[str, ...],
    target: str,
    selection: str,
    settings_: tuple[str, ...],
    seed: int,
    promote_first: bool,
    only_propose: bool,
    as_json: bool,
) -> None:
    """Train the models NAMES (default: all), evaluate them, and register a version of each.

    With --target or --selection, parameters that depend on the incidents are proposed from them,
    unless --set gives a value; without both, the defaults apply. The output says where each value
    comes from.
    """
    from analytics.artifacts.outcomes import outcome_of
    from analytics.errors import InputError
    from analytics.settings import Settings
    from analytics.training.promote import promote_first as promote_where_none
    from analytics.training.train import train

    settings = Settings.from_environment()
    if only_propose:
        return _propose(names, settings, target, selection, as_json)
    parameters = dict(pair.partition("=")[::2] for pair in settings_)
    if not all(parameters.values()):
        raise InputError("--set takes NAME=VALUE, such as --set k=8.")
    with progress_bar() as advance:
        trained = train(
            names,
            settings,
            target=target,
            selection=selection,
            parameters=parameters,
            seed=seed,
            advance=advance,
        )
        promoted = promote_where_none(trained, settings) if promote_first else []

    champions = {(one.name, one.version) for one in promoted}
    outcomes = [outcome_of(one.name, one.version, one.refused, champions) for one in trained]

    def lines() -> list[str]:
        ended = [f"{one.model} {one.version} {STANDINGS[one.standing]}" for one in outcomes]
        return [line for version in trained for line in _lines(version)] + ended

    result = {
        "versions": [version.as_json for version in trained],
        "promoted": [f"{one.name} {one.version}" for one in promoted],
        "outcomes": [one.as_json for one in outcomes],
    }
    return emit(result, as_json, lines)


def _propose(
    names: tuple[str, ...], settings: Settings, target: str, selection: str, as_json: bool
) -> None:
    from analytics.training.propose import propose_parameters

    with progress_bar() as advance:
        found = propose_parameters(
            names, settings, target=target, selection=selection, advance=advance
        )
    result = {name: list(one.rows) for name, one in found.items()}
    lines = [
        f"{name}: {row['parameter']} = {row['value']:g}, {_evidence(row['evidence'])}"
        for name, rows in result.items()
        for row in rows
    ]
    emit({"proposals": result}, as_json, lambda: lines)


def _evidence(evidence: Mapping[str, float]) -> str:
    return ", ".join(f"{key} {one:.4g}" for key, one in evidence.items())


def _lines(version: Version) -> list[str]:
    """A version's parameters, metrics and failed promotion checks."""
    name = f"{version.name} {version.version}"
    width = max(map(len, version.metrics), default=0)
    out = [f"{name}, run {version.run_id}"]
    out += [f"  {words}" for words in _origins(version)]
    out += [f"  {key:{width}}  {metric_text(metric)}" for key, metric in version.metrics.items()]
    out += [f"  note: {version.notes}"] if version.notes else []
    out += [f"  refused: {verdict.message}" for verdict in version.refused]
    return out


def _origins(version: Version) -> list[str]:
    """Lines such as `eps_m = 310, proposed from the selection: min_samples 12, share 0.62`."""
    found = []
    for name, origin in version.origins.items():
        evidence = _evidence(origin.get("evidence", {}))
        value = version.parameters.get(name, "")
        shown = f": {evidence}" if evidence else ""
        found.append(f"{name} = {value}, {ORIGINS[origin['from']]}{shown}")
    return found


def metric_text(metric: Metric) -> str:
    """A metric with its interval: `2.28 (2.18 to 2.38)`."""
    interval = (
        f" ({_number(metric.low)} to {_number(metric.high)})"
        if metric.low is not None and metric.high is not None
        else ""
    )
    return f"{_number(metric.value)}{interval}"


def _number(value: float) -> str:
    return number(value) if abs(value) >= 1_000 else f"{value:.4g}"
