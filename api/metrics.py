"""`/metrics` for Prometheus: what the workers count, and what the service is like now."""

from __future__ import annotations

import hmac

from flask import Flask, Response, abort, request

from analytics.access.needs import Open, needs
from analytics.services import Services
from security.request_metrics import counters_of


def register(server: Flask, services: Services) -> None:
    """Add the route, which answers only who sends the token of the settings."""

    @server.get("/metrics")
    @needs(Open.ANYONE)
    def metrics() -> Response:
        """Write the metrics; 404 where no token is set, 401 without it."""
        counters = counters_of(server)
        if counters is None:
            abort(404)
        if not _has_token(services.settings.metrics_token):
            return Response(
                "Send the token PATROLIQ_METRICS_TOKEN as Authorization: Bearer.\n",
                401,
                {"WWW-Authenticate": "Bearer"},
                content_type="text/plain; charset=utf-8",
            )
        from prometheus_client import exposition  # noqa: PLC0415 - loads with the first use

        from analytics.service_metrics import ServiceMetrics  # noqa: PLC0415 - as above

        registry = counters.registry()
        registry.register(ServiceMetrics(services))
        body = exposition.generate_latest(registry)
        headers = {"Cache-Control": "no-store"}
        return Response(body, headers=headers, content_type=exposition.CONTENT_TYPE_LATEST)


def _has_token(token: str) -> bool:
    kind, _, sent = request.headers.get("Authorization", "").partition(" ")
    return kind.lower() == "bearer" and hmac.compare_digest(
        sent.strip().encode("utf-8", "surrogateescape"), token.encode()
    )
