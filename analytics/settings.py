"""Settings: read once from `PATROLIQ_*` environment variables, typed and validated.

pydantic-settings was measured with these settings (CPU time, best of five runs): it adds 40 ms to
the 1.0 s in which a web worker imports the app, although Dash already imports pydantic, and 170 ms
to every command, none of which otherwise imports it. This module takes 19 ms.
"""

from __future__ import annotations

import ipaddress
import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from datetime import date, time
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from analytics.errors import InputError
from analytics.retention_rules import RULES, read_keep_days

PREFIX = "PATROLIQ_"


def _path(text: str) -> Path:
    return Path(text).expanduser()


def _port(text: str) -> int:
    port = int(text)
    if not 0 < port < 65536:
        raise ValueError("a port is a number from 1 to 65535")
    return port


def _positive(text: str) -> int:
    number = int(text)
    if number < 1:
        raise ValueError("must be 1 or more")
    return number


def _not_negative(text: str) -> int:
    number = int(text)
    if number < 0:
        raise ValueError("must be 0 or more")
    return number


def _ratio(text: str) -> float:
    number = float(text)
    if not 1 <= number < 100:
        raise ValueError("must be a ratio from 1 to below 100, such as 1.1")
    return number


def _share(text: str) -> float:
    number = float(text)
    if not 0 <= number <= 1:
        raise ValueError("must be a share from 0 to 1, such as 0.95")
    return number


def bytes_of(text: str) -> int:
    """Parse a size such as 4GB or 512MiB.

    Raises
    ------
    ValueError
        The text is not a size.
    """
    match = re.fullmatch(r"(\d+(?:\.\d+)?)\s*([MGT])(i?)B", text.strip(), re.IGNORECASE)
    if not match:
        raise ValueError("must be a size, such as 4GB or 512MB")
    base = 1024 if match[3] else 1000
    return int(float(match[1]) * base ** " MGT".index(match[2].upper()) * base)


def _size(text: str) -> str:
    bytes_of(text)
    return text


def _time(text: str) -> time:
    return time.fromisoformat(text)


def _day(text: str) -> date:
    return date.fromisoformat(text)


def month_and_day(text: str) -> tuple[int, int]:
    """Month and day of a text such as `07-01`, a day of every year.

    Raises
    ------
    ValueError
        It is not such a day.
    """
    match = re.fullmatch(r"([0-9]{2})-([0-9]{2})", text)
    if not match:
        raise ValueError("must be a month and a day, such as 07-01")
    day = date(2001, int(match[1]), int(match[2]))
    return day.month, day.day


def _month_day(text: str) -> str:
    month_and_day(text)
    return text


def _shifts(text: str) -> tuple[tuple[str, int, int], ...]:
    """`Night=22-06,Day=06-14,Evening=14-22` as (name, first hour, hour after the last)."""
    shifts = []
    covered: list[int] = []
    for part in text.split(","):
        match = re.fullmatch(r"\s*([^=]+?)\s*=\s*(\d{1,2})-(\d{1,2})\s*", part)
        if not match:
            raise ValueError(f"{part!r} is not NAME=HH-HH")
        start, end = int(match[2]) % 24, int(match[3]) % 24
        shifts.append((match[1], start, end))
        covered += [(start + step) % 24 for step in range((end - start) % 24 or 24)]
    if sorted(covered) != list(range(24)):
        raise ValueError("shifts must cover each of the 24 hours exactly once")
    return tuple(shifts)


def _choice(*allowed: str) -> Any:
    def parse(text: str) -> str:
        if text not in allowed:
            raise ValueError(f"must be one of {', '.join(allowed)}")
        return text

    return parse


def _scheduler(text: str) -> str:
    parts = urlsplit(text)
    if parts.scheme not in {"tcp", "tls"} or not parts.hostname or parts.port is None:
        raise ValueError("must be the address of a scheduler, such as tls://host:8786")
    if parts.path or parts.query or parts.username:
        raise ValueError("must have nothing but a host and a port, such as tls://host:8786")
    return text


