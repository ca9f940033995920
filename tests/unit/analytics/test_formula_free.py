"""Text of cells that spreadsheets would run gets an apostrophe; numbers keep their sign."""

from __future__ import annotations

import polars as pl
import pytest

from analytics.crossfilter.provenance import without_formulas
from analytics.formula_free import formula_free

CASES = {
    "=1+1": "'=1+1",
    "+1": "'+1",
    "@A1": "'@A1",
    "-cmd": "'-cmd",
    "-5": "-5",
    "-87.65": "-87.65",
    "-5+cmd": "'-5+cmd",
    "＝1+1": "'＝1+1",
    "＋1": "'＋1",
    "－cmd": "'－cmd",
    "＠A1": "'＠A1",
    " =1": " '=1",
    "\t=1": "\t'=1",
    "\tx": "'\tx",
    "\rx": "'\rx",
    "a;=1": "a;'=1",
    "a, =1": "a, '=1",
    "a\n=1": "a\n'=1",
    "a|@x": "a|'@x",
    'a;"=1"': 'a;"\'=1"',
    '"=1"': '"\'=1"',
    "a,-5;b": "a,-5;b",
    "41.8,-87.7;41.9,-87.7": "41.8,-87.7;41.9,-87.7",
    "a-b=c": "a-b=c",
    "2017-01-01 00:00:00-06:00": "2017-01-01 00:00:00-06:00",
    "'=1": "'=1",
    "": "",
    "plain text": "plain text",
}


@pytest.mark.parametrize(("text", "safe"), CASES.items())
def test_a_sign_that_begins_a_formula_gets_an_apostrophe(text: str, safe: str) -> None:
    assert formula_free(text) == safe
    assert formula_free(safe) == safe


def test_a_table_is_guarded_like_its_cells() -> None:
    frame = pl.DataFrame({"text": [*CASES, None], "number": range(-1, len(CASES))})
    safe = without_formulas(frame)
    assert safe["text"].to_list() == [*CASES.values(), None]
    assert safe["number"].to_list() == frame["number"].to_list()
