"""A selection as a sentence, and as chips that can be removed one by one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from analytics.crossfilter import relative_dates
from analytics.crossfilter.all_but import LeftOut
from analytics.crossfilter.clauses import (
    NONE,
    Cells,
    Choice,
    Clause,
    CustomAreas,
    Labels,
    Near,
    Period,
    Polygon,
    Span,
    label_key,
    number,
    short_name,
)
from analytics.crossfilter.dimensions import DIMENSIONS, PLACE, dimension
from analytics.crossfilter.listing import listed
from analytics.crossfilter.selection import Selection
from analytics.crossfilter.spoken_times import TIMES, times, weekdays_brief
from analytics.crossfilter.vocabulary import label_of
from analytics.formats import date_range, distance_text, month_year, short_date
from analytics.incidents.manifest import Manifest
from analytics.incidents.model import AREA_LEVELS, UNKNOWN

Names = Mapping[str, Mapping[str, str]]

_COUNTABLE = {
    "arson": "arsons",
    "assault": "assaults",
    "battery": "batteries",
    "burglary": "burglaries",
    "homicide": "homicides",
    "kidnapping": "kidnappings",
    "murder": "murders",
    "offense": "offenses",
    "robbery": "robberies",
    "theft": "thefts",
    "violation": "violations",
}
_FLAGS = {
    "arrest": {"yes": "with an arrest", "no": "without an arrest", UNKNOWN: "arrest unknown"},
    "domestic": {"yes": "domestic", "no": "not domestic", UNKNOWN: "domestic unknown"},
    "heaped": {"yes": "at rounded times", "no": "not at rounded times"},
    "default_address": {"yes": "at default addresses", "no": "not at default addresses"},
}
_WITHOUT_LABEL = {"type", "description", "hour", "weekday", "hour_weekday", "date", *PLACE}
_CELL = "Cell of "  # start of the label of an attribute whose values are cells of an embedding
_SHOWN_IN_CHIP = 2


@dataclass(frozen=True)
class Chip:
    """One clause as a removable label."""

    dimension: str
    label: str


def sentence(
    selection: Selection,
    manifest: Manifest,
    names: Names | None = None,
    left_out: LeftOut | None = None,
    *,
    dated: bool = True,
) -> str:
    """The selection in English.

    Parameters
    ----------
    dated
        Whether the days are named, also where the selection has no filter on them.
    names
        Names of areas by level and key, from `outline_names`.
    left_out
        Values that long lists lack, from `few_left_out`: they are named instead of the list.
    """
    names, left_out = names or {}, left_out or {}
    labels = {attribute.name: attribute.label for attribute in manifest.attributes}
    subject = [_subject(selection, left_out)]
    asides: list[str] = []
    for name, clause in selection.items:
        if name in _IN_OTHER_PARTS:
            continue
        if name in left_out:
            said = _without(name, left_out[name], names, labels)
        else:
            said = _qualifier(name, clause, names, labels)
        (subject if name in _IN_SUBJECT else asides).append(said)
    days = _dates(selection, manifest) if dated else ""
    parts = [" ".join(subject), *asides, times(selection), days]
    said = ", ".join(part for part in parts if part)
    return said[:1].upper() + said[1:]


def chips(
    selection: Selection,
    names: Names | None = None,
    labels: Mapping[str, str] | None = None,
    left_out: LeftOut | None = None,
) -> list[Chip]:
    """One chip for each clause, with long lists shortened; `labels` are of further attributes.

    A list in `left_out` is said as all but those values.
    """
    found = []
    for name, clause in selection.items:
        brief = weekdays_brief(selection) if name == "weekday" else _brief(name, clause, names)
        if left_out and name in left_out:
            brief = f"all but {_any_of(name, left_out[name], names, 'and')}"
        label = (labels or {}).get(name) or dimension(name).label
        if label.startswith(_CELL) and isinstance(clause, Choice):
            brief = _cells_of(label, clause)
        elif name not in _WITHOUT_LABEL and not _names_its_level(brief, label):
            brief = f"{label}: {brief}"
        found.append(Chip(name, brief[:1].upper() + brief[1:]))
    return found


_IN_SUBJECT = {"description", *AREA_LEVELS, "block", *PLACE}
_IN_OTHER_PARTS = {"type", "group", "hour", "weekday", "hour_weekday", "shift", "date"}


def _subject(selection: Selection, left_out: LeftOut) -> str:
    types, groups = selection.get("type"), selection.get("group")
    group = ""
    if "group" in left_out:
        group = f"a group other than {_any_of('group', left_out['group']).lower()}"
    elif isinstance(groups, Choice):
        group = listed([label_of("group", key) for key in groups.keys], "or").lower()
    if isinstance(types, Choice):
        said = _of_types(types, left_out)
        if not group:
            return said
        return f"{said} in {group if 'group' in left_out else f'group {group}'}"
    if group:
        return f"incidents in {group}" if "group" in left_out else f"{group} incidents"
    return "incidents" if selection else "all incidents"


def _of_types(types: Choice, left_out: LeftOut) -> str:
    if "type" in left_out:
        return f"incidents of a type other than {_any_of('type', left_out['type'])}"
    plurals = [_plural(key) for key in types.keys]
    if all(plurals):
        return listed([plural for plural in plurals if plural], more="types")
    return f"incidents of type {listed([label_of('type', key) for key in types.keys], 'or')}"


def _plural(type_: str) -> str | None:
    *before, last = type_.lower().split() or [""]
    return " ".join([*before, _COUNTABLE[last]]) if last in _COUNTABLE else None


def _qualifier(name: str, clause: Clause, names: Names, labels: Mapping[str, str]) -> str:
    if isinstance(clause, Labels):
        said = _labeled(name, clause, names)
        return f"in {said}" if clause.known else said
    if name in PLACE:
        return _place(clause)
    if name in AREA_LEVELS and isinstance(clause, Choice):
        level = DIMENSIONS[name].label.lower()
        said = listed([_area(name, key, names) for key in clause.keys], "or")
        return f"in {said}" if _names_its_level(said, level) else f"in {level} {said}"
    if name in _FLAGS and isinstance(clause, Choice):
        return listed([_FLAGS[name][key] for key in reversed(clause.keys)], "or")
    return _described(name, clause, names, labels)


def _without(name: str, values: Sequence[str], names: Names, labels: Mapping[str, str]) -> str:
    """A list that lacks a few values, by those."""
    said = _any_of(name, values, names)
    if name == "description":
        return f"not described as {said}"
    label = labels.get(name) or dimension(name).label
    label = label[:1].lower() + label[1:]
    return f"not in {label} {said}" if name in AREA_LEVELS else f"with {label} other than {said}"


def _any_of(name: str, values: Sequence[str], names: Names | None = None, word: str = "or") -> str:
    return listed([label_of(name, value, names) for value in values], word)


def _described(name: str, clause: Clause, names: Names, labels: Mapping[str, str]) -> str:
    if name == "block" and isinstance(clause, Choice):
        known = ["an unknown block" if key == UNKNOWN else key for key in clause.keys]
        return f"at {listed(known, 'or')}"
    if name == "description":
        return f"described as {_values(name, clause, names)}"
    label = labels.get(name) or dimension(name).label
    if label.startswith(_CELL) and isinstance(clause, Choice):
        return f"in {_cells_of(label, clause)}"
    said = _values(name, clause, names)
    return f"with {label[:1].lower() + label[1:]} {said}"


def _cells_of(label: str, clause: Choice) -> str:
    """`4 cells of the UMAP map (version 3)`, since numbers of an embedding's cells mean nothing."""
    count = len(clause.keys)
    return f"{'a cell' if count == 1 else f'{count} cells'} of {label.removeprefix(_CELL)}"


