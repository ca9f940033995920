"""Tables that an agency changes on the Data page: checked, compared with the data, then kept.

The agency's own tables stand in one folder, `PATROLIQ_TABLES` or `tables` in the home folder, under
the names of those in data/. The data is derived again with them by `patroliq snapshots renew`.
"""

from __future__ import annotations

import csv
import hashlib
import io
import shutil
import tomllib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import polars as pl

from analytics.artifacts.targets import FILE as TARGETS
from analytics.artifacts.targets import Targets
from analytics.audit import recorded
from analytics.compstat.thresholds import COLUMNS as COLOR_COLUMNS
from analytics.compstat.thresholds import FILE as COLORS
from analytics.compstat.thresholds import read_percent_colors
from analytics.crossfilter.selection import Selection
from analytics.crossfilter.vocabulary import Vocabulary
from analytics.errors import InputError, PatrolIQError
from analytics.formula_free import formula_free
from analytics.incidents.reference import (
    GROUP_COLUMNS,
    HEADLINE,
    OTHER,
    Tables,
    address_key,
    find_table,
    load_tables,
)
from analytics.ingest.derive import read_offenses
from analytics.ingest.toml_text import toml_text
from analytics.publisher import require_publisher
from analytics.settings import Settings
from analytics.sources.own import keep_source
from analytics.sources.source import Source
from analytics.stored import replace_text

CHANGED = "table.changed"
LONGEST = 500_000
"""Characters of a table; a list of all codes of a large agency has some 60,000."""
OF_OFFENSES = ("group", "harm_days", "proactive")
OFFENSE = ("code", "fbi_code", "type", "description")


@dataclass(frozen=True)
class EditableTable:
    """A table that the data is read with.

    Attributes
    ----------
    relative
        Its name in the folder of tables.
    is_derived
        Whether it takes effect when the data is derived again, not at once.
    """

    relative: str
    title: str
    is_derived: bool


@dataclass(frozen=True)
class ReadingChange:
    """What a changed table does to some incidents; `before` and `after` are texts."""

    what: str
    subject: str
    before: str
    after: str
    incidents: int


@dataclass(frozen=True)
class DataFacts:
    """What of the data a change is compared with.

    Attributes
    ----------
    codes
        Offenses: code, fbi_code, type, description, incidents.
    location_types
        location_type, incidents.
    vocabulary
        Labels of the snapshot.
    count
        Counts the incidents of a selection.
    """

    codes: pl.DataFrame
    location_types: pl.DataFrame
    vocabulary: Vocabulary
    count: Any


def tables_of(source: Source) -> list[EditableTable]:
    """Tables of a source that can be changed; one of groups can be begun where there is none."""
    names = source.tables
    groups = names.get("groups", source.name)
    found = [EditableTable(f"groups/{groups}.csv", "Groups of offenses", True)]
    if "classes" in names:
        found += [
            EditableTable(f"harm/{names['classes']}_classes.csv", "Harm: days by class", True),
            EditableTable(f"harm/{groups}_codes.csv", "Harm: class of each code", True),
        ]
    if "default_addresses" in names:
        relative = f"default_addresses/{names['default_addresses']}.csv"
        found.append(EditableTable(relative, "Default addresses", True))
    return [
        *found,
        EditableTable(TARGETS, "Targets of models", False),
        EditableTable(COLORS, "Colors of CompStat", False),
    ]


def table_text(table: EditableTable, facts: DataFacts, settings: Settings) -> str:
    """The table as it is now; of groups that do not exist yet, one row for each type."""
    try:
        return find_table(table.relative, settings.own_tables).read_text(encoding="utf-8-sig")
    except InputError:
        text = io.StringIO()
        writer = csv.writer(text, lineterminator="\n")
        writer.writerow(GROUP_COLUMNS)
        for kind in facts.codes["type"].drop_nulls().unique().sort():
            writer.writerow((HEADLINE, OTHER, "", "", formula_free(kind), ""))
        return text.getvalue()


def changes_by(
    table: EditableTable, text: str, source: Source, facts: DataFacts, settings: Settings
) -> list[ReadingChange]:
    """What the data would be read as with another text of a table, most incidents first.

    Raises
    ------
    InputError
        The text is not a valid table; the message names line and column.
    """
    if len(text) > LONGEST:
        raise InputError(f"{table.relative} has more than {LONGEST:,} characters.")
    with _beside(table, text, settings) as changed:
        found = list(_changes(table, source, facts, settings, changed))
    return sorted(found, key=lambda one: (-one.incidents, one.subject))


