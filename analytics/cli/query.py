"""`patroliq query`: count a selection in one view, with the same numbers as the pages."""

from __future__ import annotations

from typing import Any

import click

from analytics.cli.output import emit, json_option, warn
from analytics.cli.pinned import pin_snapshot, read_selection
from analytics.settings import Settings


@click.command("query")
@click.option("--view", "view_name", default="total", show_default=True, help="What to count by.")
@click.option("--selection", default="", help='What to count, such as "type=ROBBERY&hour=22-02".')
@json_option
def command(view_name: str, selection: str, as_json: bool) -> None:
    """Count incidents, arrests and harm of a selection in one view.

    Views: total, type, description, group, group:SCHEME, hour, weekday, hour_weekday, shift, day,
    month, district, beat, ward, area, block, location_type, arrest, domestic, heaped,
    default_address, cells:METERS, map:LEVEL, points:W,S,E,N, zone:MODEL and every further
    attribute. Harm is in days.
    """
    from analytics.crossfilter.all_but import few_left_out
    from analytics.crossfilter.provenance import left_out
    from analytics.crossfilter.scope import EVERYTHING
    from analytics.crossfilter.sentence import sentence
    from analytics.crossfilter.views import view

    pinned = pin_snapshot(Settings.from_environment())
    counted = view(view_name, pinned.attributes)
    chosen = read_selection(selection, pinned, strictly=True)
    places_view = [view(f"places:{counted.argument}")] if counted.base == "points" else []
    views = [counted, *places_view]
    frame, *places = pinned.crossfilter.counts(EVERYTHING, chosen, views).values()
    for in_view in places:
        if (number := int(in_view["places"].sum())) > frame.height:
            warn(f"Listed: a random sample of {frame.height:,} of {number:,} places.")
    rows = [_row(row) for row in frame.iter_rows(named=True)]
    result = {
        "view": counted.name,
        "selection": chosen.text,
        "snapshot": pinned.id,
        "rows": rows,
    }
    vocabulary = pinned.vocabulary
    lacking = few_left_out(chosen, vocabulary)
    text = sentence(chosen, pinned.snapshot.manifest, vocabulary.names, lacking)
    rest = left_out(chosen, counted, vocabulary.labels)
    note = [f"Below are counts {rest}."] if rest else []
    emit(result, as_json, lambda: [text, *note, *_table(list(frame.columns), rows)])


def _row(row: dict[str, Any]) -> dict[str, Any]:
    return {
        name: "unknown" if value is None else value.isoformat() if name == "day" else value
        for name, value in row.items()
    }


def _table(columns: list[str], rows: list[dict[str, Any]]) -> list[str]:
    """Aligned columns; numbers are right-aligned with thousands separators."""
    if not rows:
        return ["No incidents match."]
    measures = columns[-3:]
    cells = [
        [f"{row[name]:,}" if name in measures else str(row[name]) for name in columns]
        for row in rows
    ]
    widths = [max(map(len, column)) for column in zip(columns, *cells, strict=True)]

    def line(parts: list[str]) -> str:
        aligned = [
            part.rjust(width) if name in measures else part.ljust(width)
            for part, width, name in zip(parts, widths, columns, strict=True)
        ]
        return "  ".join(aligned).rstrip()

    heads = [name if name in measures else name.replace("_", " ") for name in columns]
    return [line(heads), *(line(row) for row in cells)]
