"""`GET /api/v1/alerts`: what watch lists fired on, as the Alerts page says it."""

from __future__ import annotations

from flask import Response, request

from analytics.services import Services
from api.alerts_answers import listed_alerts
from api.exports import pin_data
from api.v1.json_answers import answer_of


def answer(services: Services) -> Response:
    """Alerts that are not closed, or those of a state, the most urgent first."""
    pinned = pin_data(services)
    given = {name: request.args.get(name, "") for name in ("state", "list")}
    alerts = listed_alerts(services, pinned, given)
    return answer_of(pinned, None, len(alerts), alerts=alerts)
