"""Each technical term has one info text, which docs/glossary.md repeats."""

from __future__ import annotations

import pytest

from components.frame.card import Menu, card
from components.frame.glossary import TERMS, info_text, terms_in
from components.frame.metrics import OF_MODEL, WORDS
from tests import ROOT

GLOSSARY = (ROOT / "docs" / "glossary.md").read_text(encoding="utf-8").replace("\\*", "*")


@pytest.mark.parametrize("term", TERMS)
def test_every_info_text_stands_in_the_glossary(term: str) -> None:
    assert f"| {term} | {TERMS[term]} |" in GLOSSARY


def test_the_longer_of_two_terms_is_found() -> None:
    assert terms_in("HDBSCAN hot spots") == ("HDBSCAN",)
    assert terms_in("Significance (Gi*, FDR)") == ("FDR", "Gi*")
    assert terms_in("Incidents") == ()


@pytest.mark.parametrize("metric", ["pai_1", "pei_1", "silhouette", "trustworthiness", "stability"])
def test_technical_metrics_are_explained(metric: str) -> None:
    labels = [
        WORDS[metric].label,
        *(w.label for (_, name), w in OF_MODEL.items() if name == metric),
    ]
    assert any(info_text(label) for label in labels)


def test_a_card_explains_the_terms_it_names() -> None:
    made = str(card("Counts", [], id="counts", menu=Menu(about="Bars show the harm index.")))
    assert TERMS["Harm index"] in made
