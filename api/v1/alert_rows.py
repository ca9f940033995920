"""`GET /api/v1/alerts`: what watch lists fired on, as the Alerts page says it."""

from __future__ import annotations

from flask import Response

from analytics.alerts.stored_alerts import AlertState
from analytics.errors import InputError
from analytics.services import Services
from api.alerts_answers import listed_alerts
from api.exports import pin_data
from api.v1.json_answers import answer_of, require_known

OPTIONS = ("state", "list")
ALL = "all"


def answer(services: Services) -> Response:
    """Alerts that are not closed, or those of a state, the most urgent first."""
    given = require_known(OPTIONS)
    state = given.get("state", "")
    if state not in {"", ALL, *AlertState}:
        raise InputError(f"state is one of {', '.join((*AlertState, ALL))}.")
    pinned = pin_data(services)
    alerts = listed_alerts(services, pinned, {"state": state, "list": given.get("list", "")})
    return answer_of(pinned, None, len(alerts), alerts=alerts)
