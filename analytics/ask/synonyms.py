"""Words of the trade and what they mean, from the table synonyms.csv (docs/reference-tables.md)."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from analytics.ask.tokens import Stems, stems
from analytics.incidents.reference import table_rows

FILE = "synonyms.csv"
COLUMNS = ("phrase", "means", "note")
PREFIX_MARK = "*"

Synonyms = Mapping[Stems, tuple[tuple[str, ...], ...]]
"""Words of a phrase → alternatives in order of preference, each of one or more names."""


def read_synonyms(path: Path) -> Synonyms:
    """Read `phrase,means,note`.

    `means` has alternatives separated by `|`, of which the first that the data has counts; names
    that belong together are joined by `&`. A name with `=` is a filter, such as `domestic=yes`; one
    that ends in `*` stands for all groups that start so.

    Raises
    ------
    InputError
        A row is not valid; the message names file, line and column.
    """
    found: dict[Stems, tuple[tuple[str, ...], ...]] = {}
    for row in table_rows(path, COLUMNS):
        words = stems(row.required("phrase"))
        if not words:
            raise row.fail("phrase", f"{row.cells['phrase']!r} has no words")
        if words in found:
            raise row.fail("phrase", f"{row.cells['phrase']!r} is listed twice")
        alternatives = row.required("means").split("|")
        found[words] = tuple(tuple(name.strip() for name in one.split("&")) for one in alternatives)
    return found
