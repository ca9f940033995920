"""Keys that sign the audit log, in a file that only the user of PatrolIQ can read.

One line for each key, the newest last: 64 hexadecimal characters. Entries name a key by its id,
which does not tell the key. Earlier keys stay in the file, to verify what they signed.
"""

from __future__ import annotations

import hashlib
import os
import re
import secrets
from collections.abc import Mapping

from analytics.settings import Settings
from analytics.state_file import StateError

FILE = "audit.key"
BYTES = 32
_LINE = re.compile(r"[0-9a-f]{64}")


class AuditKeyError(StateError):
    """The file of the keys is missing or not valid; nothing was written."""


class AuditKeys:
    """Reads and extends the file."""

    def __init__(self, settings: Settings) -> None:
        self.path = settings.audit_key or settings.home / FILE

    def read(self) -> Mapping[str, bytes]:
        """Keys by id, the newest last; none if there is no file.

        Raises
        ------
        AuditKeyError
            It cannot be read.
        """
        try:
            lines = self.path.read_text(encoding="ascii").split()
        except FileNotFoundError:
            return {}
        except (OSError, UnicodeDecodeError):
            raise AuditKeyError(
                f"The file {self.path.name} with the key of the audit log cannot be read."
            ) from None
        if not lines or not all(_LINE.fullmatch(line) for line in lines):
            raise AuditKeyError(
                f"The file {self.path.name} is not a key of the audit log. Restore it from a "
                "backup."
            )
        return {key_id(secret): secret for secret in map(bytes.fromhex, lines)}

    def add(self, secret: bytes) -> None:
        """Add a new key after the earlier ones."""
        text = "".join(f"{each.hex()}\n" for each in (*self.read().values(), secret))
        self.path.parent.mkdir(parents=True, exist_ok=True)
        staged = self.path.with_name(f"{self.path.name}.{os.getpid()}")
        with os.fdopen(os.open(staged, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        staged.rename(self.path)


def new_secret() -> bytes:
    """A key that nobody can guess."""
    return secrets.token_bytes(BYTES)


def key_id(secret: bytes) -> str:
    """The name of a key in entries."""
    return hashlib.sha256(b"patroliq audit key\0" + secret).hexdigest()[:16]
