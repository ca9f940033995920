"""`GET /api/v1/plans`: the newest patrol plans, in short."""

from __future__ import annotations

from typing import Any

from flask import Response, request

from analytics.patrol.stored_plans import PlanSummary
from analytics.services import Services
from api.plan_files import plans_of
from api.v1.json_answers import answer_of

USUAL = 50
"""Plans of an answer; the description says the most."""
SHORT = (
    "plan", "version", "at", "person", "reason", "shift", "units", "target", "model", "snapshot"
)  # fmt: skip


def answer(services: Services) -> Response:
    """The newest version of each plan, the newest plan first."""
    pinned, stored = plans_of(services)
    plans = [_short(one) for one in stored.newest(int(request.args.get("limit", USUAL)))]
    return answer_of(pinned, None, len(plans), plans=plans)


def _short(plan: PlanSummary) -> dict[str, Any]:
    return {**{name: getattr(plan, name) for name in SHORT}, "day": plan.day.isoformat()}
