"""What a page transfers, as Chromium's developer tools count it, and a slow line."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

if TYPE_CHECKING:
    from playwright.sync_api import Page

LINE = {"latency": 60, "downloadThroughput": 5e6 / 8, "uploadThroughput": 5e6 / 8}
"""5 Mbit/s in both directions (bytes per second), 60 ms from a request to its answer."""


@dataclass
class Traffic:
    """Requests that went over the network, from the moment `watch` was called.

    Attributes
    ----------
    sizes : dict of str to float
        Request id → compressed bytes of its answer, with headers.
    """

    sizes: dict[str, float] = field(default_factory=dict)
    _addresses: dict[str, str] = field(default_factory=dict)

    @classmethod
    def watch(cls, page: Page, *, slow: bool = False) -> Traffic:
        """Count what a page transfers from now on, over `LINE` if it is slow."""
        traffic = cls()
        tools = page.context.new_cdp_session(page)
        tools.on("Network.requestWillBeSent", traffic._begins)
        tools.on("Network.loadingFinished", traffic._ends)
        tools.send("Network.enable")
        if slow:
            tools.send("Network.emulateNetworkConditions", {"offline": False, **LINE})
        return traffic

    def _begins(self, event: dict[str, Any]) -> None:
        self._addresses[event["requestId"]] = event["request"]["url"]

    def _ends(self, event: dict[str, Any]) -> None:
        if event["encodedDataLength"]:  # 0: inline, or from the cache
            self.sizes[event["requestId"]] = event["encodedDataLength"]

    @property
    def transferred(self) -> int:
        """Bytes of all answers."""
        return round(sum(self.sizes.values()))

    def largest(self, most: int) -> list[tuple[str, int]]:
        """Paths of the largest answers, with their bytes."""
        listed = sorted(self.sizes.items(), key=lambda one: -one[1])[:most]
        return [(urlsplit(self._addresses[name]).path, round(size)) for name, size in listed]
