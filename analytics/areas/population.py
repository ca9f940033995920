"""Population of areas by group, such as race or income, as the agency added it.

<home>/population/<level>.json: counts of a census, of areas and never of persons.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path

from analytics.stored import damaged, read_object, replace_text

FOLDER = "population"
OTHERS = "Others"
LEAST_OTHERS = 0.01
"""Share of the whole from which those of no group of a kind are a group of their own."""
MEND = "Add the population again with `patroliq boundaries population`."


@dataclass(frozen=True)
class PopulationGroup:
    """People, or households, of one group by area.

    Attributes
    ----------
    kind : what the group is one of, such as race
    """

    kind: str
    label: str
    by_area: Mapping[str, float] = field(repr=False)


@dataclass(frozen=True)
class Population:
    """Residents and groups of the areas of one level.

    Attributes
    ----------
    source : name of the file
    outlines : name of the file of smaller areas, whose numbers were divided by area; empty where
        the file has the areas themselves
    parts : smaller areas that were divided
    left_out : share of the residents of the file's areas that is in no area of the level
    without_numbers : lines that were left out because a number was missing
    wholes : by kind, what its groups are parts of by area, where that is not the residents but,
        say, all households
    """

    level: str
    source: str
    made: str
    residents: Mapping[str, float] = field(repr=False)
    groups: tuple[PopulationGroup, ...] = field(repr=False)
    outlines: str = ""
    parts: int = 0
    left_out: float = 0.0
    without_numbers: int = 0
    wholes: Mapping[str, Mapping[str, float]] = field(default_factory=dict, repr=False)

    def by_kind(self) -> dict[str, list[PopulationGroup]]:
        """Groups of each kind, with all others where the groups are not the whole."""
        kinds: dict[str, list[PopulationGroup]] = {}
        for group in self.groups:
            kinds.setdefault(group.kind, []).append(group)
        for kind, groups in kinds.items():
            whole = self.wholes.get(kind, self.residents)
            rest = {
                area: max(people - sum(group.by_area.get(area, 0.0) for group in groups), 0.0)
                for area, people in whole.items()
            }
            if len(groups) == 1 or sum(rest.values()) > LEAST_OTHERS * sum(whole.values()):
                groups.append(PopulationGroup(kind, OTHERS, rest))
        return kinds


def write_population(home: Path, found: Population) -> None:
    """Store the population of a level; it replaces an earlier one."""
    path = _path(home, found.level)
    path.parent.mkdir(parents=True, exist_ok=True)
    replace_text(path, json.dumps(asdict(found), ensure_ascii=False))


def read_population(home: Path, level: str) -> Population | None:
    """The population of a level; None where none was added.

    Raises
    ------
    DamagedError
        The file cannot be read; adding the population again replaces it.
    """
    path = _path(home, level)
    try:
        raw = read_object(path, MEND)
    except FileNotFoundError:
        return None
    try:
        groups = tuple(PopulationGroup(**one) for one in raw["groups"])
        return Population(**{**raw, "groups": groups})
    except (KeyError, TypeError) as error:
        raise damaged(path, error, MEND) from error


def _path(home: Path, level: str) -> Path:
    return home / FOLDER / f"{level}.json"
