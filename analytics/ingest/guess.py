"""Guess the meaning of an unknown file's columns from their names and values."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from analytics.ingest.survey import SurveyedColumn
from analytics.sources.date_formats import MONTHS

MOST_CATEGORIES = 60

# Patterns of column names by field, best first; names are in lower case with _ between words.
NAMES: dict[str, tuple[str, ...]] = {
    "id": (
        r"row_?id|dr_no|cmplnt_num|offen[sc]e_id|crime_id",
        r"id|case_id|incident_id|event_id|report_id|record_id",
        r".*(incident|case|report|complaint|event|offen[sc]e|cad).*(no|num|number|nbr|id)",
        r".*(_id|_no|_num|number)",
        r"objectid|fid|ogc_fid",
    ),
    "case_number": (
        r".*(incident|case|report|complaint|event|rd)_?(no|num|number|nbr|id)",
        r"cmplnt_num|dr_no|case",
    ),
    "occurred_from": (
        r".*(first_occ|occ\w*_from|from_dt|start|begin).*|cmplnt_fr_dt",
        r".*(occur|date_occ|occ_date|offen[sc]e_date|crime_date).*",
        r"(incident|event)_(date|datetime|date_?time|dt|timestamp)",
        r"date|datetime|date_time|month|timestamp",
        r".*(date|dt|month|day)",
    ),
    "occurred_to": (r".*(last_occ|occ\w*_to|to_dt|_end|end_|thru|until).*",),
    "reported": (r".*(rep|rptd|report|rpt|call|received).*",),
    "updated": (r".*(updat|modif|edit|load|as_of|refresh).*",),
    "lat": (r"lat|latitude|geo_lat|y_lat|.*latitude",),
    "lon": (r"lon|long|lng|longitude|geo_lon|.*longitude",),
    "type": (
        r"primary_type|.*(offen[sc]e|incident|crime)_category(_id)?|ofns_desc",
        r".*(offen[sc]e|incident|crime)_type(_id)?",
        r".*category.*",
        r"(crime|offen[sc]e|incident|crm_cd)_?(name|desc|description)?",
        r"type|.*_type|.*charge.*",
    ),
    "description": (
        r".*(offen[sc]e|incident|crime|pd)_(desc|description)",
        r"description|.*sub_?(category|type).*",
        r".*(offen[sc]e|crime).*type.*|.*desc.*",
    ),
    "fbi_code": (r".*fbi.*", r".*nibrs.*(code)?"),
    "code": (
        r"iucr|.*(offen[sc]e|incident|crime|crm|pd|ucr)_?(code|cd).*",
        r".*statute.*|.*ucr.*|.*_code|code|ky_cd",
    ),
    "location_type": (
        r"location_(desc|description|type)",
        r".*prem\w*_(typ_)?desc.*|.*premises?.*|.*place_type.*|.*location_type.*",
    ),
    "arrest": (r"arrest(ed)?|.*arrest.*",),
    "domestic": (r".*domestic.*",),
    "district": (
        r"(police_)?district(_id|_name|_no)?|precinct|addr_pct_cd|division|area_name",
        r".*district.*|.*precinct.*|.*division.*|falls_within",
    ),
    "beat": (r"beat|.*beat.*", r"sector|zone|rpt_dist_no|.*reporting_(area|district).*|precinct.*"),
    "ward": (r"ward|.*ward.*|.*council.*|.*supervisor.*",),
    "area": (
        r".*(community|neighbou?rhood|nbhd|nhood).*",
        r"boro_nm|borough|.*lsoa_name.*|area|.*area",
    ),
    "block": (
        r"block|.*block.*|.*intersection.*|.*address.*",
        r"location|street.*|.*street",
    ),
}
DATE_FIELDS = ("occurred_to", "reported", "updated", "occurred_from")
TEXT_FIELDS = (
    "type", "description", "fbi_code", "code", "location_type", "district", "beat", "ward",
    "area", "block",
)  # fmt: skip
KEY_FIELDS = ("code", "fbi_code", "beat", "district", "ward", "area")


@dataclass
class Guess:
    """The column of each field, and notes on what a person should check."""

    fields: dict[str, SurveyedColumn] = field(default_factory=dict)
    clocks: dict[str, SurveyedColumn] = field(default_factory=dict)
    attributes: list[SurveyedColumn] = field(default_factory=list)
    projected: list[SurveyedColumn] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    @property
    def used(self) -> set[str]:
        columns = [*self.fields.values(), *self.clocks.values(), *self.projected]
        return {column.name for column in columns}


def guess(columns: Sequence[SurveyedColumn]) -> Guess:
    """Assign each column to at most one field."""
    found = Guess()
    _dates(found, columns)
    _identity(found, columns)
    _places(found, columns)
    _flags(found, columns)
    for name in TEXT_FIELDS:
        _assign(found, name, [c for c in columns if c.values and not c.is_date])
    _attributes(found, columns)
    return found


def _named(name: str, columns: Sequence[SurveyedColumn]) -> SurveyedColumn | None:
    for pattern in NAMES[name]:
        for column in columns:
            if re.fullmatch(pattern, column.plain):
                return column
    return None


def _assign(found: Guess, name: str, columns: Sequence[SurveyedColumn]) -> None:
    column = _named(name, [c for c in columns if c.name not in found.used])
    if column is not None:
        found.fields[name] = column


def _dates(found: Guess, columns: Sequence[SurveyedColumn]) -> None:
    dated = [column for column in columns if column.is_date]
    for name in DATE_FIELDS:
        _assign(found, name, dated)
    if "occurred_from" not in found.fields and "reported" in found.fields:
        found.fields["occurred_from"] = found.fields.pop("reported")
        found.notes.append("No time of occurrence was found; the time of report is used instead.")
    occurred = found.fields.get("occurred_from")
    if occurred is not None and not only_months(occurred):
        for name in DATE_FIELDS:
            if name in found.fields and only_months(found.fields[name]):
                del found.fields[name]
    clocks = [column for column in columns if column.is_time]
    for name in ("occurred_from", "occurred_to"):
        date = found.fields.get(name)
        if date is None or date.dates is None or date.dates.has_clock or not clocks:
            continue
        clock = _clock_of(date, clocks)
        found.clocks[name] = clock
        clocks.remove(clock)


def only_months(column: SurveyedColumn) -> bool:
    return column.dates is not None and column.dates.formats == (MONTHS,)


def _clock_of(date: SurveyedColumn, clocks: Sequence[SurveyedColumn]) -> SurveyedColumn:
    """The time column whose name shares the most words with the date column's."""
    stem = set(re.sub(r"date|_dt\b", "", date.plain).split("_"))
    return max(clocks, key=lambda column: len(stem & set(column.plain.split("_"))))


