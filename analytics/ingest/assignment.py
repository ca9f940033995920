"""Assign the columns of an unknown file to fields, all at once.

Every column is scored for every field by its name (`column_meanings`) and its values
(`value_shapes`); of all assignments that give a column to one field at most, the one with the
largest sum of scores is taken.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from itertools import combinations

import numpy as np
from scipy.optimize import linear_sum_assignment

from analytics.incidents.model import AREA_LEVELS
from analytics.ingest.column_meanings import meanings, means, name_scores
from analytics.ingest.expressions import MONTHS
from analytics.ingest.survey import SurveyedColumn
from analytics.ingest.value_shapes import is_sequence, outer, suits, tells
from analytics.sources.date_formats import HOURS

SURE, LIKELY = 0.8, 0.55
"""Confidence from which a column is called sure or likely; below, it is unsure."""
LEAST = 0.3
NAME_ALONE = 0.35
"""Share of a score that a fitting name gives before the values are looked at."""
NAMED_ID = 0.7
FILLED = 0.8  # share of the rows with a type that also have a text coarser than it
WITHIN = 0.9  # share of the rows of each beat that are in one district
CLEAR, ALONE = 0.7, 0.15
"""Confidence from which a column gains where no other comes near, and what it gains."""
RIVAL = 0.85
"""Share of a column's score from which another column is named as a rival."""

PARTS = ("year", "month", "day", "hour", "minute")
FIELDS = (
    "id", "case_number", "occurred_from", "occurred_to", "reported", "updated", "type",
    "description", "code", "fbi_code", "location_type", "block", "arrest", "domestic", "district",
    "beat", "ward", "area", "lat", "lon", "x", "y", "point",
)  # fmt: skip
DATES = ("occurred_from", "occurred_to", "reported", "updated")
KEYS = ("code", "fbi_code", "beat", "district", "ward", "area")
_WEIGHTS = {"occurred_from": 1.3, "type": 1.3, "id": 1.2, "lat": 1.2, "lon": 1.2, "updated": 0.8}
_TIME_MEANINGS = frozenset({"date", "time", "datetime", "hour"})
_CLOCK_BONUS, _ORDER_BONUS, _MONTHS_SHARE = 0.05, 0.06, 0.6
_PLACES = (("lat", "lon"), ("point",), ("x", "y"))


@dataclass(frozen=True)
class AssignedColumn:
    """The column of a field, how sure that is, and what to check."""

    column: SurveyedColumn
    confidence: float
    warnings: tuple[str, ...] = ()

    def warned(self, *warnings: str, at_most: float = 1.0) -> AssignedColumn:
        return replace(
            self,
            confidence=min(self.confidence, at_most),
            warnings=(*self.warnings, *warnings),
        )


@dataclass
class Assignment:
    """Columns by field, separate times of day by date field, and parts of the date.

    `parts` is filled instead of `fields["occurred_from"]` where year, month and day have a column
    each. `left` are the columns that no field takes.
    """

    fields: dict[str, AssignedColumn] = field(default_factory=dict)
    clocks: dict[str, AssignedColumn] = field(default_factory=dict)
    parts: dict[str, AssignedColumn] = field(default_factory=dict)
    left: list[SurveyedColumn] = field(default_factory=list)

    @property
    def used(self) -> set[str]:
        found = [*self.fields.values(), *self.clocks.values(), *self.parts.values()]
        return {one.column.name for one in found}

    def column(self, name: str) -> SurveyedColumn | None:
        found = self.fields.get(name)
        return found.column if found is not None else None


Moments = Mapping[str, Sequence[datetime | None]]
Scores = dict[tuple[str, str], float]


def assign(
    columns: Sequence[SurveyedColumn],
    moments: Moments,
    chosen: Mapping[str, str | None] | None = None,
) -> Assignment:
    """Assign each column to at most one field.

    Parameters
    ----------
    columns : sequence of SurveyedColumn
        All columns of the file.
    moments : mapping
        Times of the date columns in the same sampled rows.
    chosen : mapping, optional
        Field → column that a person chose; None means that no column has the field.
    """
    chosen = chosen or {}
    scores = _scores(columns, moments)
    _choose(scores, columns, chosen)
    found = Assignment()
    by_name = {column.name: column for column in columns}
    for name, column in _best(scores, FIELDS, [c.name for c in columns]).items():
        found.fields[name] = AssignedColumn(by_name[column], min(1.0, scores[name, column]))
    _one_kind_of_place(found)
    _case_number_as_id(found, chosen)
    _one_text_is_the_type(found, chosen)
    _one_column_for_an_area(found, chosen)
    _beats_within_districts(found)
    _other_events(found, chosen)
    _second_dates(found, columns, chosen)
    _reports_for_occurrences(found, chosen)
    _parts_of_dates(found, columns, chosen)
    _clocks(found, columns)
    for name, one in found.fields.items():
        found.fields[name] = (
            replace(one, confidence=1.0) if chosen.get(name) else _rivaled(name, found, scores)
        )
    found.left = [column for column in columns if column.name not in found.used]
    return found


