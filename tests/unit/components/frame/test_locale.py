"""Axes and hovers of Plotly follow the locale."""

from __future__ import annotations

import pytest

from analytics import formats
from components.frame.card import graph_config
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
