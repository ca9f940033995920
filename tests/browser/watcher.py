"""What no page may do: complain, break the content policy, talk to another host, lack WebGL."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

from playwright.sync_api import ConsoleMessage, Page, Request
from playwright.sync_api import Error as BrowserError

REPORT_VIOLATIONS = """
document.addEventListener("securitypolicyviolation", (event) =>
  console.error(`content policy: ${event.violatedDirective} ${event.blockedURI}`));
"""
OWN_HOSTS = {"127.0.0.1", ""}
OWN_SCHEMES = {"http", "data", "blob", "about"}
NO_WEBGL = "WebGL is not supported"


class Watcher:
    """Collects complaints of the pages it watches."""

    def __init__(self) -> None:
        self.complaints: list[str] = []
        self._expected: list[str] = []
        self._pages: list[Page] = []
        self._listeners: dict[Any, Callable[[Any], None]] = {
            "console": self._hear,
            "pageerror": self._broken,
            "request": self._asked,
        }

    def expect(self, pattern: str) -> None:
        """Leave out complaints that match: the test provokes them."""
        self._expected.append(pattern)

    def watch(self, page: Page) -> None:
        for event, listener in self._listeners.items():
            page.on(event, listener)
        self._pages.append(page)

    def leave(self) -> None:
        """Read what the pages show, then stop listening, before they are closed."""
        for page in self._pages:
            try:
                if NO_WEBGL in page.locator("body").inner_text(timeout=1_000):
                    self._note(NO_WEBGL)
            except BrowserError:  # the test closed it, or its server is gone
                continue
            for event, listener in self._listeners.items():
                page.remove_listener(event, listener)
        self._pages.clear()

    def _broken(self, error: BrowserError) -> None:
        self._note(f"page error: {error}")

    def _note(self, complaint: str) -> None:
        self.complaints.append(complaint)

    def _hear(self, message: ConsoleMessage) -> None:
        if message.type == "error":
            self._note(f"console: {message.text} ({message.location.get('url', '')})")

    def _asked(self, request: Request) -> None:
        address = urlsplit(request.url)
        if address.scheme not in OWN_SCHEMES or (address.hostname or "") not in OWN_HOSTS:
            self._note(f"foreign host: {request.url}")

    def verify(self) -> None:
        """Fail with everything that was not expected."""
        unexpected = [
            complaint
            for complaint in self.complaints
            if not any(re.search(pattern, complaint) for pattern in self._expected)
        ]
        assert not unexpected, "\n".join(unexpected)
