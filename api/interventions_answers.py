"""Answers of the pages of interventions."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from flask import render_template, request

from analytics.access.reader import current_reader
from analytics.access.roles import Permission
from analytics.access_notes import note
from analytics.crossfilter.outline_names import outline_names
from analytics.crossfilter.sentence import chips
from analytics.errors import InputError, PatrolIQError
from analytics.interventions.evaluation import (
    InterventionEvaluation,
    OwnHistory,
    evaluate_intervention,
)
from analytics.interventions.records import EnteredMeasure, Interventions, PlaceMeasure
from analytics.patrol.intervention import Study
from analytics.services import Pinned, Services
from analytics.whole_number import whole_number
from api.form_acts import chosen_act

WIDTH, HEIGHT = 960, 200


@dataclass(frozen=True)
class WeeklyLine:
    """The chart of weeks: points of a line in a box of `WIDTH` by `HEIGHT`, and the start."""

    points: str
    start: float
    highest: int


def page(
    services: Services,
    *,
    said: str = "",
    trouble: str = "",
    entered: Mapping[str, str] | None = None,
) -> str:
    """What was recorded, and the form."""
    note("interventions.viewed", "interventions")
    pinned = services.pin()
    limited = current_reader().sees_a_part
    found = Interventions(services.state, services.settings).all(own=limited)
    return render_template(
        "interventions.html",
        found=[(one, _where(one.measure, pinned)) for one in found],
        may=current_reader().may(Permission.SHARE),
        limited=limited,
        entered=entered or request.args,
        said=said,
        trouble=trouble,
    )


def change(services: Services) -> Any:
    """Record an intervention, or withdraw one."""
    try:
        return page(services, said=chosen_act(CHANGES)(services))
    except PatrolIQError as error:
        return page(services, trouble=services.for_readers(error), entered=request.form), 400


def evaluation(services: Services, intervention: int) -> Any:
    """What changed with an intervention."""
    pinned = _pinned(services)
    store = Interventions(services.state, services.settings)
    recorded = store.get(intervention, own=current_reader().sees_a_part)
    note("intervention.viewed", recorded.measure.name)
    trouble, found = "", None
    try:
        measure = _known_measure(recorded.measure, pinned)
        found = pinned.get_or_compute(
            f"intervention {recorded.id}",
            lambda: evaluate_intervention(pinned.reader, pinned.snapshot.manifest, measure),
        )
    except InputError as error:
        trouble = str(error)
    return render_template(
        "intervention.html",
        recorded=recorded,
        where=_where(recorded.measure, pinned),
        found=found,
        own=found.own if found and isinstance(found.own, OwnHistory) else None,
        named=found.named if found and isinstance(found.named, Study) else None,
        refused=found.named if found and isinstance(found.named, str) else "",
        weeks=((found.period[1] - found.period[0]).days + 1) // 7 if found else 0,
        line=_line(found) if found else None,
        limited=pinned.is_scoped,
        snapshot=pinned.id,
        trouble=trouble,
    )


def _record(services: Services) -> str:
    form = request.form
    entered = EnteredMeasure(
        form.get("name", ""),
        _day(form.get("first", ""), "first"),
        _day(form["last"], "last") if form.get("last") else None,
        form.get("note", ""),
        form.get("where", ""),
        form.get("control", ""),
        form.get("displacement", ""),
    )
    measure = entered.read()
    pinned = services.pin()
    if pinned is not None:
        _known_measure(measure, pinned)
    recorded = Interventions(services.state, services.settings).record(measure)
    return f"Recorded {recorded.measure.name}."


def _withdraw(services: Services) -> str:
    number = whole_number(request.form.get("intervention"))
    if number is None:
        raise InputError("The form names no intervention.")
    store = Interventions(services.state, services.settings)
    store.get(number, own=current_reader().sees_a_part)
    return f"Withdrew {store.withdraw(number, request.form.get('reason', '')).measure.name}."


CHANGES: dict[str, Callable[[Services], str]] = {"record": _record, "withdraw": _withdraw}


def _day(text: str, which: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise InputError(f"Give the {which} day as year-month-day, such as 2026-11-02.") from error


def _pinned(services: Services) -> Pinned:
    pinned = services.pin()
    if pinned is None:
        raise InputError("No incidents are loaded yet.")
    return pinned


def _known_measure(measure: PlaceMeasure, pinned: Pinned) -> PlaceMeasure:
    """The measure with values of the data.

    Raises
    ------
    InputError
        The data does not have one of them.
    """

    return measure.resolved(lambda chosen: pinned.vocabulary.resolve_strictly(chosen)[0])


def _where(measure: PlaceMeasure, pinned: Pinned | None) -> str:
    """The incidents and places in words."""
    if pinned is None:
        found = chips(measure.selection)
    else:
        named = pinned.vocabulary.with_area_names(measure.selection)
        found = chips(named, outline_names(pinned.snapshot))
    return "; ".join(chip.label for chip in found) or "All incidents"


def _line(found: InterventionEvaluation) -> WeeklyLine:
    counts = found.weekly.tolist()
    highest = max(*counts, 1)
    step = WIDTH / max(len(counts) - 1, 1)
    points = " ".join(
        f"{at * step:.1f},{HEIGHT - HEIGHT * count / highest:.1f}"
        for at, count in enumerate(counts)
    )
    start = found.starts.index(found.period[0]) * step - step / 2
    return WeeklyLine(points, start, highest)
