"""Train models: fit, evaluate on later incidents, run the promotion checks and register."""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from analytics.acting import person
from analytics.artifacts.bundle import write_bundle
from analytics.artifacts.catalog import ALL, PROPOSED, model_of
from analytics.artifacts.gates import Verdict, judge
from analytics.artifacts.metric import Metric
from analytics.artifacts.targets import Targets
from analytics.audit import record
from analytics.cluster.row_segments import reader_with_cluster
from analytics.crossfilter.selection import Selection
from analytics.crossfilter.vocabulary import Vocabulary
from analytics.errors import InputError
from analytics.incidents.reader import SnapshotReader
from analytics.incidents.warehouse import Snapshot, Warehouse
from analytics.publisher import require_publisher
from analytics.settings import Settings
from analytics.training.fitting import FittedModel, ModelKind, Training
from analytics.training.kinds import kinds_of
from analytics.training.registry import Registry, Version
from analytics.training.runs import BUNDLE

Advance = Callable[[str, float], None]
STEPS = 4  # fit, evaluate, explain, register


def train(
    names: Sequence[str],
    settings: Settings,
    *,
    target: str = ALL,
    selection: str = "",
    parameters: Mapping[str, str] | None = None,
    seed: int = 1,
    advance: Advance = lambda _what, _share: None,
) -> list[Version]:
    """Train the named models, or all of them, on the snapshot being served.

    Parameters
    ----------
    target : str
        Whose incidents: `all`, or a target of the agency. This is the only place that restricts a
        training to its target.
    selection : str
        Which of these incidents; empty for all of them.
    parameters : mapping
        Values as text that replace the defaults. When a selection is trained, parameters that
        depend on the incidents (`PROPOSED`) are proposed from them unless given here.

    Raises
    ------
    InputError
        There is no snapshot, no such model, target or parameter, or the selection is too small or
        names a label of another version.
    """
    require_publisher(settings, "train models")
    kinds = kinds_of(names, target)
    chosen = {kind.name: kind.with_defaults(parameters or {}) for kind in kinds}
    snapshot = served_snapshot(settings)
    registry = Registry(settings)
    trained = []
    with reader_with_cluster(snapshot, settings) as reader:
        parsed, notes = chosen_incidents(reader, settings, target, selection)
        for number, kind in enumerate(kinds):

            def step(what: str, done: int, kind: ModelKind = kind, number: int = number) -> None:
                advance(f"{kind.title}: {what}", (number + done / STEPS) / len(kinds))

            training = Training(
                reader, parsed, chosen[kind.name], seed, tuple(notes), tuple(parameters or {})
            )
            trained.append(_train_one(kind, training, registry, settings, step))
    advance("Done", 1.0)
    registry.write_index()
    return trained


def served_snapshot(settings: Settings) -> Snapshot:
    """The snapshot being served.

    Raises
    ------
    InputError
        There is none.
    """
    snapshot = Warehouse(settings.home).current()
    if snapshot is None:
        raise InputError(f"{settings.home} holds no data; run `patroliq ingest` first.")
    return snapshot


def chosen_incidents(
    reader: SnapshotReader, settings: Settings, target: str, selection: str
) -> tuple[Selection, Sequence[str]]:
    """The part of a target that a selection chooses, and remarks on values the data lacks.

    Raises
    ------
    InputError
        The target or the selection is not valid.
    """
    attributes = [attribute.name for attribute in reader.snapshot.manifest.attributes]
    vocabulary = Vocabulary.of(reader)
    of_target = Targets.of(vocabulary, settings).find(target)
    chosen = Selection.parse(selection, attributes)
    if chosen.get("custom_area") is not None:
        raise InputError(
            "A model cannot be trained on a custom area, which it could not find again. Use the "
            "areas of the data, or draw the area again."
        )
    parsed, notes = vocabulary.resolve_strictly(chosen)
    return of_target.part(parsed), notes


@dataclass(frozen=True)
class _Fit:
    """A model being trained, and the run that records it."""

    kind: ModelKind
    training: Training
    registry: Registry
    settings: Settings
    run_id: str
    provenance: Mapping[str, str]


