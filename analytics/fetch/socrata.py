"""Client of a Socrata portal (SODA 2.1), with retries."""

from __future__ import annotations

import json
from types import TracebackType
from typing import Any, Self
from urllib.parse import urlsplit

import httpx

from analytics.errors import InputError
from analytics.fetch.portal import Portal
from analytics.fetch.web import (
    LOOPBACK,
    Patience,
    TryAgainError,
    answering,
    check_status,
    retried,
)

TOKEN_HEADER = "X-App-Token"  # noqa: S105  name of a header, not a token


class Socrata:
    """Client of one dataset. Follows no redirects and verifies certificates."""

    def __init__(self, portal: Portal, token: str = "", patience: Patience | None = None) -> None:
        """Open a connection.

        Raises
        ------
        InputError
            The token would be sent unencrypted.
        """
        host = urlsplit(portal.url)
        if token and host.scheme == "http" and host.hostname not in LOOPBACK:
            raise InputError(f"{portal.url}: an app token is only sent over https.")
        self.portal = portal
        self.patience = patience or Patience()
        headers = {"Accept": "application/json", "User-Agent": "PatrolIQ"}
        if token:
            headers[TOKEN_HEADER] = token
        self._client = httpx.Client(headers=headers, timeout=self.patience.timeout_s)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._client.close()

    def rows(self, parameters: dict[str, str]) -> list[dict[str, Any]]:
        """Rows of a query; retries after 429, 5xx, truncated responses and lost connections.

        Raises
        ------
        InputError
            The portal refuses the query; the message includes the portal's own.
        UnavailableError
            No answer after `patience.attempts` tries.
        """
        return retried(self.patience, self.portal.url, self._ask, parameters)

    def _ask(self, parameters: dict[str, str]) -> list[dict[str, Any]]:
        with answering(self.portal.address):
            response = self._client.get(self.portal.address, params=parameters)
        check_status(self.portal.address, response)
        return _parse(response)


def _parse(response: httpx.Response) -> list[dict[str, Any]]:
    try:
        rows = json.loads(response.content)
    except (json.JSONDecodeError, UnicodeDecodeError) as error:
        raise TryAgainError(f"the answer is not JSON: {error}") from error
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        raise TryAgainError("the answer is not a list of rows")
    return rows
