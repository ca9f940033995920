"""`POST /api/v1/incidents`: incidents that another system sends."""

from __future__ import annotations

from flask import Response

from analytics.services import Services
from analytics.sources.record_kinds import INCIDENTS
from api.v1.received import receive


def answer(services: Services) -> Response:
    """Keep the incidents in the inbox."""
    return receive(services, INCIDENTS)
