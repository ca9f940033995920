"""Secrets are in no log line, whoever wrote it and however it is formatted."""

from __future__ import annotations

import json
import logging
from dataclasses import replace
from pathlib import Path

import pytest
import structlog

from analytics import logs
from analytics.errors import PatrolIQError
from analytics.redaction import Redaction, without_folder
from analytics.settings import Settings
from analytics.state import State

TOKEN = 'tok"SENTINEL/ü'  # noqa: S105 - a stand-in
PASSWORD = "pw-SENTINEL"  # noqa: S105 - a stand-in
URL = f"postgresql+psycopg://analyst:{PASSWORD}@127.0.0.1:1/patroliq"
SECRETS = Settings(fetch_token=TOKEN, state_url=URL)


@pytest.mark.parametrize("form", [TOKEN, json.dumps(TOKEN), repr(TOKEN), "tok%22SENTINEL%2F%C3%BC"])
def test_a_secret_is_hidden_in_every_form_it_is_written_in(form: str) -> None:
    assert "SENTINEL" not in Redaction.of(SECRETS, {}).of_text(f"before {form} after")


@pytest.mark.parametrize(
    "name",
    [
        *("PATROLIQ_SECRET_KEY", "MLFLOW_TRACKING_PASSWORD", "AWS_SECRET_ACCESS_KEY", "API_KEY"),
        *("GITHUB_TOKEN", "Token_2", "accesstoken"),
    ],
)
def test_variables_named_like_a_secret_are_hidden(name: str) -> None:
    redaction = Redaction.of(Settings(), {name: "SENTINEL", "PATROLIQ_USER": "analyst"})
    assert redaction.of_text("analyst SENTINEL") == "analyst ***"


def test_a_password_in_an_address_is_hidden_also_by_itself() -> None:
    redaction = Redaction.of(Settings(), {"MLFLOW_TRACKING_URI": f"https://me:{PASSWORD}@host/x"})
    assert "SENTINEL" not in redaction.of_text(f"login failed for {PASSWORD} at host")
    assert "s3cret" not in Redaction().of_text("https://me:s3cret@host/x")
    unquoted = replace(SECRETS, state_url="postgresql://me:half@SENTINEL@host/x")
    assert "SENTINEL" not in Redaction.of(unquoted, {}).of_text("no host SENTINEL@host, SENTINEL")


@pytest.mark.parametrize(
    ("address", "told"),
    [
        ("pg://u:SENTI@NEL/w@host/db", "pg://***@host/db"),
        ("pg://u:SENTI/NEL@host", "pg://***@host"),
        ("pg://u:12345@host", "pg://***@host"),
        ("http://host:80/users/@me", "http://host:80/users/@me"),
        ('"pg://u:SENTINEL@host/x","mail":"a@b"', '"pg://***@host/x","mail":"a@b"'),
        ("https://u:SENTINEL@host/x?mail=a@b", "https://***@host/x?mail=a@b"),
    ],
)
def test_a_password_with_unquoted_marks_is_hidden_and_the_host_is_not(
    address: str, told: str
) -> None:
    assert Redaction().of_text(f"cannot reach {address}") == f"cannot reach {told}"


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("TOKENIZERS_PARALLELISM", "SENTINEL"),
        ("TOKENIZER_PATH", "SENTINEL"),
        ("MAX_TOKENS", "SENTINEL"),
        ("USE_TOKEN", "false"),
        ("PASSWORD_MINIMUM", "2026"),
    ],
)
def test_ordinary_words_and_numbers_are_told(name: str, value: str) -> None:
    line = f'{{"cached": {value}, "tokens": 20260}}'
    assert Redaction.of(Settings(), {name: value}).of_text(line) == line


def test_no_repr_of_the_settings_shows_a_secret() -> None:
    assert "SENTINEL" not in repr(SECRETS) + str(vars(SECRETS).keys())


@pytest.mark.parametrize("log_format", ["json", "console"])
@pytest.mark.parametrize("log_level", ["debug", "info"])
def test_a_logged_failure_shows_neither_secrets_nor_locals(
    log_format: str, log_level: str, capsys: pytest.CaptureFixture[str]
) -> None:
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    logs.configure(replace(SECRETS, log_format=log_format, log_level=log_level))
    local = "LOCAL " + "VALUE"
    try:
        try:
            raise ValueError(f"cannot reach {URL} with {TOKEN}")
        except ValueError:
            structlog.get_logger("test").exception("failed", token=TOKEN)
            logging.getLogger("library").exception("failed with %s", TOKEN)
    finally:
        root.handlers[:] = handlers
        root.setLevel(level)
    told = capsys.readouterr().err
    assert told.count("ValueError") >= 2
    assert "SENTINEL" not in told
    assert local not in told


@pytest.mark.parametrize(
    "url", [URL, f"nonsense {PASSWORD}", f"sqlite:////nowhere/{PASSWORD}/state.db"]
)
def test_a_state_database_that_fails_does_not_tell_its_address(url: str) -> None:
    with pytest.raises(PatrolIQError) as failure:
        State(Settings(state_url=url)).store("type=THEFT")
    assert "SENTINEL" not in str(failure.value)


def test_a_setting_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    del tmp_path
    with pytest.raises(PatrolIQError, match="PATROLIQ_JOB_MEMORY_LIMIT"):
        Settings.from_environment({"PATROLIQ_JOB_MEMORY_LIMIT": "plenty"})


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("/srv/crime/models/a/3/bundle.json is damaged.", "models/a/3/bundle.json is damaged."),
        (
            "Another process is writing to /srv/crime; wait.",
            "Another process is writing to it; wait.",
        ),
        ("no file '/srv/crime/current'", "no file 'current'"),
        ("/srv/crime-old/x and /mnt/srv/crime/x", "/srv/crime-old/x and /mnt/srv/crime/x"),
    ],
)
def test_a_folder_is_named_without_where_it_is(text: str, shown: str) -> None:
    assert without_folder(text, Path("/srv/crime"), "it") == shown


def test_a_relative_folder_is_found_by_both_of_its_names() -> None:
    absolute = f"{Path('var').absolute()}/current is damaged."
    assert without_folder(absolute, Path("var"), "it") == "current is damaged."
    assert without_folder("var/current is damaged, various", Path("var"), "it") == (
        "current is damaged, various"
    )
