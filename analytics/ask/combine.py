"""Combines the filters of a phrase into one selection.

A selection joins dimensions by AND and values of one dimension by OR, and has no NOT. What a phrase
means beyond that is not understood, and named: filters of different dimensions joined by "or", or
two pairs such as "Friday nights and Saturday mornings".
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import timedelta

from analytics.ask.lexicon import JointValues, Lexicon
from analytics.ask.reading import NotUnderstood, Part, Why
from analytics.ask.tokens import Phrase
from analytics.crossfilter.clauses import (
    Choice,
    Clause,
    Hours,
    Period,
    Weekdays,
    Words,
    is_night,
    runs,
)
from analytics.crossfilter.dimensions import DIMENSIONS, OF_OFFENSE, Kind
from analytics.crossfilter.selection import EMPTY, Selection
from analytics.incidents.model import AREA_LEVELS, UNKNOWN

_NARROWED = ("description", "location_type")
FRIDAY_AND_SATURDAY = (5, 6)
_OPPOSITE = {"yes": "no", "no": "yes"}


def family(part: Part) -> str:
    """What a part is about: offense, area or its dimension."""
    if part.dimension in OF_OFFENSE:
        return "offense"
    return "area" if part.dimension in AREA_LEVELS else part.dimension


def select(
    phrase: Phrase, parts: Sequence[Part], lexicon: Lexicon
) -> tuple[Selection, tuple[NotUnderstood, ...]]:
    """The selection of parts, and what is not in it, in the order of the phrase."""
    combined = _Combination(phrase, lexicon)
    selection = combined.selection(list(parts))
    return selection, combined.not_understood()


class _Combination:
    def __init__(self, phrase: Phrase, lexicon: Lexicon) -> None:
        self.phrase = phrase
        self.lexicon = lexicon
        self.refused: list[Part] = []

    def not_understood(self) -> tuple[NotUnderstood, ...]:
        """Refused parts; neighbors of one reason are named together."""
        merged: list[Part] = []
        for part in sorted(self.refused, key=lambda one: (one.start, -one.end)):
            before = merged[-1] if merged else None
            if before is None or before.end < part.start or self._is_apart(before, part):
                merged.append(part)
            elif before.end < part.end:
                merged[-1] = self._lack(replace(before, end=part.end), Why.UNKNOWN)
        return tuple(part.lack for part in merged if part.lack)

    def _is_apart(self, before: Part, part: Part) -> bool:
        """Whether two neighbors are named apart: after a comma, or to keep the first's meanings."""
        if part.start < before.end:
            return False
        meanings = before.lack.candidates if before.lack else ()
        return bool(meanings) or self.phrase.tokens[part.start].before in (",", ";")

    def selection(self, parts: list[Part]) -> Selection:
        self.refused = [part for part in parts if part.lack is not None]
        parts = [part for part in parts if part.lack is None]
        parts = self._without_negated_pairs(parts)
        parts = self._without_later_pairs(parts)
        parts = self._with_one_offense(parts)
        parts = self._with_one_level(parts)
        parts = self._without_alternatives_of_kind(parts)
        clauses: dict[str, Clause] = {}
        excluding = {part.dimension for part in parts if part.negated}
        names = dict.fromkeys(part.dimension for part in parts)
        for name in sorted(names, key=lambda name: name in excluding):
            own = [part for part in parts if part.dimension == name]
            clause = self._clause(name, own, clauses)
            if clause is not None:
                clauses[name] = clause
        self._check_offenses(clauses, parts)
        return _with_nights(clauses, any(part.weekend for part in parts))

    def _refuse(self, parts: Iterable[Part], why: Why = Why.NOT_A_FILTER) -> None:
        self.refused += [self._lack(part, why) for part in parts]

    def _lack(self, part: Part, why: Why) -> Part:
        words = self.phrase.typed(part.start, part.end)
        return replace(part, lack=NotUnderstood(words, why))

    def _without_negated_pairs(self, parts: list[Part]) -> list[Part]:
        """Refuse `not Friday nights`: neither NOT Friday nor NOT night says it."""
        kept: list[Part] = []
        at = 0
        while at < len(parts):
            part = parts[at]
            after = parts[at + 1] if at + 1 < len(parts) else None
            if (
                part.negated
                and not _is_flag(part.dimension)
                and after is not None
                and after.start == part.end
                and not after.negated
                and family(after) in ("offense", "hour", "weekday")
            ):
                self._refuse([replace(part, end=after.end)])
                at += 2
                continue
            kept.append(part)
            at += 1
        return kept

    def _without_later_pairs(self, parts: list[Part]) -> list[Part]:
        """Refuse a dimension that comes again after another one: it belongs to another pair.

        Whatever follows such a part on a dimension that is already filtered belongs to it too.
        """
        kept: list[Part] = []
        later = False
        for part in parts:
            same = [one for one in kept if family(one) == family(part)]
            neighbor = bool(kept) and family(kept[-1]) == family(part)
            repeated = any(
                one.dimension == part.dimension
                and one.clause == part.clause
                and one.negated == part.negated
                for one in same
            )
            finer = not part.joined and all(one.dimension != part.dimension for one in same)
            if not same or (not later and (neighbor or repeated or part.negated or finer)):
                if not repeated:
                    kept.append(part)
            elif not later and all(one.negated for one in same):
                kept.append(part)
            else:
                later = True
                self._refuse([part])
        return kept

    def _with_one_offense(self, parts: list[Part]) -> list[Part]:
        """Offenses joined by `and` are of one dimension, if need be by another name of theirs."""
        offenses = [part for part in parts if family(part) == "offense" and not part.negated]
        joined = [part for part in offenses[1:] if part.joined]
        if not joined or len({part.dimension for part in offenses}) == 1:
            return parts
        for name in OF_OFFENSE:
            same = [_as_dimension(part, name) for part in offenses]
            if all(same) and len(joined) == len(offenses) - 1:
                renamed = dict(zip(offenses, same, strict=True))
                return [renamed.get(part) or part for part in parts]
        first = parts.index(joined[0])
        gone = [part for part in parts[first:] if part in offenses]
        self._refuse(gone)
        return [part for part in parts if part not in gone]

    def _with_one_level(self, parts: list[Part]) -> list[Part]:
        """Areas of different levels joined by `and` or `or` would need an OR."""
        kept: list[Part] = []
        for part in parts:
            others = [one for one in kept if family(one) == "area"]
            if (
                family(part) == "area"
                and not part.negated
                and part.joined
                and others
                and any(one.dimension != part.dimension and not one.negated for one in others)
            ):
                self._refuse([part])
            else:
                kept.append(part)
        return kept

    def _without_alternatives_of_kind(self, parts: list[Part]) -> list[Part]:
        """Refuse `robbery or domestic`: an OR of different dimensions."""
        kept: list[Part] = []
        for part in parts:
            before = kept[-1] if kept else None
            if before is not None and family(before) != family(part) and self._or_before(part):
                self._refuse([part])
            else:
                kept.append(part)
        return kept

    def _or_before(self, part: Part) -> bool:
        return part.start > 0 and self.phrase.tokens[part.start - 1].word == "or"

    def _clause(
        self, name: str, parts: Sequence[Part], others: Mapping[str, Clause]
    ) -> Clause | None:
        """One clause of all parts on a dimension; None if they cannot be one."""
        chosen = [part for part in parts if not part.negated]
        excluded = [part for part in parts if part.negated]
        if name == "date":
            if excluded or len(chosen) > 1:
                self._refuse(parts)
                return None
            return chosen[0].clause
        if _is_flag(name):
            return self._flag(parts)
        every = self._every(name, excluded, others) if excluded else []
        if every is None:
            self._refuse(excluded)
            every, excluded = [], []
        keys = self._together(chosen) if chosen else every
        if chosen and not keys:
            self._refuse(parts)
            return None
        gone = {key for part in excluded for key in _keys(part)}
        left = [key for key in keys if key not in gone]
        if not left:
            self._refuse(excluded)
            left = keys if chosen else []
        make = {"hour": Hours, "weekday": Weekdays}.get(name, Words)
        return make(tuple(dict.fromkeys(left))) if left else None

    def _together(self, parts: Sequence[Part]) -> list[object]:
        """Values of parts joined by `and`; parts side by side narrow each other.

        So "possession of cannabis" has the descriptions with both words.
        """
        keys: list[object] = []
        narrowed: list[object] = []
        for part in parts:
            own = list(_keys(part))
            if part.dimension in _NARROWED and narrowed and not part.joined:
                narrowed = [key for key in narrowed if key in own]
                if not narrowed:
                    return []
                continue
            keys += narrowed
            narrowed = own
        return [*keys, *narrowed]

    def _flag(self, parts: Sequence[Part]) -> Clause | None:
        keys = {
            _OPPOSITE.get(str(key), key) if part.negated else key
            for part in parts
            for key in _keys(part)
        }
        if len(keys) > 1:
            self._refuse(parts)
            return None
        return Words(tuple(keys))

    def _every(
        self, name: str, excluded: Sequence[Part], others: Mapping[str, Clause]
    ) -> list[object] | None:
        """All values of a dimension, from which some are excluded."""
        if name == "hour":
            return list(range(24))
        if name == "weekday":
            return list(range(1, 8))
        if name not in self.lexicon.incidents:
            return None  # such as blocks, which are too many to list
        known = list(self.lexicon.incidents[name])
        if name == "group":
            if any(":" in str(key) for part in excluded for key in _keys(part)):
                return None  # other schemes do not cover every incident
            known = [key for key in known if ":" not in key]
        unknown = self.lexicon.manifest.unknown.get(name, 0)
        return self._occurring(name, [*known, *([UNKNOWN] if unknown else [])], others)

    def _occurring(
        self, name: str, values: Sequence[str], others: Mapping[str, Clause]
    ) -> list[object]:
        """Values that incidents have together with what is chosen: robbery's own descriptions."""
        for family_names, joint in (
            (OF_OFFENSE, lambda: self.lexicon.offenses),
            (AREA_LEVELS, self.lexicon.joint_areas),
        ):
            chosen = _chosen(others, family_names)
            if name in family_names and chosen and (known := joint()):
                found = {value for one in known if _fits(one, chosen) for value in one[name]}
                return [value for value in values if value in found]
        return list(values)

    def _check_offenses(self, clauses: dict[str, Clause], parts: Sequence[Part]) -> None:
        """Refuse types, descriptions and groups that no offense has together."""
        chosen = _chosen(clauses, OF_OFFENSE)
        if len(chosen) < 2 or not self.lexicon.offenses:
            return
        if any(_fits(offense, chosen) for offense in self.lexicon.offenses):
            return
        self._refuse((one for one in parts if one.dimension in chosen), Why.NOT_IN_DATA)
        for name in chosen:
            del clauses[name]


