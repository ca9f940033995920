"""Questions about what a proposed source lacks or could not decide, each with what to do."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from analytics.ingest.assignment import DATES, Assignment, counts_rows
from analytics.ingest.column_meanings import means
from analytics.ingest.date_checks import order_question
from analytics.ingest.survey import READABLE_SHARE, SurveyedColumn

_MINGUO = re.compile(r"(\d{2,3})[./-](\d{1,2})[./-](\d{1,2})$|1[01]\d(0[1-9]|1[0-2])[0-3]\d$")


def gap_questions(
    found: Assignment, columns: Sequence[SurveyedColumn], *, has_header: bool = True
) -> Iterator[str]:
    """What a person has to decide or add before the source says all that the file does."""
    if not has_header:
        yield "What do the columns hold? The file has no header line: give names under header."
    yield from _about_dates(found, columns)
    yield from _about_id(found)
    if "type" not in found.fields:
        yield "Which column is the type of offense? None looks like it: map columns.type."
    if not {"lat", "x", "point"} & set(found.fields):
        yield (
            "Which columns hold the places? None has coordinates, so there will be no maps. Map "
            "columns.lat and columns.lon, columns.point, or columns.x and columns.y."
        )
    yield from _about_arrests(found)


def crs_question(found: Assignment) -> str:
    """Which coordinate system projected coordinates are in."""
    x, y = found.fields["x"].column, found.fields["y"].column
    low, high = (min(x.numbers), max(x.numbers)) if x.numbers else (0, 0)
    return (
        f"Which coordinate system are {x.name!r} ({low:,.0f} to {high:,.0f}) and {y.name!r} in? "
        "Give its code as coordinates.crs, such as EPSG:26985 or ESRI:102696 (state plane zones, "
        "in meters or feet) or EPSG:32610 (UTM zones), and map columns.x and columns.y."
    )


def _about_dates(found: Assignment, columns: Sequence[SurveyedColumn]) -> Iterator[str]:
    if "occurred_from" not in found.fields and not found.parts:
        yield (
            "Which column is the time of occurrence? None can be read as dates: map "
            "columns.occurred_from and give dates.formats."
        )
    used = found.used
    for column in columns:
        if column.name not in used and column.values and not column.is_date:
            yield from _unread_dates(column)
    for name in DATES:
        dated = found.column(name)
        question = order_question(dated) if dated is not None else None
        if question is not None:
            yield question


def _unread_dates(column: SurveyedColumn) -> Iterator[str]:
    """What to do about a column named as dates that cannot be read."""
    if means(column.name, "date") or means(column.name, "datetime"):
        minguo = column.share(_MINGUO) >= READABLE_SHARE
        seems = (
            "It seems to count years from 1912, as the Republic of China does"
            if minguo
            else "Its form is not known"
        )
        yield (
            f"How is column {column.name!r} ({column.values[0][:40]!r}) to be read? {seems}: give "
            "dates.formats, or write it as text, such as 2024-01-31 22:15."
        )


def _about_id(found: Assignment) -> Iterator[str]:
    one = found.fields.get("id")
    if one is None:
        yield (
            "Is there an id of each row? No column has a unique value in every row, so rows are "
            'told apart by their whole content (missing_id = "content"): a row that the agency '
            "changes later will be a second incident. If there is an id, map columns.id."
        )
    elif one.column.repeated:
        yield (
            f"Is {one.column.name!r} the id of a row? {one.column.repeated:,} of "
            f"{one.column.filled:,} values repeat another row's; of rows with the same id one is "
            'kept. If each row counts, say on_repeat = "keep_all".'
        )
    elif counts_rows(one.column):
        yield (
            f"Does {one.column.name!r} stay the same in the next export? It looks technical. If "
            'not, map another column as id, or say missing_id = "content".'
        )


def _about_arrests(found: Assignment) -> Iterator[str]:
    if "arrest" in found.fields:
        return
    for column in found.left:
        if means(column.name, "status") and 2 <= len(column.distinct) <= 60:
            yield (
                f"Does {column.name!r} say whether there was an arrest? If so, map it as "
                "columns.arrest and list its words under [flags.arrest]."
            )
