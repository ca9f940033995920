"""The rules of retention and the metrics read and change the state on PostgreSQL too."""

from __future__ import annotations

from tests.integration.test_metrics import (  # noqa: F401 - tests and fixtures
    app,
    client,
    test_data_and_jobs_are_read_at_the_scrape,
)
from tests.integration.test_retention import (  # noqa: F401 - tests and fixtures
    state,
    test_a_selection_that_a_saved_view_names_stays,
    test_old_entries_of_the_audit_log_go_to_a_file_only_if_the_agency_says_so,
    test_old_snapshots_go_unless_a_plan_cites_them,
    test_rows_of_the_state_go_by_their_age_and_the_newest_stay,
    test_the_newest_job_of_a_command_stays_whatever_it_was_given,
)