def _locale(text: str) -> str:
    if not re.fullmatch(r"[a-z]{2,3}(_[A-Z][a-z]{3})?(_[A-Z]{2})?", text):
        raise ValueError("must be a locale, such as en_US")
    return text


def _web_address(text: str) -> str:
    if not re.fullmatch(r"https?://[^\s/?#@]+(/[^\s?#]*)?", text):
        raise ValueError("must be an address, such as http://127.0.0.1:5000")
    return text


def _issuer(text: str) -> str:
    """An address over HTTPS; on this machine, such as in a test, over HTTP too."""
    address = urlsplit(_web_address(text))
    if address.scheme != "https" and address.hostname not in {"127.0.0.1", "::1", "localhost"}:
        raise ValueError("must begin with https://")
    return text


def _header(text: str) -> str:
    if not re.fullmatch(r"[A-Za-z][A-Za-z0-9-]{0,60}", text):
        raise ValueError("must be the name of a header, such as X-Remote-User")
    return text


def _addresses(text: str) -> tuple[str, ...]:
    return tuple(str(ipaddress.ip_network(name)) for name in _names(text))


def _rows_by_role(text: str) -> tuple[tuple[str, int], ...]:
    found = []
    for part in text.split(","):
        match = re.fullmatch(r"\s*([a-z]+)\s*=\s*([0-9]{1,9})\s*", part)
        if not match:
            raise ValueError(f"{part!r} is not a role and a number, such as analyst=100000")
        found.append((match[1], int(match[2])))
    return tuple(found)


def _syslog(text: str) -> str:
    if not re.fullmatch(r"(udp|tcp)://(\[[0-9a-fA-F:.]+\]|[^\s/:?#@]+)(:\d{1,5})?|unix:/\S+", text):
        raise ValueError("must be udp://host:514, tcp://host:514 or unix:/dev/log")
    return text


def _mail_server(text: str) -> str:
    if not re.fullmatch(
        r"smtps?://([^\s/:?#@]+@)?(\[[0-9a-fA-F:.]+\]|[^\s/:?#@]+)(:\d{1,5})?", text
    ):
        raise ValueError(
            "must be an address without a password, such as smtp://user@mail.example.gov:587, with "
            "%40 for an @ in the user's name"
        )
    return text


def _mail_address(text: str) -> str:
    if not re.fullmatch(r"[^\s@<>,;\"]+@[^\s@<>,;\"]+", text):
        raise ValueError(f"{text!r} is not an address of mail, such as patroliq@example.gov")
    return text


def _mail_addresses(text: str) -> tuple[str, ...]:
    return tuple(_mail_address(name) for name in _names(text))


def _token(text: str) -> str:
    if not re.fullmatch(r"[!-~]{16,}", text):
        raise ValueError("must be 16 characters or more, without spaces")
    return text


def _names(text: str) -> tuple[str, ...]:
    return tuple(name.strip() for name in text.split(",") if name.strip())


def _setting(default: Any, parse: Any, description: str, *, secret: bool = False) -> Any:
    """A field of `Settings`; a secret is left out of `repr`, so that no library can log it."""
    metadata = {"parse": parse, "description": description}
    return field(default=default, repr=not secret, metadata=metadata)


