"""The hash of a selection, in stored links and in the names of exported files."""

from __future__ import annotations

import hashlib

HASH_LENGTH = 16


def text_hash(text: str) -> str:
    """First 64 bits of the SHA-256 of a selection's canonical text, in hexadecimal."""
    return hashlib.sha256(text.encode("utf-8")).hexdigest()[:HASH_LENGTH]
