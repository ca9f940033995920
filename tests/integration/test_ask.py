"""`patroliq ask`: a phrase becomes a selection that `patroliq query` counts."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from analytics.cli import patroliq
from analytics.crossfilter.clauses import Words
from analytics.crossfilter.scope import EVERYTHING
from analytics.crossfilter.selection import Selection
from analytics.crossfilter.views import view
from analytics.errors import PatrolIQError
from analytics.services import Services
from analytics.settings import Settings


def ask(home: Path, phrase: str, monkeypatch: pytest.MonkeyPatch) -> dict[str, object]:
    monkeypatch.setenv("PATROLIQ_HOME", str(home))
    ran = CliRunner().invoke(patroliq, ["ask", phrase, "--json"], catch_exceptions=False)
    assert ran.exit_code == 0
    result: dict[str, object] = json.loads(ran.stdout)
    return result


def test_json_holds_selection_sentence_and_what_was_not_understood(
    city_of_8000: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    phrase = "thefts on friday nights last summer with purple hats"
    result = ask(city_of_8000, phrase, monkeypatch)
    assert list(result) == ["selection", "sentence", "not_understood"]
    assert result["not_understood"] == ["purple hats"]
    selection = Selection.parse(str(result["selection"]))
    assert selection.text == "type=THEFT&hour=22-05&weekday=5&date=2026-06-01..2026-08-31"
    pinned = Services(Settings(home=city_of_8000)).pin()
    assert pinned is not None
    frame = pinned.crossfilter.counts(EVERYTHING, selection, [view("total")])["total"]
    expected = pinned.reader.frame(
        """
        SELECT count(*) FROM incidents
        WHERE type = 'THEFT'
        AND operational_day BETWEEN DATE '2026-06-01' AND DATE '2026-08-31'
        AND ((weekday = 5 AND hour >= 22) OR (weekday = 6 AND hour < 6))
        """
    ).item()
    assert frame["incidents"].item() == expected > 0


@pytest.mark.parametrize(
    ("phrase", "dimension", "others", "meant"),
    [
        (
            "robberies except armed ones",
            "description",
            "type = 'ROBBERY'",
            "description NOT LIKE '%ARMED%' OR description IS NULL",
        ),
        ("violent crime except robbery", "type", "\"group\" = 'violent'", "type <> 'ROBBERY'"),
        (
            "district 11 except beat 1111",
            "beat",
            "district = '011'",
            "beat <> '1111' OR beat IS NULL",
        ),
    ],
)
def test_an_exclusion_lists_what_occurs_beside_the_other_filters_and_counts_the_rest(
    city_of_8000: Path, phrase: str, dimension: str, others: str, meant: str
) -> None:
    pinned = Services(Settings(home=city_of_8000)).pin()
    assert pinned is not None
    selection = pinned.grammar.read(phrase).selection
    frame = pinned.crossfilter.counts(EVERYTHING, selection, [view("total")])["total"]
    rows = f"FROM incidents WHERE {others}"
    expected = pinned.reader.frame(f"SELECT count(*) {rows} AND ({meant})").item()
    assert frame["incidents"].item() == expected > 0
    clause = selection.get(dimension)
    assert isinstance(clause, Words)
    occurring = pinned.reader.frame(f"SELECT DISTINCT {dimension} {rows}").to_series()
    assert {*clause.known} < {*occurring}


def test_the_demo_citys_area_names_are_understood(
    city_of_8000: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pinned = Services(Settings(home=city_of_8000)).pin()
    assert pinned is not None
    key, name = next(iter(pinned.vocabulary.names["area"].items()))
    result = ask(city_of_8000, f"thefts in {name}", monkeypatch)
    assert result["selection"] == f"type=THEFT&area={key}"


def test_without_a_snapshot_the_message_says_how_to_load_data(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATROLIQ_HOME", str(tmp_path))
    with pytest.raises(PatrolIQError, match="patroliq demo"):
        CliRunner().invoke(patroliq, ["ask", "robberies"], catch_exceptions=False)
