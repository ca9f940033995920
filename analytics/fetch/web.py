"""Requests to portals: encrypted, in bounded answers, with retries."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import Any, ParamSpec, TypeVar
from urllib.parse import urljoin, urlsplit

import httpx
from tenacity import RetryCallState, Retrying, retry_if_exception_type, stop_after_attempt
from tenacity.wait import wait_exponential_jitter

from analytics.errors import InputError, UnavailableError

LONGEST_ERROR = 300
LOOPBACK = ("localhost", "127.0.0.1", "::1")
LARGEST_PAGE_BYTES = 1 << 28
LARGEST_FILE_BYTES = 1 << 34
MOST_REDIRECTS = 5
Given = ParamSpec("Given")
Answer = TypeVar("Answer")


@dataclass(frozen=True)
class Patience:
    """Number of tries and waiting times for a portal."""

    attempts: int = 6
    first_wait_s: float = 1.0
    longest_wait_s: float = 60.0
    timeout_s: float = 60.0


class TryAgainError(Exception):
    """A failure that may be temporary; `after_s` is the wait that the portal asks for."""

    def __init__(self, message: str, after_s: float | None = None) -> None:
        super().__init__(message)
        self.after_s = after_s


def retried(
    patience: Patience,
    name: str,
    ask: Callable[Given, Answer],
    *arguments: Given.args,
    **named: Given.kwargs,
) -> Answer:
    """Ask the portal `name`, and again after each TryAgainError.

    Raises
    ------
    UnavailableError
        No answer after `patience.attempts` tries.
    """
    jitter = wait_exponential_jitter(
        multiplier=patience.first_wait_s,
        max=patience.longest_wait_s,
        jitter=patience.first_wait_s,
    )

    def wait(state: RetryCallState) -> float:
        error = state.outcome.exception() if state.outcome else None
        requested = error.after_s if isinstance(error, TryAgainError) else None
        if requested is None:
            return float(jitter(state))
        return min(requested, patience.longest_wait_s)

    retrying = Retrying(
        stop=stop_after_attempt(patience.attempts),
        wait=wait,
        retry=retry_if_exception_type(TryAgainError),
        reraise=True,
    )
    try:
        return retrying(ask, *arguments, **named)
    except TryAgainError as error:
        raise UnavailableError(
            f"{name} did not answer in {patience.attempts} tries: {error}"
        ) from error


@contextmanager
def answering(address: str) -> Iterator[None]:
    """Turn errors of a request into TryAgainError, or InputError if trying again cannot help."""
    try:
        yield
    except (httpx.UnsupportedProtocol, httpx.InvalidURL) as error:
        raise InputError(f"{address}: {error}") from error
    except (httpx.TransportError, httpx.DecodingError) as error:
        raise TryAgainError(f"{type(error).__name__}: {error}") from error


def check_status(address: str, response: httpx.Response) -> None:
    """Raise TryAgainError or InputError for an answer that is not OK; its body was read."""
    if response.status_code in (408, 429) or response.status_code >= 500:
        raise TryAgainError(
            f"{response.status_code} {response.reason_phrase}: {_words(response)}",
            _retry_after(response),
        )
    if response.status_code != httpx.codes.OK:
        raise InputError(
            f"{address} refused the query "
            f"({response.status_code} {response.reason_phrase}): {_words(response)}"
        )


def checked_address(url: str) -> str:
    """The address, if it may be asked: over https, or http on this machine.

    Raises
    ------
    InputError
        It is not encrypted, or has a user name or password.
    """
    try:
        parts = urlsplit(url)
        host, _ = parts.hostname, parts.port
    except ValueError as error:
        raise InputError(f"{url!r} is not an address: {error}.") from error
    if not host or parts.scheme not in ("http", "https"):
        raise InputError(f"{url!r} is not an address such as https://data.example.org/file.csv.")
    if parts.scheme == "http" and host not in LOOPBACK:
        raise InputError(f"{url}: files are only fetched over https.")
    if parts.username is not None or parts.password is not None:
        raise InputError("The address must not have a user name or password.")
    return url


class Web:
    """Client of any portal. Follows redirects to encrypted addresses of other machines only."""

    def __init__(self, patience: Patience | None = None) -> None:
        self.patience = patience or Patience()
        self._client = httpx.Client(
            headers={"User-Agent": "PatrolIQ"}, timeout=self.patience.timeout_s
        )

    def close(self) -> None:
        self._client.close()

    def json(self, url: str, parameters: dict[str, str]) -> Any:
        """The JSON value at an address.

        Raises
        ------
        InputError
            The portal refuses the request, or its answer is larger than LARGEST_PAGE_BYTES.
        UnavailableError
            No answer after `patience.attempts` tries.
        """
        address = str(httpx.URL(url, params=parameters) if parameters else httpx.URL(url))
        return retried(self.patience, url, self._ask_json, address)

    def save(self, url: str, target: Path) -> None:
        """Write the file at an address to `target`.

        Raises
        ------
        InputError
            The portal refuses the request, or the file is larger than LARGEST_FILE_BYTES.
        UnavailableError
            No answer after `patience.attempts` tries.
        """
        retried(self.patience, url, self._save, url, target)

    def _ask_json(self, url: str) -> Any:
        with self._answer(url) as response:
            body = b"".join(_bounded(url, response, LARGEST_PAGE_BYTES))
        try:
            return json.loads(body)
        except (json.JSONDecodeError, UnicodeDecodeError) as error:
            raise TryAgainError(f"the answer is not JSON: {error}") from error

    def _save(self, url: str, target: Path) -> None:
        with self._answer(url) as response, target.open("wb") as file:
            for chunk in _bounded(url, response, LARGEST_FILE_BYTES):
                file.write(chunk)

    @contextmanager
    def _answer(self, url: str) -> Iterator[httpx.Response]:
        """The answer of an address, or of the one that it redirects to."""
        for _ in range(MOST_REDIRECTS + 1):
            with answering(url), self._client.stream("GET", checked_address(url)) as response:
                if not response.has_redirect_location:
                    if response.status_code != httpx.codes.OK:
                        response.read()
                    check_status(url, response)
                    yield response
                    return
                url = _redirected(url, response.headers["Location"])
        raise InputError(f"{url}: too many redirects.")


def _redirected(url: str, location: str) -> str:
    """Where an address redirects to; from another machine never to this one."""
    target = urljoin(url, location)
    if _is_loopback(target) and not _is_loopback(url):
        raise InputError(f"{url} redirects to {target}, on this machine; that is not followed.")
    return target


def _is_loopback(url: str) -> bool:
    return urlsplit(url).hostname in LOOPBACK


def _bounded(url: str, response: httpx.Response, most: int) -> Iterator[bytes]:
    read = 0
    for chunk in response.iter_bytes():
        read += len(chunk)
        if read > most:
            raise InputError(f"{url}: the answer is larger than {most:,} bytes.")
        yield chunk


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
