"""Reference tables: code groups, offense classes and default addresses, as editable CSV files.

Bundled tables are in data/; a file with the same relative name in `PATROLIQ_TABLES` replaces one.
docs/reference-tables.md describes each column. A whole table is checked before use; an error names
file, line and column.
"""

from __future__ import annotations

import csv
import hashlib
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from analytics.errors import InputError

FOLDER = Path(__file__).resolve().parents[2] / "data"
HEADLINE = "headline"
OTHER = "other"
YES_NO = {"yes": True, "no": False}
READINGS = ("ours", "agency")

GROUP_COLUMNS = ("scheme", "group", "code", "fbi_code", "type", "label")
CLASS_COLUMNS = ("offense_class", "days", "statute", "basis")
CODE_COLUMNS = ("code", "description", "offense_class", "proactive", "reading", "law", "note")
ADDRESS_COLUMNS = ("location_type", "default", "reason")

# A rule with a code is more specific than one with an FBI code, and that than one with a type.
SPECIFICITY = {"code": 4, "fbi_code": 2, "type": 1}


@dataclass(frozen=True)
class Offense:
    """An agency's description of an offense; None if the source has no such column."""

    code: str | None
    fbi_code: str | None
    type: str | None
    description: str | None


@dataclass(frozen=True)
class GroupRule:
    """A group of the offenses that match every filled cell."""

    scheme: str
    group: str
    match: Mapping[str, str]
    line: int

    @property
    def specificity(self) -> int:
        return sum(SPECIFICITY[column] for column in self.match)


@dataclass(frozen=True)
class OffenseReading:
    """Interpretation of a code: its offense class, if any, and whether police activity finds it."""

    offense_class: str | None
    proactive: bool | None
    reading: str
    note: str
    description: str = ""
    law: str = ""


@dataclass(frozen=True)
class AddressReading:
    """Whether a location type is a default address, and why."""

    default: bool
    reason: str


class Groups:
    """Code groups of one agency, in one or more schemes."""

    def __init__(self, rules: Sequence[GroupRule] = ()) -> None:
        self.schemes = tuple(dict.fromkeys(rule.scheme for rule in rules))
        self._rules: dict[tuple[tuple[str, str], ...], list[GroupRule]] = defaultdict(list)
        for rule in rules:
            self._rules[_key(rule.match)].append(rule)

    def of(self, offense: Offense) -> dict[str, list[str]]:
        """Groups of an offense by scheme; in each scheme, only the most specific rules count.

        Scheme `headline` always gives one group: `other` if no rule fits.
        """
        best: dict[str, tuple[int, list[str]]] = {}
        for rule in self._fitting(offense):
            level, groups = best.get(rule.scheme, (-1, []))
            if rule.specificity > level:
                best[rule.scheme] = (rule.specificity, [rule.group])
            elif rule.specificity == level and rule.group not in groups:
                groups.append(rule.group)
        found = {scheme: groups for scheme, (_, groups) in best.items()}
        found.setdefault(HEADLINE, [OTHER])
        return found

    def _fitting(self, offense: Offense) -> Iterator[GroupRule]:
        filled = [
            (column, _fold(value))
            for column in SPECIFICITY
            if (value := getattr(offense, column)) is not None
        ]
        for subset in range(1 << len(filled)):
            key = tuple(pair for place, pair in enumerate(filled) if subset >> place & 1)
            yield from self._rules.get(tuple(sorted(key)), ())


@dataclass(frozen=True)
class Tables:
    """The reference tables of one source."""

    groups: Groups
    class_days: Mapping[str, int] = field(default_factory=dict)
    codes: Mapping[str, OffenseReading] = field(default_factory=dict)
    default_addresses: Mapping[str, AddressReading] = field(
        default_factory=dict
    )  # by `address_key`
    checksums: Mapping[str, str] = field(default_factory=dict)  # relative name → SHA-256

    def harm_days(self, offense_class: str | None) -> int | None:
        return None if offense_class is None else self.class_days[offense_class]


def load_tables(names: Mapping[str, str], override: Path | None = None) -> Tables:
    """Read the tables that a source names.

    Parameters
    ----------
    names : mapping
        `groups`, `classes` and `default_addresses` of the source's `[tables]`. The table of codes
        has the name of the groups: `groups = "chicago"` reads `harm/chicago_codes.csv`.
    override : Path, optional
        Folder whose files replace bundled ones with the same relative name.

    Raises
    ------
    InputError
        A table is missing or not valid; the message names file, line and column.
    """
    paths: dict[str, Path] = {}

    def path_of(relative: str) -> Path:
        paths[relative] = find_table(relative, override)
        return paths[relative]

    groups, days, codes, addresses = Groups(), {}, {}, {}
    if "groups" in names:
        groups = read_groups(path_of(f"groups/{names['groups']}.csv"))
    if "classes" in names:
        days = read_classes(path_of(f"harm/{names['classes']}_classes.csv"))
        name = names.get("groups", names["classes"])
        codes = read_codes(path_of(f"harm/{name}_codes.csv"), days)
    if "default_addresses" in names:
        relative = f"default_addresses/{names['default_addresses']}.csv"
        addresses = read_default_addresses(path_of(relative))
    sums = {name: hashlib.sha256(path.read_bytes()).hexdigest() for name, path in paths.items()}
    return Tables(groups, days, codes, addresses, sums)


def decided_location_types(files: Iterable[str], override: Path | None = None) -> frozenset[str]:
    """Location types in the tables of default addresses among some files, by `address_key`."""
    tables = [name for name in files if name.startswith("default_addresses/")]
    return frozenset(
        key for name in tables for key in read_default_addresses(find_table(name, override))
    )


