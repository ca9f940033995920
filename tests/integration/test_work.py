"""Work for the worker is queued, shown and canceled by the same rules on every page."""

from __future__ import annotations

from typing import Any

import pytest

from analytics.services import Services
from analytics.settings import Settings
from callbacks.frame.history import SelectionState
from callbacks.frame.pages import page_at
from callbacks.frame.selection import respond_to
from callbacks.frame.work import model_jobs, open_trainings
from components.frame.jobs import job_words
from jobs.queue import Queue
from tests.integration.small_snapshot import publish_small
from tests.integration.stored_models import parts, words

TRAINING = {
    "/models": ("work", "train", {"model": "zones_kmeans"}),
    "/hotspots": ("work", "train", {"model": "zones_kmeans"}),
    "/forecast": ("missing", "train-demand", {"target": "all"}),
    "/patterns": ("missing", "train", {"model": "patterns_umap"}),
    "/temporal": ("profiles", "train-profiles", {}),
}
"""By page where work is shown, and how it is requested."""


@pytest.fixture
def services(settings: Settings) -> Services:
    publish_small(settings.home)
    return Services(settings)


def act(services: Services, path: str, name: str, values: dict[str, str]) -> dict[str, Any]:
    page, pinned = page_at(path), services.pin()
    assert page
    assert pinned
    gesture = {"n": 1, "action": "act", "name": name, "values": values}
    return respond_to(services, page, gesture, SelectionState(snapshot=pinned.id))


@pytest.mark.parametrize("path", TRAINING)
def test_every_page_queues_shows_and_cancels_alike(services: Services, path: str) -> None:
    where, name, values = TRAINING[path]
    asked = act(services, path, name, values)
    (job,) = Queue(services.state).latest()
    assert f"job {job.id}" in words(asked["notice"])
    assert job_words(job.command) in words(asked[where])
    properties = [one.to_plotly_json()["props"] for one in parts(asked[where])]
    assert any("data-poll" in one for one in properties)
    assert any(one.get("data-act") == "cancel" for one in properties)
    canceled = act(services, path, "cancel", {"job": str(job.id)})
    assert Queue(services.state).get(job.id).status == "canceled"
    assert words(canceled["notice"])
    properties = [one.to_plotly_json()["props"] for one in parts(canceled[where])]
    assert not any("data-poll" in one for one in properties)


@pytest.mark.parametrize("path", TRAINING)
def test_a_job_that_is_not_there_is_refused_alike(services: Services, path: str) -> None:
    assert "Job 7 not found" in words(act(services, path, "cancel", {"job": "7"})["notice"])


def test_trainings_are_told_by_the_models_they_train(services: Services) -> None:
    queue = Queue(services.state)
    queue.add(["train", "zones_kmeans", "--set=k=8"])
    queue.add(["models", "check"])
    assert len(open_trainings(services, "zones_").jobs) == 1
    assert open_trainings(services, "patterns_").jobs == ()
    assert len(model_jobs(services).jobs) == 2
    queue.add(["train"])  # all models
    assert len(open_trainings(services, "patterns_").jobs) == 1


def test_work_that_nobody_takes_is_told_and_settles_when_it_ended(services: Services) -> None:
    early = Queue(services.state, clock=lambda: 1_000.0)
    early.add(["train", "zones_kmeans"])
    assert model_jobs(services).no_worker
    assert not model_jobs(services).settled
    job = Queue(services.state).take("worker")
    assert job
    assert not model_jobs(services).no_worker
    Queue(services.state).finish(job, "done")
    assert model_jobs(services).settled


@pytest.mark.parametrize("path", ["/models", "/hotspots"])
def test_a_job_of_a_model_that_is_gone_is_listed_by_its_name(services: Services, path: str) -> None:
    queue = Queue(services.state)
    queue.add(["train", "zones_kmeans"], person="analyst")
    job = queue.take("worker", 60)
    assert job
    outcome = {"model": "former_model", "version": 1, "standing": "champion", "reasons": []}
    queue.finish(job, "done", exit_code=0, result={"outcomes": [outcome]})
    asked = act(services, path, "train", {"model": "zones_kmeans"})
    assert "former_model: version 1" in words(asked["work"])


@pytest.mark.parametrize(
    ("command", "said"),
    [
        (["train", "zones_dbscan", "--set=eps_m=250"], "Train DBSCAN hot spots, eps 820 ft"),
        (["train", "zones_kmeans", "--set=mini_batch=1", "--set=k=8"],
         "Train K-means patrol zones, algorithm mini-batch K-means, k 8"),
        (["models", "promote", "former_model", "3"], "Promote former_model, version 3"),
        (["models", "rollback", "zones_kmeans"], "Roll back K-means patrol zones"),
        (["models", "check"], "Check the champions"),
    ],
)  # fmt: skip
def test_a_command_is_said_in_the_readers_terms(command: list[str], said: str) -> None:
    assert job_words(command).lower() == said.lower()
