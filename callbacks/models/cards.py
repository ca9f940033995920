"""Data of the Models page: index, promotion checks, bundles, champion checks and audit log."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

import polars as pl

from analytics.artifacts.baseline import FIRST_SHARE, best_baseline
from analytics.artifacts.bundle import Bundle, version_folder
from analytics.artifacts.catalog import CATALOG, EXPLAINED, model_of, model_title
from analytics.artifacts.champion_checks import ENDS, ChampionCheck, read_check, wilson
from analytics.artifacts.champions import Champions
from analytics.artifacts.decisions import (
    FAILED,
    PROMOTED,
    REFUSED,
    ROLLED_BACK,
    decision_entries,
    version_of,
)
from analytics.artifacts.gates import Gate, Verdict, load_gates
from analytics.artifacts.index import read_index
from analytics.artifacts.metric import Metric
from analytics.audit import Audit, AuditEntry
from analytics.errors import PatrolIQError
from analytics.services import Services
from components.frame.metrics import key_metric_text
from components.models.accuracy import AccuracyHistory, AccuracyWeek
from components.models.champions import ModelSummary
from components.models.decisions import Decision
from components.models.nomination import nomination_words
from components.models.versions import GateResult, RefusedRequest, VersionSummary

EVENTS = (PROMOTED, ROLLED_BACK, REFUSED, FAILED)
MOST_ENTRIES = 200
"""Audit entries that are read of each event."""
SHOWN_DECISIONS = 30


@dataclass(frozen=True)
class ModelRecords:
    """Stored records of all models; a name is that of a model with its target."""

    versions: Sequence[Mapping[str, Any]]
    gates: Sequence[Gate]
    entries: Sequence[AuditEntry]
    before: Mapping[str, int] = field(default_factory=dict)  # to which a rollback returns
    checks: Mapping[tuple[str, int], ChampionCheck] = field(default_factory=dict)
    selection_words: Callable[[str], str] = str

    @classmethod
    def read(cls, services: Services, selection_words: Callable[[str], str]) -> ModelRecords:
        """Read the files and the state database; other processes change them at any time."""
        home = services.settings.home
        versions = read_index(home)["versions"]
        checks = {
            (row["name"], row["version"]): check
            for row in versions
            if row["champion"] and (check := read_check(home, row["name"], row["version"]))
        }
        before = _champions_before(services)
        entries = _entries(services)
        return cls(versions, load_gates(), entries, before, checks, selection_words)

    def of_model(self, name: str) -> list[Mapping[str, Any]]:
        return [row for row in self.versions if row["name"] == name]

    def champion(self, name: str) -> Mapping[str, Any] | None:
        return next((row for row in self.of_model(name) if row["champion"]), None)

    def check(self, name: str) -> ChampionCheck | None:
        """The newest check of a model's champion."""
        champion = self.champion(name)
        return self.checks.get((name, champion["version"])) if champion else None

    def model(self, name: str) -> ModelSummary:
        """Summary of one model."""
        champion, check = self.champion(name), self.check(name)
        return ModelSummary(
            name,
            model_title(name),
            self.version(champion) if champion else None,
            len(self.of_model(name)),
            self.before.get(name) if champion else None,
            check.drift if check else None,
        )

    def version(self, row: Mapping[str, Any]) -> VersionSummary:
        """Summary of one version, with the promotion checks of today."""
        model = model_of(row["name"])
        return VersionSummary(
            row["name"],
            int(row["version"]),
            bool(row["champion"]),
            datetime.fromisoformat(row["created"]),
            row["person"],
            row["snapshot"],
            self.selection_words(row["selection"]),
            _told_parameters(row),
            tuple(_gate_result(gate, row) for gate in self.gates if gate.model == model),
            key_metric_text(row["name"], row["metrics"], self.gates),
            self._refused_request(row),
            " ".join(filter(None, (nomination_words(row["parameters"]), row.get("notes")))),
            model in EXPLAINED,
        )

    def decisions(self) -> list[Decision]:
        """Promotions, rollbacks and refusals, newest first."""
        return [_decision(entry) for entry in self.entries[:SHOWN_DECISIONS]]

    def _refused_request(self, row: Mapping[str, Any]) -> RefusedRequest | None:
        """The newest decision on this version, if it is a promotion that was refused."""
        subject = f"{row['name']} {row['version']}"
        for entry in self.entries:
            if entry.subject != subject:
                continue
            if entry.event != REFUSED:
                return None
            if "asked_for_because" in entry.details:
                return RefusedRequest(entry.person, _moment(entry), entry.reason)
        return None