def confidence_word(confidence: float) -> str:
    return "sure" if confidence >= SURE else "likely" if confidence >= LIKELY else "unsure"


def _scores(columns: Sequence[SurveyedColumn], moments: Moments) -> Scores:
    scores: Scores = {}
    nameless = _nameless_places(columns)
    early = _earliness(moments, {column.name for column in columns if column.has_clock})
    for column in columns:
        names = name_scores(column.name)
        for name in FIELDS:
            alone = nameless.get((name, column.name), 0.0)
            score = max(_score(column, name, names.get(name, 0.0)), alone)
            if score and name in DATES:
                score *= _MONTHS_SHARE if column.only_months else 1.0
                score += _CLOCK_BONUS if column.has_clock else 0.0
                late = 1 if name == "occurred_from" else -1
                score += late * _ORDER_BONUS * (early.get(column.name, 0.5) - 0.5) * 2
            if score > 0:
                scores[name, column.name] = score
    return scores


def _score(column: SurveyedColumn, field_name: str, named: float) -> float:
    suited = suits(column, field_name)
    if not suited or column.is_time:
        return 0.0
    filled = len(column.values) / max(1, len(column.cells))
    alone = 0.0 if field_name in ("lat", "lon", "x", "y") else tells(column, field_name)
    return max(named * (NAME_ALONE + (1 - NAME_ALONE) * suited) * (0.7 + 0.3 * filled), alone)


def _nameless_places(columns: Sequence[SurveyedColumn]) -> Scores:
    """Scores of the only two columns that can be coordinates, if their names say nothing else."""
    known = frozenset({"coordinate", "geo", "location", "number"})
    open_columns = [
        column for column in columns if frozenset().union(*meanings(column.name)) <= known
    ]
    scores: Scores = {}
    for pair in (("lat", "lon"), ("x", "y")):
        fit = [column for column in open_columns if all(tells(column, name) for name in pair)]
        named = [c for c in fit if means(c.name, "coordinate")]
        fit = named if len(named) == 2 else fit
        if len(fit) == 2:
            for name in pair:
                scores |= {(name, column.name): tells(column, name) for column in fit}
    return scores


def _earliness(moments: Moments, clocked: set[str]) -> dict[str, float]:
    """How often each date column's time is before those of the others in the same row.

    Where one of two columns has no times of day, days are compared.
    """
    found = {}
    for name, own in moments.items():
        shares = []
        for other, theirs in moments.items():
            both = {name, other} <= clocked
            pairs = [
                (a, b) if both else (a.date(), b.date())
                for a, b in zip(own, theirs, strict=True)
                if a and b
            ]
            if other != name and pairs:
                before, after = sum(a < b for a, b in pairs), sum(a > b for a, b in pairs)
                shares.append((1 + (before - after) / len(pairs)) / 2)
        if shares:
            found[name] = sum(shares) / len(shares)
    return found


def _choose(
    scores: Scores, columns: Sequence[SurveyedColumn], chosen: Mapping[str, str | None]
) -> None:
    """Let a person's choices win: the field takes that column, and no other field does."""
    taken = set(chosen.values())
    for name, column in list(scores):
        if name in chosen or column in taken:
            del scores[name, column]
    known = {column.name for column in columns}
    for name, choice in chosen.items():
        if choice in known:
            scores[name, choice] = 10.0


def _best(scores: Scores, fields: Sequence[str], columns: Sequence[str]) -> dict[str, str]:
    """The column of each field so that the weighted sum of scores is largest."""
    gains = np.zeros((len(fields), len(columns)))
    for row, name in enumerate(fields):
        for at, column in enumerate(columns):
            score = scores.get((name, column), 0.0)
            gains[row, at] = score * _WEIGHTS.get(name, 1.0) if score >= LEAST else 0.0
    rows, found = linear_sum_assignment(gains, maximize=True)
    return {
        fields[row]: columns[at] for row, at in zip(rows, found, strict=True) if gains[row, at] > 0
    }


def _one_kind_of_place(found: Assignment) -> None:
    """Keep the first whole kind of place: degrees, one column, or projected."""
    kept = next((kind for kind in _PLACES if all(name in found.fields for name in kind)), ())
    for kind in _PLACES:
        for name in kind:
            if name not in kept:
                found.fields.pop(name, None)
    if kept == ("lat", "lon"):
        _right_way_round(found)


