"""A program that asks the API with a token, and the accounts that make it need one."""

from __future__ import annotations

from contextlib import closing
from dataclasses import dataclass
from typing import Any

from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from analytics.access.program_tokens import ProgramTokens
from analytics.access.programs import FEEDS, ProgramPermission
from analytics.settings import Settings
from analytics.state import State

READS = [one for one in ProgramPermission if one.startswith("read-")]


@dataclass
class Program:
    """A client that sends a token in the header, and no cookie."""

    client: FlaskClient
    token: str = ""

    def ask(self, path: str, method: str = "GET", **options: Any) -> TestResponse:
        """The answer of an address below `/api/v1`."""
        headers = {"Authorization": f"Bearer {self.token}"} if self.token else {}
        headers |= options.pop("headers", {})
        address = f"/api/v1{path}"
        return self.client.open(address, method=method, headers=headers, **options)

    def read(self, path: str) -> Any:
        """The JSON of an answer that is not an error."""
        answer = self.ask(path)
        assert answer.status_code == 200, answer.text
        return answer.json


def new_token(
    settings: Settings,
    name: str = "Dispatch",
    allowed: list[ProgramPermission] | None = None,
    **rest: Any,
) -> str:
    """The text of a new token; it may read everything unless `allowed` says otherwise."""
    with closing(State(settings)) as state:
        return ProgramTokens(state, settings).create(name, allowed or READS, **rest)[1]


def feed_token(settings: Settings, name: str = "Calendar", **rest: Any) -> str:
    """The text of a token that an address may have."""
    return new_token(settings, name, [*FEEDS], **rest)


def revoke_token(settings: Settings, name: str = "Dispatch") -> None:
    """Accept a token no longer."""
    with closing(State(settings)) as state:
        ProgramTokens(state, settings).revoke(name)