def _told_parameters(row: Mapping[str, Any]) -> dict[str, str]:
    """The first parameter of a version, and those that differ from the defaults."""
    defaults = CATALOG[model_of(row["name"])].defaults
    given = {key: str(row["parameters"].get(key, "")) for key in defaults}
    return {
        key: given[key]
        for number, key in enumerate(defaults)
        if given[key] and (number == 0 or given[key] != str(defaults[key]))
    }


def _champions_before(services: Services) -> dict[str, int]:
    """Model → version to which a rollback returns, for models that have one."""
    if services.state_trouble:
        return {}
    before = Champions(services.state, services.settings).before()
    return {name: decision.version for name, decision in before.items()}


def _entries(services: Services) -> list[AuditEntry]:
    """Newest first; empty if the state database was lost, which the frame shows."""
    if services.state_trouble:
        return []
    return decision_entries(Audit(services.state, services.settings), *EVENTS, most=MOST_ENTRIES)


def _gate_result(gate: Gate, row: Mapping[str, Any]) -> GateResult:
    metrics = {name: Metric(**metric) for name, metric in row["metrics"].items()}
    return GateResult(gate.judge(metrics), metrics.get(gate.metric))


def _decision(entry: AuditEntry) -> Decision:
    details = entry.details
    requested = "asked_for_because" in details or entry.event != REFUSED
    refusals = details.get("verdicts") or [details[key] for key in ("error",) if key in details]
    if entry.event == REFUSED:
        refusals = refusals or [entry.reason]
    return Decision(
        entry.event,
        entry.subject.partition(" ")[0],
        version_of(entry),
        _moment(entry),
        entry.person,
        entry.reason if requested else "",
        details.get("before"),
        tuple(Verdict.of(one) for one in refusals),
        at_training=not requested,
    )


def _moment(entry: AuditEntry) -> datetime:
    return datetime.fromisoformat(entry.happened)


def accuracy_history(services: Services, records: ModelRecords, name: str) -> AccuracyHistory:
    """Weeks of the evaluation (forecasts only) and the weeks since, of a model's champion."""
    champion = records.champion(name)
    if champion is None:
        return AccuracyHistory(has_champion=False)
    check = records.check(name)
    own, simple, baseline = _evaluated(services, name, champion["version"], check)
    rows = [row for row in (check.weeks if check else ()) if row.get("pai") is not None]
    since = [(row["who"], _week(row)) for row in rows]
    own += [week for who, week in since if who == "champion"]
    simple += [week for who, week in since if who == "baseline"]
    expected = check.expected if check and len(check.expected) == ENDS else None
    return AccuracyHistory(
        own,
        simple,
        expected,
        check.baseline if check else baseline,
        since[0][1].first if since else None,
        check,
    )


def _evaluated(
    services: Services, name: str, number: int, check: ChampionCheck | None
) -> tuple[list[AccuracyWeek], list[AccuracyWeek], str]:
    """Test forecasts of the version and of its best baseline, and the baseline's name."""
    with suppress(PatrolIQError):
        bundle = Bundle.load(version_folder(services.settings.home, name, number))
        if "folds" not in bundle.tables or "evaluation" not in bundle.tables:
            return [], [], ""
        folds = bundle.table("folds").filter(pl.col("area_share") == FIRST_SHARE).sort("cutoff")
        simple = check.baseline if check else best_baseline(bundle)
        own = _weeks(folds, str(bundle.parameters["forecaster"]))
        return own, _weeks(folds, simple), simple
    return [], [], ""


def _weeks(folds: pl.DataFrame, forecaster: str) -> list[AccuracyWeek]:
    found = []
    for row in folds.filter(pl.col("forecaster") == forecaster).iter_rows(named=True):
        if not row["incidents"]:
            continue
        low, high = wilson(row["caught"], row["incidents"])
        share = row["flagged_share"]
        last = row["end"] - timedelta(days=1)
        pai = row["caught"] / row["incidents"] / share
        ends = low / share, high / share
        found.append(AccuracyWeek(row["cutoff"], last, pai, *ends, row["incidents"], since=False))
    return found


def _week(row: Mapping[str, Any]) -> AccuracyWeek:
    first, last = date.fromisoformat(row["first"]), date.fromisoformat(row["last"])
    pai = row["pai"], row["pai_low"], row["pai_high"]
    return AccuracyWeek(first, last, *pai, row["incidents"], since=True)
