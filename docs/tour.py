"""Pictures of the tour: the first screen of every page, on a city whose models are trained."""

from __future__ import annotations

from collections.abc import Callable

from playwright.sync_api import Page

LOADED_LATER_MS = 3000
"""What a page asks for after its first answer has arrived by then."""

PICTURES = {
    "tour-overview": "/",
    "tour-explore": "/explore?type=BURGLARY,ROBBERY",
    "tour-hotspots": "/hotspots?type=BURGLARY",
    "tour-forecast": "/forecast",
    "tour-patrol": "/patrol",
    "tour-calls": "/calls",
    "tour-responsible-use": "/responsible-use",
    "tour-models": "/models",
    "tour-explain": "/explain",
    "tour-temporal": "/temporal?type=ROBBERY",
    "tour-patterns-pca": "/patterns#method=pca",
    "tour-patterns-umap": "/patterns#method=umap",
    "tour-patterns-tsne": "/patterns#method=tsne",
}


def take_tour(opened: Callable[[str], Page], save: Callable[[str, bytes], None]) -> None:
    """`opened` takes an address without its host and waits for the page's first answer."""
    for name, address in PICTURES.items():
        page = opened(address)
        page.wait_for_timeout(LOADED_LATER_MS)
        save(name, page.screenshot())
        page.context.close()
