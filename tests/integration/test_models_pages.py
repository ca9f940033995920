"""The pages Models and Explain on a small snapshot: what is shown, what is asked of the worker."""

from __future__ import annotations

from contextlib import closing
from dataclasses import asdict

import pytest

from analytics.artifacts.champions import decisions
from analytics.artifacts.checks import write_check
from analytics.artifacts.index import write_index
from analytics.artifacts.metric import Metric
from analytics.audit import Audit
from analytics.services import Services
from analytics.settings import Settings
from analytics.state import State
from callbacks.frame.history import SelectionState
from callbacks.frame.pages import page_at
from callbacks.frame.selection import respond_to
from components.frame.drift import drift_sentence
from components.frame.jobs import job_words
from jobs.queue import Queue
from tests.integration.model_shelf import (
    CHECK,
    NAME,
    act,
    ask,
    fill_shelf,
    jobs,
    opened,
    version,
    words,
)
from tests.integration.small_snapshot import publish_small


@pytest.fixture
def services(settings: Settings) -> Services:
    publish_small(settings.home)
    return Services(settings)


@pytest.fixture
def shelf(services: Services) -> Services:
    fill_shelf(services.settings.home)
    return services


def test_without_versions_the_page_says_how_to_get_one(services: Services) -> None:
    shown = opened(services)
    assert "No versions yet" in words(shown["versions"])
    assert words(shown["overview"]).startswith("Not trained yet: K-means patrol zones")
    assert shown["time_off"]
    assert "Train" in words(shown["train"])


def test_versions_are_shown_with_intervals_gates_and_the_champion_first(shelf: Services) -> None:
    text = words(opened(shelf)["versions"])
    assert text.index("Version 1 Champion") < text.index("Version 2 Failed its promotion checks")
    assert "2.50 (2.00 to 3.00) at least 1 (low end)" in text
    assert "Incidents in the largest zone is 0.9; at most 0.35 is required." in text
    assert "k 20" in text


def test_models_that_were_trained_have_a_line_the_others_a_name(shelf: Services) -> None:
    table, others = opened(shelf)["overview"]
    assert "Version 1, Mar 1, 2026, analyst PAI of the densest zones 2.50" in words(table)
    assert "UMAP embedding" in words(others)
    assert "K-means patrol zones" not in words(others)


@pytest.mark.parametrize(
    ("selection", "said"),
    [
        ("", "all incidents"),
        ("date=2017-01-01..2017-06-30&type=THEFT", "Theft, Jan 1 to Jun 30, 2017"),
        ("premise=BANK", "premise=BANK"),  # trained where the data had one more attribute
    ],
)
def test_what_a_version_was_trained_on_is_said_in_words(
    shelf: Services, selection: str, said: str
) -> None:
    write_index(shelf.settings.home, {}, [{**version(1), "selection": selection}])
    assert f"analyst; {said} ; k 10" in " ".join(words(opened(shelf)["versions"]).split())
    assert f"trained on {said} of snapshot" in opened(shelf, "/explain")["explained"]


def test_metrics_stand_side_by_side_with_their_baselines(shelf: Services) -> None:
    text = words(opened(shelf)["compare"])
    assert "PAI of the densest zones Version 1 2.50 (2.00 to 3.00) its baseline 3.00" in text
    assert "20%" in text
    assert "90%" in text


def test_choosing_versions_to_compare_changes_nothing_else(shelf: Services) -> None:
    page = {"model": NAME, "one": "2", "other": "1"}
    shown = ask(shelf, action="page", changed=["one"], page=page)
    assert {"compare", "choices"} <= shown.keys()
    assert not {"versions", "train", "decisions"} & shown.keys()
    assert words(shown["compare"]).index("Version 2") < words(shown["compare"]).index("Version 1")


def test_a_promotion_is_queued_with_its_reason_and_shown(shelf: Services) -> None:
    shown = act(shelf, "promote", subject=f"{NAME} 2", reason=" Smaller\n zones ")
    (job,) = jobs(shelf)
    assert job.command == ("models", "promote", NAME, "2", "--reason=Smaller zones")
    assert "Queued as job" in words(shown["notice"])
    assert "Promote zones_kmeans 2 waits" in words(shown["work"])
    assert not {"versions", "train"} & shown.keys()


@pytest.mark.parametrize(
    ("name", "values", "said"),
    [
        ("promote", {"subject": f"{NAME} 2", "reason": "  "}, "Give a reason"),
        ("rollback", {"subject": NAME}, "Give a reason"),
        ("promote", {"subject": "--json 2", "reason": "x"}, "not a valid option of models promote"),
        ("promote", {"subject": NAME, "reason": "x"}, "is not a valid argument"),
        ("train", {"model": "rm"}, "Model not found: 'rm'"),
        ("train", {"model": NAME, "set-k": "many"}, "Number of zones: k=many"),
        ("cancel", {"job": "x"}, "Job not found"),
        ("cancel", {"job": "7"}, "There is no job 7"),
    ],
)
def test_what_cannot_be_done_is_said_and_not_queued(
    shelf: Services, name: str, values: dict[str, str], said: str
) -> None:
    assert said in words(act(shelf, name, **values)["notice"])
    assert jobs(shelf) == []


def test_training_takes_what_differs_from_the_defaults_and_the_selection(shelf: Services) -> None:
    values = {"model": NAME, "set-k": "8", "set-bootstraps": "10", "incidents": "selected"}
    page = page_at("/models")
    assert page
    gesture = {"n": 1, "action": "act", "name": "train", "values": values}
    respond_to(shelf, page, gesture, SelectionState.of({"text": "type=THEFT"}))
    (job,) = jobs(shelf)
    assert job.command == ("train", NAME, "--set=k=8", "--selection=type=THEFT")


