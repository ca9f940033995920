"""The pages Models and Explain on a small snapshot: what is shown, what is asked of the worker."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from dataclasses import asdict
from datetime import date
from typing import Any

import polars as pl
import pytest
from dash.development.base_component import Component

from analytics.audit import Audit
from analytics.models.bundle import set_champion, version_folder, write_bundle
from analytics.models.checks import Check, write_check
from analytics.models.explain_lifts import SCHEMA as LIFTS
from analytics.models.explain_silhouettes import SCHEMA as SILHOUETTES
from analytics.models.fitted import Metric
from analytics.models.index import write_index
from analytics.models.surrogate import FIDELITY, RULES
from analytics.services import Services
from analytics.settings import Settings
from analytics.state import State
from callbacks.history import SelectionState
from callbacks.models_view import job_words
from callbacks.pages import page_at
from callbacks.selection import respond_to
from jobs.queue import Job, Queue
from tests.integration.small_snapshot import publish_small

NAME = "zones_kmeans"
PAI = Metric("pai", 2.5, 2.0, 3.0)
METRICS = {
    1: {"pai": PAI, "stability": Metric("stability", 0.9, 0.8, 1.0),
        "largest_zone_share": Metric("largest_zone_share", 0.2),
        "pai_baseline": Metric("pai_baseline", 3.0, 2.5, 3.5)},
    2: {"pai": PAI, "stability": Metric("stability", 0.9, 0.8, 1.0),
        "largest_zone_share": Metric("largest_zone_share", 0.9)},
}  # fmt: skip
CHECK = Check(
    NAME, 1, "s", "2026-03-20T00:00:00+00:00", "analyst", "2026-03-02", "2026-03-15",
    "counts in cells", 0.1,
    tuple(
        {"who": who, "first": f"2026-03-{day:02d}", "last": f"2026-03-{day + 6:02d}",
         "incidents": 50.0, "caught": 10.0, "hit_rate": 0.2, "low": 0.1, "high": 0.3,
         "pai": pai, "pai_low": pai - 1, "pai_high": pai + 1}
        for day in (2, 9) for who, pai in (("champion", 2.25), ("baseline", 1.75))
    ),
    {"weeks": 2}, (2.5, 2.0, 3.0), "Too few weeks to judge: PAI 2.25 in 2 weeks since.",
)  # fmt: skip


def version(number: int) -> dict[str, Any]:
    return {
        "name": NAME, "version": number, "run_id": f"r{number}",
        "created": f"2026-03-0{number}T10:00:00+00:00", "champion": number == 1,
        "snapshot": "20260301", "selection": "", "code_version": "1", "person": "analyst",
        "parameters": {"k": str(10 * number), "weight": "incidents", "bootstraps": "10"},
        "metrics": {name: asdict(metric) for name, metric in METRICS[number].items()},
        "verdicts": [], "refused": [],
    }  # fmt: skip


TABLES = {
    "zones": pl.DataFrame({"label": [0, 1], "name": ["Mill St", ""]}),
    "lifts": pl.DataFrame(
        [(1, "type", "THEFT", 40, 0.4, 0.2, 2.0, 1.5, 2.5),
         (1, "type", "ARSON", 3, 0.03, 0.01, 3.0, 0.0, 9.0),
         (1, "hour", "7", 12, 0.1, 0.1, 1.0, 0.8, 1.2),
         (0, "type", "ROBBERY", 30, 0.3, 0.1, 3.0, 2.5, 3.5)],
        schema=LIFTS, orient="row",
    ),
    "rules": pl.DataFrame(
        [(1, "Over 1.0 km east of the middle", 0, 0.9, 100, 4)], schema=RULES, orient="row"
    ),
    "fidelity": pl.DataFrame(
        [("zone", 0.63, 0.57, 0.68, 0.16, 100, 4, 250, 5, 3)], schema=FIDELITY, orient="row"
    ),
    "silhouettes": pl.DataFrame([(0, 0.4, 0.3, 0.5, 0.02, 60)], schema=SILHOUETTES, orient="row"),
    "stability_zones": pl.DataFrame(
        {"zone": [0, 1], "jaccard": [0.9, 0.4], "low": [0.8, 0.2], "high": [1.0, 0.6],
         "bootstraps": [10, 10]}
    ),
    "stability_cells": pl.DataFrame(
        {"col": [1, 2], "row": [5, 5], "cell_m": [250, 250], "zone": [0, 1],
         "incidents": [30.0, 10.0], "stays": [0.95, 0.4]}
    ),
}  # fmt: skip
FORECAST_TABLES = {
    "explained": pl.DataFrame(
        {"relation": ["It is the forecaster in use."], "d2": [0.12], "folds": [9],
         "first": [date(2026, 1, 1)], "last": [date(2026, 2, 28)], "horizon_days": [7]}
    ),
    "importance": pl.DataFrame(
        [("group", "All crime together", "All crime together", 0.1, 0.05, 0.15, 10),
         ("feature", "type THEFT, 365 days, cell", "Other types of crime", 0.02, 0.01, 0.03, 10)],
        schema=["kind", "name", "group", "importance", "low", "high", "repeats"], orient="row",
    ),
    "dependence": pl.DataFrame(
        {"feature": ["28 days, within 500 m"] * 2, "value": [0.0, 4.0], "expected": [0.1, 0.3],
         "low": [0.05, 0.25], "high": [0.15, 0.35]}
    ),
}  # fmt: skip


@pytest.fixture
def services(settings: Settings) -> Services:
    publish_small(settings.home)
    return Services(settings)


@pytest.fixture
def shelf(services: Services) -> Services:
    """Two versions of zones, the first champion, and a forecast."""
    home = services.settings.home
    facts = {
        "run_id": "r", "snapshot": "20260301", "selection": "", "source": "test",
        "crs_local": "EPSG:32616", "code_version": "1", "trained": "2026-03-01T10:00:00+00:00",
        "person": "analyst", "parameters": {}, "rule": {"kind": "nearest_centre"},
        "metrics": {}, "version": 1,
    }  # fmt: skip
    bundle = write_bundle(version_folder(home, NAME, 1), {**facts, "name": NAME}, TABLES, None)
    set_champion(home, bundle)
    forecast = {**facts, "name": "hotspot_forecast"}
    write_bundle(version_folder(home, "hotspot_forecast", 1), forecast, FORECAST_TABLES, None)
    rows = [version(2), version(1), {**version(1), "name": "hotspot_forecast", "champion": False}]
    write_index(home, {}, rows)
    return services


def ask(services: Services, path: str = "/models", **gesture: Any) -> dict[str, Any]:
    page = page_at(path)
    assert page
    return respond_to(services, page, {"n": 1, **gesture}, SelectionState())


def opened(
    services: Services, path: str = "/models", text: str = "", **page: str
) -> dict[str, Any]:
    return ask(services, path, action="open", text=text, page=page)


def act(services: Services, name: str, **values: str) -> dict[str, Any]:
    return ask(services, action="act", name=name, values=values)


def jobs(services: Services) -> list[Job]:
    with closing(State(services.settings)) as state:
        return Queue(state).latest()


def words(children: Any) -> str:
    return " ".join(_texts(children))


def _texts(children: Any) -> Iterator[str]:
    if isinstance(children, str | int | float):
        yield str(children)
    elif isinstance(children, list | tuple):
        for child in children:
            yield from _texts(child)
    elif isinstance(children, Component):
        yield from _texts(getattr(children, "children", None))


def test_without_versions_the_page_says_how_to_get_one(services: Services) -> None:
    shown = opened(services)
    assert "No version yet" in words(shown["versions"])
    assert words(shown["overview"]).startswith("Not trained yet: Patrol zones")
    assert shown["time_off"]
    assert "Train" in words(shown["train"])


def test_versions_are_shown_with_intervals_gates_and_the_champion_first(shelf: Services) -> None:
    text = words(opened(shelf)["versions"])
    assert text.index("Version 1 Champion") < text.index("Version 2 Refused by its gates")
    assert "2.50 (2.00 to 3.00) at least 1 (low end)" in text
    assert "largest_zone_share is 0.9; at most 0.35 is asked for." in text
    assert "k 20" in text


def test_models_that_were_trained_have_a_line_the_others_a_name(shelf: Services) -> None:
    table, others = opened(shelf)["overview"]
    assert "Version 1, 1 Mar 2026, analyst PAI of the densest zones 2.50" in words(table)
    assert "Map of incidents alike (UMAP)" in words(others)
    assert "Patrol zones" not in words(others)


@pytest.mark.parametrize(
    ("selection", "said"),
    [
        ("", "all incidents"),
        ("date=2017-01-01..2017-06-30&type=THEFT", "Theft, 1 Jan to 30 Jun 2017"),
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
    assert "20 %" in text
    assert "90 %" in text


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
    assert "The worker has it" in words(shown["notice"])
    assert "Promote zones_kmeans 2 waits" in words(shown["work"])
    assert not {"versions", "train"} & shown.keys()


@pytest.mark.parametrize(
    ("name", "values", "said"),
    [
        ("promote", {"subject": f"{NAME} 2", "reason": "  "}, "Give a reason"),
        ("rollback", {"subject": NAME}, "Give a reason"),
        ("promote", {"subject": "--json 2", "reason": "x"}, "no option of models promote"),
        ("promote", {"subject": NAME, "reason": "x"}, "is no argument"),
        ("train", {"model": "rm"}, "There is no model 'rm'"),
        ("train", {"model": NAME, "set-k": "many"}, "Number of zones: 'many'"),
        ("cancel", {"job": "x"}, "no such job"),
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
    assert "40 % zones_kmeans: checking" in words(poll["work"])
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


def test_metrics_of_rhythms_and_maps_are_named_as_what_they_are(shelf: Services) -> None:
    gain = asdict(Metric("gain", 0.018, 0.015, 0.021))
    row = {**version(1), "name": "temporal_kmeans", "metrics": {"gain": gain}}
    write_index(shelf.settings.home, {}, [row])
    text = words(opened(shelf, model="temporal_kmeans")["versions"])
    assert "Gain over the city's week, bits 0.018 (0.015 to 0.021)" in text


def test_accuracy_over_time_shows_the_weeks_since(shelf: Services) -> None:
    write_check(shelf.settings.home, CHECK)
    shown = opened(shelf)
    assert not shown["time_off"]
    assert shown["time_words"] == f"{CHECK.words} Grey: counts in cells."
    points = [trace.y for trace in shown["time"].data if trace.error_y.array]
    assert [list(y) for y in points] == [[2.25, 2.25]]
    assert "2 Mar 2026 to 8 Mar 2026 2.25 (1.25 to 3.25) 1.75" in words(shown["time_numbers"])
    assert "Too few weeks to judge" in words(shown["overview"])


@pytest.mark.parametrize(
    ("command", "said"),
    [
        (("train",), "Train all models"),
        (("train", NAME, "--set=k=8", "--seed=2"), "Train zones_kmeans, k 8"),
        (("models", "rollback", NAME, "--reason=x"), "Roll back zones_kmeans"),
        (("models", "check"), "Check the champions"),
    ],
)
def test_work_is_named_in_words(command: tuple[str, ...], said: str) -> None:
    assert job_words(command) == said


def test_a_version_is_explained_by_its_tables(shelf: Services) -> None:
    shown = opened(shelf, "/explain")
    text = words(shown["cards"])
    assert "version 1, the champion" in shown["explained"]
    assert "63 % (57 to 68 %)" in text
    assert "would for 16 %" in text
    assert "Over 1.0 km east of the middle" in text
    assert "Robbery 3.00 (2.50 to 3.50)" in text
    assert "Theft" not in text
    assert "0: Mill St" in text
    assert "dissolves" in text
    assert "below 50 % 1 25 %" in text


def test_another_zone_shows_its_own_lifts_and_no_rare_ones(shelf: Services) -> None:
    zone = f"{NAME}:1:1"
    shown = ask(shelf, "/explain", action="page", changed=["zone"], page={"zone": zone})
    text = words(shown["cards"])
    assert "Theft 2.00 (1.50 to 2.50)" in text
    assert "Arson" not in text
    assert "Robbery" not in text


def test_the_forecast_is_explained_by_importance_and_dependence(shelf: Services) -> None:
    shown = opened(shelf, "/explain", model="hotspot_forecast", zone="nonsense", version="9")
    text = words(shown["cards"])
    assert "All crime together 0.100 (0.050 to 0.150)" in text
    assert "Theft, last 365 days, in the cell" in text
    assert "It is the forecaster in use. Here it explains 12 % of the Poisson deviance" in text
    assert "last 28 days, within 500 m 4.00 0.300 (0.250 to 0.350)" in text


def test_a_selection_changes_nothing_on_explain(shelf: Services) -> None:
    page = page_at("/explain")
    assert page
    state = SelectionState.of({"text": "", "snapshot": shelf.warehouse.current_id()})
    gesture = {"n": 2, "action": "only", "dimension": "type", "keys": ["THEFT"]}
    assert "cards" not in respond_to(shelf, page, gesture, state)


def test_without_a_version_there_is_nothing_to_explain(services: Services) -> None:
    assert "no version to explain" in words(opened(services, "/explain")["cards"])
