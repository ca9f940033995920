"""The page's one seam to the schedules of briefings."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from analytics.acting import person
from analytics.audit import Audit
from analytics.briefing.files import FileFormat
from analytics.briefing_delivery import (
    DELIVER,
    SCHEDULED,
    UNSCHEDULED,
    BriefingDeliveries,
    BriefingDelivery,
    DeliveryRecord,
    deliver_command,
)
from analytics.crossfilter.selection import Selection
from analytics.errors import InputError
from analytics.formats import moment
from analytics.services import Pinned, Services
from jobs.rhythm import Rhythm
from jobs.schedules import Schedules


@dataclass(frozen=True)
class ShownSchedule:
    """A scheduled briefing, in words."""

    name: str
    every: str
    next_due: str
    person: str
    options: str


def schedules_of(services: Services) -> list[ShownSchedule]:
    """Scheduled briefings, the next one first."""
    return [
        ShownSchedule(
            one.name,
            f"{one.rhythm.text} ({one.rhythm.timezone})",
            moment(one.next_due),
            one.person,
            " ".join(word for word in one.command[2:] if not word.startswith("--name=")),
        )
        for one in Schedules(services.state).all()
        if one.command[:2] == DELIVER
    ]


def deliveries_of(services: Services) -> list[DeliveryRecord]:
    """What was delivered lately, the newest first."""
    return BriefingDeliveries(services.state, services.settings).all(20)


def add_schedule(services: Services, pinned: Pinned, form: Mapping[str, str]) -> str:
    """Have a briefing made by the clock; returns its name.

    Raises
    ------
    InputError
        A field is not valid.
    """
    made_as = form.get("format", "")
    if made_as not in set(FileFormat):
        raise InputError("Choose a format.")
    addresses = tuple(one for one in re.split(r"[,\s]+", form.get("mail", "")) if one)
    delivery = BriefingDelivery(
        form.get("name", "").strip(), "", FileFormat(made_as),
        to_folder=form.get("folder") == "yes", to_mail=addresses,
    )  # fmt: skip
    parsed = Selection.parse(form.get("selection", ""), pinned.attributes)
    selection, _ = pinned.vocabulary.resolve_strictly(parsed)
    request = {"template": form.get("template", ""), "selection": selection.text}
    every, day = form.get("every", ""), form.get("day", "")
    words = (every, day if every == "monthly" else "", form.get("at", ""))
    rhythm = Rhythm.parse(
        " ".join(one for one in words if one), pinned.snapshot.manifest.source.timezone
    )
    made = Schedules(services.state).add(
        delivery.schedule, deliver_command(delivery, request), rhythm, person(services.settings)
    )
    audit = Audit(services.state, services.settings)
    audit.record(SCHEDULED, made.name, details={"every": rhythm.text})
    return made.name


def remove_schedule(services: Services, name: str) -> None:
    """Make a briefing by the clock no more.

    Raises
    ------
    InputError
        There is none of this name.
    """
    schedules = Schedules(services.state)
    found = [one for one in schedules.all() if one.command[:2] == DELIVER and one.name == name]
    if not found:
        raise InputError("There is no such scheduled briefing any more.")
    schedules.remove(found[0].id)
    audit = Audit(services.state, services.settings)
    audit.record(UNSCHEDULED, name, details={"every": found[0].rhythm.text})
