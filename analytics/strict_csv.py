"""A reader of CSV files that people hand in: strict on quotes, with one bound on a field's length.

The bound of `csv` is of the whole process, so it is set in this one place.
"""

from __future__ import annotations

import csv
from collections.abc import Iterable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from _csv import Reader

LONGEST_FIELD = 1 << 24
"""Characters of one field: shapes are long."""

csv.field_size_limit(LONGEST_FIELD)


def strict_reader(lines: Iterable[str]) -> Reader:
    """Rows of fields; `csv.Error` for a misplaced quote or a field beyond `LONGEST_FIELD`."""
    return csv.reader(lines, strict=True)
