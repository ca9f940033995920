"""`patroliq alerts`: check watch lists, and say what is done about alerts."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Any

import click

from analytics.cli.output import emit, json_option, progress_bar, warn

if TYPE_CHECKING:  # they load SQLAlchemy and SciPy
    from analytics.alerts.stored_alerts import Alert, AlertCheck, StoredAlerts
    from analytics.alerts.watch_lists import WatchList, WatchLists

DAY = click.DateTime(["%Y-%m-%d"])
STATES = ("new", "acknowledged", "in_work", "closed")
RULES = ("change", "threshold", "near_repeat_chain", "hot_spot", "new_hot_spot", "stale_feed")


@click.group("alerts")
def command() -> None:
    """Check watch lists, and say what is done about alerts."""


@command.command()
@json_option
def check(as_json: bool) -> None:
    """Check every watch list against the served data.

    The worker does so whenever other data is served, and once a day. Checking the same data again
    fires nothing twice.
    """
    from analytics.alerts.check import run_check
    from analytics.alerts.checked_data import CheckedData
    from analytics.alerts.digest import send_digests
    from analytics.cli.pinned import pin_snapshot
    from analytics.settings import Settings
    from analytics.state import State
    from analytics.zones.edits import ZoneEdits

    settings = Settings.from_environment()
    pinned = pin_snapshot(settings)
    with closing(State(settings)) as state, progress_bar() as advance:
        data = CheckedData(
            pinned.reader,
            pinned.crossfilter,
            pinned.vocabulary,
            pinned.targets,
            ZoneEdits(state, settings),
            settings.home,
            datetime.now(UTC),
        )
        made = run_check(state, settings, data, advance)
        advance("Sending digests", 0.95)
        sent = send_digests(state, settings, pinned.vocabulary.label)
    for one in sent:
        if one.error:
            warn(f"The digest was not sent by {one.channel}: {one.error}")
    deliveries = [
        {"channel": one.channel, "message": one.message, "state": str(one.state)} for one in sent
    ]
    result = {**_check_json(made), "deliveries": deliveries}
    emit(result, as_json, lambda: _check_lines(made))


@command.command("list")
@click.option("--state", "states", type=click.Choice(STATES), multiple=True, help="Repeatable.")
@click.option("--watch-list", type=int, help="Only those of one watch list.")
@json_option
def list_alerts(states: tuple[str, ...], watch_list: int | None, as_json: bool) -> None:
    """List alerts: new ones first, then the newest."""
    from analytics.alerts.stored_alerts import AlertState

    with _alerts() as alerts:
        found = alerts.listed([AlertState(one) for one in states], watch_list)
    emit(
        {"alerts": [one.as_json() for one in found]},
        as_json,
        lambda: [_line(one) for one in found] or ["No alerts."],
    )


@command.command()
@click.argument("alert_id", type=int)
@json_option
def show(alert_id: int, as_json: bool) -> None:
    """Show an alert with its evidence and what was done about it."""
    with _alerts() as alerts:
        found, events = alerts.get(alert_id), alerts.events(alert_id)
    done = [{**vars(one), "state": str(one.state)} for one in events]
    said = [
        f"{one.at}  {one.person or 'check'}  {one.state}  {one.note}".rstrip() for one in events
    ]
    evidence = [f"{name}: {json.dumps(value)}" for name, value in found.evidence.items()]
    emit(
        {**found.as_json(), "events": done},
        as_json,
        lambda: [_line(found), f"Explore: {found.selection or 'all'}", *evidence, *said],
    )


@command.command("set")
@click.argument("alert_id", type=int)
@click.option("--state", required=True, type=click.Choice(STATES[1:]))
@click.option("--note", default="", help="It goes to the alert's history and the audit log.")
@json_option
def set_alert(alert_id: int, state: str, note: str, as_json: bool) -> None:
    """Say what is done about an alert."""
    from analytics.alerts.stored_alerts import AlertState

    with _alerts() as alerts:
        found = alerts.set_state(alert_id, AlertState(state), note)
    emit(found.as_json(), as_json, lambda: [_line(found)])


@command.group()
def watch() -> None:
    """Add, list, mute or end watch lists."""


@watch.command()
@click.argument("name")
@click.option("--rule", "kind", required=True, type=click.Choice(RULES))
@click.option("--selection", default="", help='Any selection, such as "type=ROBBERY&district=011".')
@click.option("--days", type=int, help="7 or 28 for a change, 1 to 366 for a threshold.")
@click.option("--table", is_flag=True, default=None, help="Test types and areas, not one count.")
@click.option("--direction", type=click.Choice(["more", "fewer", "both"]))
@click.option("--at-least", type=int, help="Threshold: fire from this count on.")
@click.option("--at-most", type=int, help="Threshold: fire down from this count.")
@click.option("--target", help="Chains: a target of `patroliq models targets`.")
@click.option("--shared", is_flag=True, help="Show it to everybody.")
@click.option("--expires", type=DAY, help="The last day on which it is checked.")
@json_option
def add(
    *,
    name: str,
    kind: str,
    selection: str,
    shared: bool,
    expires: datetime | None,
    as_json: bool,
    **given: Any,
) -> None:
    """Add a watch list with a name."""
    from analytics.alerts.watch_rules import WatchRule
    from analytics.cli.pinned import pin_snapshot, read_selection
    from analytics.settings import Settings

    rule = WatchRule.of(kind, {key: value for key, value in given.items() if value is not None})
    pinned = pin_snapshot(Settings.from_environment())
    if rule.target:
        pinned.targets.find(rule.target)
    text = read_selection(selection, pinned, strictly=True).text
    with _lists() as lists:
        made = lists.add(name, rule, text, shared=shared, expires=_day(expires))
    emit(made.as_json(), as_json, lambda: [_list_line(made)])


@watch.command("list")
@json_option
def list_watch_lists(as_json: bool) -> None:
    """List watch lists, bundled ones first."""
    with _lists() as lists:
        lists.add_bundled()
        found = lists.all()
    emit(
        {"watch_lists": [one.as_json() for one in found]},
        as_json,
        lambda: [_list_line(one) for one in found],
    )


@watch.command()
@click.argument("list_id", type=int)
@json_option
def end(list_id: int, as_json: bool) -> None:
    """End a watch list; its alerts stay."""
    with _lists() as lists:
        found = lists.end(list_id)
    emit(found.as_json(), as_json, lambda: [_list_line(found)])


@watch.command()
@click.argument("list_id", type=int)
@click.option("--until", type=DAY, help="First day on which it is checked again. Default: today.")
@json_option
def mute(list_id: int, until: datetime | None, as_json: bool) -> None:
    """Check a watch list again only from a day on."""
    with _lists() as lists:
        found = lists.mute(list_id, _day(until))
    emit(found.as_json(), as_json, lambda: [_list_line(found)])


@contextmanager
def _alerts() -> Iterator[StoredAlerts]:
    from analytics.alerts.stored_alerts import StoredAlerts
    from analytics.settings import Settings
    from analytics.state import State

    settings = Settings.from_environment()
    with closing(State(settings)) as state:
        yield StoredAlerts(state, settings)


@contextmanager
def _lists() -> Iterator[WatchLists]:
    from analytics.alerts.watch_lists import WatchLists
    from analytics.settings import Settings
    from analytics.state import State

    settings = Settings.from_environment()
    with closing(State(settings)) as state:
        yield WatchLists(state, settings)


def _day(given: datetime | None) -> date | None:
    return given.date() if given else None


def _check_json(made: AlertCheck) -> dict[str, Any]:
    return {**vars(made), "lists": [{"watch_list": key, **one} for key, one in made.lists.items()]}


def _check_lines(made: AlertCheck) -> list[str]:
    tested = sum(one["tested"] for one in made.lists.values())
    by_chance = sum(one["by_chance"] for one in made.lists.values())
    lines = [
        f"{len(made.lists)} watch lists, {tested:,} tests: {made.fired} new alerts, "
        f"{made.updated} brought up to date.",
        f"Where nothing changes, chance alone brings about {by_chance:.1f} alerts a week.",
    ]
    lines += [
        f"Watch list {key}, nothing tested: {one['why'] or one['trouble'].replace('_', ' ')}"
        for key, one in made.lists.items()
        if one["trouble"]
    ]
    return lines


def _line(alert: Alert) -> str:
    named = ", ".join(f"{name} {value}" for name, value in alert.subject.as_json().items())
    expected = "" if alert.expected is None else f"  expected {alert.expected:,.1f}"
    sent = "" if alert.digest else "  not sent"
    return (
        f"{alert.id:>5}  {alert.state:<12} {alert.tier or 'fact':<6} {alert.count:>6,}{expected}  "
        f"{alert.first} to {alert.last}  {alert.watch_list.name}"
        f"{': ' + named if named else ''}{sent}"
    )


def _list_line(one: WatchList) -> str:
    standing = one.standing(datetime.now(UTC).date())
    whose = one.owner or "bundled"
    return f"{one.id:>4}  {standing:<8} {one.rule.kind:<18} {one.name}  ({whose})"
