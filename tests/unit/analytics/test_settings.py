"""Settings: what the environment says, and what it may not say."""

from __future__ import annotations

from dataclasses import fields
from datetime import time
from pathlib import Path

import pytest

from analytics.address import require_loopback
from analytics.errors import InputError
from analytics.settings import Settings


def test_without_variables_the_defaults_hold() -> None:
    assert Settings.from_environment({}) == Settings()


def test_an_empty_variable_is_as_none_at_all() -> None:
    assert Settings.from_environment({"PATROLIQ_PORT": "", "PATROLIQ_TABLES": ""}) == Settings()


def test_each_variable_sets_its_field() -> None:
    settings = Settings.from_environment(
        {
            "PATROLIQ_HOME": "/srv/patroliq",
            "PATROLIQ_PORT": "9000",
            "PATROLIQ_HOSTS": "crime.example.gov, other.example.gov,",
            "PATROLIQ_DAY_START": "06:00",
            "PATROLIQ_SHIFTS": "First=06-18, Second=18-06",
            "PATROLIQ_LOG_FORMAT": "console",
            "UNRELATED": "1",
        }
    )
    assert settings.home == Path("/srv/patroliq")
    assert settings.port == 9000
    assert settings.hosts == ("crime.example.gov", "other.example.gov")
    assert settings.day_start == time(6)
    assert settings.shifts == (("First", 6, 18), ("Second", 18, 6))
    assert settings.log_format == "console"


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("PORT", "0"),
        ("PORT", "65536"),
        ("PORT", "http"),
        ("WORKERS", "0"),
        ("THREADS", "-1"),
        ("QUERY_TIMEOUT_S", "1.5"),
        ("DAY_START", "25:00"),
        ("SHIFTS", "Day=06-14"),
        ("SHIFTS", "A=00-24,B=06-14"),
        ("SHIFTS", "A"),
        ("LOG_LEVEL", "loud"),
        ("LOG_FORMAT", "xml"),
    ],
)
def test_a_value_that_cannot_be_used_is_named(name: str, text: str) -> None:
    with pytest.raises(InputError, match=f"PATROLIQ_{name}='{text}'"):
        Settings.from_environment({f"PATROLIQ_{name}": text})


def test_every_setting_says_what_it_does() -> None:
    for setting in fields(Settings):
        assert setting.metadata["description"].endswith("."), setting.name


@pytest.mark.parametrize("host", ["127.0.0.1", "127.8.8.8", "::1", "localhost"])
def test_the_app_is_served_on_loopback(host: str) -> None:
    require_loopback(host, accounts=False)


def test_a_provider_is_asked_over_https_except_on_this_machine() -> None:
    for address in ("https://login.example.gov/realm", "http://127.0.0.1:9000"):
        found = Settings.from_environment({"PATROLIQ_OIDC_ISSUER": address})
        assert found.oidc_issuer == address
    with pytest.raises(InputError, match="must begin with https"):
        Settings.from_environment({"PATROLIQ_OIDC_ISSUER": "http://login.example.gov"})


def test_names_of_a_proxy_need_accounts() -> None:
    require_loopback("127.0.0.1", ["crime.example.gov"], accounts=True)
    with pytest.raises(InputError, match=r"PATROLIQ_HOSTS=crime\.example\.gov: without accounts"):
        require_loopback("127.0.0.1", ["crime.example.gov"], accounts=False)


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "10.1.2.3", "crime.example.gov", "", "localhos"])  # noqa: S104
def test_other_addresses_are_refused_with_a_way_out(host: str) -> None:
    with pytest.raises(InputError, match=r"users add.*SSH tunnel"):
        require_loopback(host, accounts=False)
