"""Reading what the name of a column means."""

from __future__ import annotations

import pytest

from analytics.ingest.column_meanings import is_english, meanings, name_scores


@pytest.mark.parametrize(
    ("name", "field"),
    [
        ("FIRST_OCCURRENCE_DATE", "occurred_from"),
        ("occurrencedate", "occurred_from"),
        ("Offense Start DateTime", "occurred_from"),
        ("Tatzeit bis", "occurred_to"),
        ("Date Rptd", "reported"),
        ("Fecha de denuncia", "reported"),
        ("Updated On", "updated"),
        ("Row ID", "id"),
        ("CaseNumber", "case_number"),
        ("Incident Category", "type"),
        ("Deliktsart", "type"),
        ("罪名", "type"),
        ("Incident Subcategory", "description"),
        ("Crm Cd", "code"),
        ("ibr_code", "fbi_code"),
        ("PREM_TYP_DESC", "location_type"),
        ("100 Block Address", "block"),
        ("Straße", "block"),
        ("Supervisor District", "ward"),
        ("Police District", "district"),
        ("BORO_NM", "area"),
        ("Leveysaste", "lat"),
        ("經度", "lon"),
        ("XCoord", "x"),
        ("発生時", "hour"),
    ],
)
def test_a_name_means_its_field_most(name: str, field: str) -> None:
    scores = name_scores(name)
    assert max(scores, key=lambda one: scores[one]) == field


@pytest.mark.parametrize("name", ["Vict Age", "Arrest Date", "Date of birth", "Weapon Desc"])
def test_a_name_about_something_else_is_no_clear_name(name: str) -> None:
    scores = name_scores(name)
    assert all(scores.get(field, 0) < 0.5 for field in ("occurred_from", "type", "description"))


def test_accents_capitals_and_compounds_make_no_difference() -> None:
    assert meanings("TATÖRTLICHKEIT") == meanings("tatoertlichkeit".replace("oe", "o"))
    assert meanings("Gerningsdato") == meanings("gernings dato")
    assert meanings("nothing known") == [frozenset(), frozenset()]


def test_the_language_of_names_is_english_or_another() -> None:
    assert is_english(["Incident Date", "Offense", "qqq"])
    assert not is_english(["Fecha", "Delito", "Colonia"])
