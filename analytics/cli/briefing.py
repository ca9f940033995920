"""`patroliq briefing`: a briefing with cited numbers, as PDF, HTML, Word or PowerPoint."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from analytics.cli.output import emit, json_option, warn

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from analytics.briefing.document import BriefingDocument
    from analytics.drafting.draft import DraftedBriefing
    from analytics.drafting.request import BriefingRequest
    from analytics.settings import Settings
    from jobs.schedules import Schedule, Schedules

DAY = click.DateTime(["%Y-%m-%d"])
NAMES = ["weekly", "monthly", "district"]
ALL_NAMES = [*NAMES, "bulletin"]
FORMATS = ["pdf", "html", "docx", "pptx"]


@click.group("briefing", invoke_without_command=True)
@click.option("--template", type=click.Choice(ALL_NAMES), help="What the briefing has.")
@click.option("--selection", default="", help='Any selection, such as "type=ROBBERY".')
@click.option(
    "--zone", metavar="MODEL@VERSION:ZONE", help="Zone of a bulletin, as zones_foot@3:12."
)
@click.option(
    "--out",
    "file",
    type=click.Path(path_type=Path, dir_okay=False),
    help="The file; its ending says the format: .pdf, .html, .docx or .pptx.",
)
@click.option("--as-of", type=DAY, help="Last day counted. Default: the last complete day.")
@click.option("--paper", type=click.Choice(["letter", "a4"]), default="letter", show_default=True)
@click.option("--title", default="", help="Default: the template's name and its days.")
@click.option("--audience", default="", help="Whom the briefing is for, such as Command staff.")
@json_option
@click.pass_context
def command(context: click.Context, *, file: Path | None, as_json: bool, **given: Any) -> None:
    """Write a briefing, every number of which cites snapshot, selection and method.

    docs/briefing.md says what the templates have.
    """
    if context.invoked_subcommand is not None:
        return
    if given["template"] is None or file is None:
        raise click.UsageError("--template and --out are needed.")
    from analytics.briefing.files import briefing_file, format_of

    made_as = format_of(file.name)
    document = _drafted(given)
    content = briefing_file(document, made_as, given["paper"])
    file.write_bytes(content)
    emit(
        {"file": str(file), **document.as_json(), "sources": list(document.sources)},
        as_json,
        lambda: [f"{file}: {document.title}, {len(document.cards)} cards, "
                 f"{len(document.sources)} sources."],
    )  # fmt: skip


@command.command()
@click.option("--name", required=True, help="Name of the schedule.")
@click.option("--due", required=True, help="Due time in UTC, such as 2026-11-30T06:00Z.")
@click.option("--template", type=click.Choice(NAMES), required=True)
@click.option("--selection", default="")
@click.option("--title", default="")
@click.option("--audience", default="")
@click.option("--format", "made_as", type=click.Choice(FORMATS), default="pdf", show_default=True)
@click.option("--paper", type=click.Choice(["letter", "a4"]), default="letter", show_default=True)
@click.option("--to-folder", is_flag=True, help="Write a file into PATROLIQ_BRIEFINGS_FOLDER.")
@click.option("--to-mail", multiple=True, metavar="ADDRESS", help="Send it by mail.")
@json_option
def deliver(*, due: str, as_json: bool, **given: Any) -> None:
    """Deliver a scheduled briefing, once for its name and due time.

    The worker runs this for schedules. It can be repeated: what was delivered is not again.
    """
    from contextlib import closing
    from dataclasses import asdict

    from analytics.briefing.files import FileFormat
    from analytics.briefing_delivery import BriefingDeliveries, BriefingDelivery
    from analytics.briefing_store import BriefingStore
    from analytics.settings import Settings
    from analytics.state import State

    settings = Settings.from_environment()
    delivery = BriefingDelivery(
        given["name"], due, FileFormat(given["made_as"]), given["paper"],
        given["to_folder"], tuple(given["to_mail"]),
    )  # fmt: skip
    with closing(State(settings)) as state:
        deliveries, store = BriefingDeliveries(state, settings), BriefingStore(state, settings)
        drafted: list[BriefingRequest] = []

        def draft(snapshot: str | None) -> tuple[str, BriefingDocument]:
            snapshot_id, made = _drafted_from(settings, snapshot, given)
            drafted.append(made.request)
            return snapshot_id, made.document

        def keep(connection: Connection, document: BriefingDocument, snapshot: str) -> None:
            request = drafted[-1].as_json()
            store.keep_delivered(connection, delivery.schedule, document, request, snapshot)

        record, is_new = deliveries.deliver(delivery, draft, keep)
        where = deliveries.folder / record.file if delivery.to_folder else ""
    emit(
        {**asdict(record), "new": is_new},
        as_json,
        lambda: [f"{'Delivered' if is_new else 'Delivered before'}: {where or record.file}."],
    )


def _drafted_from(
    settings: Settings, snapshot: str | None, given: dict[str, Any]
) -> tuple[str, DraftedBriefing]:
    """A draft from the snapshot that an earlier try cited, if it is kept, or the one served."""
    from analytics.cli.pinned import pin_snapshot
    from analytics.drafting.draft import draft_briefing
    from analytics.drafting.request import BriefingRequest, Template
    from analytics.errors import InputError
    from analytics.services import Services

    try:
        pinned = pin_snapshot(settings, snapshot)
    except InputError:  # it is gone
        pinned = pin_snapshot(settings)
    request = BriefingRequest(
        Template(given["template"]), given["selection"],
        title=given["title"], audience=given["audience"],
    )  # fmt: skip
    return pinned.id, draft_briefing(Services(settings), pinned, request)


@command.group()
def schedule() -> None:
    """Have briefings made by the clock."""


@schedule.command("add")
@click.argument("name")
@click.option("--template", type=click.Choice(NAMES), required=True)
@click.option("--selection", default="", help="Any selection; a date only for a bulletin.")
@click.option("--title", default="", help="Default: the template's name and its days.")
@click.option("--audience", default="")
@click.option("--every", required=True, help="daily, a weekday, or monthly.")
@click.option("--day", type=click.IntRange(1, 28), help="Day of the month, with --every monthly.")
@click.option("--at", required=True, help="Local time, such as 06:00.")
@click.option("--format", "made_as", type=click.Choice(FORMATS), default="pdf", show_default=True)
@click.option("--paper", type=click.Choice(["letter", "a4"]), default="letter", show_default=True)
@click.option("--to-folder", is_flag=True, help="Write a file into PATROLIQ_BRIEFINGS_FOLDER.")
@click.option("--to-mail", multiple=True, metavar="ADDRESS", help="Send it by mail.")
@json_option
def add_schedule(*, name: str, as_json: bool, **given: Any) -> None:
    """Have a briefing made and delivered from now on."""
    from analytics.acting import person
    from analytics.briefing.files import FileFormat
    from analytics.briefing_delivery import SCHEDULED, BriefingDelivery, deliver_command
    from analytics.cli.pinned import pin_snapshot, read_selection
    from jobs.rhythm import Rhythm

    delivery = BriefingDelivery(
        name, "", FileFormat(given["made_as"]), given["paper"], given["to_folder"],
        tuple(given["to_mail"]),
    )  # fmt: skip
    with _schedules() as (schedules, settings):
        pinned = pin_snapshot(settings)
        read_selection(given["selection"], pinned, strictly=True)
        words = " ".join(str(one) for one in (given["every"], given["day"], given["at"]) if one)
        rhythm = Rhythm.parse(words, pinned.snapshot.manifest.source.timezone)
        made = schedules.add(name, deliver_command(delivery, given), rhythm, person(settings))
        _record(settings, SCHEDULED, name, rhythm.text)
    emit(_schedule_values(made), as_json, lambda: [_schedule_line(made)])


@schedule.command("list")
@json_option
def list_schedules(as_json: bool) -> None:
    """List scheduled briefings, the next one first."""
    from analytics.briefing_delivery import DELIVER

    with _schedules() as (schedules, _):
        found = [one for one in schedules.all() if one.command[:2] == DELIVER]
    emit(
        {"schedules": [_schedule_values(one) for one in found]},
        as_json,
        lambda: [_schedule_line(one) for one in found] or ["No scheduled briefings."],
    )


@schedule.command("remove")
@click.argument("name")
@json_option
def remove_schedule(name: str, as_json: bool) -> None:
    """Make a briefing by the clock no more; what was delivered stays."""
    from analytics.briefing_delivery import DELIVER, UNSCHEDULED
    from analytics.errors import InputError

    with _schedules() as (schedules, settings):
        found = [one for one in schedules.all() if one.command[:2] == DELIVER and one.name == name]
        if not found:
            raise InputError(f"There is no scheduled briefing with the name {name!r}.")
        schedules.remove(found[0].id)
        _record(settings, UNSCHEDULED, name, found[0].rhythm.text)
    emit({"removed": name}, as_json, lambda: [f"Removed {name}."])


@contextmanager
def _schedules() -> Iterator[tuple[Schedules, Settings]]:
    from contextlib import closing

    from analytics.settings import Settings
    from analytics.state import State
    from jobs.schedules import Schedules

    settings = Settings.from_environment()
    with closing(State(settings)) as state:
        yield Schedules(state), settings


def _record(settings: Settings, event: str, name: str, rhythm: str) -> None:
    from analytics.audit import record

    record(settings, event, name, details={"every": rhythm})


def _schedule_values(one: Schedule) -> dict[str, Any]:
    return {
        "name": one.name, "every": one.rhythm.text, "timezone": one.rhythm.timezone,
        "next_due": one.next_due.isoformat(), "person": one.person,
        "command": list(one.command),
    }  # fmt: skip


def _schedule_line(one: Schedule) -> str:
    due = f"{one.next_due:%Y-%m-%d %H:%M} UTC"
    return f"{one.name}: {one.rhythm.text} ({one.rhythm.timezone}), next {due}"


def _drafted(given: dict[str, Any]) -> BriefingDocument:
    from analytics.cli.pinned import pin_snapshot
    from analytics.drafting.draft import draft_briefing
    from analytics.drafting.request import BriefingRequest, Template
    from analytics.services import Services
    from analytics.settings import Settings

    settings = Settings.from_environment()
    as_of: datetime | None = given["as_of"]
    zone = f"zone={given['zone'].removeprefix('zones_')}" if given["zone"] else ""
    selection = "&".join(part for part in (given["selection"], zone) if part)
    request = BriefingRequest(
        Template(given["template"]), selection, as_of.date() if as_of else None,
        given["title"], given["audience"],
    )  # fmt: skip
    made = draft_briefing(Services(settings), pin_snapshot(settings), request)
    for remark in made.remarks:
        warn(remark)
    return made.document
