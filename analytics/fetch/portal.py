"""An open-data portal where an agency publishes its incidents, read from a TOML file."""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass, fields, replace
from pathlib import Path
from urllib.parse import urlsplit

from analytics.errors import InputError

FOLDER = Path(__file__).resolve().parents[2] / "data" / "portals"
ID_TYPES = ("number", "text")
_COLUMN = re.compile(r"[a-z_][a-z0-9_]*")
_DATASET = re.compile(r"[a-z0-9]{4}-[a-z0-9]{4}")


@dataclass(frozen=True)
class Portal:
    """One dataset of a Socrata portal. `occurred`, `updated` and `id` are its column names."""

    source: str
    url: str
    dataset: str
    id: str
    id_type: str
    occurred: str
    updated: str

    @classmethod
    def load(cls, name_or_path: str) -> Portal:
        """Read a bundled portal by name, or one from a TOML file.

        Raises
        ------
        InputError
            The portal does not exist, or a key is not valid.
        """
        path = _path(name_or_path)
        try:
            document = tomllib.loads(path.read_text(encoding="utf-8"))
        except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
            raise InputError(f"{path}: not valid TOML: {error}") from error
        expected = {field.name for field in fields(cls)}
        wrong = sorted(expected ^ document.keys())
        if wrong:
            raise InputError(f"{path}: missing or unknown: {', '.join(wrong)}.")
        for key, value in document.items():
            if not isinstance(value, str):
                raise InputError(f"{path}: {key}: must be a text.")
        return cls(**document)._checked(path)

    def at(self, url: str | None) -> Portal:
        """The same dataset at another address; unchanged if `url` is None."""
        return self if url is None else replace(self, url=checked_url(url))

    @property
    def address(self) -> str:
        return f"{self.url}/resource/{self.dataset}.json"

    def _checked(self, path: Path) -> Portal:
        if not _DATASET.fullmatch(self.dataset):
            raise InputError(
                f"{path}: dataset: {self.dataset!r} is not a dataset id, such as ijzp-q8t2."
            )
        if self.id_type not in ID_TYPES:
            raise InputError(f"{path}: id_type: must be one of {', '.join(ID_TYPES)}.")
        for key in ("id", "occurred", "updated"):
            if not _COLUMN.fullmatch(getattr(self, key)):
                raise InputError(f"{path}: {key}: {getattr(self, key)!r} is not a column name.")
        return replace(self, url=checked_url(self.url))


def checked_url(url: str) -> str:
    """Check a portal's address, and remove its trailing slash.

    Raises
    ------
    InputError
        It is not `http(s)://host[:port][/path]`.
    """
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError as error:
        raise InputError(f"{url!r} is not an address: {error}.") from error
    if parts.scheme not in ("http", "https") or not parts.hostname or port == 0:
        raise InputError(f"{url!r} is not an address such as https://data.example.org.")
    if parts.username is not None or parts.password is not None:
        raise InputError(
            "The address must not have a user name or password; use PATROLIQ_FETCH_TOKEN."
        )
    if parts.query or parts.fragment:
        raise InputError(f"{url!r}: leave out everything after the path.")
    return url.rstrip("/")


def bundled_portals() -> list[str]:
    """Names of the portals that come with PatrolIQ."""
    return sorted(path.stem for path in FOLDER.glob("*.toml"))


def _path(name_or_path: str) -> Path:
    if name_or_path.endswith(".toml"):
        path = Path(name_or_path)
        if not path.is_file():
            raise InputError(f"Portal file not found: {path}.")
        return path
    if name_or_path not in bundled_portals():
        raise InputError(
            f"Portal not found: {name_or_path!r}. Choose one of {', '.join(bundled_portals())}, "
            "or name a TOML file, such as agency_portal.toml."
        )
    return FOLDER / f"{name_or_path}.toml"
