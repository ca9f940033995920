"""What a run of proposals changes among the series of a kind.

It never changes what people decided. A proposal that it finds again keeps its number; what it finds
of a confirmed series is offered as additions; a rejected one keeps quiet until as many new
incidents as make a series belong to it; a proposal that is not found again lapses.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

import sqlalchemy as sa

from analytics.series.found_series import FEWEST, FoundSeries
from analytics.series.series_rows import (
    NOBODY,
    Act,
    CrimeSeries,
    SeriesEvent,
    SeriesState,
    add_event,
    insert_series,
    now_text,
    series_of,
    update_series,
)
from analytics.state_tables import series as table


@dataclass(frozen=True)
class Proposals:
    """How many series a run proposed, found again, added to or let lapse."""

    new: int = 0
    again: int = 0
    additions: int = 0
    lapsed: int = 0


def store_proposals(
    connection: sa.Connection, kind: str, found: Sequence[FoundSeries]
) -> Proposals:
    """Store candidates of a kind, the strongest first, in a transaction."""
    rows = sa.select(table).where(table.c.kind == kind)
    known = [series_of(row) for row in connection.execute(rows).mappings()]
    stored = _StoredRun(connection, kind, known, now_text())
    for one in found:
        stored.take(one)
    stored.finish()
    return Proposals(stored.new, stored.again, len(stored.offered), stored.lapsed)


class _StoredRun:
    """What a run changes among the series of a kind."""

    def __init__(
        self, connection: sa.Connection, kind: str, known: Sequence[CrimeSeries], at: str
    ) -> None:
        self.connection, self.kind, self.at = connection, kind, at
        self.by_state = {
            state: [one for one in known if one.state is state] for state in SeriesState
        }
        self.taken: set[int] = set()
        self.offered: dict[int, set[str]] = {}
        self.new = self.again = self.lapsed = 0

    def take(self, found: FoundSeries) -> None:
        """Store one candidate; see the module."""
        members = frozenset(found.members)
        confirmed = self._nearest(SeriesState.CONFIRMED, members)
        if confirmed is not None and _share_half(confirmed, members):
            everywhere = {
                id_ for one in self.by_state[SeriesState.CONFIRMED] for id_ in one.members
            }
            news = members - confirmed.known - everywhere
            news |= members & confirmed.additions
            self.offered.setdefault(confirmed.id, set()).update(news)
            return
        rejected = self._nearest(SeriesState.REJECTED, members)
        if rejected is not None and len(members - rejected.known) < FEWEST:
            return
        for state in (SeriesState.PROPOSED, SeriesState.LAPSED):
            own = self._nearest(state, members)
            if own is not None and _share_half(own, members):
                self._find_again(own, found)
                return
        made = insert_series(
            self.connection, self.kind, found.members, SeriesState.PROPOSED,
            strength=found.strength, false_share=found.false_share,
        )  # fmt: skip
        self._event(made, Act.PROPOSED, members)
        self.new += 1

    def finish(self) -> None:
        """Offer additions to confirmed series, and let lapse what was not found again."""
        for one in self.by_state[SeriesState.CONFIRMED]:
            news = frozenset(self.offered.get(one.id, ()))
            if news != one.additions:
                update_series(self.connection, one, additions=news, known=one.known | news)
                if news - one.additions:
                    self._event(one.id, Act.OFFERED, news - one.additions)
        for one in self.by_state[SeriesState.PROPOSED]:
            if one.id not in self.taken:
                update_series(self.connection, one, state=SeriesState.LAPSED)
                self._event(one.id, Act.LAPSED)
                self.lapsed += 1

    def _nearest(self, state: SeriesState, members: frozenset[str]) -> CrimeSeries | None:
        """The series of a state that shares the most incidents."""
        near = [
            one
            for one in self.by_state[state]
            if one.id not in self.taken and (one.members | one.additions) & members
        ]
        return max(near, key=lambda one: len(one.members & members), default=None)

    def _find_again(self, own: CrimeSeries, found: FoundSeries) -> None:
        members = frozenset(found.members)
        self.taken.add(own.id)
        self.again += 1
        if members == own.members and own.state is SeriesState.PROPOSED:
            where = table.c.id == own.id
            score = {"strength": found.strength, "false_share": found.false_share}
            values = {**score, "updated": self.at}
            self.connection.execute(sa.update(table).where(where).values(values))
            return
        update_series(
            self.connection, own, state=SeriesState.PROPOSED, members=members,
            known=own.known | members, strength=found.strength, false_share=found.false_share,
        )  # fmt: skip
        self._event(own.id, Act.UPDATED, members - own.members)

    def _event(self, series: int, act: Act, incidents: Collection[str] = ()) -> None:
        event = SeriesEvent(series, self.at, NOBODY, act, incidents=tuple(sorted(incidents)))
        add_event(self.connection, event)


def _share_half(one: CrimeSeries, members: frozenset[str]) -> bool:
    """Whether a candidate is this series: half of the smaller of the two is in both."""
    shared = len((one.members | one.additions) & members)
    return 2 * shared >= min(len(one.members), len(members))
