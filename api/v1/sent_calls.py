"""`POST /api/v1/calls`: calls for service that another system sends."""

from __future__ import annotations

from flask import Response

from analytics.services import Services
from analytics.sources.record_kinds import CALLS
from api.v1.received import receive


def answer(services: Services) -> Response:
    """Keep the calls for service in the inbox."""
    return receive(services, CALLS)
