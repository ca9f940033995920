"""What came of a training, in the list of jobs."""

from __future__ import annotations

from datetime import UTC, datetime

from dash import html

from components.frame.jobs import JobSummary, OutcomeSummary, job_list, job_words
from tests.integration.stored_models import parts, words


def listed(*outcomes: OutcomeSummary) -> html.Div:
    job = JobSummary(
        7, ("train", "zones_dbscan"), "analyst", "done", datetime(2026, 3, 1, tzinfo=UTC), 1.0, "",
        "", outcomes,
    )  # fmt: skip
    found = job_list([job], no_worker=False)
    assert isinstance(found, html.Div)
    return found


def test_a_trained_version_leads_to_its_comparison_and_explanation() -> None:
    refused = OutcomeSummary("zones_dbscan.robbery", 3, "refused", ("Too unstable.",))
    shown = listed(refused)
    links = {words(one): one.href for one in parts(shown) if isinstance(one, html.A)}
    whose = "model=zones_dbscan&target=robbery"
    assert links == {
        "Compare": f"/models#{whose}&one=zones_dbscan.robbery:3",
        "Explain": f"/explain#{whose}&version=zones_dbscan.robbery:3",
    }
    assert "Too unstable." in words(shown)


def test_a_model_without_explanations_has_no_link_to_them() -> None:
    shown = listed(OutcomeSummary("patterns_pca", 1, "passed"))
    assert [words(one) for one in parts(shown) if isinstance(one, html.A)] == ["Compare"]


def test_a_comparison_of_methods_is_named_with_its_target() -> None:
    assert job_words(("evaluate", "methods")) == "Compare methods"
    assert job_words(("evaluate", "methods", "--target=robbery")) == "Compare methods of robbery"
    terrain = ("evaluate", "risk-terrain", "--target=robbery", "--save")
    assert job_words(terrain) == "Evaluate the risk terrain of robbery"
