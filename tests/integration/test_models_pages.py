"""The pages Models and Explain on a small snapshot: what is shown, what is asked of the worker."""

from __future__ import annotations

from contextlib import closing
from dataclasses import asdict

import pytest

from analytics.artifacts.champion_checks import write_check
from analytics.artifacts.champions import decisions
from analytics.artifacts.index import read_index, write_index
from analytics.artifacts.metric import Metric
from analytics.audit import Audit
from analytics.services import Services
from analytics.settings import Settings
from analytics.state import State
from callbacks.frame.history import SelectionState
from callbacks.frame.pages import page_at
from callbacks.frame.selection import respond_to
from callbacks.frame.trained_on import trained_on
from components.frame.drift import drift_sentence
from components.frame.jobs import job_words
from jobs.queue import Queue
from tests.integration.redraws import page_outputs, redrawn
from tests.integration.small_snapshot import publish_small
from tests.integration.stored_models import (
    CHECK,
    NAME,
    act,
    ask,
    jobs,
    opened,
    parts,
    store_models,
    version,
    words,
)


@pytest.fixture
def services(settings: Settings) -> Services:
    publish_small(settings.home)
    return Services(settings)


@pytest.fixture
def stored(services: Services) -> Services:
    store_models(services.settings.home)
    return services


def test_without_versions_the_page_says_how_to_get_one(services: Services) -> None:
    shown = opened(services)
    assert "No versions yet" in words(shown["versions"])
    assert words(shown["overview"]).startswith("Not trained yet: K-means patrol zones")
    assert shown["time_off"]
    assert "Train" in words(shown["train"])


def test_versions_are_shown_with_intervals_gates_and_the_champion_first(stored: Services) -> None:
    text = words(opened(stored)["versions"])
    assert text.index("Version 1 Champion") < text.index("Version 2 Failed its promotion checks")
    assert "2.50 (2.00 to 3.00) at least 1 (low end)" in text
    assert "Incidents in the largest zone is 90%; at most 35% is required." in text
    assert "k 20" in text


def test_models_that_were_trained_have_a_line_the_others_a_name(stored: Services) -> None:
    table, others = opened(stored)["overview"]
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
    stored: Services, selection: str, said: str
) -> None:
    write_index(stored.settings.home, {}, [{**version(1), "selection": selection}])
    assert f"analyst; {said} ; k 10" in " ".join(words(opened(stored)["versions"]).split())
    assert f"trained on {said} of snapshot" in opened(stored, "/explain")["explained"]


def test_a_version_of_a_target_is_said_by_its_title(stored: Services) -> None:
    pinned = stored.pin()
    assert pinned is not None
    offered = [one for one in pinned.targets.offered.values() if one.selection]
    assert offered
    assert {trained_on(pinned, one.selection.text).lower() for one in offered} == {
        one.title.lower() for one in offered
    }


def test_a_target_that_is_no_longer_offered_can_be_rolled_back_but_not_trained(
    stored: Services,
) -> None:
    name = f"{NAME}.curfew"
    write_index(stored.settings.home, {}, [{**version(1), "name": name}])
    shown = opened(stored, target="curfew")
    assert page_outputs("/models") <= shown.keys()
    assert "Target not found: 'curfew'" in words(shown["train"])
    buttons = {getattr(one, "name", "") for one in parts(shown["train"])}
    assert "check" in buttons
    assert "model" not in buttons
    assert "Version 1 Champion" in words(shown["versions"])
    act(stored, "rollback", subject=name, reason="Curfew has ended")
    (job,) = jobs(stored)
    assert job.command[:4] == ("models", "rollback", NAME, "--target=curfew")


def test_metrics_stand_side_by_side_with_their_baselines(stored: Services) -> None:
    text = words(opened(stored)["compare"])
    assert "PAI of the densest zones Version 1 2.50 (2.00 to 3.00) its baseline 3.00" in text
    assert "20%" in text
    assert "90%" in text


@pytest.mark.parametrize(
    ("changes", "outputs"),
    [
        ({"one": "2", "other": "1"}, {"compare", "choices", "work"}),
        ({"of": "selected"}, {"train", "work"}),
        ({"theme": "dark"}, {"time", "time_off", "time_words", "time_numbers", "work"}),
        ({"model": "hotspot_forecast"}, {*page_outputs("/models")} - {"decisions"}),
        ({"narrow": "1"}, {"work"}),
    ],
)
def test_an_option_redraws_what_it_is_about_alone(
    stored: Services, changes: dict[str, str], outputs: set[str]
) -> None:
    assert redrawn(stored, "/models", changes, "type=THEFT", model=NAME) == outputs


