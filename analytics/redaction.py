"""Removal of passwords and tokens from logs and messages, and of the server's paths from pages."""

from __future__ import annotations

import json
import os
import re
import sys
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field, fields
from pathlib import Path
from urllib.parse import quote, unquote

from analytics.settings import PREFIX, Settings

HIDDEN = "***"
FEWEST = 4  # characters; hiding a shorter secret would garble every line
_SECRET_NAME = re.compile(
    r"TOKEN(?![A-Z])|SECRET|PASSWO?R?D|PASSPHRASE|CREDENTIAL|(API|ACCESS|PRIVATE)_?KEY",
    re.IGNORECASE,
)
ACCESS_TOKEN = re.compile(r"patroliq_[A-Za-z0-9_-]{43}")
"""What a token of a program reads like."""
INSTALLATION = Path(__file__).resolve().parents[1]
_ORDINARY = re.compile(r"true|false|none|null|\d{1,5}", re.IGNORECASE)  # not hidden: too common
# A password may contain an unquoted `@` or `/`; digits before a `/` are a port.
_WITH_PASSWORD = re.compile(
    r"\b([a-z][a-z0-9+.-]*://)[^\s/@]*:(?:[^\s/]*@|(?!\d+/))(?:[^\s\"'<>,?&=]*@|(?<=@))",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class Redaction:
    """Replaces secrets in a text, plain or escaped as in JSON, Python or a URL.

    Passwords inside addresses and tokens of programs are hidden even if they are not known as
    secrets.
    """

    secrets: re.Pattern[str] | None = field(default=None, repr=False)

    @classmethod
    def of(cls, settings: Settings, environment: Mapping[str, str] | None = None) -> Redaction:
        """Redaction of secret settings and of environment variables with a secret's name."""
        values = [str(getattr(settings, one.name)) for one in fields(settings) if not one.repr]
        return cls._of(values, os.environ if environment is None else environment)

    @classmethod
    def _of(cls, values: list[str], environment: Mapping[str, str]) -> Redaction:
        values = [*values]
        values += [text for name, text in environment.items() if _SECRET_NAME.search(name)]
        values += [text for text in environment.values() if _WITH_PASSWORD.match(text)]
        known = {form for value in values for part in _parts(value) for form in _forms(part)}
        if not known:
            return cls()
        return cls(re.compile("|".join(map(re.escape, sorted(known, key=len, reverse=True)))))

    @classmethod
    def of_process(cls) -> Redaction:
        """Redaction by this process's environment alone, since its settings may not be valid."""
        secret = {PREFIX + one.name.upper() for one in fields(Settings) if not one.repr}
        return cls._of([os.environ[name] for name in secret if name in os.environ], os.environ)

    def of_text(self, text: str) -> str:
        """The text without secrets."""
        if self.secrets is not None:
            text = self.secrets.sub(HIDDEN, text)
        return without_tokens(_WITH_PASSWORD.sub(rf"\1{HIDDEN}@", text))


def without_tokens(text: str) -> str:
    """The text without tokens of programs."""
    return ACCESS_TOKEN.sub(HIDDEN, text)


def without_folders(text: str, settings: Settings) -> str:
    """The text with files of every folder that messages may name, without where that is."""
    folders: dict[Path, str] = {settings.home: "the home folder"}
    if settings.tables is not None:
        folders[settings.tables] = "the folder of tables"
    if settings.stations is not None:
        folders[settings.stations.parent] = "the folder of stations"
    folders |= {
        INSTALLATION: "the installation",
        Path(sys.prefix): "the Python environment",
    }
    with suppress(FileNotFoundError):  # no disk can be written: no message names such a folder
        folders[Path(tempfile.gettempdir())] = "a temporary folder"
    for folder, name in folders.items():
        text = without_folder(text, folder, name)
    return text


def without_folder(text: str, folder: Path, name: str) -> str:
    """The text with files named from a folder on, and the folder itself by a name."""
    for path in (str(folder.absolute()), str(folder)):
        whole = rf"(?<![\w./-]){re.escape(path)}"
        text = re.sub(rf"{whole}/(?=[\w.-])", "", text)
        text = re.sub(rf"{whole}(?![\w-])/?", name, text)
    return text


def _parts(value: str) -> Iterator[str]:
    """A secret and, if it is an address, its password, which drivers repeat alone.

    After an unquoted `@`, `/` or `:` in the password, drivers report the rest as host or port, so
    the pieces are secrets too.
    """
    yield value
    scheme, found, rest = value.partition("://")
    if found and "@" in rest and scheme.isascii():
        password = rest.rpartition("@")[0].partition(":")[2]
        yield from (password, unquote(password))
        yield from re.split(r"[@/:?#]", password)


def _forms(secret: str) -> Iterator[str]:
    if len(secret) >= FEWEST and not _ORDINARY.fullmatch(secret):
        yield from (secret, repr(secret)[1:-1], quote(secret, safe=""))
        yield from (json.dumps(secret, ensure_ascii=plain)[1:-1] for plain in (True, False))
