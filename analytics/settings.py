"""Settings: read once from `PATROLIQ_*` environment variables, typed and validated.

pydantic-settings was measured with these settings (CPU time, best of five runs): it adds 40 ms to
the 1.0 s in which a web worker imports the app, although Dash already imports pydantic, and 170 ms
to every command, none of which otherwise imports it. This module takes 19 ms.
"""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from datetime import time
from pathlib import Path
from typing import Any

from analytics.errors import InputError

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


def _ratio(text: str) -> float:
    number = float(text)
    if not 1 <= number < 100:
        raise ValueError("must be a ratio from 1 to below 100, such as 1.1")
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


def _locale(text: str) -> str:
    if not re.fullmatch(r"[a-z]{2,3}(_[A-Z][a-z]{3})?(_[A-Z]{2})?", text):
        raise ValueError("must be a locale, such as en_US")
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
    host: str = _setting("127.0.0.1", str, "Address the web server binds to.")
    port: int = _setting(8050, _port, "Port the web server binds to.")
    hosts: tuple[str, ...] = _setting(
        (),
        _names,
        "Further host names the app answers to, separated by commas, such as crime.example.gov; "
        "for a reverse proxy on this machine.",
    )
    workers: int = _setting(2, _positive, "Number of web worker processes.")
    threads: int = _setting(4, _positive, "Threads in each web worker.")
    duckdb_threads: int = _setting(2, _positive, "Threads DuckDB uses in each process.")
    memory_limit: str = _setting("2GB", str, "Memory DuckDB may use in a command, such as 2GB.")
    query_memory_limit: str = _setting(
        "64MB", str, "Memory DuckDB may use in each web worker, for tables and exports."
    )
    query_timeout_s: int = _setting(30, _positive, "Seconds after which a query is stopped.")
    job_timeout_s: int = _setting(
        21_600, _positive, "Seconds after which a job of the worker is stopped."
    )
    job_memory_limit: str = _setting(
        "4GB",
        _size,
        "Memory a job of the worker may use, such as 4GB, not counting mapped files; above it, "
        "the job is stopped.",
    )
    cache_mb: int = _setting(64, _positive, "Megabytes of cached results in each worker.")
    export_rows: int = _setting(5_000_000, _positive, "Most incidents in one exported file.")
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
    day_start: time = _setting(
        time(0, 0), _time, "When the operational day starts, such as 06:00. Takes effect at ingest."
    )
    shifts: tuple[tuple[str, int, int], ...] = _setting(
        (("Night", 22, 6), ("Day", 6, 14), ("Evening", 14, 22)),
        _shifts,
        "Shifts that cover the day, such as Night=22-06,Day=06-14,Evening=14-22. "
        "Takes effect at ingest.",
    )
    near_repeat_ratio: float = _setting(
        1.1,
        _ratio,
        "Least ratio of near repeats to those expected with dates permuted within four weeks, from "
        "which places at risk are listed.",
    )
    tables: Path | None = _setting(
        None, _path, "Folder of the agency's own tables that replace those in data/."
    )
    state_url: str = _setting(
        "",
        str,
        "Address of the state database; empty means SQLite in the home folder. Never logged.",
        secret=True,
    )
    tile_url: str = _setting(
        "",
        str,
        "Address of map tiles, such as https://tiles.example/{z}/{x}/{y}.png; empty means none.",
    )
    tile_attribution: str = _setting("", str, "Attribution shown with the map tiles.")
    log_level: str = _setting(
        "info", _choice("debug", "info", "warning", "error"), "Least severe level logged."
    )
    log_format: str = _setting("json", _choice("json", "console"), "Format of log lines.")
    user: str = _setting(
        "", str, "Person named in the audit log; empty means the operating-system user."
    )
    fetch_token: str = _setting(
        "", str, "App token for the open-data portal; never stored or logged.", secret=True
    )

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
