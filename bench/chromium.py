"""Headless Chromium as benchmarks, browser tests and screenshots start it."""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Playwright

FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
    "--force-color-profile=srgb",
)
DESK: dict[str, Any] = {"viewport": {"width": 1440, "height": 900}}
"""Options of a context: an analyst's screen."""


def chromium() -> str:
    """Path of the browser.

    Raises
    ------
    FileNotFoundError
        No browser is installed.
    """
    found = shutil.which("chromium") or shutil.which("chromium-browser")
    if found is None:
        raise FileNotFoundError("Chromium is missing; run `make browser`.")
    return found


def launch(playwright: Playwright, further: Sequence[str] = ()) -> Browser:
    """A browser with `FLAGS` and further ones.

    Raises
    ------
    FileNotFoundError
        No browser is installed.
    """
    return playwright.chromium.launch(executable_path=chromium(), args=[*FLAGS, *further])
