"""Tables of the page Responsible use, a card each."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import asdict
from datetime import UTC, datetime
from typing import Any

import polars as pl
from flask import Response, request

from analytics.access.stored_results import COUNTS_WITHHELD
from analytics.errors import InputError, OutsideScopeError, UnavailableError
from analytics.fairness.stored_evaluation import FairnessEvaluation, is_evaluation_seen
from analytics.responsible_answers import ResponsibleAnswers
from analytics.services import Services
from analytics.statistics.interval_estimate import IntervalEstimate
from api.exports import csv_text

Row = Mapping[str, Any]


def part_csv(services: Services) -> Response:
    """The table of a card, after lines that start with `#` and say what it is of.

    Raises
    ------
    InputError
        The part is not known, or nothing was compared yet.
    OutsideScopeError
        It counts incidents that the reader does not see.
    UnavailableError
        There is no data.
    """
    pinned = services.pin()
    if pinned is None:
        raise UnavailableError("No data yet; run `patroliq ingest` or `patroliq demo`.")
    part = request.args.get("part", "")
    answers = ResponsibleAnswers(services, pinned)
    if part in OF_DATA:
        rows, about = OF_DATA[part](answers), f"snapshot {pinned.id}"
    elif part in OF_EVALUATION:
        if not is_evaluation_seen():
            raise OutsideScopeError(COUNTS_WITHHELD)
        found = answers.evaluation()
        if found is None or found.plan is None:
            raise InputError("No plan was compared yet; run `patroliq evaluate fairness --save`.")
        rows, about = OF_EVALUATION[part](found), _about(found)
    else:
        known = ", ".join((*OF_EVALUATION, *OF_DATA))
        raise InputError(f"part={part[:20]} is not valid; choose one of {known}.")
    head = f"# PatrolIQ, Responsible use: {part}\n# {about}\n# exported {_now()}\n"
    frame = pl.DataFrame([dict(row) for row in rows], infer_schema_length=None)
    body = head + (csv_text(frame, header=True) if frame.width else "")
    response = Response(body, content_type="text/csv; charset=utf-8")
    name = f"patroliq-responsible-use-{part}-{pinned.id}.csv"
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    response.headers["Cache-Control"] = "no-store"
    response.headers["X-PatrolIQ-Snapshot"] = pinned.id
    return response


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")


def _about(found: FairnessEvaluation) -> str:
    plan = found.plan
    of = f"plan {plan.plan} version {plan.version}, {plan.day} {plan.shift}" if plan else ""
    return f"{of}; reported from {found.first} to {found.last}; snapshot {found.snapshot}"


def _with_ratio(row: Any) -> Row:
    """The fields of shares, with the ratio's ends beside its value."""
    ratio: IntervalEstimate | None = row.time_to_harm
    ends = (ratio.value, ratio.low, ratio.high) if ratio else (None, None, None)
    names = ("time_to_harm", "time_to_harm_low", "time_to_harm_high")
    return {**asdict(row), **dict(zip(names, ends, strict=True))}


def _areas(found: FairnessEvaluation) -> list[Row]:
    return [_with_ratio(row) for row in found.comparison.areas] if found.comparison else []


def _groups(found: FairnessEvaluation) -> list[Row]:
    return [_with_ratio(row) for row in found.comparison.groups] if found.comparison else []


def _frontier(found: FairnessEvaluation) -> list[Row]:
    if found.frontier is None:
        return []
    shown = [("frontier", one) for one in found.frontier.plans]
    return [
        {
            "plan": name,
            "highest_ratio": one.disparity,
            "captured": one.captured,
            "moved": one.moved,
        }
        for name, one in [*shown, ("this plan", found.frontier.chosen)]
    ]


def _gaps(answers: ResponsibleAnswers) -> list[Row]:
    evaluation = answers.evaluation()
    gaps = answers.gaps(evaluation.level if evaluation else "")
    return [
        {"gap": one.gap.value, "count": one.count, "of": one.of, "share": one.share} for one in gaps
    ]


def _models(answers: ResponsibleAnswers) -> list[Row]:
    rows: list[Row] = []
    for one in answers.cards():
        card, decided = one.card, one.card.promotion
        about = {
            "model": card.name,
            "version": card.version,
            "trained": card.trained,
            "trained_by": card.person,
            "snapshot": card.snapshot,
            "selection": card.selection,
            "promoted": decided.at if decided else "",
            "promoted_by": decided.person if decided else "",
            "promoted_because": decided.reason if decided else "",
            "drift": card.check.drift.value if card.check else "",
        }
        rows += [
            {
                **about,
                "metric": metric.name,
                "value": metric.value,
                "low": metric.low,
                "high": metric.high,
                "checked": metric.name in card.decisive,
            }
            for metric in card.metrics.values()
        ]
    return rows


OF_EVALUATION: Mapping[str, Callable[[FairnessEvaluation], list[Row]]] = {
    "areas": _areas,
    "groups": _groups,
    "frontier": _frontier,
    "trend": lambda found: [asdict(one) for one in found.trend],
    "feedback": lambda found: [asdict(one) for one in found.feedback],
}
OF_DATA: Mapping[str, Callable[[ResponsibleAnswers], list[Row]]] = {
    "gaps": _gaps,
    "models": _models,
}