def _right_way_round(found: Assignment) -> None:
    """Exchange latitude and longitude where they cannot be what their names say."""
    lat, lon = found.fields["lat"], found.fields["lon"]
    if _is_latitude(lat.column) or not _is_latitude(lon.column):
        return
    warning = (
        f"The values of {lat.column.name!r} are longitudes and those of {lon.column.name!r} "
        "latitudes, though their names say otherwise."
    )
    found.fields["lat"], found.fields["lon"] = lon.warned(warning), lat.warned(warning)


def _is_latitude(column: SurveyedColumn) -> bool:
    low, high = outer(column)
    return low >= -60 and high <= 85


def _case_number_as_id(found: Assignment, chosen: Mapping[str, str | None]) -> None:
    """A case number that hardly repeats is a better id than none, or than a technical one."""
    own, case = found.fields.get("id"), found.fields.get("case_number")
    if case is None or {"id", "case_number"} & set(chosen) or not suits(case.column, "id"):
        return
    if own is None or counts_rows(own.column):
        found.fields["id"] = found.fields.pop("case_number")


def counts_rows(column: SurveyedColumn) -> bool:
    """Whether an id is a technical one, which another export may give to another row."""
    named = name_scores(column.name).get("id", 0.0) >= NAMED_ID
    return means(column.name, "tech") or (is_sequence(column) and not named)


def _one_column_for_an_area(found: Assignment, chosen: Mapping[str, str | None]) -> None:
    """Of a number and a name of the same areas, keep the name."""
    for name, other in combinations(AREA_LEVELS, 2):
        pair = (found.column(name), found.column(other))
        if {name, other} & set(chosen) or pair[0] is None or pair[1] is None:
            continue
        numbered = [one for one in (name, other) if not _letters(found.fields[one].column)]
        named_alike = _event(pair[0].name) & _event(pair[1].name)
        if len(numbered) == 1 and named_alike and _says_the_same(pair[0], pair[1]):
            del found.fields[numbered[0]]


def _beats_within_districts(found: Assignment) -> None:
    """Warn of beats whose numbers start again in each district."""
    beat, district = found.column("beat"), found.column("district")
    if beat is None or district is None or len(beat.distinct) >= len(district.distinct):
        return
    pairs = Counter(pair for pair in zip(beat.cells, district.cells, strict=True) if all(pair))
    largest: dict[str | None, int] = {}
    for (number, _), rows in pairs.items():
        largest[number] = max(largest.get(number, 0), rows)
    if sum(largest.values()) < WITHIN * pairs.total():
        warning = (
            f"Its values repeat in several values of {district.name!r}, so they are not beats."
        )
        found.fields["beat"] = found.fields["beat"].warned(warning, at_most=LEAST)


def _says_the_same(first: SurveyedColumn, second: SurveyedColumn) -> bool:
    """Whether each value of one column goes with one value of the other."""
    pairs = {pair for pair in zip(first.cells, second.cells, strict=True) if None not in pair}
    distinct = {a for a, _ in pairs}, {b for _, b in pairs}
    return len(pairs) > 1 and len(pairs) == len(distinct[0]) == len(distinct[1])


def _letters(column: SurveyedColumn) -> int:
    return sum(any(sign.isalpha() for sign in text) for text in column.distinct)


def _other_events(found: Assignment, chosen: Mapping[str, str | None]) -> None:
    """Drop dates that name the same event as the time of occurrence, such as its day alone."""
    first = found.column("occurred_from")
    for name in ("reported", "updated"):
        column = found.column(name)
        if first is None or column is None or name in chosen:
            continue
        if _event(column.name) == _event(first.name):
            del found.fields[name]


def _second_dates(
    found: Assignment, columns: Sequence[SurveyedColumn], chosen: Mapping[str, str | None]
) -> None:
    """Take a second date of the occurrence, named with 2 instead of 1, as its end."""
    first = found.column("occurred_from")
    if first is None or "1" not in first.name or "occurred_to" in {*found.fields, *chosen}:
        return
    for column in columns:
        if column.is_date and column.name == first.name.replace("1", "2"):
            found.fields["occurred_to"] = AssignedColumn(column, LIKELY)


def _event(name: str) -> frozenset[str]:
    """What a name means beside times."""
    return frozenset().union(*meanings(name)) - _TIME_MEANINGS


