"""Jobs and schedules on PostgreSQL behave as on SQLite."""

from __future__ import annotations

from tests.integration.test_jobs import (  # noqa: F401 - tests and fixtures
    clock,
    queue,
    state,
    test_a_command_that_waits_already_is_not_queued_twice,
    test_a_job_of_a_dead_worker_is_taken_though_the_clock_was_set_back,
    test_a_job_stays_its_workers_while_the_lease_is_renewed,
    test_a_job_that_kills_its_worker_every_time_fails,
    test_a_job_whose_worker_died_is_taken_after_the_lease,
    test_alerts_and_briefings_do_not_wait_for_trainings,
    test_many_workers_at_once_never_take_the_same_job,
    test_one_person_cannot_fill_the_queue_of_others,
    test_the_oldest_job_is_taken_first_and_by_one_worker_only,
)
