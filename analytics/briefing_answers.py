"""The briefing of a plan, as pages and commands show it: its draft, or the text that was saved."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from typing import Any

from analytics.access.stored_results import seen_results
from analytics.briefing.cited_text import CitedText
from analytics.briefing.edited_text import TextSpan, spans_of
from analytics.crossfilter.selection import Selection
from analytics.errors import InputError, OutsideScopeError
from analytics.formats import moment
from analytics.overview.expectations import CountEstimate
from analytics.overview.latest_change import LatestChange, latest_change
from analytics.patrol.plan_briefing import CountedTarget, PlanBriefing
from analytics.patrol.stored_briefings import SavedBriefing, StoredBriefings
from analytics.patrol.stored_plans import PlanVersion, StoredPlans
from analytics.services import Pinned
from analytics.settings import Settings
from analytics.state import State
from analytics.statistics.tiers import Tier


@dataclass(frozen=True)
class ShownBriefing:
    """A text and its draft.

    Attributes
    ----------
    saved : None while nobody has saved it, and the text is the draft's
    earlier : texts that were saved before, the newest first
    """

    version: PlanVersion = field(repr=False)
    draft: CitedText = field(repr=False)
    saved: SavedBriefing | None = None
    earlier: tuple[SavedBriefing, ...] = field(default=(), repr=False)

    @property
    def text(self) -> str:
        return self.saved.text if self.saved else self.draft.text

    @cached_property
    def spans(self) -> list[TextSpan]:
        """The text in parts, with what is cited and what was written by hand."""
        return spans_of(self.draft, self.text)

    @property
    def by_hand(self) -> list[str]:
        """Numbers without a source."""
        return [one.text for one in self.spans if one.by_hand]

    def as_json(self) -> dict[str, Any]:
        """As `patroliq plan brief` prints it: each number with its source, null by hand."""
        numbers = [
            {"text": one.text, "source": one.source.label if one.source else None}
            for one in self.spans
            if one.source or one.by_hand
        ]
        return {
            "plan": self.version.plan,
            "version": self.version.version,
            "saved_by": self.saved.person if self.saved else None,
            "saved_at": self.saved.at if self.saved else None,
            "text": self.text,
            "numbers": numbers,
        }


def made_words(shown: ShownBriefing) -> str:
    """Who saved the text, or that it is a draft."""
    if not seen_results().counts:
        return "A draft from what you may see; texts that were saved count other incidents too."
    if shown.saved is None:
        return "A draft from the plan's numbers; nobody has edited it."
    return saved_words(shown.saved)


def saved_words(saved: SavedBriefing) -> str:
    """`Saved by D. Reyes, Nov 30, 2026, 10:15 AM.`"""
    return f"Saved by {saved.person}, {moment(datetime.fromisoformat(saved.at))}."


class BriefingAnswers:
    """Briefings of the plans in a state database."""

    def __init__(self, state: State, settings: Settings, pinned: Pinned) -> None:
        self._plans = StoredPlans(state, settings)
        self._stored = StoredBriefings(state, settings)
        self._pinned = pinned

    def shown(self, version: PlanVersion) -> ShownBriefing:
        """What was saved last, with the draft it was made from; else a draft.

        Saved texts count all incidents: who sees no such counts gets a draft.
        """
        if not seen_results().counts:
            return ShownBriefing(version, self.draft(version))
        found = self._stored.saved(version.plan, version.version)
        if not found:
            return ShownBriefing(version, self.draft(version))
        saved, *earlier = found
        return ShownBriefing(version, saved.draft, saved, tuple(earlier))

    def draft(self, version: PlanVersion) -> CitedText:
        """A draft from the plan and the data being served."""
        return PlanBriefing(version, self._before(version), self._counted(version)).draft()

    def save(
        self, version: PlanVersion, text: str, after: int | None, digest: str
    ) -> SavedBriefing:
        """Save an edited text beside the draft that it was made from, which `digest` names.

        Raises
        ------
        InputError
            That draft is no longer shown, or as `StoredBriefings.save`.
        OutsideScopeError
            The reader sees only some incidents.
        """
        _require_counts()
        draft = self.shown(version).draft
        if digest != draft.digest:
            raise InputError(
                "The numbers behind this text have changed since it was shown, with new data or "
                "another text. Compare it with what is shown now, and save again."
            )
        return self._stored.save(version.plan, version.version, text, draft, after=after)

    def draft_again(self, version: PlanVersion, after: int | None) -> SavedBriefing:
        """Save a new draft in place of the text.

        Raises
        ------
        InputError
            As `StoredBriefings.save`.
        OutsideScopeError
            The reader sees only some incidents.
        """
        _require_counts()
        draft = self.draft(version)
        return self._stored.save(version.plan, version.version, draft.text, draft, after=after)

    def _before(self, version: PlanVersion) -> PlanVersion | None:
        """The plan before it of the same shift, incidents and weight."""
        found = self._plans.before(version)
        try:
            return None if found is None else self._plans.read(found)
        except InputError:  # the reader does not see it
            return None

    def _counted(self, version: PlanVersion) -> CountedTarget | None:
        asked, pinned = version.request, self._pinned
        try:
            named = pinned.targets.find(asked.target)
            chosen = pinned.vocabulary.resolve_strictly(Selection.parse(asked.selection))[0]
            selection = named.part(chosen)
        except InputError:  # the target, or a value of the selection, is gone for this reader
            return None
        found = pinned.get_or_compute(
            f"latest change {selection.text}",
            lambda: latest_change(pinned.reader, pinned.snapshot.manifest, selection),
        )
        return None if found is None else _counted_target(found, pinned)


def _require_counts() -> None:
    if not seen_results().counts:
        raise OutsideScopeError(
            "A briefing is saved for everyone; its numbers are of all incidents, of which you see "
            "only some."
        )


def _counted_target(found: LatestChange, pinned: Pinned) -> CountedTarget:
    estimate = found.estimate
    where = "in the whole city" if found.citywide else "in the chosen places"
    if pinned.is_scoped:
        where = "that you may see" if found.citywide else f"{where} that you may see"
    query = found.selection.text
    return CountedTarget(
        found.period,
        where,
        found.incidents,
        estimate.expected if estimate else None,
        estimate.low if estimate else 0,
        estimate.high if estimate else 0,
        _verdict(estimate) if estimate else "",
        f"/?{query}" if query else "/",
        pinned.id,
    )


def _verdict(estimate: CountEstimate) -> str:
    if not estimate.stands_out:
        return "not significantly more or fewer"
    more = "more" if estimate.more else "fewer"
    clear = estimate.tier is Tier.CLEAR
    return f"{more} than expected, {'significant' if clear else 'to watch, not significant'}"