def test_open_work_is_polled_and_only_it_is_answered(shelf: Services) -> None:
    act(shelf, "train", check="all")
    with closing(State(shelf.settings)) as state:
        running = Queue(state).take("worker")
        assert running
        Queue(state).renew(running, 0.4, "zones_kmeans: checking")
    poll = ask(shelf, action="page", changed=["poll"])
    assert "40% zones_kmeans: checking" in words(poll["work"])
    assert getattr(poll["work"], "data-poll") == ""
    assert not {"versions", "train", "overview"} & poll.keys()
    act(shelf, "cancel", job=str(running.id))
    assert jobs(shelf)[0].cancel_asked


def test_ended_work_is_shown_with_all_it_changed_and_polled_no_more(shelf: Services) -> None:
    act(shelf, "promote", subject=f"{NAME} 2", reason="I like it")
    with closing(State(shelf.settings)) as state:
        job = Queue(state).take("worker")
        assert job
        error = "patroliq: zones_kmeans 2 was refused. A zone that holds a third"
        Queue(state).finish(job, "failed", exit_code=1, error=f"noise\n{error}")
    poll = ask(shelf, action="page", changed=["poll"])
    assert "failed" in words(poll["work"])
    assert "zones_kmeans 2 was refused. A zone that holds a third" in words(poll["work"])
    assert not hasattr(poll["work"], "data-poll")
    assert {"versions", "overview", "decisions"} <= poll.keys()


def test_work_that_nobody_takes_is_said(shelf: Services) -> None:
    with closing(State(shelf.settings)) as state:
        Queue(state, clock=lambda: 1_000.0).add(("models", "check"), "analyst")
    assert "patroliq worker" in words(opened(shelf)["work"])


def test_decisions_are_those_of_the_audit_log(shelf: Services) -> None:
    with closing(State(shelf.settings)) as state:
        audit = Audit(state, shelf.settings)
        audit.record("model.promoted", f"{NAME} 3", reason="First", details={"before": None})
        audit.record("model.promoted", f"{NAME} 1", reason="Better", details={"before": 3})
        details = {"asked_for_because": "I like it", "verdicts": ["Too large."]}
        audit.record("model.refused", f"{NAME} 2", reason="I like it", details=details)
    decisions(shelf.settings)  # as the first command does
    shown = opened(shelf)
    text = words(shown["decisions"])
    assert text.index("zones_kmeans 2 refused") < text.index("zones_kmeans 1 promoted")
    assert "in place of 3" in text
    assert "“I like it” Too large." in text
    versions = words(shown["versions"])
    assert "Roll back to version 3" in versions
    assert "(“I like it”). It was refused." in versions


def test_a_promotion_that_failed_is_told_and_changes_no_rollback(shelf: Services) -> None:
    with closing(State(shelf.settings)) as state:
        audit = Audit(state, shelf.settings)
        audit.record("model.promoted", f"{NAME} 3", details={"before": None})
        audit.record("model.promoted", f"{NAME} 1", details={"before": 3})
        audit.record("model.promoted", f"{NAME} 2", details={"before": 1})
        details = {"of": "model.promoted", "error": "No space left on device"}
        audit.record("model.promotion_failed", f"{NAME} 2", details=details)
    decisions(shelf.settings)
    shown = opened(shelf)
    assert "could not be made champion" in words(shown["decisions"])
    assert "No space left on device" in words(shown["decisions"])
    assert "Roll back to version 3" in words(shown["versions"])


def test_what_the_data_said_of_a_selection_stands_at_the_version(shelf: Services) -> None:
    note = 'No incident has the crime type "NOSUCH".'
    write_index(shelf.settings.home, {}, [{**version(1), "notes": note}])
    assert note in words(opened(shelf)["versions"])


def test_only_versions_that_are_explained_lead_to_explain(shelf: Services) -> None:
    write_index(shelf.settings.home, {}, [version(1), {**version(1), "name": "patterns_pca"}])
    assert "Explain" in words(opened(shelf)["versions"])
    assert "Explain" not in words(opened(shelf, model="patterns_pca")["versions"])


def test_metrics_of_profiles_and_maps_are_named_as_what_they_are(shelf: Services) -> None:
    gain = asdict(Metric("gain", 0.018, 0.015, 0.021))
    row = {**version(1), "name": "temporal_kmeans", "metrics": {"gain": gain}}
    write_index(shelf.settings.home, {}, [row])
    text = words(opened(shelf, model="temporal_kmeans")["versions"])
    assert "Gain over the citywide week (bits) 0.018 (0.015 to 0.021)" in text


def test_accuracy_over_time_shows_the_weeks_since(shelf: Services) -> None:
    write_check(shelf.settings.home, CHECK)
    shown = opened(shelf)
    assert not shown["time_off"]
    assert shown["time_words"] == f"{drift_sentence(CHECK)} Gray: counts in cells."
    points = [trace.y for trace in shown["time"].data if trace.error_y.array]
    assert [list(y) for y in points] == [[2.25, 2.25]]
    assert "Mar 2, 2026 to Mar 8, 2026 2.25 (1.25 to 3.25) 1.75" in words(shown["time_numbers"])
    assert "Too few weeks to judge" in words(shown["overview"])


@pytest.mark.parametrize(
    ("command", "said"),
    [
        (("train",), "Train all models"),
        (("train", NAME, "--set=k=8", "--seed=2"), "Train zones_kmeans, k 8"),
        (("models", "rollback", NAME, "--reason=x"), "Roll back zones_kmeans"),
        (("models", "check"), "ChampionCheck the champions"),
    ],
)
def test_work_is_named_in_words(command: tuple[str, ...], said: str) -> None:
    assert job_words(command) == said
