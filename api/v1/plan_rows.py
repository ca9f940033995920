"""`GET /api/v1/plans`: the newest patrol plans, in short."""

from __future__ import annotations

from typing import Any

from flask import Response, request

from analytics.errors import InputError
from analytics.patrol.stored_plans import PlanSummary
from analytics.services import Services
from analytics.whole_number import whole_number
from api.plan_files import plans_of
from api.v1.json_answers import answer_of, require_known

OPTIONS = ("limit",)
USUAL, MOST = 50, 200
SHORT = (
    "plan", "version", "at", "person", "reason", "shift", "units", "target", "model", "snapshot"
)  # fmt: skip


def answer(services: Services) -> Response:
    """The newest version of each plan, the newest plan first."""
    require_known(OPTIONS)
    limit = whole_number(request.args.get("limit", str(USUAL)))
    if limit is None or not 1 <= limit <= MOST:
        raise InputError(f"limit is a whole number from 1 to {MOST}.")
    pinned, stored = plans_of(services)
    plans = [_short(one) for one in stored.newest(limit)]
    return answer_of(pinned, None, len(plans), plans=plans)


def _short(plan: PlanSummary) -> dict[str, Any]:
    return {**{name: getattr(plan, name) for name in SHORT}, "day": plan.day.isoformat()}
