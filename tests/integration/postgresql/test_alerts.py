"""Alerts on PostgreSQL: once each, brought up to date, told within the day's number."""

from __future__ import annotations

from tests.unit.analytics.alerts.test_stored_alerts import *  # noqa: F403
from tests.unit.analytics.alerts.test_stored_alerts import (  # noqa: F401 - fixtures
    alerts,
    anomalies,
    lists,
    state,
)
