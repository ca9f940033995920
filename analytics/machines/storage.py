"""A storage between machines: files by name, at any address that fsspec opens.

A folder that both machines see, or an object store. A file is written whole or not at all: object
stores do so, and in a folder it is written beside its place and renamed.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import fsspec
from fsspec.implementations.local import LocalFileSystem

from analytics.errors import InputError, UnavailableError
from analytics.stored import replacing

EXTRAS = {"s3": "s3", "s3a": "s3"}
"""Protocol → extra of PatrolIQ that brings its package."""


class Storage:
    """Files below an address; names have slashes on every system."""

    def __init__(self, address: str) -> None:
        """Open an address.

        Raises
        ------
        InputError
            It is not an address, has a password, or needs a package that is not installed.
        """
        self.address = address.rstrip("/")
        _require_plain(address)
        try:
            self._files, root = fsspec.url_to_fs(address, use_listings_cache=False)
        except ImportError as error:
            extra = EXTRAS.get(urlsplit(address).scheme)
            how = f" Install it with `pip install 'patroliq[{extra}]'`." if extra else ""
            raise InputError(f"{address} needs a package that is missing: {error}.{how}") from error
        except (ValueError, TypeError) as error:
            raise InputError(f"{address!r} is not the address of a storage: {error}.") from error
        self._root = str(root).rstrip("/")

    def read(self, name: str) -> bytes | None:
        """A file; None if there is none.

        Raises
        ------
        UnavailableError
            The storage does not answer, or does not let us read.
        """
        try:
            found: bytes = self._files.cat_file(self._path(name))
        except FileNotFoundError:
            return None
        except Exception as error:  # packages of object stores have errors of their own
            raise self._failure("read", name, error) from error
        return found

    def read_all(self, names: Iterable[str]) -> dict[str, bytes]:
        """Several files by name, at once where the storage can, without those that are missing.

        Raises
        ------
        UnavailableError
            As `read`.
        """
        paths = {self._path(name): name for name in names}
        if not paths:
            return {}
        found: Mapping[str, Any] = self._files.cat([*paths], on_error="return")
        contents = {}
        for path, content in found.items():
            if isinstance(content, bytes):
                contents[paths[path]] = content
            elif not isinstance(content, FileNotFoundError):
                raise self._failure("read", paths[path], content) from content
        return contents

    def write_all(self, contents: Mapping[str, bytes]) -> None:
        """Write files, each whole.

        Raises
        ------
        UnavailableError
            The storage does not answer, is full, or does not let us write.
        """
        if not contents:
            return
        try:
            if isinstance(self._files, LocalFileSystem):
                for name, content in contents.items():
                    _write_local(Path(self._path(name)), content)
            else:
                self._files.pipe({self._path(name): one for name, one in contents.items()})
        except Exception as error:
            raise self._failure("written", next(iter(contents)), error) from error

    def names(self, folder: str) -> set[str]:
        """Names of all files below a folder, with the folder's.

        Raises
        ------
        UnavailableError
            As `read`.
        """
        try:
            self._files.invalidate_cache()
            found = self._files.find(self._path(folder))
        except FileNotFoundError:
            return set()
        except Exception as error:
            raise self._failure("listed", folder, error) from error
        return {str(path)[len(self._root) + 1 :] for path in found}

    def remove(self, names: Iterable[str]) -> None:
        """Remove files; one that is gone already does not matter.

        Raises
        ------
        UnavailableError
            As `write_all`.
        """
        for name in names:
            try:
                self._files.rm_file(self._path(name))
            except FileNotFoundError:
                continue
            except Exception as error:
                raise self._failure("removed", name, error) from error

    def _path(self, name: str) -> str:
        return f"{self._root}/{name}"

    def _failure(self, what: str, name: str, error: BaseException) -> UnavailableError:
        reason = str(error).strip() or type(error).__name__
        return UnavailableError(f"{self.address}/{name} cannot be {what}: {reason[:300]}.")


def _require_plain(address: str) -> None:
    """Refuse passwords, which belong in the environment, and addresses within addresses."""
    parts = urlsplit(address)
    if parts.password is not None or parts.query or "::" in address:
        raise InputError(
            "The address of a storage has a password, a query or `::`. Write it without, such as "
            "s3://bucket/patroliq or file:///srv/patroliq, and give credentials in the environment."
        )
    if not address.strip("/"):
        raise InputError("Name a storage, such as s3://bucket/patroliq or file:///srv/patroliq.")


def _write_local(path: Path, content: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with replacing(path) as temporary:
        temporary.write_bytes(content)
