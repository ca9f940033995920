"""What the page Responsible use and its exports show, from stored results."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property

from analytics.artifacts.decisions import FAILED, PROMOTED, ROLLED_BACK, decision_entries
from analytics.artifacts.model_cards import ModelCard, model_cards
from analytics.audit import Audit
from analytics.errors import PatrolIQError
from analytics.fairness.data_gaps import DataGap, data_gaps
from analytics.fairness.plan_trend import MOST_PLANS
from analytics.fairness.stored_evaluation import (
    EvaluationAge,
    FairnessEvaluation,
    evaluation_state,
    read_evaluation,
)
from analytics.incidents.manifest import Manifest
from analytics.incidents.model import AREA_LEVELS
from analytics.incidents.warehouse import Warehouse
from analytics.patrol.stored_plans import PlanSummary, PlanVersion, StoredPlans
from analytics.services import Pinned, Services

MOST_ENTRIES = 500


@dataclass(frozen=True)
class CardWithData:
    """A model card, and the manifest of the data that it was trained on; None if that is gone."""

    card: ModelCard
    manifest: Manifest | None = field(repr=False)


class ResponsibleAnswers:
    """Stored results of one request."""

    def __init__(self, services: Services, pinned: Pinned) -> None:
        self._services = services
        self._pinned = pinned

    def evaluation(self) -> FairnessEvaluation | None:
        """The newest evaluation of fairness.

        Raises
        ------
        DamagedError
            Its file cannot be read.
        """
        home = self._services.settings.home
        state = evaluation_state(home)
        if state is None:
            return None
        known: dict[int, FairnessEvaluation | None] = self._pinned.get_or_compute("fairness", dict)
        if state not in known:
            known.clear()
            known[state] = read_evaluation(home)
        return known[state]

    @cached_property
    def newest_plan(self) -> PlanVersion | None:
        """The newest stored plan of the whole city; None without any."""
        newest = next(iter(self._plans), None)
        return self._stored.read(newest.plan, newest.version) if newest else None

    def age(self, found: FairnessEvaluation) -> EvaluationAge:
        """What has come since an evaluation."""
        newest, plan = self.newest_plan, found.plan
        compared = (plan.plan, plan.version) if plan else None
        now = {(one.plan, one.version) for one in self._plans if one.per == found.level}
        return EvaluationAge(
            newest if newest and (newest.plan, newest.version) != compared else None,
            len(now - set(found.trend_of)),
            found.snapshot != self._pinned.id,
        )

    @cached_property
    def _plans(self) -> list[PlanSummary]:
        """Stored plans of the whole city, the newest first."""
        if self._services.state_trouble:
            return []
        return [one for one in self._stored.newest(MOST_PLANS) if one.area is None]

    @cached_property
    def _stored(self) -> StoredPlans:
        return StoredPlans(self._services.state, self._services.settings)

    def gaps(self, level: str = "") -> tuple[DataGap, ...]:
        """What the served data lacks; areas are of the level, else of the first that it has."""
        off = self._pinned.snapshot.manifest.views_off
        known = [one for one in AREA_LEVELS if one not in off]
        area = level or next(iter(known), AREA_LEVELS[0])
        return self._pinned.get_or_compute(
            f"data gaps {area}", lambda: data_gaps(self._pinned.reader, area)
        )

    def cards(self) -> tuple[CardWithData, ...]:
        """A card for each model in use, with the data that it was trained on."""
        entries = []
        if not self._services.state_trouble:
            audit = Audit(self._services.state, self._services.settings)
            events = (PROMOTED, ROLLED_BACK, FAILED)
            entries = decision_entries(audit, *events, most=MOST_ENTRIES)
        home = self._services.settings.home
        warehouse = Warehouse(home)
        manifests: dict[str, Manifest | None] = {}
        found = []
        for card in model_cards(home, entries):
            if card.snapshot not in manifests:
                manifests[card.snapshot] = _manifest(warehouse, card.snapshot)
            found.append(CardWithData(card, manifests[card.snapshot]))
        return tuple(found)


def _manifest(warehouse: Warehouse, snapshot: str) -> Manifest | None:
    try:
        return warehouse.get(snapshot).manifest
    except (PatrolIQError, OSError):
        return None
