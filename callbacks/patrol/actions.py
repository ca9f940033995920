"""What the forms of the Patrol page do: queue plans and changes for the worker, save briefings."""

from __future__ import annotations

from collections.abc import Mapping

from analytics.access.needs import needs
from analytics.access.roles import Permission
from analytics.artifacts.catalog import ALL
from analytics.briefing_answers import BriefingAnswers
from analytics.errors import InputError
from analytics.one_line import reason_of, visible_line
from analytics.patrol.place_edits import PlaceAction
from analytics.patrol.plan_request import LIMITS
from analytics.patrol.rules import SETTINGS
from analytics.patrol.stored_plans import StoredPlans
from analytics.whole_number import whole_number
from callbacks.frame.notes import write_note
from callbacks.frame.question import Question
from callbacks.frame.work import Action, queue
from components.frame.notes import WRITE
from components.patrol.briefing import SAVE
from components.patrol.forms import EDIT, MAKE
from components.patrol.sentences import LEVEL

POSITIONED = (PlaceAction.ADD, PlaceAction.MOVE)


@needs(Permission.PLANS)
def _make(question: Question) -> str:
    """Queue a plan; what can be known to be wrong is refused before a job does."""
    sent = {name: text.strip() for name, text in question.values.items()}
    reason = reason_of(sent.get("reason", ""))
    target = question.pinned.targets.find(sent.get("target") or ALL).name
    numbers = {**LIMITS, **SETTINGS}
    given = {name: text for name in numbers if (text := sent.get(name, ""))}
    for name, text in given.items():
        numbers[name].read(text)
    if "units" not in given:
        raise InputError("Say how many units there are.")
    level, area = sent.get("per") or LEVEL, sent.get("area", "")
    known = question.pinned.vocabulary.values(level)
    if area and area not in known:
        raise InputError(f"No area {area[:40]!r}; areas: {', '.join(known)[:300]}.")
    command = [
        "plan",
        "make",
        f"--date={sent.get('date', '')}",
        f"--shift={sent.get('shift', '')}",
        *([] if target == ALL else [f"--target={target}"]),
        *(["--harm"] if sent.get("weight") == "harm" else []),
        *(["--proactive"] if sent.get("proactive") else []),
        *([] if level == LEVEL else [f"--per={level}"]),
        *([f"--area={area}"] if area else []),
        *([f"--places={places}"] if (places := sent.get("places")) else []),
        *(f"--{numbers[name].option}={text}" for name, text in given.items()),
        f"--save={reason}",
    ]
    return queue(question, command)


@needs(Permission.PLANS)
def _edit(question: Question) -> str:
    sent = question.values
    reason, place = reason_of(sent.get("reason", "")), visible_line(sent.get("place", ""))
    if not place:
        raise InputError("Name the place; a click on one in the list puts it into the form.")
    if sent.get("do") not in set(PlaceAction):
        raise InputError("Choose a change.")
    action = PlaceAction(sent["do"])
    named = place
    if action in POSITIONED:
        position = sent.get("position", "").replace(" ", "")
        if not position:
            raise InputError(
                "Give the position; press and hold, or right-click, on the map to enter one."
            )
        named = f"{position},{place}"
    command = [
        "plan",
        "edit",
        sent.get("plan", ""),
        f"--version={sent.get('version', '')}",
        f"--why={reason}",
        f"--{action.value}={named}",
    ]
    return queue(question, command)


@needs(Permission.PLANS)
def _save(question: Question) -> str:
    sent, services = question.values, question.services
    names = ("plan", "version", "after")
    plan, version, after = (whole_number(sent.get(name)) for name in names)
    found = StoredPlans(services.state, services.settings).read(plan or 0, version)
    answers = BriefingAnswers(services.state, services.settings, question.pinned)
    if sent.get("again"):
        answers.draft_again(found, after)
        return "The briefing was drafted again from the plan's numbers."
    answers.save(found, sent.get("text", ""), after, sent.get("draft", ""))
    return "The briefing was saved."


ACTIONS: Mapping[str, Action] = {MAKE: _make, EDIT: _edit, SAVE: _save, WRITE: write_note}
"""Canceling jobs is done by the frame."""
