"""Targets of models: all incidents, or a kind of incidents that the agency names, such as robbery.

A model is identified by its name and its target. Table targets.csv (docs/reference-tables.md) gives
each target one or more selections, since sources name crimes differently: the first whose values
the data has is the target.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from analytics.artifacts.catalog import ALL
from analytics.crossfilter.clauses import Choice, Clause, Span, Words
from analytics.crossfilter.conditions import conditions_of
from analytics.crossfilter.dimensions import OF_OFFENSE, PLACE
from analytics.crossfilter.scope import EVERYTHING
from analytics.crossfilter.selection import EMPTY, Selection
from analytics.crossfilter.vocabulary import Vocabulary
from analytics.errors import InputError
from analytics.incidents.model import AREA_LEVELS, UNKNOWN
from analytics.incidents.reader import SnapshotReader
from analytics.incidents.reference import find_table, table_rows
from analytics.near_name import near_name
from analytics.settings import Settings
from sql import load

FILE = "targets.csv"
COLUMNS = ("target", "title", "selection", "note")
NAME = re.compile(r"[a-z][a-z0-9_]{0,19}", re.ASCII)
_REFUSED = {*PLACE, *AREA_LEVELS, "block", "date", "hour", "weekday", "hour_weekday", "shift"}
"""Dimensions of when and where: a target is a kind of incidents."""


@dataclass(frozen=True)
class ModelTarget:
    """The incidents that a model is about; `selection` has values of the data, and no place."""

    name: str
    title: str
    selection: Selection = EMPTY

    def part(self, selection: Selection) -> Selection:
        """The incidents of the target that a selection chooses.

        Raises
        ------
        InputError
            A filter of the selection is on a dimension of the target and chooses others.
        """
        for name, clause in self.selection.items:
            own = selection.get(name)
            if own is not None and not _is_part(own, clause):
                raise InputError(
                    f"Target {self.name} is {name}={clause.text}; leave out the filter on {name}, "
                    "or choose part of it."
                )
            selection = selection if own is not None else selection.replace(name, clause)
        return selection


ALL_INCIDENTS = ModelTarget(ALL, "All incidents")


@dataclass(frozen=True)
class NamedTarget:
    """A row of targets.csv, or several: selections in order of preference."""

    name: str
    title: str
    selections: tuple[Selection, ...]


@dataclass(frozen=True)
class Targets:
    """Targets that a snapshot offers, in the order of the table, `all` first.

    `lacking` says by name why the snapshot does not offer the others.
    """

    offered: Mapping[str, ModelTarget]
    lacking: Mapping[str, str]

    @classmethod
    def of(cls, vocabulary: Vocabulary, settings: Settings) -> Targets:
        """Targets of the agency, with the values of a snapshot.

        Raises
        ------
        InputError
            The table is not valid; the message names file, line and column.
        """
        offered, lacking = {ALL: ALL_INCIDENTS}, {}
        for named in read_targets(find_table(FILE, settings.own_tables)):
            found = [_met(selection, vocabulary) for selection in named.selections]
            met = next((one for one in found if isinstance(one, Selection)), None)
            if met is None:
                lacking[named.name] = next(why for why in found if isinstance(why, str))
            else:
                offered[named.name] = ModelTarget(named.name, named.title, met)
        return cls(offered, lacking)

    def find(self, name: str) -> ModelTarget:
        """The target of a name.

        Raises
        ------
        InputError
            There is no such target, or the data lacks its incidents; the message says which.
        """
        if name in self.offered:
            return self.offered[name]
        if name in self.lacking:
            raise InputError(f"Target {name} is not available: {self.lacking[name]}")
        near = near_name(name, (*self.offered, *self.lacking))
        hint = f"did you mean {near}? " if near else ""
        raise InputError(f"Target not found: {name[:40]!r}; {hint}Targets: {self.names}.")

    def containing(
        self, selection: Selection, offenses: Callable[[Selection], frozenset[int]]
    ) -> tuple[ModelTarget, ...]:
        """Targets whose incidents include all selected ones: the narrowest first, `all` last.

        Parameters
        ----------
        offenses
            Offenses that pass a selection's filters on type, description and group, such as
            `partial(offenses_of, reader)`. A target that others spell as a type or a group is thus
            found by what the filter means.
        """
        chosen = offenses(_of_offense(selection))
        found: list[tuple[int, int, ModelTarget]] = []
        for target in self.offered.values():
            own = offenses(_of_offense(target.selection))
            rest = target.selection.without(OF_OFFENSE).items
            if target.name == ALL or (
                chosen and chosen <= own and all(_filters(selection, *one) for one in rest)
            ):
                found.append((len(own), -len(rest), target))
        ordered = sorted(found, key=lambda one: (one[2].name == ALL, *one[:2]))
        return tuple(target for _, _, target in ordered)

    @property
    def names(self) -> str:
        """Names of the offered targets, for messages."""
        return ", ".join(self.offered)


@dataclass(frozen=True)
class ShownTarget:
    """The target that a page shows, and how the selection relates to it.

    Attributes
    ----------
    shown
        The narrowest target with a champion that contains the selection.
    named
        The narrowest one, with or without a champion.
    share
        Share of the shown target's incidents, in the selected period, that the selection chooses;
        filters on place left out. None if there are none.
    """

    shown: ModelTarget
    named: ModelTarget
    share: float | None


def offenses_of(reader: SnapshotReader, selection: Selection) -> frozenset[int]:
    """Offenses that pass filters on type, description and group."""
    where = conditions_of(reader).where(EVERYTHING, selection)
    found = reader.frame(load("models/offenses", conditions=where.sql), where.params)
    return frozenset(found["offense_id"].to_list())


def is_of(
    trained: Selection, selection: Selection, offenses: Callable[[Selection], frozenset[int]]
) -> bool:
    """Whether a model is of the selected incidents, whatever their dates and places.

    Parameters
    ----------
    trained
        What the model was trained on.
    offenses
        As in `Targets.containing`: filters on the offense are compared by what they mean.
    """
    own, chosen = trained.without({"date"}), selection.without({"date", *PLACE})
    if own.text == chosen.text:
        return True
    if own.without(OF_OFFENSE).text != chosen.without(OF_OFFENSE).text:
        return False
    found = offenses(_of_offense(own))
    return bool(found) and found == offenses(_of_offense(chosen))


def _of_offense(selection: Selection) -> Selection:
    return Selection(tuple(item for item in selection.items if item[0] in OF_OFFENSE))


def _filters(selection: Selection, name: str, whole: Clause) -> bool:
    """Whether a selection filters a dimension at least as much as a clause does."""
    own = selection.get(name)
    return own is not None and _is_part(own, whole)


def read_targets(path: Path) -> list[NamedTarget]:
    """Read `target,title,selection,note`; rows of one target are in order of preference.

    Raises
    ------
    InputError
        A row is not valid; the message names file, line and column.
    """
    found: dict[str, NamedTarget] = {}
    for row in table_rows(path, COLUMNS):
        name, title = row.required("target"), row.required("title")
        if not NAME.fullmatch(name) or name == ALL:
            problem = f"{name!r} is not valid; use up to 20 small letters, digits and _, not all"
            raise row.fail("target", problem)
        try:
            selection = Selection.parse(row.required("selection"))
        except InputError as error:
            raise row.fail("selection", str(error).rstrip(".")) from error
        refused = sorted(_REFUSED & selection.clauses.keys())
        if refused:
            problem = f"a target is a kind of incidents and cannot filter on {', '.join(refused)}"
            raise row.fail("selection", problem)
        former = found.get(name)
        if former is not None and former.title != title:
            raise row.fail("title", f"{name} has the title {former.title!r} in an earlier row")
        selections = (*(former.selections if former else ()), selection)
        found[name] = NamedTarget(name, title, selections)
    return list(found.values())


def _is_part(own: Clause, whole: Clause) -> bool:
    """Whether a clause chooses nothing that another one on the same dimension does not."""
    if isinstance(own, Choice) and isinstance(whole, Choice):
        return set(own.keys) <= set(whole.keys)
    if isinstance(own, Span) and isinstance(whole, Span):
        low = whole.low is None or (own.low is not None and own.low >= whole.low)
        return low and (whole.high is None or (own.high is not None and own.high <= whole.high))
    return own == whole


def _met(selection: Selection, vocabulary: Vocabulary) -> Selection | str:
    """The selection with those of its values that the data has, or why it has none of a filter."""
    try:
        resolved, messages = vocabulary.resolve(selection)
        for name, clause in resolved.items:
            if name not in vocabulary.labels:
                return f"The data has no dimension {name}."
            if isinstance(clause, Words) and name in vocabulary.words:
                known = {*vocabulary.values(name), UNKNOWN}
                kept = tuple(key for key in clause.keys if key in known)
                if not kept:
                    return _without_scheme(name, clause, known) or " ".join(messages)
                resolved = resolved.replace(name, Words(kept))
    except InputError as error:
        return str(error)
    return resolved


def _without_scheme(name: str, clause: Words, known: set[str]) -> str:
    """What to do where the data has no group of these schemes: groups are given at ingest."""
    wanted, given = (
        {key.partition(":")[0] for key in keys if ":" in key} for keys in (clause.known, known)
    )
    if name != "group" or not wanted or wanted & given:
        return ""
    return (
        f"The data has no groups of the scheme {', '.join(sorted(wanted))}. If its source has them "
        "by now, ingest the data again."
    )