def test_the_first_version_to_compare_stands_first(stored: Services) -> None:
    shown = words(opened(stored, model=NAME, one="2", other="1")["compare"])
    assert shown.index("Version 2") < shown.index("Version 1")


def test_a_version_is_compared_with_one_of_another_method(stored: Services) -> None:
    home = stored.settings.home
    other = {**version(1), "name": "zones_dbscan", "parameters": {"eps_m": "100.0"}}
    write_index(home, {}, [*read_index(home)["versions"], other])
    shown = opened(stored, model=NAME, one="2", other="zones_dbscan:1")
    compared = words(shown["compare"])
    assert "K-means zones, version 2" in compared
    assert "DBSCAN zones, version 1" in compared
    assert "not at equal size" in compared
    offered = [one.value for one in parts(shown["choices"]) if type(one).__name__ == "Option"]
    assert offered[:3] == [f"{NAME}:1", f"{NAME}:2", "zones_dbscan:1"]
    forecast = opened(stored, model="hotspot_forecast", other="zones_dbscan:1")
    assert "DBSCAN" not in words(forecast["compare"])


def test_a_selection_redraws_what_depends_on_the_target_that_it_names(stored: Services) -> None:
    shown = ask(stored, action="only", dimension="type", keys=["THEFT"])
    assert page_outputs("/models") - shown.keys() == {"decisions"}


def test_a_promotion_is_queued_with_its_reason_and_shown(stored: Services) -> None:
    shown = act(stored, "promote", subject=f"{NAME} 2", reason=" Smaller\n zones ")
    (job,) = jobs(stored)
    assert job.command == ("models", "promote", NAME, "2", "--reason=Smaller zones")
    assert "Queued as job" in words(shown["notice"])
    assert "Promote K-means patrol zones, version 2 waiting" in words(shown["work"])
    assert shown.keys() & page_outputs("/models") == {"work"}


@pytest.mark.parametrize(
    ("name", "values", "said"),
    [
        ("promote", {"subject": f"{NAME} 2", "reason": "  "}, "Give a reason"),
        ("rollback", {"subject": NAME}, "Give a reason"),
        ("rollback", {"subject": NAME, "reason": "no\u202etin"}, "U+202E"),
        ("promote", {"subject": "--json 2", "reason": "x"}, "not a valid option of models promote"),
        ("promote", {"subject": NAME, "reason": "x"}, "is not a valid argument"),
        ("train", {"model": "rm"}, "Model not found: 'rm'"),
        ("train", {"model": NAME, "set-k": "many"}, "Number of zones: k=many"),
        ("cancel", {"job": "x"}, "Job not found"),
        ("cancel", {"job": "7"}, "Job 7 not found"),
    ],
)
def test_what_cannot_be_done_is_said_and_not_queued(
    stored: Services, name: str, values: dict[str, str], said: str
) -> None:
    assert said in words(act(stored, name, **values)["notice"])
    assert jobs(stored) == []


def test_training_takes_what_differs_from_the_defaults_and_the_selection(stored: Services) -> None:
    values = {"model": NAME, "set-k": "8", "set-bootstraps": "10", "incidents": "selected"}
    page = page_at("/models")
    assert page
    gesture = {"n": 1, "action": "act", "name": "train", "values": values}
    respond_to(stored, page, gesture, SelectionState.of({"text": "type=THEFT"}))
    (job,) = jobs(stored)
    assert job.command == ("train", NAME, "--set=k=8", "--selection=type=THEFT")


def test_open_work_is_polled_and_only_it_is_answered(stored: Services) -> None:
    act(stored, "train", check="all")
    with closing(State(stored.settings)) as state:
        running = Queue(state).take("worker")
        assert running
        Queue(state).renew(running, 0.4, "zones_kmeans: checking")
    poll = ask(stored, action="page", changed=["poll"])
    assert "40% zones_kmeans: checking" in words(poll["work"])
    assert getattr(poll["work"], "data-poll") == ""
    assert poll.keys() & page_outputs("/models") == {"work"}
    act(stored, "cancel", job=str(running.id))
    assert jobs(stored)[0].cancel_asked