def _identity(found: Guess, columns: Sequence[SurveyedColumn]) -> None:
    _assign(found, "id", [c for c in columns if c.unique and not c.is_date])
    _assign(found, "case_number", [c for c in columns if c.values and not c.is_date])
    if "id" not in found.fields:
        found.notes.append(
            "No column has a unique value in every row; rows are distinguished by their whole "
            "content."
        )


def _places(found: Guess, columns: Sequence[SurveyedColumn]) -> None:
    numeric = [column for column in columns if column.numbers]
    _assign(found, "lat", [c for c in numeric if _largest(c) <= 90])
    _assign(found, "lon", [c for c in numeric if _largest(c) <= 180])
    if "lat" in found.fields and "lon" in found.fields:
        pattern = r".*_?[xy]_?(coord.*)?|(geo_)?[xy]"
    else:
        found.fields.pop("lat", None)
        found.fields.pop("lon", None)
        pattern = r"(geo_)?[xy](_coord.*)?"
        found.notes.append("No columns of latitude and longitude were found.")
    for column in numeric:
        if re.fullmatch(pattern, column.plain) and column.name not in found.used:
            found.projected.append(column)


def _largest(column: SurveyedColumn) -> float:
    """The 99th percentile of a column's absolute numbers."""
    sizes = sorted(map(abs, column.numbers))
    return sizes[int(0.99 * (len(sizes) - 1))]


def _flags(found: Guess, columns: Sequence[SurveyedColumn]) -> None:
    for name in ("arrest", "domestic"):
        _assign(found, name, [column for column in columns if column.flag])


def _attributes(found: Guess, columns: Sequence[SurveyedColumn]) -> None:
    used = found.used
    for column in columns:
        few = 2 <= len(column.distinct) <= MOST_CATEGORIES
        repeats = len(column.values) >= 4 * len(column.distinct)
        derived = re.search(r"year|month|day_of_week|weekday|hour|^point$|location", column.plain)
        if column.name not in used and few and repeats and not derived and not column.is_date:
            found.attributes.append(column)
            if "arrest" not in found.fields and re.search(
                r"status|resol|dispos|clear", column.plain
            ):
                found.notes.append(
                    f"Column {column.name!r} may indicate arrests: map it as arrest and list its "
                    "words under [flags.arrest]."
                )