def keep_table(table: EditableTable, text: str, source: Source, settings: Settings) -> None:
    """Keep a text that was checked as the agency's own table, and record that it changed.

    Raises
    ------
    PatrolIQError
        It cannot be written, or not be recorded, or another machine publishes.
    """
    require_publisher(settings, "change tables")
    path = settings.own_tables / table.relative
    is_new = table.relative == f"groups/{source.name}.csv" and "groups" not in source.tables
    named = with_groups(source) if is_new else None
    before = find_table_or_none(table, settings)
    details = {"sha256": _sha256(text), "before": before and _sha256(before)}
    with recorded(settings, CHANGED, table.relative, details=details):
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            replace_text(path, text)
        except OSError as error:
            raise PatrolIQError(
                f"{path} cannot be written ({error.strerror}); the table is unchanged."
            ) from error
    if named is not None:
        keep_source(named, settings.home)


def find_table_or_none(table: EditableTable, settings: Settings) -> str | None:
    """The present text of a table, if there is one."""
    try:
        return find_table(table.relative, settings.own_tables).read_text(encoding="utf-8-sig")
    except InputError:
        return None


def with_groups(source: Source) -> Source:
    """A source without groups, with a table of groups under its own name; comments are dropped."""
    document = tomllib.loads(source.text)
    document["tables"] = {**document.get("tables", {}), "groups": source.name}
    return Source.parse(toml_text(document, ()), Path(f"{source.name}.toml"))


def _changes(
    table: EditableTable,
    source: Source,
    facts: DataFacts,
    settings: Settings,
    changed: Settings,
) -> Iterator[ReadingChange]:
    if table.relative == TARGETS:
        yield from _of_targets(facts, settings, changed)
        return
    if table.relative == COLORS:
        yield from _of_colors(settings, changed)
        return
    names = dict(source.tables)
    before = load_tables(names, settings.own_tables)
    if table.relative.startswith("groups/"):
        names["groups"] = names.get("groups", source.name)
    after = load_tables(names, changed.own_tables)
    if table.relative.startswith("default_addresses/"):
        yield from _of_addresses(facts.location_types, before, after)
    else:
        yield from _of_offenses(facts.codes, before, after)


def _of_offenses(codes: pl.DataFrame, before: Tables, after: Tables) -> Iterator[ReadingChange]:
    keys = codes.group_by(OFFENSE, maintain_order=True).agg(pl.sum("incidents"))
    one, other = (read_offenses(keys, tables)[0] for tables in (before, after))
    for column in OF_OFFENSES:
        differs = one[column].ne_missing(other[column])
        for at in differs.arg_true():
            offense = " · ".join(str(keys[name][at]) for name in OFFENSE if keys[name][at])
            yield ReadingChange(
                column, offense, _word(one[column][at]), _word(other[column][at]),
                keys["incidents"][at],
            )  # fmt: skip


def _of_addresses(kinds: pl.DataFrame, before: Tables, after: Tables) -> Iterator[ReadingChange]:
    for kind, incidents in kinds.iter_rows():
        was, is_ = (_default(tables, kind) for tables in (before, after))
        if was != is_:
            yield ReadingChange("default_address", kind, was, is_, incidents)


def _default(tables: Tables, kind: str) -> str:
    reading = tables.default_addresses.get(address_key(kind))
    return "not listed" if reading is None else "yes" if reading.default else "no"


def _of_targets(facts: DataFacts, settings: Settings, changed: Settings) -> Iterator[ReadingChange]:
    one, other = (Targets.of(facts.vocabulary, each).offered for each in (settings, changed))
    for name in {**one, **other}:
        was, is_ = (_selection(offered, name) for offered in (one, other))
        if was != is_:
            counts = [facts.count(each) for each in (was, is_) if each is not None]
            yield ReadingChange("target", name, _text(was), _text(is_), max(counts, default=0))


def _of_colors(settings: Settings, changed: Settings) -> Iterator[ReadingChange]:
    one, other = (
        read_percent_colors(find_table(COLORS, each.own_tables)) for each in (settings, changed)
    )
    for name in COLOR_COLUMNS:
        was, is_ = (getattr(each, name, None) for each in (one, other))
        if was != is_:
            yield ReadingChange("color", name, _percent(was), _percent(is_), 0)


def _percent(value: Any) -> str:
    return f"{value:g}%" if isinstance(value, float) else _word(value and str(value))


def _selection(offered: Mapping[str, Any], name: str) -> Selection | None:
    return offered[name].selection if name in offered else None


def _text(selection: Selection | None) -> str:
    return "none" if selection is None else selection.text or "all"


def _word(value: Any) -> str:
    if value is None:
        return "none"
    if isinstance(value, bool):
        return "yes" if value else "no"
    return f"{value:,}" if isinstance(value, int) else str(value)


def _sha256(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


@contextmanager
def _beside(table: EditableTable, text: str, settings: Settings) -> Iterator[Settings]:
    """Settings with a copy of the agency's tables in which one has this text."""
    with TemporaryDirectory() as folder:
        copy = Path(folder) / "tables"
        if settings.own_tables.is_dir():
            shutil.copytree(settings.own_tables, copy)
        path = copy / table.relative
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
        yield replace(settings, tables=copy)
