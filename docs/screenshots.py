"""Screenshots of the documents, on a synthetic city built for them: `make docs`.

The city's models are trained, and the pictures made again in docs/images/ from what the app shows
now; no real data is used. It takes some minutes.
"""

from __future__ import annotations

import io
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from PIL import Image
from playwright.sync_api import Browser, sync_playwright

from bench.chromium import DESK, chromium, launch
from bench.explore_page import ExplorePage
from bench.machine import ROOT, patroliq
from bench.site_server import SiteServer
from docs.tour import take_tour

IMAGES = ROOT / "docs" / "images"
COMMANDS = (
    ("demo", "--incidents", "60000", "--seed", "1", "--until", "2026-11-20"),
    ("train", "--promote-first"),
    (
        "plan",
        "make",
        "--date=2026-11-21",
        "--shift=Evening",
        "--units=8",
        "--seed=1",
        "--save=Demo",
    ),
    ("evaluate", "fairness", "--save"),
)
PHONE = {"viewport": {"width": 390, "height": 844}, "has_touch": True, "is_mobile": True}
CHOSEN = "type=BURGLARY,ROBBERY&hour=18-02&weekday=5,6&date=2026-01-01..2026-10-31"
DRAWS_LATER_MS = 600  # the map and the table draw a moment after the answer
SOFTWARE_WEBGL = ("--use-gl=swiftshader", "--enable-unsafe-swiftshader")


@contextmanager
def served_city() -> Iterator[str]:
    """Address of a server with a fresh synthetic city."""
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder)
        for command in COMMANDS:
            print(patroliq(home, *command))
        with SiteServer(home, PATROLIQ_WORKERS="1").running() as server:
            yield server.url


def _opened(browser: Browser, url: str, path: str, **options: Any) -> ExplorePage:
    explore = ExplorePage(browser.new_context(**(DESK | options)).new_page(), url)
    explore.go(path)
    explore.page.wait_for_timeout(DRAWS_LATER_MS)
    return explore


def _after(explore: ExplorePage, gesture: Callable[[], Any]) -> None:
    with explore.gesture():
        gesture()
    explore.page.wait_for_timeout(DRAWS_LATER_MS)


def _save(name: str, png: bytes) -> None:
    Image.open(io.BytesIO(png)).convert("RGB").save(IMAGES / f"{name}.png", optimize=True)


def _card(explore: ExplorePage, card: str) -> bytes:
    return explore.page.locator(f"#explore-{card}-card").screenshot()


def _draw(explore: ExplorePage) -> None:
    x, y = explore.center()
    page = explore.page
    page.locator(".leaflet-draw-draw-polygon").click()
    for across, down in ((-40, -70), (70, -50), (50, 60), (-70, 30), (-40, -70)):
        page.mouse.move(x + across, y + down, steps=3)
        page.mouse.click(x + across, y + down)
        page.wait_for_timeout(100)


def take(browser: Browser, url: str) -> None:
    """All pictures, one after the other."""
    explore = _opened(browser, url, "/explore")
    _save("explore", explore.page.screenshot())
    _after(explore, lambda: _draw(explore))
    _save("drawn-area", _card(explore, "map"))

    explore = _opened(browser, url, f"/explore?{CHOSEN}")
    _save("selection", explore.page.screenshot())
    _save("hours", _card(explore, "hours"))
    _save("timeline", _card(explore, "days"))
    explore.page.locator("#explore-hours-card details.menu > summary").click()
    _save("menu", _card(explore, "hours"))
    entry = explore.page.locator("#explore-hours-card .menu-entry").first
    _after(explore, entry.click)
    _save("numbers", _card(explore, "hours"))
    explore.more_filters()
    explore.page.wait_for_timeout(DRAWS_LATER_MS)
    _save("more-filters", explore.page.locator(".more-panel").screenshot())

    dark = _opened(browser, url, f"/explore?{CHOSEN}", color_scheme="dark")
    _save("dark", dark.page.screenshot())
    phone = _opened(browser, url, "/explore?type=BURGLARY", **PHONE)
    _save("phone", phone.page.screenshot())
    take_tour(lambda path: _opened(browser, url, path).page, _save)


def main() -> None:
    try:
        chromium()
    except FileNotFoundError as missing:
        raise SystemExit(str(missing)) from missing
    IMAGES.mkdir(exist_ok=True)
    with served_city() as url, sync_playwright() as playwright:
        browser = launch(playwright, SOFTWARE_WEBGL)
        take(browser, url)
        browser.close()
    total = sum(path.stat().st_size for path in IMAGES.glob("*.png"))
    print(f"{len(list(IMAGES.glob('*.png')))} pictures, {total / 1e6:.2f} MB")


if __name__ == "__main__":
    main()