def _one_text_is_the_type(found: Assignment, chosen: Mapping[str, str | None]) -> None:
    """A description without a type is the type; the finer of two texts is the description."""
    text, kind = found.fields.get("description"), found.fields.get("type")
    if text is None or {"type", "description"} & set(chosen):
        return
    if kind is None:
        found.fields["type"] = found.fields.pop("description")
    elif (
        len(kind.column.distinct) > 2 * len(text.column.distinct)
        and len(text.column.values) >= FILLED * len(kind.column.values)
        and not {"category", "primary"} & _event(kind.column.name)
    ):
        warning = f"{text.column.name!r} is coarser than {kind.column.name!r}, so it is the type."
        found.fields["type"] = text.warned(warning, at_most=LIKELY)
        found.fields["description"] = kind.warned(warning, at_most=LIKELY)


def _reports_for_occurrences(found: Assignment, chosen: Mapping[str, str | None]) -> None:
    if "occurred_from" in found.fields or "occurred_from" in chosen:
        return
    for name in ("reported", "occurred_to"):
        if name in found.fields and name not in chosen:
            found.fields["occurred_from"] = found.fields.pop(name).warned(
                f"No time of occurrence was found; the time of {name} is used instead.",
                at_most=LIKELY,
            )
            return


def _parts_of_dates(
    found: Assignment, columns: Sequence[SurveyedColumn], chosen: Mapping[str, str | None]
) -> None:
    """Use columns of year, month, day, hour and minute if no column has the whole date."""
    whole = found.fields.get("occurred_from")
    if "occurred_from" in chosen or (whole is not None and whole.confidence >= LIKELY):
        return
    free = [column for column in columns if not column.is_date]
    scores = {
        (part, column.name): name_scores(column.name).get(part, 0.0) * _part_suits(column, part)
        for part in PARTS
        for column in free
    }
    best = _best(scores, PARTS, [column.name for column in free]) if free else {}
    if not {"year", "month", "day"} <= set(best):
        return
    if whole is not None and any(means(column, "report") for column in best.values()):
        return
    by_name = {column.name: column for column in free}
    found.fields.pop("occurred_from", None)
    for part in PARTS:
        if part in best:
            confidence = scores[part, best[part]]
            reported = means(best[part], "report")
            found.parts[part] = AssignedColumn(
                by_name[best[part]], min(confidence, LIKELY) if reported else confidence
            )
    for name, one in list(found.fields.items()):
        if one.column.name in set(best.values()):
            del found.fields[name]


def _part_suits(column: SurveyedColumn, part: str) -> float:
    if part != "month" or not column.values:
        return suits(column, part)
    numbers = column.numbers
    named = {value[:3].lower() for value in column.distinct} <= {*MONTHS}
    return 1.0 if named or (numbers and min(numbers) >= 1 and max(numbers) <= 12) else 0.0


def _clocks(found: Assignment, columns: Sequence[SurveyedColumn]) -> None:
    """Give each date without times of day the time column whose name fits best."""
    dates = [name for name in DATES if name in found.fields and _lacks_clock(found.fields[name])]
    times = [column for column in columns if column.is_time and column.name not in found.used]
    scores = {
        (name, clock.name): _clock_score(found.fields[name].column, clock)
        for name in dates
        for clock in times
    }
    by_name = {column.name: column for column in times}
    if dates and times:
        for name, clock in _best(scores, dates, list(by_name)).items():
            found.clocks[name] = AssignedColumn(by_name[clock], scores[name, clock])


def _lacks_clock(one: AssignedColumn) -> bool:
    return one.column.is_date and not one.column.has_clock and not one.column.only_months


def _clock_score(date: SurveyedColumn, clock: SurveyedColumn) -> float:
    """How likely a time belongs to a date: they share words, or the date is the only one."""
    own, other = _event(date.name), _event(clock.name)
    finer = 0.0 if clock.times is not None and HOURS in clock.times.formats else 0.05
    if not own and not other:
        return 0.9 + finer
    if own & other:
        return 0.6 + 0.3 * len(own & other) / len(own | other) + finer
    if own and other:
        return 0.2
    return 0.65 + finer


def _rivaled(name: str, found: Assignment, scores: Scores) -> AssignedColumn:
    """The same column, surer the further behind the next free column is."""
    one = found.fields[name]
    own = scores.get((name, one.column.name), one.confidence)
    rivals = {
        column: score / own
        for (field_name, column), score in scores.items()
        if field_name == name
        and column not in found.used
        and not (name in DATES and _event(column) == _event(one.column.name))
    }
    next_best = max(rivals.values(), default=0.0)
    if next_best < RIVAL:
        gain = ALONE * (1 - next_best) if one.confidence >= CLEAR and not one.warnings else 0.0
        return replace(one, confidence=min(1.0, one.confidence + gain))
    close = [column for column, share in rivals.items() if share >= RIVAL]
    listed = ", ".join(map(repr, sorted(close, key=lambda column: -rivals[column])[:3]))
    return one.warned(f"Could also be {listed}.", at_most=0.75)
