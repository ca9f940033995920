"""`patroliq models`: list, compare, check, promote or roll back models."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

import click

from analytics.cli.output import emit, json_option, target_option, warn
from analytics.cli.pinned import pin_snapshot

if TYPE_CHECKING:
    from analytics.artifacts.champion_checks import ChampionCheck
    from analytics.training.promote import Promotion
    from analytics.training.registry import Version

SHOWN = ("pai", "gain", "pai_1", "gain_1", "noise_share")
WIDE = 30  # most characters of a value that is shown beside another


@click.group("models")
def command() -> None:
    """List, compare, check, promote or roll back models."""


@command.command("list")
@click.argument("names", nargs=-1)
@click.option("--target", default="", help="Only models of this target, such as robbery or all.")
@json_option
def list_models(names: tuple[str, ...], target: str, as_json: bool) -> None:
    """Versions of every model, newest first, with the champion marked and refusals."""
    from analytics.artifacts.catalog import model_of, target_of
    from analytics.cli.restored import restored_words
    from analytics.errors import BusyError
    from analytics.incidents.warehouse import Warehouse
    from analytics.settings import Settings
    from analytics.training.derived import restore_derived
    from analytics.training.kinds import kinds_of
    from analytics.training.registry import Registry

    wanted = {kind.name for kind in kinds_of(names)}
    settings = Settings.from_environment()
    registry, warehouse = Registry(settings), Warehouse(settings.home)
    with suppress(BusyError), warehouse.lock():  # skipped while another process writes
        for sentence in restored_words(restore_derived(registry, warehouse, settings)):
            warn(sentence)
    found = registry.write_index()
    versions = [
        version
        for version in found
        if model_of(version.name) in wanted and target in ("", target_of(version.name))
    ]

    def lines() -> list[str]:
        out = [line for version in versions for line in _lines(version)]
        return out or ["No models yet; run `patroliq train`."]

    emit({"versions": [version.as_json for version in versions]}, as_json, lines)


def _lines(version: Version) -> list[str]:
    from analytics.cli.train import metric_text

    shown = dict.fromkeys((*SHOWN, *(verdict.metric for verdict in version.verdicts)))
    metrics = ", ".join(
        f"{name} {metric_text(version.metrics[name])}" for name in shown if name in version.metrics
    )
    mark = "*" if version.champion else " "
    return [
        f"{mark} {version.name} {version.version}  {version.created[:16]}Z  {version.person}  "
        f"snapshot {version.snapshot}  {version.selection or 'everything'}",
        f"    {metrics}",
        *(f"    refused: {verdict.message}" for verdict in version.refused),
        *([f"    note: {version.notes}"] if version.notes else []),
    ]


@command.command("targets")
@click.option("--names", is_flag=True, help="Only names, without all, for scripts.")
@json_option
def list_targets(names: bool, as_json: bool) -> None:
    """Targets of models that the data offers, and why it lacks the others."""
    from analytics.artifacts.catalog import ALL
    from analytics.artifacts.targets import Targets
    from analytics.settings import Settings

    settings = Settings.from_environment()
    pinned = pin_snapshot(settings)
    found = Targets.of(pinned.vocabulary, settings)
    rows = [
        {"target": one.name, "title": one.title, "selection": one.selection.text}
        for one in found.offered.values()
    ]

    def lines() -> list[str]:
        if names:
            return [name for name in found.offered if name != ALL]
        offered = [f"{one['target']:20}{one['selection'] or 'everything'}" for one in rows]
        return offered + [f"{name:20}not available: {why}" for name, why in found.lacking.items()]

    emit({"targets": rows, "lacking": dict(found.lacking)}, as_json, lines)


@command.command("compare")
@click.argument("name")
@click.argument("first", type=click.IntRange(1))
@click.argument("second", type=click.IntRange(1))
@target_option
@json_option
def compare(name: str, first: int, second: int, target: str, as_json: bool) -> None:
    """Compare metrics and parameters of two versions of NAME."""
    from analytics.artifacts.catalog import pair_name
    from analytics.settings import Settings
    from analytics.training.registry import Registry

    registry = Registry(Settings.from_environment())
    name = pair_name(name, target)
    one, other = registry.version(name, first), registry.version(name, second)
    parameters = {
        key: [one.parameters.get(key), other.parameters.get(key)]
        for key in sorted({*one.parameters, *other.parameters})
    }
    metrics: dict[str, Any] = {
        key: [asdict(side.metrics[key]) if key in side.metrics else None for side in (one, other)]
        for key in sorted({*one.metrics, *other.metrics})
    }
    result = {"name": name, "versions": [first, second], "metrics": metrics}
    emit({**result, "parameters": parameters}, as_json, lambda: _side_by_side(one, other))


def _side_by_side(one: Version, other: Version) -> list[str]:
    from analytics.cli.train import metric_text

    out = [_line(one.name, f"version {one.version}", f"version {other.version}"), "", "Metrics"]
    for name in sorted({*one.metrics, *other.metrics}):
        found = (side.metrics.get(name) for side in (one, other))
        out.append(_line(name, *(metric_text(metric) if metric else "-" for metric in found)))
    out += ["", "Parameters"]
    long = []
    for name in sorted({*one.parameters, *other.parameters}):
        texts = [side.parameters.get(name) or "-" for side in (one, other)]
        if max(map(len, texts)) <= WIDE:
            out.append(_line(name, *texts))
        else:
            sides = zip((one, other), texts, strict=True)
            long += [f"{name} of version {side.version}: {text}" for side, text in sides]
    return out + long


def _line(name: str, first: str, second: str) -> str:
    return f"{name:26}{first:{WIDE + 2}}{second}"


@command.command("promote")
@click.argument("name")
@click.argument("version", type=click.IntRange(1))
@target_option
@click.option("--reason", required=True, help="Reason, for the audit log.")
@json_option
def promote_version(name: str, version: int, target: str, reason: str, as_json: bool) -> None:
    """Make VERSION of NAME the champion of its target, if it passes its promotion checks."""
    from analytics.artifacts.catalog import pair_name
    from analytics.cli.checks import queue_check
    from analytics.settings import Settings
    from analytics.training.promote import promote

    settings = Settings.from_environment()
    done = promote(pair_name(name, target), version, reason, settings)
    _print(done, as_json)
    queue_check(settings, done.name)


@command.command("rollback")
@click.argument("name")
@target_option
@click.option("--reason", required=True, help="Reason, for the audit log.")
@json_option
def roll_back(name: str, target: str, reason: str, as_json: bool) -> None:
    """Make the previous champion of a target the champion again."""
    from analytics.artifacts.catalog import pair_name
    from analytics.cli.checks import queue_check
    from analytics.settings import Settings
    from analytics.training.promote import rollback

    settings = Settings.from_environment()
    done = rollback(pair_name(name, target), reason, settings)
    _print(done, as_json)
    queue_check(settings, done.name)


@command.command("check")
@click.argument("names", nargs=-1)
@click.option("--target", default="", help="Only this target, such as robbery or all.")
@json_option
def check(names: tuple[str, ...], target: str, as_json: bool) -> None:
    """Score champions on the weeks since training, and renew their forecasts.

    NAMES are models; by default all with a champion. Nothing is retrained.
    """
    from analytics.cli.output import progress_bar
    from analytics.settings import Settings
    from analytics.training.drift import check_champions

    with progress_bar() as advance:
        found = check_champions(names, Settings.from_environment(), target, advance)
    emit(
        {"checks": [one.as_json for one in found]},
        as_json,
        lambda: [_drift_line(one) for one in found] or ["No champion to check."],
    )


def _drift_line(one: ChampionCheck) -> str:
    """`zones_kmeans 3: better; 6 weeks, PAI 5 (4 to 6), gain 1 (0.5 to 1.5) against counts`."""
    from analytics.artifacts.champion_checks import CheckedBy
    from analytics.artifacts.metric import Metric
    from analytics.cli.train import metric_text

    verdict = f"{one.name} {one.version}: {one.drift.replace('_', ' ')}"
    if not one.total:
        return verdict
    found, gain = (metric_text(Metric(name, *one.total[name])) for name in (one.measure, "gain"))
    measure = {CheckedBy.PAI: "PAI", CheckedBy.PINBALL: "pinball loss"}[one.measure]
    weeks = f"{one.total['weeks']} weeks"
    return f"{verdict}; {weeks}, {measure} {found}, gain {gain} over {one.baseline}"


def _print(done: Promotion, as_json: bool) -> None:
    before = f", replacing version {done.before}" if done.before else ""
    emit(
        asdict(done),
        as_json,
        lambda: [
            f"{done.name} {done.version} is now the champion{before}.",
            f"Snapshot {done.snapshot} has its labels.",
        ],
    )


@command.command("ui")
@click.option("--port", default=5000, show_default=True, type=click.IntRange(1, 65535))
@json_option
def ui(port: int, as_json: bool) -> None:
    """Open MLflow's own pages, only on this machine, since they have no access control."""
    import os
    import sys

    from analytics.address import require_free_port
    from analytics.settings import Settings
    from analytics.training.runs import QUIET, Runs

    host = "127.0.0.1"
    require_free_port(host, port)
    runs = Runs(Settings.from_environment())
    arguments = [sys.executable, "-m", "mlflow", "ui", "--host", host, "--port", str(port)]
    arguments += ["--workers", "1"]
    if runs.is_local:
        arguments += ["--backend-store-uri", runs.address]
    else:
        warn(f"MLFLOW_TRACKING_URI is set: open the pages of {runs.address}.")
        return
    address = f"http://{host}:{port}/"
    emit({"address": address}, as_json, lambda: [f"MLflow serves on {address}"])
    sys.stdout.flush()
    environment = os.environ | QUIET
    os.execve(sys.executable, arguments, environment)  # noqa: S606 - no shell, fixed program