@dataclass(frozen=True)
class Settings:
    """One agency's settings; field `home` is read from `PATROLIQ_HOME`, and so on."""

    home: Path = _setting(
        Path("var"), _path, "Folder of the warehouse: snapshots, raw rows, outlines, state."
    )
    host: str = _setting(
        "127.0.0.1", str, "Address the web server binds to, or unix:/path of a socket."
    )
    port: int = _setting(8050, _port, "Port the web server binds to.")
    hosts: tuple[str, ...] = _setting(
        (),
        _names,
        "Further host names the app answers to, separated by commas, such as crime.example.gov; "
        "for a reverse proxy on this machine.",
    )
    workers: int = _setting(2, _positive, "Number of web worker processes.")
    threads: int = _setting(4, _positive, "Threads in each web worker.")
    client_timeout_s: int = _setting(
        30,
        _positive,
        "Seconds within which a request must arrive whole, and a client take each part of an "
        "answer.",
    )
    requests_per_minute: int = _setting(
        6_000, _positive, "Most requests of one person in a minute that a web worker answers."
    )
    downloads_at_once: int = _setting(
        2, _positive, "Most downloads of one person that a web worker writes at once."
    )
    duckdb_threads: int = _setting(2, _positive, "Threads DuckDB uses in each process.")
    memory_limit: str = _setting("2GB", str, "Memory DuckDB may use in a command, such as 2GB.")
    least_accepted: float = _setting(
        0.95,
        _share,
        "Share of rows that a load must accept. Below it, a first load stops until it is "
        "confirmed, and a later one ends with exit code 6.",
    )
    most_places_lost: float = _setting(
        0.02,
        _share,
        "Share of places that may be unreadable or out of bounds before a first load stops until "
        "it is confirmed.",
    )
    query_memory_limit: str = _setting(
        "64MB", str, "Memory DuckDB may use in each web worker, for tables and exports."
    )
    query_timeout_s: int = _setting(
        30, _positive, "Seconds after which a query of a web worker is stopped."
    )
    job_timeout_s: int = _setting(
        21_600, _positive, "Seconds after which a job of the worker is stopped."
    )
    job_memory_limit: str = _setting(
        "4GB",
        _size,
        "Memory a job of the worker may use, such as 4GB, not counting mapped files; above it, "
        "the job is stopped.",
    )
    selection_days: int = _setting(
        400,
        _positive,
        "Days without use after which a stored selection, which a long address names, is removed.",
    )
    keep_days: tuple[tuple[str, int], ...] = _setting(
        (),
        read_keep_days,
        "Days for which things are kept where the rules of retention are to differ, such as "
        "jobs=180,audit=1825.",
    )
    cache_mb: int = _setting(64, _positive, "Megabytes of cached results in each worker.")
    upload_mb: int = _setting(
        2_000, _positive, "Megabytes of the largest file that can be sent with the browser."
    )
    drop: Path | None = _setting(
        None,
        _path,
        "Folder in which other systems put files that stewards load with the browser, or "
        "`patroliq sync` by itself.",
    )
    sync_seconds: int | None = _setting(
        None,
        _positive,
        "Seconds between two runs of `patroliq sync` by the worker, which then also loads what "
        "arrives in the inbox at once; empty means never.",
    )
    sync_sources: tuple[str, ...] = _setting(
        (),
        _names,
        "Sources, by name or TOML file, that `patroliq sync` loads and records are received of "
        "before any of their data is served, separated by commas.",
    )
    export_rows: int = _setting(5_000_000, _positive, "Most incidents in one exported file.")
    export_rows_by_role: tuple[tuple[str, int], ...] = _setting(
        (),
        _rows_by_role,
        "Fewer for people with a role, such as analyst=100000,approver=1000; of several roles the "
        "most counts.",
    )
    small_counts: int = _setting(
        10,
        _not_negative,
        "From people who see only some incidents, stored results withhold counts, and zones with "
        "fewer incidents than this that the person sees; 0 shows them.",
    )
    locale: str = _setting(
        "",
        _locale,
        "Locale of numbers, dates and hours, such as en_US; empty follows the country of the "
        "source's time zone.",
    )
    units: str = _setting(
        "",
        _choice("us", "metric"),
        "Distances in feet and miles (us) or metric; empty follows the locale. Exports are metric.",
    )
    week_start: str = _setting(
        "monday",
        _choice("monday", "sunday"),
        "First day of a week, monday or sunday, where weekdays are listed and weeks counted.",
    )
    fiscal_year_start: str = _setting(
        "01-01",
        _month_day,
        "First day of the fiscal year, as month-day, such as 07-01, for the periods that pages "
        "offer.",
    )
    period_start: date | None = _setting(
        None,
        _day,
        "First day of any of the agency's 28-day periods, such as 2024-01-01, for the periods that "
        "pages offer and for charts by four weeks; empty counts them from the first week of 2018.",
    )
    day_start: time = _setting(
        time(0, 0), _time, "When the operational day starts, such as 06:00. Takes effect at ingest."
    )
    shifts: tuple[tuple[str, int, int], ...] = _setting(
        (("Night", 22, 6), ("Day", 6, 14), ("Evening", 14, 22)),
        _shifts,
        "Shifts that cover the day, such as Night=22-06,Day=06-14,Evening=14-22. "
        "Takes effect at ingest.",
    )
    alerts_a_day: int = _setting(
        10, _not_negative, "Most alerts that people are told of in a day; the rest are only listed."
    )
    near_repeat_ratio: float = _setting(
        1.1,
        _ratio,
        "Least ratio of near repeats to those expected with dates permuted within four weeks, from "
        "which places at risk are listed.",
    )
    tables: Path | None = _setting(
        None,
        _path,
        "Folder of the agency's own tables that replace those in data/. Default: tables in the "
        "home folder.",
    )
    stations: Path | None = _setting(
        None,
        _path,
        "CSV file of police stations, where patrol units start and end: a name or number of the "
        "area, latitude and longitude. Empty: they start at the busiest place of their area.",
    )
    osrm: str = _setting(
        "",
        _web_address,
        "Address of an OSRM server for travel times of patrols, such as http://127.0.0.1:5000; "
        "empty uses the street layer, or else distance.",
    )
    state_url: str = _setting(
        "",
        str,
        "Address of the state database; empty means SQLite in the home folder. Never logged.",
        secret=True,
    )
    pull_from: str = _setting(
        "",
        str,
        "Address that this web machine pulls snapshots from, such as s3://bucket/patroliq or "
        "file:///srv/patroliq; another machine publishes them. Empty: this machine publishes.",
    )
    tile_url: str = _setting(
        "",
        str,
        "Address of map tiles, such as https://tiles.example/{z}/{x}/{y}.png; empty means none.",
    )
    tile_attribution: str = _setting("", str, "Attribution shown with the map tiles.")
    cluster: str = _setting(
        "",
        _scheduler,
        "Address of a Dask scheduler whose workers scan large data, such as tls://host:8786; empty "
        "means this machine alone.",
    )
    cluster_from: int = _setting(
        100_000_000,
        _not_negative,
        "Incidents that must be read for an answer before the workers of the cluster are asked.",
    )
    cluster_unencrypted: str = _setting(
        "no",
        _choice("no", "yes"),
        "Whether a scheduler on another machine may be used without TLS: no or yes, in a network "
        "that only trusted machines reach.",
    )
    log_level: str = _setting(
        "info", _choice("debug", "info", "warning", "error"), "Least severe level logged."
    )
    log_format: str = _setting("json", _choice("json", "console"), "Format of log lines.")
    metrics_token: str = _setting(
        "",
        _token,
        "Token of at least 16 characters that a reader of /metrics must send; never logged. Empty: "
        "nobody can read it.",
        secret=True,
    )
    user: str = _setting(
        "", str, "Person named in the audit log; empty means the operating-system user."
    )
    audit_key: Path | None = _setting(
        None,
        _path,
        "File with the key that signs the audit log; empty means audit.key in the home folder. It "
        "is made at first use.",
    )
    audit_anchor: Path | None = _setting(
        None,
        _path,
        "File, best on another disk, that notes the newest entry of the audit log; empty means "
        "audit.anchor in the home folder.",
    )
    audit_syslog: str = _setting(
        "",
        _syslog,
        "Syslog that gets a copy of the audit log: udp://host:514, tcp://host:514 or "
        "unix:/dev/log; empty means none.",
    )
    sign_in: str = _setting(
        "",
        _choice("required"),
        "required: people must sign in even before the first account is added; empty: from the "
        "first account on.",
    )
    idle_minutes: int = _setting(
        30, _positive, "Minutes without use after which a session is locked."
    )
    session_hours: int = _setting(
        12, _positive, "Hours after which a session ends, however much it is used."
    )
    second_factor: str = _setting(
        "optional",
        _choice("optional", "required"),
        "Whether people with a password must also set up one-time codes: optional or required.",
    )
    lockout_minutes: int = _setting(
        15,
        _not_negative,
        "Minutes in which five failed sign-ins lock a name, and for which they do; 0: until an "
        "administrator resets or enables the account.",
    )
    use_notice: str = _setting(
        "", str, "Notice shown at sign-in, such as the terms of use of the agency's systems."
    )
    promote_own: str = _setting(
        "no",
        _choice("no", "yes"),
        "Whether a person may promote a model that the same person trained: no or yes.",
    )
    oidc_issuer: str = _setting(
        "",
        _issuer,
        "Address of an OpenID Connect provider, such as https://login.example.gov/realm.",
    )
    oidc_client: str = _setting("", str, "Client id at the OpenID Connect provider.")
    oidc_secret: str = _setting(
        "", str, "Client secret at the OpenID Connect provider; never logged.", secret=True
    )
    oidc_claim: str = _setting(
        "email", str, "Claim of the OpenID Connect provider that is the person's name here."
    )
    oidc_factors: tuple[str, ...] = _setting(
        ("mfa",),
        _names,
        "Values of the claim amr (RFC 8176), one of which the provider must give, such as "
        "mfa,hwk; the word any takes all.",
    )
    proxy_header: str = _setting(
        "",
        _header,
        "Header in which a trusted proxy names the person it signed in, such as X-Remote-User.",
    )
    proxy_addresses: tuple[str, ...] = _setting(
        (), _addresses, "Addresses of the trusted proxy, such as 10.1.2.3,10.1.3.0/24."
    )
    fetch_token: str = _setting(
        "", str, "App token for the open-data portal; never stored or logged.", secret=True
    )

    smtp_url: str = _setting(
        "",
        _mail_server,
        "Server that mail is sent by, such as smtp://user@mail.example.gov:587 (with STARTTLS) or "
        "smtps://mail.example.gov; empty means no mail.",
    )
    alerts_to: tuple[str, ...] = _setting(
        (),
        _mail_addresses,
        "Who gets the digest of new alerts by mail, separated by commas. It counts all incidents, "
        "so name only people who may know of all of them.",
    )
    webhook_url: str = _setting(
        "",
        _issuer,
        "Address that gets the digest of new alerts as signed JSON, such as "
        "https://hooks.example.gov/alerts; empty means none.",
    )
    webhook_secret: str = _setting(
        "",
        str,
        "Secret that the webhook's JSON is signed with; never stored or logged.",
        secret=True,
    )
    smtp_password: str = _setting(
        "", str, "Password of the user at the mail server; never stored or logged.", secret=True
    )
    mail_from: str = _setting(
        "", _mail_address, "Sender of mail, such as patroliq@example.gov; needed to send any."
    )
    briefings_folder: Path | None = _setting(
        None,
        _path,
        "Folder that scheduled briefings go to; empty means briefings in the home folder.",
    )

    @property
    def own_tables(self) -> Path:
        """Folder of the agency's own tables; it need not exist."""
        return self.tables or self.home / "tables"

    def days_kept(self, rule: str) -> int | None:
        """Days for which a rule of retention keeps its things; None: for ever."""
        return dict(self.keep_days).get(rule, RULES[rule].days)

    @classmethod
    def from_environment(cls, environment: Mapping[str, str] | None = None) -> Settings:
        """Read the settings.

        Raises
        ------
        InputError
            A value cannot be read; the message names the variable.
        """
        environment = os.environ if environment is None else environment
        values = {}
        for setting in fields(cls):
            name = PREFIX + setting.name.upper()
            text = environment.get(name)
            if text is None or text == "":
                continue
            try:
                values[setting.name] = setting.metadata["parse"](text)
            except ValueError as error:
                if not setting.repr:
                    raise InputError(f"{name}: the value is not valid.") from None
                raise InputError(f"{name}={text!r}: {error}") from error
        return cls(**values)
