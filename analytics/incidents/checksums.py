"""Checksums of a snapshot's files, which its manifest stores."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from pathlib import Path

MANIFEST = "manifest.json"


def checksums(folder: Path) -> dict[str, str]:
    """SHA-256 of every file in a snapshot's folder except the manifest."""
    return {
        path.relative_to(folder).as_posix(): sha256_of(path)
        for path in sorted(folder.rglob("*"))
        if path.is_file() and path.name != MANIFEST
    }


def sha256_of(path: Path) -> str:
    with path.open("rb") as handle:
        return hashlib.file_digest(handle, "sha256").hexdigest()


def changed(folder: Path, expected: Mapping[str, str], below: str = "") -> list[str]:
    """Names of files that are missing, new or changed.

    `below` restricts the check to one folder, such as `codes`.
    """
    prefix = f"{below}/" if below else ""
    known = {name: digest for name, digest in expected.items() if name.startswith(prefix)}
    try:
        found = {prefix + name: digest for name, digest in checksums(folder / below).items()}
    except OSError as error:
        return [f"{error.filename} ({error.strerror})"]
    return sorted(
        name for name in found.keys() | known.keys() if found.get(name) != known.get(name)
    )
