"""Client of a Socrata portal (SODA 2.1), with retries."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from types import TracebackType
from typing import Any, Self
from urllib.parse import urlsplit

import httpx
from tenacity import RetryCallState, Retrying, retry_if_exception_type, stop_after_attempt
from tenacity.wait import wait_exponential_jitter

from analytics.errors import InputError, UnavailableError
from analytics.fetch.portal import Portal

TOKEN_HEADER = "X-App-Token"  # noqa: S105  name of a header, not a token
LONGEST_ERROR = 300
LOOPBACK = ("localhost", "127.0.0.1", "::1")


@dataclass(frozen=True)
class Patience:
    """Number of tries and waiting times for a portal."""

    attempts: int = 6
    first_wait_s: float = 1.0
    longest_wait_s: float = 60.0
    timeout_s: float = 60.0


class _TryAgainError(Exception):
    """A failure that may be temporary; `after_s` is the wait that the portal asks for."""

    def __init__(self, message: str, after_s: float | None = None) -> None:
        super().__init__(message)
        self.after_s = after_s


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
        jitter = wait_exponential_jitter(
            multiplier=self.patience.first_wait_s,
            max=self.patience.longest_wait_s,
            jitter=self.patience.first_wait_s,
        )

        def wait(state: RetryCallState) -> float:
            error = state.outcome.exception() if state.outcome else None
            requested = error.after_s if isinstance(error, _TryAgainError) else None
            if requested is None:
                return float(jitter(state))
            return min(requested, self.patience.longest_wait_s)

        retrying = Retrying(
            stop=stop_after_attempt(self.patience.attempts),
            wait=wait,
            retry=retry_if_exception_type(_TryAgainError),
            reraise=True,
        )
        try:
            return retrying(self._ask, parameters)
        except _TryAgainError as error:
            raise UnavailableError(
                f"{self.portal.url} did not answer in {self.patience.attempts} tries: {error}"
            ) from error

    def _ask(self, parameters: dict[str, str]) -> list[dict[str, Any]]:
        try:
            response = self._client.get(self.portal.address, params=parameters)
        except (httpx.UnsupportedProtocol, httpx.InvalidURL) as error:
            raise InputError(f"{self.portal.address}: {error}") from error
        except (httpx.TransportError, httpx.DecodingError) as error:
            raise _TryAgainError(f"{type(error).__name__}: {error}") from error
        if response.status_code in (408, 429) or response.status_code >= 500:
            raise _TryAgainError(
                f"{response.status_code} {response.reason_phrase}: {_words(response)}",
                _retry_after(response),
            )
        if response.status_code != httpx.codes.OK:
            raise InputError(
                f"{self.portal.address} refused the query "
                f"({response.status_code} {response.reason_phrase}): {_words(response)}"
            )
        return _parse(response)


def _parse(response: httpx.Response) -> list[dict[str, Any]]:
    try:
        rows = json.loads(response.content)
    except (json.JSONDecodeError, UnicodeDecodeError) as error:
        raise _TryAgainError(f"the answer is not JSON: {error}") from error
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        raise _TryAgainError("the answer is not a list of rows")
    return rows


def _words(response: httpx.Response) -> str:
    """The portal's error message as one short line."""
    try:
        found = json.loads(response.content)
        text = str(found["message"])
    except (ValueError, KeyError, TypeError):
        text = response.text
    line = " ".join(text.split())
    return line[:LONGEST_ERROR] or "no message"


def _retry_after(response: httpx.Response) -> float | None:
    """Seconds that the portal asks to wait, given as a number or a date."""
    text = response.headers.get("Retry-After", "").strip()
    if text.isascii() and text.isdigit():
        return float(text)
    try:
        moment = parsedate_to_datetime(text)
    except ValueError:
        return None
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    return max(0.0, (moment - datetime.now(UTC)).total_seconds())
