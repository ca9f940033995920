"""Registry: versions of each model, their promotion checks, and which one is champion."""

from __future__ import annotations

import json
import shutil
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from typing import Any

from analytics.artifacts.bundle import Bundle, set_version, version_folder
from analytics.artifacts.catalog import is_known, model_of, model_title
from analytics.artifacts.champions import decisions
from analytics.artifacts.gates import Verdict, judge
from analytics.artifacts.index import write_index
from analytics.artifacts.metric import Metric
from analytics.errors import InputError, UnavailableError
from analytics.settings import Settings
from analytics.training.kinds import KINDS
from analytics.training.runs import BUNDLE, TAG, Runs, metrics_of

ALIAS = "champion"
PAGE = 200


@dataclass(frozen=True)
class Version:
    """One version of a model for a target (`name` has both), from its MLflow run."""

    name: str
    version: int
    run_id: str
    created: str  # ISO 8601 in UTC
    champion: bool
    snapshot: str
    selection: str
    code_version: str
    person: str
    parameters: Mapping[str, str] = field(default_factory=dict)
    metrics: Mapping[str, Metric] = field(default_factory=dict)
    verdicts: tuple[Verdict, ...] = ()
    notes: str = ""  # remarks on the selection, such as an unknown crime type
    origins: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    """Where the value of each parameter is from, as `Training.origins`; empty in older versions."""

    @property
    def refused(self) -> tuple[Verdict, ...]:
        """Verdicts of the promotion checks it failed."""
        return tuple(verdict for verdict in self.verdicts if not verdict.passed)

    @property
    def as_json(self) -> dict[str, Any]:
        """Fields, with the messages of failed checks."""
        return {**asdict(self), "refused": [verdict.message for verdict in self.refused]}


class Registry:
    """Reads and changes registered versions. The champion is an alias, as MLflow dropped stages."""

    def __init__(self, settings: Settings) -> None:
        self.runs = Runs(settings)
        self._settings = settings

    def register(self, name: str, run_id: str) -> int:
        """Register a run as the next version of a model; returns its number."""
        from mlflow.exceptions import MlflowException  # noqa: PLC0415 - takes seconds

        client = self.runs.client
        try:
            client.create_registered_model(name)
        except MlflowException as error:
            if error.error_code != "RESOURCE_ALREADY_EXISTS":
                raise
        source = f"{self.runs.run(run_id).info.artifact_uri}/{BUNDLE}"
        found = client.create_model_version(name, source=source, run_id=run_id)
        return int(found.version)

    def discard(self, name: str, number: int) -> None:
        """Delete a version that was just registered; its run stays."""
        self.runs.client.delete_model_version(name, str(number))

    def versions(self, name: str) -> list[Version]:
        """All versions, newest first."""
        return self._versions(name, self.champion_number(name))

    def _versions(self, name: str, champion: int | None) -> list[Version]:
        found = []
        token = None
        while True:
            page = self.runs.client.search_model_versions(
                f"name='{name}'", max_results=PAGE, page_token=token
            )
            found += [self._version(one, champion) for one in page]
            token = page.token
            if not token:
                return sorted(found, key=lambda version: version.version, reverse=True)

    def version(self, name: str, number: int) -> Version:
        """One version.

        Raises
        ------
        InputError
            It does not exist.
        """
        from mlflow.exceptions import MlflowException  # noqa: PLC0415 - takes seconds

        try:
            found = self.runs.client.get_model_version(name, str(number))
        except MlflowException as error:
            raise InputError(
                f"{name} has no version {number}. `patroliq models list` shows the versions."
            ) from error
        return self._version(found, self.champion_number(name))

    def champion_number(self, name: str) -> int | None:
        """Champion by decision, whatever the alias says; None if there is none."""
        champion = decisions(self._settings).get(name)
        return champion.version if champion else None

    def move_alias(self, name: str, champion: int) -> bool:
        """Point MLflow's alias to a version; returns whether it moved.

        Raises
        ------
        InputError
            MLflow has no such version.
        """
        from mlflow.exceptions import MlflowException  # noqa: PLC0415 - takes seconds

        try:
            if int(self.runs.client.get_model_version_by_alias(name, ALIAS).version) == champion:
                return False
        except MlflowException:
            pass  # no alias yet
        try:
            self.runs.client.set_registered_model_alias(name, ALIAS, str(champion))
        except MlflowException as error:
            raise InputError(f"MLflow has no version {champion} of {name}: {error}") from error
        return True

    def export(self, version: Version) -> Bundle:
        """Copy a version's files from its run to the home folder, and check them.

        Raises
        ------
        UnavailableError
            They cannot be downloaded from its run.
        """
        from mlflow.exceptions import MlflowException  # noqa: PLC0415 - takes seconds

        target = version_folder(self.runs.home, version.name, version.version)
        staged = target.with_name(f".{version.version}")
        shutil.rmtree(staged, ignore_errors=True)
        try:
            downloaded = self.runs.download(version.run_id, BUNDLE, staged)
        except MlflowException as error:
            raise UnavailableError(
                f"The files of {version.name} {version.version} cannot be downloaded: {error}"
            ) from error
        set_version(downloaded, version.version)
        Bundle.load(downloaded)
        shutil.rmtree(target, ignore_errors=True)  # last, as pages may be reading it
        downloaded.rename(target)
        shutil.rmtree(staged, ignore_errors=True)
        return Bundle.load(target)

    def write_index(self) -> list[Version]:
        """Write the index for web workers; call it after every change.

        Returns all versions, newest first within each model.
        """
        champions = {name: one.version for name, one in decisions(self._settings).items()}
        names = self._names()
        versions = [one for name in names for one in self._versions(name, champions.get(name))]
        titles = {name: model_title(name) for name in {**KINDS, **dict.fromkeys(names)}}
        write_index(self.runs.home, titles, [version.as_json for version in versions])
        return versions

    def _names(self) -> list[str]:
        """Names of the registered pairs: models in the order of the catalog, `all` first."""
        found: list[str] = []
        token = None
        while True:
            page = self.runs.client.search_registered_models(max_results=PAGE, page_token=token)
            found += [one.name for one in page if is_known(one.name)]
            token = page.token
            if not token:
                order = list(KINDS)
                return sorted(found, key=lambda name: (order.index(model_of(name)), name))

    def _version(self, found: Any, champion: int | None) -> Version:
        run = self.runs.run(found.run_id)
        tags = {
            tag.removeprefix(TAG): text
            for tag, text in run.data.tags.items()
            if tag.startswith(TAG)
        }
        metrics = metrics_of(run.data.metrics)
        created = datetime.fromtimestamp(found.creation_timestamp / 1000, UTC)
        return Version(
            name=found.name,
            version=int(found.version),
            run_id=found.run_id,
            created=created.isoformat(timespec="seconds"),
            champion=int(found.version) == champion,
            snapshot=tags.get("snapshot", ""),
            selection=tags.get("selection", ""),
            code_version=tags.get("code_version", ""),
            person=tags.get("person", ""),
            parameters=dict(run.data.params),
            metrics=metrics,
            verdicts=_verdicts(found.name, tags, metrics),
            notes=tags.get("notes", ""),
            origins=json.loads(tags.get("origins", "{}")),
        )


def _verdicts(
    name: str, tags: Mapping[str, str], metrics: Mapping[str, Metric]
) -> tuple[Verdict, ...]:
    """Verdicts at training; those of today's checks if the run has none."""
    if "verdicts" in tags:
        return tuple(Verdict.of(raw) for raw in json.loads(tags["verdicts"]))
    return tuple(judge(name, metrics))
