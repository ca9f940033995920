"""Cells of files that a spreadsheet opens: none becomes a formula.

A sign that begins a formula gets an apostrophe before it: at the start of a cell, and after a
separator or a quote within it, since spreadsheets split at another separator than ours where the
locale says so. Full-width signs count, which spreadsheets of some languages take as well.
"""

from __future__ import annotations

import re

SIGNS = "=+\\-@＝＋－＠"
NUMBER = r"\d+(?:\.\d+)?(?=[,;&\s]|$)"
RISKY = rf"""(?:^|[,;|\t\r\n])[\s"]*[{SIGNS}]|^[\t\r\n]"""
"""What may need an apostrophe, for a fast first look; it is a pattern for Polars as well."""
_SIGN = re.compile(rf"""(^|[,;|\t\r\n])([\s"]*)(?=[{SIGNS}])(?!-{NUMBER})""")
_BLANK = re.compile(r"^(?=[\t\r\n])(?!\s*')")


def formula_free(text: str) -> str:
    """The text of one cell, with an apostrophe before what would be a formula.

    Negative numbers keep their sign, also after a separator.
    """
    return _BLANK.sub("'", _SIGN.sub(r"\1\2'", text))
