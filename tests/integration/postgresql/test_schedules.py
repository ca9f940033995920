"""Due times on PostgreSQL are queued once, whoever looks."""

from __future__ import annotations

from tests.integration.test_schedules import (  # noqa: F401 - tests and fixtures
    clock,
    report,
    schedules,
    state,
    test_a_due_time_is_queued_once_with_its_time,
    test_a_due_time_set_while_the_clock_was_ahead_comes_back_with_the_clock,
    test_after_weeks_without_a_worker_the_latest_due_time_is_made_up_for,
    test_several_workers_queue_a_due_time_once,
)
