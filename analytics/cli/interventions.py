"""`patroliq interventions`: record what was done, and tell what changed with it."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

import click

from analytics.cli.output import emit, json_option
from analytics.cli.pinned import pin_snapshot, read_selection
from analytics.settings import Settings

if TYPE_CHECKING:
    from analytics.interventions.evaluation import InterventionEvaluation
    from analytics.interventions.records import Interventions, RecordedIntervention

DAY = click.DateTime(["%Y-%m-%d"])


@click.group("interventions")
def command() -> None:
    """Record what was done where and when, and tell what changed with it."""


def _store() -> Interventions:
    from analytics.interventions.records import Interventions
    from analytics.state import State

    settings = Settings.from_environment()
    return Interventions(State(settings), settings)


@command.command("list")
@json_option
def list_all(as_json: bool) -> None:
    """List recorded interventions, the newest first."""
    found = _store().all()
    emit(
        [_row(one) for one in found],
        as_json,
        lambda: [_line(one) for one in found] or ["No interventions."],
    )


@command.command("record")
@click.argument("name")
@click.option("--first", type=DAY, required=True, help="First day.")
@click.option("--last", type=DAY, help="Last day; without it, the measure goes on.")
@click.option("--where", default="", help='Incidents and places: "type=ROBBERY&beat=1011".')
@click.option("--control", default="", help='Places to compare with, such as "beat=1013".')
@click.option("--displacement", default="", help="Places that incidents may move to.")
@click.option("--note", default="", help="What was done.")
@json_option
def record(as_json: bool, **entered: Any) -> None:
    """Record an intervention."""
    from analytics.interventions.records import EnteredMeasure

    days = {
        name: day.date() if isinstance(day, datetime) else None
        for name, day in ((name, entered.pop(name)) for name in ("first", "last"))
    }
    made = _store().record(EnteredMeasure(**entered, **days).read())  # type: ignore[arg-type]
    emit(_row(made), as_json, lambda: [_line(made)])


@command.command("withdraw")
@click.argument("intervention", type=int)
@click.option("--reason", required=True)
@json_option
def withdraw(intervention: int, reason: str, as_json: bool) -> None:
    """Take an intervention out of all lists and timelines."""
    found = _store().withdraw(intervention, reason)
    emit(_row(found), as_json, lambda: [f"Withdrew {_line(found)}"])


@command.command("evaluate")
@click.argument("intervention", type=int)
@json_option
def evaluate(intervention: int, as_json: bool) -> None:
    """Tell what changed with an intervention, three ways (docs/interventions.md)."""
    from analytics.interventions.evaluation import evaluate_intervention

    recorded = _store().get(intervention)
    pinned = pin_snapshot(Settings.from_environment())
    measure = recorded.measure.resolved(
        lambda chosen: read_selection(chosen.text, pinned, strictly=True)
    )
    found = evaluate_intervention(pinned.reader, pinned.snapshot.manifest, measure)
    emit(
        _found(found),
        as_json,
        lambda: [f"{name}: {value}" for name, value in _found(found).items()],
    )


def _found(found: InterventionEvaluation) -> dict[str, Any]:
    """The evaluation for programs."""
    from dataclasses import asdict

    from analytics.interventions.evaluation import OwnHistory
    from analytics.patrol.intervention import Study

    weeks = ((found.period[1] - found.period[0]).days + 1) // 7
    gap = found.others.gap if found.others else None
    named = found.named if isinstance(found.named, Study) else None
    return {
        "first": found.period[0].isoformat(),
        "last": found.period[1].isoformat(),
        "weeks": weeks,
        "own_history": asdict(found.own) if isinstance(found.own, OwnHistory) else None,
        "other_areas": gap
        and {
            "level": found.others.level if found.others else "",
            "difference": round(gap.difference, 2),
            "expected": round(gap.expected, 2),
            "p": round(gap.p, 4),
            "areas": gap.areas,
            "made_of": {key: round(share, 3) for key, share in found.others.made_of}
            if found.others
            else {},
        },
        "named_controls": named
        and {
            "difference": round(named.effect.difference * weeks, 2),
            "low": round(named.effect.low * weeks, 2),
            "high": round(named.effect.high * weeks, 2),
            "p": named.effect.p,
        },
    }


def _row(one: RecordedIntervention) -> dict[str, Any]:
    measure = one.measure
    return {
        "id": one.id,
        "name": measure.name,
        "first": measure.first.isoformat(),
        "last": measure.last.isoformat() if measure.last else None,
        "where": measure.selection.text,
        "control": measure.control.text,
        "displacement": measure.displacement.text,
        "note": measure.note,
        "person": one.person,
        "at": one.at,
    }


def _line(one: RecordedIntervention) -> str:
    measure = one.measure
    last = measure.last or "goes on"
    where = measure.selection.text or "all incidents"
    return f"{one.id:>4}  {measure.first} to {last}  {measure.name}  ({where})"
