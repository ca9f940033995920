"""Screenshots of the documents, on a synthetic city built for them: `make docs`.

The city's models are trained, and the pictures made anew in docs/images/ from what the app shows
now; no real data is used. It takes some minutes.
"""

from __future__ import annotations

import io
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.error import URLError

from PIL import Image
from playwright.sync_api import Browser, Page, sync_playwright

from docs.tour import take_tour

ROOT = Path(__file__).resolve().parents[1]
IMAGES = ROOT / "docs" / "images"
COMMANDS = (
    ("demo", "--incidents", "60000", "--seed", "1", "--until", "2026-11-20"),
    ("train", "--promote-first"),
)
DESK = {"viewport": {"width": 1440, "height": 900}}
PHONE = {"viewport": {"width": 390, "height": 844}, "has_touch": True, "is_mobile": True}
CHOSEN = "type=BURGLARY,ROBBERY&hour=18-02&weekday=5,6&date=2026-01-01..2026-10-31"
STARTS_WITHIN_S = 60
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--use-gl=swiftshader",
    "--enable-unsafe-swiftshader",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
    "--force-color-profile=srgb",
]
# The page names the last gesture it has answered; the map and the table draw a moment later.
ANSWERED = """(beyond) => new Promise((resolve) => {
  const look = () => Number(document.body.dataset.answered || 0) > beyond
    ? setTimeout(() => resolve(Number(document.body.dataset.answered)), 600)
    : setTimeout(look, 20);
  look();
})"""
CENTER = """() => {
  const box = document.getElementById("explore-map").getBoundingClientRect();
  return [box.left + box.width / 2, box.top + box.height / 2];
}"""


@contextmanager
def served_city() -> Iterator[str]:
    """Address of a server with a fresh synthetic city."""
    with tempfile.TemporaryDirectory() as folder:
        port = _free_port()
        kept = {key: text for key, text in os.environ.items() if not key.startswith("PATROLIQ_")}
        settings = {"PATROLIQ_HOME": folder, "PATROLIQ_PORT": str(port), "PATROLIQ_WORKERS": "1"}
        environment = kept | settings
        for command in COMMANDS:
            program = [sys.executable, "-c", "from analytics.cli import main; main()", *command]
            subprocess.run(program, cwd=ROOT, env=environment, check=True)
        server = subprocess.Popen(
            [sys.executable, "-m", "gunicorn", "-c", "gunicorn.conf.py"],
            cwd=ROOT,
            env=environment,
            stderr=subprocess.DEVNULL,
        )
        try:
            yield _ready(f"http://127.0.0.1:{port}")
        finally:
            server.terminate()
            server.wait()


def _free_port() -> int:
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        return int(listening.getsockname()[1])


def _ready(url: str) -> str:
    deadline = time.monotonic() + STARTS_WITHIN_S
    while time.monotonic() < deadline:
        try:
            with urllib.request.urlopen(f"{url}/_dash-layout", timeout=30):  # noqa: S310
                return url
        except (URLError, ConnectionError):
            time.sleep(0.2)
    raise SystemExit("the server did not start")


def _opened(browser: Browser, url: str, query: str = "", **options: Any) -> Page:
    page = browser.new_context(**(DESK | options)).new_page()
    page.goto(url + (f"?{query}" if query else ""))
    page.evaluate(ANSWERED, 0)
    return page


def _after(page: Page, gesture: Callable[[], Any]) -> None:
    before = page.evaluate("Number(document.body.dataset.answered || 0)")
    gesture()
    page.evaluate(ANSWERED, before)


def _save(name: str, png: bytes) -> None:
    Image.open(io.BytesIO(png)).convert("RGB").save(IMAGES / f"{name}.png", optimize=True)


def _card(page: Page, card: str) -> bytes:
    return page.locator(f"#explore-{card}-card").screenshot()


def _draw(page: Page) -> None:
    x, y = page.evaluate(CENTER)
    page.locator(".leaflet-draw-draw-polygon").click()
    for across, down in ((-40, -70), (70, -50), (50, 60), (-70, 30), (-40, -70)):
        page.mouse.move(x + across, y + down, steps=3)
        page.mouse.click(x + across, y + down)
        page.wait_for_timeout(100)


def take(browser: Browser, url: str) -> None:
    """All pictures, one after the other."""
    explore = f"{url}/explore"
    page = _opened(browser, explore)
    _save("explore", page.screenshot())
    _after(page, lambda: _draw(page))
    _save("drawn-area", _card(page, "map"))

    page = _opened(browser, f"{explore}?{CHOSEN}")
    _save("selection", page.screenshot())
    _save("hours", _card(page, "hours"))
    _save("timeline", _card(page, "days"))
    page.locator("#explore-hours-card details.menu > summary").click()
    _save("menu", _card(page, "hours"))
    entry = page.locator("#explore-hours-card .menu-entry").first
    _after(page, entry.click)
    _save("numbers", _card(page, "hours"))
    _after(page, page.locator("details.more > summary").click)
    _save("more-filters", page.locator(".more-panel").screenshot())

    _save("dark", _opened(browser, f"{explore}?{CHOSEN}", color_scheme="dark").screenshot())
    _save("phone", _opened(browser, f"{explore}?type=BURGLARY", **PHONE).screenshot())
    take_tour(lambda address: _opened(browser, url + address), _save)


def main() -> None:
    chromium = shutil.which("chromium") or shutil.which("chromium-browser")
    if not chromium:
        raise SystemExit("Chromium is missing; run `make browser`.")
    IMAGES.mkdir(exist_ok=True)
    with served_city() as url, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=FLAGS)
        take(browser, url)
        browser.close()
    total = sum(path.stat().st_size for path in IMAGES.glob("*.png"))
    print(f"{len(list(IMAGES.glob('*.png')))} pictures, {total / 1e6:.2f} MB")


if __name__ == "__main__":
    main()
