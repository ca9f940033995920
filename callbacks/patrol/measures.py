"""The plan that the Patrol page shows, read once per question from the state database."""

from __future__ import annotations

from functools import cached_property

from analytics.briefing_answers import BriefingAnswers, ShownBriefing
from analytics.errors import InputError
from analytics.patrol.dosage import Dosage, read_dosage
from analytics.patrol.plan_content import PlannedUnit
from analytics.patrol.stored_briefings import is_text_of
from analytics.patrol.stored_plans import PlanSummary, PlanVersion, StoredPlans
from analytics.patrol.stored_visits import StoredVisits
from analytics.plan_answers import with_seen_counts
from callbacks.frame.question import Question
from callbacks.frame.work import Work
from callbacks.patrol.options import PatrolOptions
from components.patrol.briefing import SAVE


class PatrolMeasures:
    """What the parts of the page are made of; None and empty where there is no plan."""

    def __init__(self, question: Question, work: Work) -> None:
        self.question = question
        self.work = work
        self.options = PatrolOptions.of(question.raw)

    @cached_property
    def stored(self) -> StoredPlans | None:
        """The plans; None without a state database, which the frame reports."""
        services = self.question.services
        if services.state_trouble:
            return None
        return StoredPlans(services.state, services.settings)

    @cached_property
    def plans(self) -> list[PlanSummary]:
        """The newest plans, newest first."""
        return self.stored.newest() if self.stored else []

    @cached_property
    def versions(self) -> list[PlanVersion]:
        """Versions of the plan, newest first."""
        if not self.stored or not self.plans:
            return []
        try:
            found = self.stored.versions(self.options.plan or self.plans[0].plan)
        except InputError:  # an address with a plan of another installation
            found = self.stored.versions(self.plans[0].plan)
        return found[::-1]

    @cached_property
    def plan(self) -> PlanVersion | None:
        """The version that is shown: the one in the address, else the newest."""
        asked = (one for one in self.versions if one.version == self.options.version)
        found = next(asked, self.versions[0] if self.versions else None)
        if found is None:
            return None
        question = self.question
        return with_seen_counts(found, question.pinned, question.services.settings)

    @cached_property
    def dosage(self) -> Dosage | None:
        """Recorded and planned minutes of the plan."""
        if self.plan is None:
            return None
        services = self.question.services
        visits = StoredVisits(services.state, services.settings)
        return read_dosage(visits, self.plan, self.question.manifest)

    @cached_property
    def briefing(self) -> ShownBriefing | None:
        """The briefing of the version that is shown."""
        if self.plan is None:
            return None
        services = self.question.services
        answers = BriefingAnswers(services.state, services.settings, self.question.pinned)
        return answers.shown(self.plan)

    @property
    def unsaved_text(self) -> str | None:
        """The text of a briefing that was submitted and could not be saved."""
        values = self.question.values
        shown = self.briefing
        if self.question.act != SAVE or shown is None:
            return None
        typed = values.get("text", "")
        wanted = shown.draft.text if values.get("again") else typed
        return None if is_text_of(wanted, shown.text) else typed

    @cached_property
    def unit(self) -> PlannedUnit | None:
        """The unit that is shown alone; None for all."""
        if self.plan is None or self.options.unit is None:
            return None
        return self.plan.content.unit(self.options.unit)