def test_ended_work_is_shown_with_all_it_changed_and_polled_no_more(stored: Services) -> None:
    act(stored, "promote", subject=f"{NAME} 2", reason="I like it")
    with closing(State(stored.settings)) as state:
        job = Queue(state).take("worker")
        assert job
        error = "patroliq: zones_kmeans 2 was refused. A zone that holds a third"
        Queue(state).finish(job, "failed", exit_code=1, error=f"noise\n{error}")
    poll = ask(stored, action="page", changed=["poll"])
    assert "failed" in words(poll["work"])
    assert "zones_kmeans 2 was refused. A zone that holds a third" in words(poll["work"])
    assert not hasattr(poll["work"], "data-poll")
    assert {"versions", "overview", "decisions"} <= poll.keys()


def test_work_that_nobody_takes_is_said(stored: Services) -> None:
    with closing(State(stored.settings)) as state:
        Queue(state, clock=lambda: 1_000.0).add(("models", "check"), "analyst")
    assert "patroliq worker" in words(opened(stored)["work"])


def test_decisions_are_those_of_the_audit_log(stored: Services) -> None:
    with closing(State(stored.settings)) as state:
        audit = Audit(state, stored.settings)
        audit.record("model.promoted", f"{NAME} 3", reason="First", details={"before": None})
        audit.record("model.promoted", f"{NAME} 1", reason="Better", details={"before": 3})
        details = {"asked_for_because": "I like it", "verdicts": ["Too large."]}
        audit.record("model.refused", f"{NAME} 2", reason="I like it", details=details)
    decisions(stored.settings)  # as the first command does
    shown = opened(stored)
    text = words(shown["decisions"])
    title = "K-means patrol zones: version"
    assert text.index(f"{title} 2 refused") < text.index(f"{title} 1 promoted, replacing version 3")
    assert "“I like it” Too large." in text
    versions = words(shown["versions"])
    assert "Roll back to version 3" in versions
    assert "(“I like it”). It was refused." in versions


def test_a_promotion_that_failed_is_told_and_changes_no_rollback(stored: Services) -> None:
    with closing(State(stored.settings)) as state:
        audit = Audit(state, stored.settings)
        audit.record("model.promoted", f"{NAME} 3", details={"before": None})
        audit.record("model.promoted", f"{NAME} 1", details={"before": 3})
        audit.record("model.promoted", f"{NAME} 2", details={"before": 1})
        details = {"of": "model.promoted", "error": "No space left on device"}
        audit.record("model.promotion_failed", f"{NAME} 2", details=details)
    decisions(stored.settings)
    shown = opened(stored)
    assert "could not be promoted" in words(shown["decisions"])
    assert "No space left on device" in words(shown["decisions"])
    assert "Roll back to version 3" in words(shown["versions"])


def test_what_the_data_said_of_a_selection_stands_at_the_version(stored: Services) -> None:
    note = 'No incident has the crime type "NOSUCH".'
    write_index(stored.settings.home, {}, [{**version(1), "notes": note}])
    assert note in words(opened(stored)["versions"])


def test_only_versions_that_are_explained_lead_to_explain(stored: Services) -> None:
    write_index(stored.settings.home, {}, [version(1), {**version(1), "name": "patterns_pca"}])
    assert "Explain" in words(opened(stored)["versions"])
    assert "Explain" not in words(opened(stored, model="patterns_pca")["versions"])


def test_metrics_of_profiles_and_maps_are_named_as_what_they_are(stored: Services) -> None:
    gain = asdict(Metric("gain", 0.018, 0.015, 0.021))
    row = {**version(1), "name": "temporal_kmeans", "metrics": {"gain": gain}}
    write_index(stored.settings.home, {}, [row])
    text = words(opened(stored, model="temporal_kmeans")["versions"])
    assert "Gain over the citywide week (bits) 0.018 (0.015 to 0.021)" in text


def test_accuracy_over_time_shows_the_weeks_since(stored: Services) -> None:
    write_check(stored.settings.home, CHECK)
    shown = opened(stored)
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
        (("train", NAME, "--set=k=8", "--seed=2"), "Train K-means patrol zones, k 8"),
        (("models", "rollback", NAME, "--reason=x"), "Roll back K-means patrol zones"),
        (("models", "check"), "Check the champions"),
    ],
)
def test_work_is_named_in_words(command: tuple[str, ...], said: str) -> None:
    assert job_words(command) == said