def _names_its_level(name: str, level: str) -> bool:
    """Whether an area's name includes its level, such as `District 1`."""
    return name.lower().startswith(f"{level.lower()} ")


def _area(name: str, key: str, names: Names) -> str:
    return "unknown" if key == UNKNOWN else label_of(name, key, names)


def _values(name: str, clause: Clause, names: Names) -> str:
    if isinstance(clause, Span):
        if clause.low is None:
            return f"up to {number(clause.high or 0)}"
        if clause.high is None:
            return f"{number(clause.low)} or more"
        return f"{number(clause.low)} to {number(clause.high)}"
    if isinstance(clause, Choice):
        return listed([label_of(name, key, names) for key in clause.keys], "or")
    return clause.text


def _place(clause: Clause) -> str:
    if isinstance(clause, Near):
        at = f"{number(clause.lat)}, {number(clause.lon)}"
        return f"within {distance_text(clause.meters)} of {at}" if clause.meters > 1 else f"at {at}"
    if isinstance(clause, Polygon):
        return "in a drawn area"
    if isinstance(clause, CustomAreas):
        return f"in custom area {listed(clause.titles, 'or')}"
    if isinstance(clause, Cells):
        said = []
        if clause.known:
            count = len(clause.known)
            said.append("in a map cell" if count == 1 else f"in {count} map cells")
        if clause.unknown:
            said.append("at an unknown place")
        return " or ".join(said)
    return clause.text