def find_table(relative: str, override: Path | None = None) -> Path:
    """The agency's own table if there is one, else the bundled one."""
    for folder in (override, FOLDER):
        if folder is not None and (folder / relative).is_file():
            return folder / relative
    where = f"{FOLDER} nor in {override}" if override else str(FOLDER)
    raise InputError(f"Table not found: {relative}, which the source names, is not in {where}.")


def read_groups(path: Path) -> Groups:
    """Read `scheme,group,code,fbi_code,type,label`: one rule per row; filled cells must match."""
    rules: list[GroupRule] = []
    seen: dict[tuple[str, tuple[tuple[str, str], ...]], GroupRule] = {}
    for row in table_rows(path, GROUP_COLUMNS):
        match = {column: row.cells[column] for column in SPECIFICITY if row.cells[column]}
        rule = GroupRule(row.required("scheme"), row.required("group"), match, row.line)
        key = (rule.scheme, _key(match))
        earlier = seen.setdefault(key, rule)
        if earlier is not rule and (rule.scheme == HEADLINE or earlier.group == rule.group):
            column = next(iter(match), "group")
            raise row.fail(
                column,
                f"line {earlier.line} puts the same offenses in group {earlier.group!r}; "
                "remove one of the two",
            )
        rules.append(rule)
    return Groups(rules)


def read_classes(path: Path) -> dict[str, int]:
    """Read `offense_class,days,statute,basis`: days of sentence by offense class."""
    days: dict[str, int] = {}
    for row in table_rows(path, CLASS_COLUMNS):
        name = row.required("offense_class")
        if name in days:
            raise row.fail("offense_class", f"{name!r} is listed twice")
        row.required("statute")
        if not row.cells["days"].isdecimal() or int(row.cells["days"]) < 1:
            raise row.fail("days", f"{row.cells['days']!r} is not a whole number of days")
        days[name] = int(row.cells["days"])
    return days


def read_codes(path: Path, classes: Mapping[str, int]) -> dict[str, OffenseReading]:
    """Read `code,description,offense_class,proactive,reading,law,note`, one row per code.

    An empty `offense_class` means that the code has no weight, an empty `proactive` that it is
    unknown who finds such offenses.
    """
    codes: dict[str, OffenseReading] = {}
    for row in table_rows(path, CODE_COLUMNS):
        code = row.required("code")
        if code in codes:
            raise row.fail("code", f"{code!r} is listed twice")
        name = row.cells["offense_class"] or None
        if name is not None and name not in classes:
            raise row.fail(
                "offense_class", f"{name!r} is not one of {', '.join(classes)}; leave it empty"
            )
        reading = row.choice("reading", READINGS)
        proactive = row.choice("proactive", ("yes", "no", ""))
        codes[code] = OffenseReading(
            name,
            YES_NO.get(proactive),
            reading,
            row.cells["note"],
            row.cells["description"],
            row.cells["law"],
        )
    return codes


def read_default_addresses(path: Path) -> dict[str, AddressReading]:
    """Read `location_type,default,reason`: whether a location type is a default address."""
    addresses: dict[str, AddressReading] = {}
    for row in table_rows(path, ADDRESS_COLUMNS):
        key = address_key(row.required("location_type"))
        if key in addresses:
            raise row.fail("location_type", f"{row.cells['location_type']!r} is listed twice")
        default = YES_NO[row.choice("default", ("yes", "no"))]
        addresses[key] = AddressReading(default, row.required("reason"))
    return addresses


def address_key(location_type: str) -> str:
    """Normal form of a location type; spelling variants differ only in case and spaces."""
    return "".join(location_type.upper().split())


@dataclass(frozen=True)
class TableRow:
    """One row of a table, whose errors name file, line and column."""

    path: Path
    line: int
    cells: dict[str, str]

    def fail(self, column: str, problem: str) -> InputError:
        return InputError(f"{self.path}, line {self.line}, column {column}: {problem}.")

    def required(self, column: str) -> str:
        if not self.cells[column]:
            raise self.fail(column, "is empty")
        return self.cells[column]

    def choice(self, column: str, allowed: Sequence[str]) -> str:
        value = self.cells[column].lower()
        if value not in allowed:
            words = ", ".join(word or "empty" for word in allowed)
            raise self.fail(column, f"{self.cells[column]!r} is not one of {words}")
        return value


def table_rows(path: Path, columns: Sequence[str]) -> Iterator[TableRow]:
    """Rows of a CSV table in UTF-8, with or without a byte order mark."""
    try:
        text = path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        raise InputError(f"{path} is not UTF-8; save it as CSV UTF-8.") from error
    reader = csv.reader(text.splitlines())
    header = [name.strip() for name in next(reader, [])]
    missing = [name for name in columns if name not in header]
    unknown = [name for name in header if name not in columns]
    if missing or unknown or len(set(header)) != len(header):
        problem = f"missing: {missing}" if missing else f"unknown or repeated: {unknown or header}"
        raise InputError(f"{path}, line 1: the columns must be {', '.join(columns)}; {problem}.")
    for cells in reader:
        if not any(cell.strip() for cell in cells):
            continue
        row = TableRow(path, reader.line_num, {})
        if len(cells) != len(header):
            raise row.fail(
                header[min(len(cells), len(header)) - 1],
                f"the row has {len(cells)} cells, but the header has {len(header)}; "
                "quote cells with commas",
            )
        row.cells.update(zip(header, (cell.strip() for cell in cells), strict=True))
        yield row


def _fold(value: str) -> str:
    return value.strip().casefold()


def _key(match: Mapping[str, str]) -> tuple[tuple[str, str], ...]:
    return tuple(sorted((column, _fold(value)) for column, value in match.items()))
