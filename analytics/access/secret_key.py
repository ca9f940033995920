"""The installation's secret key: signs cookies and cursors, seals the secrets of one-time codes.

It is a file beside the database, not in it, so that a copy of the database alone opens nothing.
"""

from __future__ import annotations

import base64
import hashlib
import os
import secrets
from contextlib import suppress
from pathlib import Path

from cryptography.fernet import Fernet, InvalidToken

from analytics.errors import IntegrityError
from analytics.publisher import MARK

FILE = "secret.key"
LENGTH = 32


def secret_key(home: Path) -> bytes:
    """The key, made at first use; 32 bytes.

    Raises
    ------
    IntegrityError
        The file is not a key, or missing where snapshots are pulled.
    """
    path = home / FILE
    if not path.exists():
        _require_publisher(home)
        _create(path)
    try:
        key = bytes.fromhex(path.read_text(encoding="ascii").strip())
    except ValueError:
        key = b""
    if len(key) != LENGTH:
        raise IntegrityError(
            f"{path} is not a secret key. Restore it from a backup, or delete it: then everybody "
            "signs in again and sets up one-time codes again."
        )
    return key


def cookie_key(home: Path) -> str:
    """The key that signs session cookies, derived from the secret key."""
    return _derived(home, b"cookies").hex()


def cursor_key(home: Path) -> bytes:
    """The key that signs where a page of the API ends, derived from the secret key."""
    return _derived(home, b"cursors")


def seal(home: Path, text: str) -> str:
    """Encrypt a text with a key derived from the secret key."""
    return _fernet(home).encrypt(text.encode()).decode("ascii")


def unseal(home: Path, sealed: str) -> str:
    """The text that `seal` encrypted.

    Raises
    ------
    IntegrityError
        It was sealed with another key, or changed.
    """
    try:
        return _fernet(home).decrypt(sealed.encode()).decode()
    except InvalidToken:
        raise IntegrityError(
            f"A sealed secret was not made with {home / FILE}; restore that file from a backup."
        ) from None


def _require_publisher(home: Path) -> None:
    """Refuse to make a key of its own where the state is that of another machine."""
    if (home / MARK).exists():
        raise IntegrityError(
            f"{home / FILE} is missing. Copy it from the machine that publishes, with audit.key, "
            "so that both know the same sessions and one-time codes."
        )


def _create(path: Path) -> None:
    """Write a new key, whole, unless another process was faster."""
    path.parent.mkdir(parents=True, exist_ok=True)
    written = path.with_name(f"{FILE}.{secrets.token_hex(8)}")
    descriptor = os.open(written, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="ascii") as file:
        file.write(secrets.token_hex(LENGTH))
        file.flush()
        os.fsync(file.fileno())
    with suppress(FileExistsError):
        os.link(written, path)
    written.unlink()


def _fernet(home: Path) -> Fernet:
    return Fernet(base64.urlsafe_b64encode(_derived(home, b"sealed")))


def _derived(home: Path, purpose: bytes) -> bytes:
    return hashlib.blake2b(purpose, key=secret_key(home), digest_size=32).digest()
