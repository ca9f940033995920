"""One entry of the audit log, and the hash that chains it to the entry before.

The hash of an entry that is signed with a key is HMAC-SHA-256 over the previous hash and the entry
as canonical JSON. Entries of earlier versions have no key: theirs is the SHA-256 of the same,
without the fields that came later.
"""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

FIRST = "0" * 64  # hash before the first entry
KEYED = "audit.keyed"  # from this entry on, another key signs
_CHAIN = ("previous", "hash")
_OF_KEYED = ("outcome", "address", "key")


@dataclass(frozen=True)
class AuditEntry:
    """One line of the log. `previous` and `hash` are SHA-256 in hexadecimal."""

    sequence: int  # 1, 2, 3, … without gaps
    happened: str  # ISO 8601 in UTC
    person: str
    login: str  # the operating-system user, whatever `person` claims
    event: str  # such as model.promoted
    subject: str  # what it happened to, such as zones_kmeans 7
    reason: str
    details: Mapping[str, Any]
    previous: str
    hash: str
    outcome: str = ""  # such as done, refused or 403; empty for acts, which are recorded before
    address: str = ""  # where the request came from; empty for commands
    key: str = ""  # id of the key that signed it; empty in logs of earlier versions

    def digest(self, secret: bytes = b"") -> str:
        """The hash that this entry must have; `secret` is the key that its `key` names."""
        left_out = _CHAIN if self.key else (*_CHAIN, *_OF_KEYED)
        body = {key: value for key, value in vars(self).items() if key not in left_out}
        text = (self.previous + canonical(body)).encode()
        if self.key:
            return hmac.new(secret, text, hashlib.sha256).hexdigest()
        return hashlib.sha256(text).hexdigest()


@dataclass(frozen=True)
class Link:
    """Where a chain goes on: the entry before, by its sequence, hash and key."""

    sequence: int = 0
    hash: str = FIRST
    key: str = ""

    @classmethod
    def of(cls, entry: AuditEntry) -> Link:
        return cls(entry.sequence, entry.hash, entry.key)

    def fault(self, entry: AuditEntry, keys: Mapping[str, bytes]) -> str:
        """Why an entry cannot be the next one; empty if it is."""
        if entry.sequence != self.sequence + 1:
            return f"entry {self.sequence + 1} is missing"
        if entry.previous != self.hash:
            return "it does not follow the previous entry"
        if fault := self._fault_of_key(entry, keys):
            return fault
        is_same = hmac.compare_digest(entry.digest(keys.get(entry.key, b"")), entry.hash)
        return "" if is_same else "its content was changed"

    def _fault_of_key(self, entry: AuditEntry, keys: Mapping[str, bytes]) -> str:
        if self.key and not entry.key:
            return "it is not signed, although the entries before it are"
        if entry.key != self.key and self.sequence and entry.event != KEYED:
            return "another key signed it, and no entry says so"
        if entry.key and entry.key not in keys:
            return f"it cannot be checked, because the key {entry.key} is missing"
        return ""


def canonical(value: Any) -> str:
    """JSON with sorted keys and no spaces: the same value always gives the same text."""
    return json.dumps(
        value, sort_keys=True, ensure_ascii=False, separators=(",", ":"), allow_nan=False
    )
