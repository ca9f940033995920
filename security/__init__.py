"""What stands between a request and the app: ids, limits, headers, and where requests come from."""

from __future__ import annotations

from flask import Flask

from analytics.services import Services
from security import (
    access_trail,
    as_it_was,
    body_limit,
    people_sign_in,
    rate_limits,
    request_id,
    request_metrics,
    same_origin,
)


def register(server: Flask, services: Services) -> None:
    """Check each request, in this order, before anything else sees it."""
    request_id.register(server)
    request_metrics.register(server, services.settings)  # what the trail refuses, it counts as such
    access_trail.register(server, services.access_log)
    body_limit.register(server)
    same_origin.register(server)
    people_sign_in.register(server, services)
    rate_limits.register(server, services.settings)  # of the person, so after the sign-in
    as_it_was.register(server, services)
