"""MLflow runs: parameters, metrics and files of each training. Importing MLflow takes 5 seconds.

Runs are stored in SQLite and a folder of the home folder, or on a tracking server if
MLFLOW_TRACKING_URI is set. Nothing is sent anywhere else.
"""

from __future__ import annotations

import logging
import os
import time
import warnings
from collections.abc import Mapping
from functools import cached_property
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any

from analytics.artifacts.metric import Metric
from analytics.errors import UnavailableError
from analytics.settings import Settings
from analytics.training.trusted import FILE as ESTIMATOR
from analytics.training.trusted import TRUSTED, dump_estimator

if TYPE_CHECKING:
    from mlflow import MlflowClient
    from mlflow.entities import Run

TAG = "patroliq."
BUNDLE = "bundle"
MODEL = "model"
MOST_TAG = 5_000  # characters; MLflow keeps no more of a tag
REQUIREMENTS = ("scikit-learn", "skops", "numpy", "scipy")
QUIET = {
    "MLFLOW_DISABLE_TELEMETRY": "true",
    "MLFLOW_LOGGING_LEVEL": "WARNING",
    "MLFLOW_ENABLE_ARTIFACTS_PROGRESS_BAR": "false",
}


class Runs:
    """Writes and reads runs, in one experiment per model."""

    def __init__(self, settings: Settings) -> None:
        self.home = settings.home.absolute()
        self.address = os.environ.get("MLFLOW_TRACKING_URI") or f"sqlite:///{self.home}/mlflow.db"

    @property
    def is_local(self) -> bool:
        """Whether runs are in the home folder, not on a tracking server."""
        return self.address.startswith("sqlite:")

    @cached_property
    def client(self) -> MlflowClient:
        """The MLflow client; creates its database at first use.

        Raises
        ------
        UnavailableError
            The tracking server does not answer.
        """
        self.home.mkdir(parents=True, exist_ok=True)
        for name, value in QUIET.items():
            os.environ.setdefault(name, value)
        for chatty in ("mlflow", "alembic"):
            logging.getLogger(chatty).setLevel(logging.WARNING)
        from mlflow import MlflowClient  # noqa: PLC0415 - takes seconds
        from mlflow.exceptions import MlflowException  # noqa: PLC0415

        try:
            return MlflowClient(tracking_uri=self.address, registry_uri=self.address)
        except MlflowException as error:
            raise UnavailableError(f"MLflow at {self.address} does not answer: {error}") from error

    def start(self, name: str, tags: Mapping[str, str]) -> str:
        """Start a run and return its id; `tags` get the prefix `TAG`."""
        run = self.client.create_run(
            self._experiment(name), tags={TAG + tag: text[:MOST_TAG] for tag, text in tags.items()}
        )
        return str(run.info.run_id)

    def log_parameters(self, run_id: str, parameters: Mapping[str, Any]) -> None:
        from mlflow.entities import Param  # noqa: PLC0415 - loaded by the client

        logged = [Param(name, str(value)) for name, value in parameters.items()]
        self.client.log_batch(run_id, params=logged)

    def log_metrics(self, run_id: str, metrics: Mapping[str, Metric]) -> None:
        """Log each metric, and its interval as `<name>_low` and `<name>_high`."""
        from mlflow.entities import Metric as Logged  # noqa: PLC0415 - loaded by the client

        now = int(time.time() * 1000)
        logged = [
            Logged(name + ending, float(value), now, 0)
            for name, metric in metrics.items()
            for ending, value in (("", metric.value), ("_low", metric.low), ("_high", metric.high))
            if value is not None
        ]
        self.client.log_batch(run_id, metrics=logged)

    def log_files(self, run_id: str, folder: Path, name: str) -> None:
        self.client.log_artifacts(run_id, str(folder), name)

    def log_estimator(self, run_id: str, estimator: Any, folder: Path) -> None:
        """Store an estimator through skops, after checking that it can be read again."""
        dump_estimator(estimator, folder / ESTIMATOR)
        target = folder / MODEL
        with warnings.catch_warnings():  # MLflow warns about its own type hints
            warnings.simplefilter("ignore")
            from mlflow import sklearn as flavor  # noqa: PLC0415 - takes seconds

            flavor.save_model(
                estimator,
                str(target),
                serialization_format="skops",
                skops_trusted_types=list(TRUSTED),
                pip_requirements=[f"{package}=={version(package)}" for package in REQUIREMENTS],
            )
        self.log_files(run_id, target, MODEL)

    def tag(self, run_id: str, name: str, text: str) -> None:
        self.client.set_tag(run_id, TAG + name, text[:MOST_TAG])

    def end(self, run_id: str, error: str = "") -> None:
        if error:
            self.tag(run_id, "error", error)
        self.client.set_terminated(run_id, "FAILED" if error else "FINISHED")

    def run(self, run_id: str) -> Run:
        return self.client.get_run(run_id)

    def download(self, run_id: str, name: str, folder: Path) -> Path:
        """Copy a folder of a run's files; returns its path."""
        folder.mkdir(parents=True, exist_ok=True)
        return Path(self.client.download_artifacts(run_id, name, str(folder)))

    def _experiment(self, name: str) -> str:
        found = self.client.get_experiment_by_name(name)
        if found is not None:
            return str(found.experiment_id)
        folder = self.home / "mlartifacts" / name
        location = folder.as_uri() if self.is_local else None
        return str(self.client.create_experiment(name, artifact_location=location))


def metrics_of(logged: Mapping[str, float]) -> dict[str, Metric]:
    """Metrics with their intervals, from the numbers of a run."""
    ends = ("_low", "_high")
    names = [
        name
        for name in logged
        if not any(name.endswith(end) and name.removesuffix(end) in logged for end in ends)
    ]
    return {
        name: Metric(name, logged[name], logged.get(f"{name}_low"), logged.get(f"{name}_high"))
        for name in sorted(names)
    }
