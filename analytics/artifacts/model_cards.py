"""Model cards: what a champion is, from its run, its checks and the decision that made it champion.

References
----------
Mitchell et al. (2019), Model cards for model reporting, FAT* '19.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from analytics.artifacts.catalog import is_known, model_of
from analytics.artifacts.champion_checks import ChampionCheck, read_check
from analytics.artifacts.decisions import PROMOTED, promotions_in_force
from analytics.artifacts.gates import Verdict, load_gates
from analytics.artifacts.index import read_index
from analytics.artifacts.metric import Metric
from analytics.audit import AuditEntry


@dataclass(frozen=True)
class PromotionDecision:
    """Who made a version champion, when (ISO 8601) and why."""

    person: str
    at: str
    reason: str


@dataclass(frozen=True)
class ModelCard:
    """A champion.

    Attributes
    ----------
    name : of the model with its target
    trained, person : when (ISO 8601) and by whom
    snapshot, selection : the incidents that it was trained on
    verdicts : promotion checks of today on the metrics of its run
    check : accuracy since training; None where it was not checked yet
    promotion : None where the log does not tell
    """

    name: str
    version: int
    trained: str
    person: str
    snapshot: str
    selection: str
    code_version: str
    notes: str
    parameters: Mapping[str, Any] = field(repr=False)
    metrics: Mapping[str, Metric] = field(repr=False)
    verdicts: tuple[Verdict, ...] = field(repr=False)
    check: ChampionCheck | None = field(repr=False)
    promotion: PromotionDecision | None

    @property
    def decisive(self) -> list[str]:
        """Metrics that promotion checks read, once each."""
        return list(dict.fromkeys(verdict.metric for verdict in self.verdicts))


def model_cards(home: Path, entries: Iterable[AuditEntry]) -> tuple[ModelCard, ...]:
    """A card for each champion, in the order of the index.

    Parameters
    ----------
    entries
        Promotions and rollbacks of the audit log.
    """
    decisions, gates = list(entries), load_gates()
    cards = []
    for row in read_index(home)["versions"]:
        if not row["champion"] or not is_known(row["name"]):
            continue
        name, number = row["name"], int(row["version"])
        metrics = {key: Metric(**one) for key, one in row["metrics"].items()}
        own = [gate for gate in gates if gate.model == model_of(name)]
        cards.append(
            ModelCard(
                name,
                number,
                row["created"],
                row["person"],
                row["snapshot"],
                row["selection"],
                row["code_version"],
                row.get("notes") or "",
                row["parameters"],
                metrics,
                tuple(gate.judge(metrics) for gate in own),
                read_check(home, name, number),
                _promotion(decisions, name, number),
            )
        )
    return tuple(cards)


def _promotion(entries: list[AuditEntry], name: str, version: int) -> PromotionDecision | None:
    in_force = promotions_in_force(entries, name, version)
    found = next((one for one in reversed(in_force) if one.event == PROMOTED), None)
    return None if found is None else PromotionDecision(found.person, found.happened, found.reason)
