"""Sign-in with an OpenID Connect provider that the test runs: Authlib as the second party."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from flask.testing import FlaskClient
from joserfc.jwk import RSAKey
from werkzeug.test import TestResponse

from analytics.access.people import People
from analytics.access.roles import Role
from analytics.incidents.warehouse import Snapshot
from analytics.settings import Settings
from analytics.state import State
from app import create_app
from tests.integration.oidc_provider import Provider, running_provider

HTTPS = {"base_url": "https://localhost"}


@pytest.fixture
def provider() -> Iterator[Provider]:
    with running_provider() as found:
        yield found


@pytest.fixture
def client(settings: Settings, small: Snapshot, provider: Provider) -> FlaskClient:
    state = State(settings)
    People(state, settings).add("kim@example.gov", [Role.ANALYST])
    state.close()
    return create_app(_asking(settings, provider.issuer)).server.test_client()


def _asking(settings: Settings, issuer: str) -> Settings:
    secret = "of the test's own client"  # noqa: S105 - the provider here does not look at it
    return replace(settings, oidc_issuer=issuer, oidc_client="patroliq", oidc_secret=secret)


def round_trip(client: FlaskClient, provider: Provider, **changed: str) -> TestResponse:
    """From the link to the provider and back, as a browser does."""
    away = client.get("/sign-in/provider", query_string={"next": "/explore"}, **HTTPS)
    assert away.status_code == 302
    asked = {name: values[0] for name, values in parse_qs(urlsplit(away.location).query).items()}
    assert asked["redirect_uri"] == "https://localhost/sign-in/provider/done"
    assert asked["code_challenge_method"] == "S256"
    provider.nonce = asked["nonce"]
    back = {"code": "c", "state": asked["state"]} | changed
    return client.get("/sign-in/provider/done", query_string=back, **HTTPS)


def test_the_round_trip_signs_in_whom_the_provider_names(
    client: FlaskClient, provider: Provider
) -> None:
    answer = round_trip(client, provider)
    assert (answer.status_code, answer.location) == (302, "/explore")
    assert client.get("/export/view.csv?view=total", **HTTPS).status_code == 200
    (asked,) = provider.asked
    assert asked["code_verifier"]
    assert "provider" in client.get("/account", **HTTPS).text


@pytest.mark.parametrize(
    ("claims", "why"),
    [
        ({"amr": ["pwd"]}, "second factor"),
        ({"amr": None}, "second factor"),
        ({"amr": [{"method": "mfa"}, ["mfa"]]}, "second factor"),
        ({"email_verified": "true"}, "not verified"),
        ({"email_verified": False}, "not verified"),
        ({"auth_time": 1_000_000_000}, "too old"),
        ({"email": ""}, "does not give the claim"),
        ({"email": "stranger@example.gov"}, "no account"),
    ],
)
def test_who_lacks_a_factor_an_address_or_an_account_stays_out(
    client: FlaskClient, provider: Provider, claims: dict[str, Any], why: str
) -> None:
    provider.claims |= claims
    answer = round_trip(client, provider)
    assert answer.status_code == 403
    assert why in answer.text
    assert client.get("/export/view.csv?view=total", **HTTPS).status_code == 401


def test_a_forged_answer_stays_out(client: FlaskClient, provider: Provider) -> None:
    assert round_trip(client, provider, state="forged").status_code == 403
    provider.audience = "another client"
    assert round_trip(client, provider).status_code == 403
    provider.audience = "patroliq"
    provider.signing = RSAKey.generate_key(2048)
    assert round_trip(client, provider).status_code == 403
    provider.signing = None
    provider.unsigned = True
    assert round_trip(client, provider).status_code == 403
    provider.unsigned = False
    provider.claims["nonce"] = "of another request"
    assert round_trip(client, provider).status_code == 403
    del provider.claims["nonce"]
    assert round_trip(client, provider).status_code == 302


def test_a_provider_that_calls_itself_another_is_not_asked(
    client: FlaskClient, provider: Provider
) -> None:
    provider.named = "https://evil.example"
    answer = client.get("/sign-in/provider", **HTTPS)
    assert answer.status_code == 403


def test_a_provider_that_does_not_answer_is_said(settings: Settings, small: Snapshot) -> None:
    client = create_app(_asking(settings, "http://127.0.0.1:9")).server.test_client()
    answer = client.get("/sign-in/provider", **HTTPS)
    assert answer.status_code == 403
    assert "does not answer" in answer.text
