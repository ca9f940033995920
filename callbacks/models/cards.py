"""What the Models page shows, from what is stored: index, gates, bundles, checks, audit."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

import polars as pl

from analytics.artifacts.bundle import Bundle, version_folder
from analytics.artifacts.catalog import CATALOG, EXPLAINED
from analytics.artifacts.champions import Champions
from analytics.artifacts.checks import Check, read_check, wilson
from analytics.artifacts.decisions import FAILED, PROMOTED, REFUSED, ROLLED_BACK, decided
from analytics.artifacts.gates import Gate, Verdict, load_gates
from analytics.artifacts.index import read_index
from analytics.artifacts.metric import Metric
from analytics.audit import Audit, Entry
from analytics.errors import PatrolIQError
from analytics.formats import moment
from analytics.services import Services
from components.frame.drift import SHORT, drift_sentence
from components.frame.metrics import metric_text, metric_words, refusal_words
from components.frame.parameters import brief_parameter
from components.models.accuracy import Week
from components.models.champions import ModelFact
from components.models.decisions import Decision
from components.models.versions import GateFact, VersionFact

REMEMBERED = 200  # decisions of each kind that are looked at
SHOWN_DECISIONS = 30
SHARE = 0.01
WHAT = {
    PROMOTED: "{} promoted",
    ROLLED_BACK: "Rolled back to {}",
    REFUSED: "{} refused",
    FAILED: "{} could not be made champion",
}


@dataclass(frozen=True)
class Shelf:
    """All models as they stand."""

    versions: Sequence[Mapping[str, Any]]
    gates: Sequence[Gate]
    decided: Sequence[Entry]
    before: Mapping[str, int] = field(default_factory=dict)  # what a rollback returns to
    checks: Mapping[tuple[str, int], Check] = field(default_factory=dict)
    say: Callable[[str], str] = str  # a selection in words

    @classmethod
    def of(cls, services: Services, say: Callable[[str], str]) -> Shelf:
        """Read anew: another process writes it."""
        home = services.settings.home
        versions = read_index(home)["versions"]
        entries = _decided(services)
        checks = {
            (row["name"], row["version"]): check
            for row in versions
            if row["champion"] and (check := read_check(home, row["name"], row["version"]))
        }
        before = _champions_before(services)
        return cls(versions, load_gates(), entries, before, checks, say)

    def of_model(self, name: str) -> list[Mapping[str, Any]]:
        return [row for row in self.versions if row["name"] == name]

    def champion(self, name: str) -> Mapping[str, Any] | None:
        return next((row for row in self.of_model(name) if row["champion"]), None)

    def model(self, name: str) -> ModelFact:
        """One model in a line."""
        champion = self.champion(name)
        check = self.checks.get((name, champion["version"])) if champion else None
        fact = self.version(champion) if champion else None
        return ModelFact(
            name,
            CATALOG[name].title,
            fact,
            len(self.of_model(name)),
            self.before.get(name) if champion else None,
            SHORT[check.drift] if check else "",
            _main(fact),
        )

    def version(self, row: Mapping[str, Any]) -> VersionFact:
        """One version, its gates asked as they are today."""
        defaults = CATALOG[row["name"]].defaults
        given = {key: str(row["parameters"].get(key, "")) for key in defaults}
        told = [
            key
            for number, key in enumerate(defaults)
            if number == 0 or given[key] != str(defaults[key])
        ]
        return VersionFact(
            row["name"],
            int(row["version"]),
            bool(row["champion"]),
            datetime.fromisoformat(row["created"]),
            row["person"],
            row["snapshot"],
            self.say(row["selection"]),
            ", ".join(brief_parameter(key, given[key]) for key in told if given[key]),
            tuple(_gate(gate, row) for gate in self.gates if gate.model == row["name"]),
            tuple(self._asked(row)),
            " ".join(filter(None, (row["parameters"].get("reason"), row.get("notes")))),
            row["name"] in EXPLAINED,
        )

    def decisions(self) -> list[Decision]:
        """Promotions, rollbacks and refusals, newest first."""
        return [_decision(entry) for entry in self.decided[:SHOWN_DECISIONS]]

    def _asked(self, row: Mapping[str, Any]) -> list[str]:
        """Promotions of this version that its gates refused, the newest one."""
        subject = f"{row['name']} {row['version']}"
        for entry in self.decided:
            if entry.subject != subject:
                continue
            if entry.event != REFUSED:
                return []
            if "asked_for_because" in entry.details:
                return [
                    f"{entry.person} asked to promote it on {moment(_moment(entry))} "
                    f"(“{entry.reason}”). It was refused."
                ]
        return []


def _champions_before(services: Services) -> dict[str, int]:
    """Model → the version a rollback returns to, where there is one."""
    if services.state_trouble:
        return {}
    before = Champions(services.state, services.settings).before()
    return {name: decision.version for name, decision in before.items()}


def _decided(services: Services) -> list[Entry]:
    """Newest first; nothing where the state database was lost, which the frame says."""
    if services.state_trouble:
        return []
    return decided(Audit(services.state, services.settings), *WHAT, most=REMEMBERED)


def _main(fact: VersionFact | None) -> str:
    if fact is None or not fact.gates:
        return ""
    gate = fact.gates[0]
    read = metric_text(gate.metric, fact.name, gate.value, gate.low, gate.high)
    return f"{metric_words(gate.metric, fact.name).label} {read}"


def _gate(gate: Gate, row: Mapping[str, Any]) -> GateFact:
    metrics = {name: Metric(**metric) for name, metric in row["metrics"].items()}
    found, verdict = metrics.get(gate.metric), gate.judge(metrics)
    return GateFact(
        gate.metric,
        gate.at,
        gate.least,
        gate.most,
        found.value if found else None,
        found.low if found else None,
        found.high if found else None,
        "" if verdict.passed else refusal_words(verdict, row["name"]),
    )


def _decision(entry: Entry) -> Decision:
    details = entry.details
    refused = details.get("verdicts") or [details[key] for key in ("error",) if key in details]
    asked = "asked_for_because" in details or entry.event != REFUSED
    before = details.get("before")
    what = WHAT[entry.event].format(entry.subject) + (f", in place of {before}" if before else "")
    if entry.event == REFUSED:
        refused = refused or (entry.reason,)
        what += "" if asked else " at training"
    model = entry.subject.partition(" ")[0]
    said = tuple(refusal_words(Verdict.of(one), model) for one in refused)
    return Decision(_moment(entry), entry.person, what, entry.reason if asked else "", said)


def _moment(entry: Entry) -> datetime:
    return datetime.fromisoformat(entry.happened)


@dataclass(frozen=True)
class Times:
    """Accuracy of a champion week by week."""

    own: list[Week]
    simple: list[Week]
    expected: tuple[float, float, float] | None
    baseline: str
    fitted: date | None
    words: str


def times_of(services: Services, shelf: Shelf, name: str) -> Times:
    """Weeks of the evaluation (forecasts only) and those since; empty where there are none."""
    champion = shelf.champion(name)
    if champion is None:
        return Times([], [], None, "", None, "There is no champion to track.")
    check = shelf.checks.get((name, champion["version"]))
    own, simple, baseline = _evaluated(services, name, champion["version"], check)
    since = [_week(row) for row in (check.weeks if check else ()) if row["pai"] is not None]
    rows = [row["who"] for row in (check.weeks if check else ()) if row["pai"] is not None]
    own += [week for week, who in zip(since, rows, strict=True) if who == "champion"]
    simple += [week for week, who in zip(since, rows, strict=True) if who == "baseline"]
    expected = check.expected if check and len(check.expected) == 3 else None
    return Times(
        own,
        simple,
        expected and (expected[0], expected[1], expected[2]),
        check.baseline if check else baseline,
        since[0].first if since else None,
        drift_sentence(check)
        if check
        else "Not checked on newer weeks yet; the worker does so after each load.",
    )


def _evaluated(
    services: Services, name: str, number: int, check: Check | None
) -> tuple[list[Week], list[Week], str]:
    with suppress(PatrolIQError):
        bundle = Bundle.load(version_folder(services.settings.home, name, number))
        if "folds" not in bundle.tables or "evaluation" not in bundle.tables:
            return [], [], ""
        folds = bundle.table("folds").filter(pl.col("area_share") == SHARE).sort("cutoff")
        rows = bundle.table("evaluation").filter(
            (pl.col("area_share") == SHARE) & (pl.col("role") == "baseline")
        )
        best = rows.sort("pai", descending=True)["forecaster"].head(1).to_list()
        simple = check.baseline if check else (best or [""])[0]
        return (
            _weeks(folds, str(bundle.parameters["forecaster"])), _weeks(folds, simple), simple
        )  # fmt: skip
    return [], [], ""


def _weeks(folds: pl.DataFrame, forecaster: str) -> list[Week]:
    found = []
    for row in folds.filter(pl.col("forecaster") == forecaster).iter_rows(named=True):
        if not row["incidents"]:
            continue
        low, high = wilson(row["caught"], row["incidents"])
        share = row["flagged_share"]
        last = row["end"] - timedelta(days=1)
        pai = row["caught"] / row["incidents"] / share
        found.append(
            Week(row["cutoff"], last, pai, low / share, high / share, row["incidents"], False)
        )
    return found


def _week(row: Mapping[str, Any]) -> Week:
    first, last = date.fromisoformat(row["first"]), date.fromisoformat(row["last"])
    return Week(first, last, row["pai"], row["pai_low"], row["pai_high"], row["incidents"], True)
