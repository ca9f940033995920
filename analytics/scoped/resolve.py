"""A restriction with the values of one snapshot; one that it cannot keep to shows nothing."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass

from analytics.access.reader import Precision
from analytics.access.restriction import TARGET, Restriction, Rule
from analytics.access.stored_results import SeenAreas
from analytics.artifacts.targets import Targets
from analytics.crossfilter.clauses import Choice
from analytics.crossfilter.conditions import Condition, conditions_of
from analytics.crossfilter.selection import EMPTY, Selection
from analytics.crossfilter.vocabulary import Vocabulary
from analytics.errors import InputError, OutsideScopeError
from analytics.incidents.model import AREA_LEVELS
from analytics.incidents.reader import SnapshotReader
from sql import load

INSIDE_SHARE = 0.99
"""Of an area's incidents that are shown if it is inside; records name a wrong area now and then."""
_ASK = "Ask an administrator to correct it."


@dataclass(frozen=True)
class Resolved:
    """A restriction as conditions on the incidents of one snapshot, with bound values."""

    seen: Condition
    coarser: Mapping[Precision, Condition]
    is_limited: bool
    """Whether only some areas or kinds of incidents are shown."""

    @property
    def params(self) -> dict[str, object]:
        """Values of all conditions."""
        parts = [self.seen, *self.coarser.values()]
        return {name: value for part in parts for name, value in part.params.items()}

    def shows(self, reader: SnapshotReader, selection: Selection) -> bool:
        """Whether any incident of a selection is shown."""
        hidden = self.coarser[Precision.HIDDEN]
        wanted = _all_of(reader, "wanted", selection)
        shown = Condition(
            f"{wanted.sql} AND {self.seen.sql} AND NOT {hidden.sql}",
            wanted.params | self.seen.params | hidden.params,
        )
        return _count(reader, shown) > 0


def resolve(
    restriction: Restriction, reader: SnapshotReader, vocabulary: Vocabulary, targets: Targets
) -> Resolved:
    """Write a restriction with the values of a snapshot.

    Raises
    ------
    OutsideScopeError
        A rule of the person names a value that the data lacks, so that it would not restrict; or
        no incident is shown.
    """
    seen = _of_person(restriction.seen, reader, vocabulary, targets, keeps_some=True)
    rules = [
        (_of_person(selection, reader, vocabulary, targets, keeps_some=False), precision)
        for selection, precision in restriction.rules
    ]
    for selection, precision in restriction.sensitive:
        with suppress(InputError):  # a dimension that the data lacks
            rules.append((vocabulary.resolve(selection)[0], precision))
    coarser: dict[Precision, Condition] = {
        level: _any_of(reader, level, [one for one, precision in rules if precision is level])
        for level in Precision
        if level is not Precision.EXACT
    }
    resolved = Resolved(_all_of(reader, "seen", seen), coarser, bool(restriction.seen))
    if not resolved.shows(reader, EMPTY):
        raise OutsideScopeError(
            "None of the incidents of this data is within what you may see. Ask an administrator."
        )
    return resolved


def seen_areas(
    restriction: Restriction, resolved: Resolved, reader: SnapshotReader, vocabulary: Vocabulary
) -> SeenAreas:
    """Areas of a restriction that only names areas, and those of every level that are inside."""
    rules, _ = vocabulary.resolve_strictly(restriction.seen)
    named = {
        level: frozenset(clause.known)
        for level, clause in rules.items
        if isinstance(clause, Choice)
    }
    params = {**resolved.seen.params, "least": INSIDE_SHARE}
    inside = {}
    for level in AREA_LEVELS:
        statement = load("scoped/areas_inside", level=level, seen=resolved.seen.sql)
        inside[level] = frozenset(reader.frame(statement, params)["area"].to_list())
    return SeenAreas(named, inside)


def count_sensitive(
    rules: Iterable[Rule], reader: SnapshotReader, vocabulary: Vocabulary
) -> dict[str, int]:
    """Incidents of a snapshot by the text of each rule of the agency's table."""
    found = {}
    for selection, _ in rules:
        found[selection.text] = 0
        with suppress(InputError):  # a dimension that the data lacks
            named = vocabulary.resolve(selection)[0]
            found[selection.text] = _count(reader, _all_of(reader, "sensitive", named))
    return found


def _of_person(
    selection: Selection,
    reader: SnapshotReader,
    vocabulary: Vocabulary,
    targets: Targets,
    *,
    keeps_some: bool,
) -> Selection:
    """The selection with values of the data; `keeps_some`: it may lack some values, but not all."""
    try:
        selection = _with_target(selection, targets)
        selection, _ = vocabulary.resolve_strictly(selection)
        for name, clause in selection.items:
            if not isinstance(clause, Choice):
                continue
            lacking = [key for key in clause.known if not _occurs(reader, name, clause, key)]
            if lacking and (not keeps_some or len(lacking) == len(clause.keys)):
                raise InputError(f"no incident has the {name} {', '.join(map(str, lacking))[:200]}")
    except InputError as error:
        raise OutsideScopeError(
            f"What you may see cannot be applied to this data: {str(error).rstrip('.')}. {_ASK}"
        ) from error
    return selection


def _with_target(selection: Selection, targets: Targets) -> Selection:
    """Replace `target=robbery` by the target's own filters."""
    named = selection.get(TARGET)
    if named is None:
        return selection
    if not isinstance(named, Choice) or len(named.keys) != 1:
        raise InputError(f"{TARGET} names one target")
    rest = selection.without({TARGET})
    return targets.find(str(named.keys[0])).part(rest)


def _occurs(reader: SnapshotReader, name: str, clause: Choice, key: object) -> bool:
    one = conditions_of(reader).of(name, type(clause)((key,)), "one")
    return _count(reader, one) > 0


def _count(reader: SnapshotReader, condition: Condition) -> int:
    found = reader.frame(load("scoped/count", conditions=condition.sql), condition.params)
    return int(found["incidents"][0])


def _all_of(reader: SnapshotReader, prefix: str, selection: Selection) -> Condition:
    """Whether an incident matches a selection; false, not null, where a value is unknown."""
    conditions = conditions_of(reader)
    parts = [
        conditions.of(name, clause, f"{prefix}_{number}")
        for number, (name, clause) in enumerate(selection.items)
    ]
    params = {name: value for part in parts for name, value in part.params.items()}
    joined = " AND ".join(part.sql for part in parts) or "true"
    return Condition(f"coalesce({joined}, false)", params)


def _any_of(reader: SnapshotReader, prefix: str, selections: Iterable[Selection]) -> Condition:
    """Whether an incident matches one of several selections."""
    parts = [
        _all_of(reader, f"{prefix}_{number}", selection)
        for number, selection in enumerate(selections)
    ]
    params = {name: value for part in parts for name, value in part.params.items()}
    return Condition(f"({' OR '.join(part.sql for part in parts) or 'false'})", params)