def _labeled(name: str, clause: Labels, names: Names) -> str:
    """`zone 12 or 14 (kmeans version 7)`, or `zone "Lake St"` for one with a name."""
    said = []
    for model, version in dict.fromkeys((model, version) for model, version, _ in clause.known):
        labels = [label for *whose, label in clause.known if whose == [model, version]]
        said += _of_version(name, model, version, labels, names)
    return listed([*said, *(["at an unknown place"] if clause.unknown else [])], "or")


def _of_version(
    name: str, model: str, version: int, labels: Sequence[str], names: Names
) -> list[str]:
    known = {label: names.get(name, {}).get(label_key(model, version, label)) for label in labels}
    noun, source = dimension(name).label.lower(), f"({short_name(model)} version {version})"
    # With its noun: a zone named "400 block of W Lake St" is larger than the block.
    named = [f'{noun} "{said}"' for said in known.values() if said]
    bare = sorted((label for label, said in known.items() if not said), key=lambda x: (len(x), x))
    numbers = [label for label in bare if label != NONE]
    numbered = [f"{noun} {listed(numbers, 'or')} {source}"] if numbers else []
    return [*named, *numbered, *([f"no {noun} {source}"] if NONE in bare else [])]


def _dates(selection: Selection, manifest: Manifest) -> str:
    period, clause = selection.period(manifest), selection.get("date")
    if period is None:
        return ""
    said = date_range(*period)
    if not isinstance(clause, Period):
        return said
    if clause.relative:
        return f"{relative_words(clause.relative)} ({said})"
    if clause.first is None and clause.last:
        return f"until {short_date(clause.last)}"
    if clause.last is None and clause.first:
        return f"from {short_date(clause.first)}"
    return _month(clause) or said


_RELATIVE = {
    relative_dates.YEAR_TO_DATE: "year to date",
    relative_dates.MONTH_TO_DATE: "month to date",
    relative_dates.LAST_MONTH: "last month",
    relative_dates.LAST_YEAR: "last year",
    relative_dates.FISCAL_YEAR: "fiscal year to date",
    relative_dates.LAST_FISCAL_YEAR: "last fiscal year",
    relative_dates.PERIOD_28: "28-day period to date",
    relative_dates.LAST_PERIOD_28: "last 28-day period",
}


def relative_words(relative: str) -> str:
    """A relative period in words: `last28d` → `last 28 days`."""
    match = relative_dates.DAYS.fullmatch(relative)
    if not match:
        return _RELATIVE[relative_dates.relative_parts(relative)[0]]
    said = "complete day" if match[1] == "complete" else "day"
    return f"last {said}" if match[2] == "1" else f"last {match[2]} {said}s"


def _month(clause: Period) -> str:
    if clause.first and clause.is_single_bin and clause.first != clause.last:
        return month_year(clause.first)
    return ""


def _brief(name: str, clause: Clause, names: Names | None) -> str:
    if isinstance(clause, Period):
        return _brief_period(clause)
    if isinstance(clause, Near | Polygon | Cells | CustomAreas):
        return _brief_place(clause)
    if isinstance(clause, Labels):
        return _labeled(name, clause, names or {})
    if name in TIMES and name != "shift":
        return TIMES[name](clause)
    if not isinstance(clause, Choice):
        return _values(name, clause, names or {})
    return _first_of([label_of(name, key, names) for key in clause.keys])


def _brief_period(clause: Period) -> str:
    if clause.relative:
        return relative_words(clause.relative)
    if clause.first and clause.last:
        return _month(clause) or date_range(clause.first, clause.last)
    end = clause.first or clause.last
    return f"{'from' if clause.first else 'until'} {short_date(end)}" if end else clause.text


def _brief_place(clause: Near | Polygon | Cells | CustomAreas) -> str:
    if isinstance(clause, Near):
        at = f"{number(clause.lat)}, {number(clause.lon)}"
        return f"{distance_text(clause.meters)} around {at}" if clause.meters > 1 else f"at {at}"
    if isinstance(clause, Polygon):
        return f"drawn area of {len(clause.vertices)} corners"
    if isinstance(clause, CustomAreas):
        return f"custom area {_first_of(clause.titles)}"
    if clause.unknown and not clause.known:
        return "place unknown"
    sizes = {key[0] for key in clause.known}
    number_of = "1 map cell" if len(clause.known) == 1 else f"{len(clause.known)} map cells"
    size = f" of {distance_text(sizes.pop())}" if len(sizes) == 1 else ""
    return f"{number_of}{size}{' and place unknown' if clause.unknown else ''}"


def _first_of(labels: Sequence[str]) -> str:
    if len(labels) <= _SHOWN_IN_CHIP + 1:
        return ", ".join(labels)
    rest = len(labels) - _SHOWN_IN_CHIP
    return f"{', '.join(labels[:_SHOWN_IN_CHIP])} and {rest} more"
