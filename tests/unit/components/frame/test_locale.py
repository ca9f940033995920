"""Axes and hovers of Plotly follow the locale."""

from __future__ import annotations

import pytest

from analytics import formats
from components.frame.card import graph_config
from components.frame.figures.axes import share_ticks
from components.frame.theme import template

pytestmark = pytest.mark.usefixtures("american")


def test_american_unless_set() -> None:
    assert template("light").layout.separators == ".,"
    assert "locales" not in graph_config()


@pytest.mark.parametrize(("locale", "separators"), [("de_DE", ",."), ("fr_FR", ",\u202f")])
def test_numbers_have_the_separators_of_the_locale(locale: str, separators: str) -> None:
    formats.use(locale, "", "America/Chicago")
    assert template("dark").layout.separators == separators


def test_dates_have_the_names_and_patterns_of_the_locale() -> None:
    formats.use("de_DE", "", "America/Chicago")
    config = graph_config()
    german = config["locales"][config["locale"]]["format"]
    assert config["locale"] == "de-DE"
    assert german["months"][4] == "Mai"
    assert german["dayMonthYear"] == "%-d. %b %Y"


@pytest.mark.parametrize(
    ("highest", "text"),
    [
        (1, ["0\N{NO-BREAK SPACE}%", "20\N{NO-BREAK SPACE}%", "40\N{NO-BREAK SPACE}%"]),
        (0.012, ["0,0\N{NO-BREAK SPACE}%", "0,2\N{NO-BREAK SPACE}%"]),
    ],
)
def test_percentages_on_axes_are_those_of_the_text(highest: float, text: list[str]) -> None:
    formats.use("de_DE", "", "America/Chicago")
    made = share_ticks(highest)
    assert made["ticktext"][: len(text)] == text
    assert highest * 0.7 <= made["tickvals"][-1] <= highest + 1e-12


@pytest.mark.parametrize("highest", [0.0, 0.0004, 0.07, 0.13, 0.3, 0.66, 1.0])
def test_ticks_are_few_and_differ(highest: float) -> None:
    text = share_ticks(highest)["ticktext"]
    assert len(set(text)) == len(text) <= 6
    assert highest == 0 or len(text) >= 2 or highest < 0.001