def _chosen(clauses: Mapping[str, Clause], names: Sequence[str]) -> dict[str, set[object]]:
    """Values of the filters on some dimensions."""
    return {
        name: set(clause.keys)
        for name, clause in clauses.items()
        if name in names and isinstance(clause, Choice)
    }


def _fits(joint: JointValues, chosen: Mapping[str, set[object]]) -> bool:
    return all(joint[name] & keys for name, keys in chosen.items())


def _with_nights(clauses: dict[str, Clause], weekend: bool) -> Selection:
    """A night of one day is the night that begins on it; nights of weekends begin on Friday."""
    hours, day = clauses.get("hour"), clauses.get("date")
    if isinstance(hours, Hours) and any(is_night(*span) for span in runs(hours.known)):
        first = day.first if isinstance(day, Period) and day.first == day.last else None
        if first is not None and "weekday" not in clauses:
            clauses["weekday"] = Weekdays((first.isoweekday(),))
            clauses["date"] = Period(first, first + timedelta(days=1))
        elif weekend and clauses.get("weekday") == Weekdays((6, 7)):
            clauses["weekday"] = Weekdays(FRIDAY_AND_SATURDAY)
    return Selection(tuple(clauses.items())) if clauses else EMPTY


def _as_dimension(part: Part, name: str) -> Part | None:
    """The same offense on another dimension."""
    if part.dimension == name:
        return part
    found = next((one for one in part.alternatives if one.dimension == name), None)
    return replace(part, dimension=name, clause=Words(found.keys)) if found else None


def _keys(part: Part) -> tuple[object, ...]:
    return part.clause.keys if isinstance(part.clause, Choice) else ()


def _is_flag(name: str) -> bool:
    return name in DIMENSIONS and DIMENSIONS[name].kind is Kind.FLAG