def _train_one(
    kind: ModelKind,
    training: Training,
    registry: Registry,
    settings: Settings,
    step: Callable[[str, int], None],
) -> Version:
    provenance = _provenance(training, settings)
    run_id = registry.runs.start(kind.name, {**provenance, **_notes(training)})
    fit = _Fit(kind, training, registry, settings, run_id, provenance)
    try:
        verdicts = _fit_and_evaluate(fit, step)
        registry.runs.end(run_id)
    except BaseException as error:
        registry.runs.end(run_id, f"{type(error).__name__}: {error}")
        raise
    number = registry.register(kind.name, run_id)
    try:
        _log_to_audit(fit, number, [verdict for verdict in verdicts if not verdict.passed])
    except BaseException:
        registry.discard(kind.name, number)  # no version without an audit entry
        raise
    made = registry.version(kind.name, number)
    registry.export(made)
    return made


def _fit_and_evaluate(fit: _Fit, step: Callable[[str, int], None]) -> list[Verdict]:
    runs, kind = fit.registry.runs, fit.kind
    step("fitting", 0)
    fit = replace(fit, training=with_proposals(kind, fit.training))
    runs.tag(fit.run_id, "origins", json.dumps(fit.training.origins))
    fitted = kind.fit(fit.training)
    runs.log_parameters(fit.run_id, {**fitted.parameters, "seed": fit.training.seed})
    step("evaluating", 1)
    found = [*fitted.metrics, *kind.evaluate(fit.training, fitted)]
    metrics = {metric.name: metric for metric in found if math.isfinite(metric.value)}
    runs.log_metrics(fit.run_id, metrics)
    verdicts = judge(kind.name, metrics)
    runs.tag(fit.run_id, "verdicts", json.dumps([asdict(verdict) for verdict in verdicts]))
    refused = [verdict.message for verdict in verdicts if not verdict.passed]
    if refused:
        runs.tag(fit.run_id, "refused", " ".join(refused))
    step("explaining", 2)
    explained = kind.explain(fit.training, fitted)
    fitted = replace(fitted, tables={**fitted.tables, **explained})
    step("registering", 3)
    with TemporaryDirectory(prefix="patroliq-train-") as name:
        _log_files(fit, Path(name), fitted, metrics)
    return verdicts


def with_proposals(kind: ModelKind, training: Training) -> Training:
    """Propose parameters that were not given from the selected incidents.

    Without a selection the defaults apply: they are meant for whole cities.
    """
    wanted = [name for name in PROPOSED.get(model_of(kind.name), ()) if name not in training.given]
    if "dense_share" in training.given and "min_samples" in wanted:
        wanted.remove("min_samples")  # it follows from the share
    if not wanted or not training.selection or kind.propose is None:
        return training
    found = kind.propose(training, wanted)
    read = {name: type(kind.defaults[name])(one.value) for name, one in found.items()}
    return replace(training, parameters={**training.parameters, **read}, proposed=found)


def _provenance(training: Training, settings: Settings) -> dict[str, str]:
    return {
        "snapshot": training.reader.snapshot.id,
        "selection": training.selection.text,
        "source": training.reader.snapshot.manifest.source.name,
        "code_version": version("patroliq"),
        "person": person(settings),
    }


def _notes(training: Training) -> dict[str, str]:
    return {"notes": " ".join(training.notes)} if training.notes else {}


def _log_files(fit: _Fit, folder: Path, fitted: FittedModel, metrics: Mapping[str, Metric]) -> None:
    described: dict[str, Any] = {
        **fit.provenance,
        "name": fit.kind.name,
        "run_id": fit.run_id,
        "crs_local": fit.training.reader.snapshot.manifest.crs_local,
        "trained": datetime.now(UTC).isoformat(timespec="seconds"),
        "parameters": dict(fitted.parameters),
        "rule": dict(fitted.rule),
        "metrics": {name: asdict(metric) for name, metric in metrics.items()},
    }
    write_bundle(folder / BUNDLE, described, fitted.tables, fitted.geojson)
    runs = fit.registry.runs
    runs.log_files(fit.run_id, folder / BUNDLE, BUNDLE)
    if fitted.estimator is not None:
        runs.log_estimator(fit.run_id, fitted.estimator, folder)


def _log_to_audit(fit: _Fit, number: int, refused: Sequence[Verdict]) -> None:
    subject = f"{fit.kind.name} {number}"
    messages, verdicts = [one.message for one in refused], [one.as_json for one in refused]
    details = {**fit.provenance, **_notes(fit.training), "run_id": fit.run_id, "refused": messages}
    record(fit.settings, "model.trained", subject, details=details)
    if refused:
        why = {"verdicts": verdicts}
        record(fit.settings, "model.refused", subject, reason=" ".join(messages), details=why)
