"""Passwords, by NIST SP 800-63B-4: length and a comparison with known ones, no composition rules.

Stored as Argon2id hashes with the library's parameters (RFC 9106, low memory).
"""

from __future__ import annotations

import secrets
from functools import cache

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerifyMismatchError
from zxcvbn import zxcvbn

from analytics.errors import InputError

FEWEST_MARKS = 15
"""Least length of a password that is the only factor (NIST SP 800-63B-4, section 3.1.1.2)."""
MOST_MARKS = 256
LEAST_SCORE = 3
"""Of zxcvbn: more than 10^8 guesses, so that known and obvious passwords are refused."""
READ_MARKS = 72
"""Of which zxcvbn reads."""
_HASHER = PasswordHasher()


def hash_password(password: str, name: str) -> str:
    """Check a new password and hash it.

    Raises
    ------
    InputError
        It is too short, too long, or easy to guess; the message says which.
    """
    if len(password) < FEWEST_MARKS:
        raise InputError(
            f"The password has {len(password)} characters; choose at least {FEWEST_MARKS}, such as "
            "several words. Digits and signs are not required."
        )
    if len(password) > MOST_MARKS:
        raise InputError(f"The password is too long; the limit is {MOST_MARKS} characters.")
    found = zxcvbn(password[:READ_MARKS], user_inputs=[name, "patroliq", "police"])
    if found["score"] < LEAST_SCORE or (name and name.casefold() in password.casefold()):
        raise InputError(
            "The password is easy to guess: it holds a known password, a name, a date or a "
            "pattern of the keyboard. Choose several words that do not belong together."
        )
    return _HASHER.hash(password)


def is_password(stored: str, password: str) -> bool:
    """Whether a password is the stored one. It takes as long if there is none."""
    try:
        given = password[:MOST_MARKS].encode("utf-8", "surrogatepass")  # JSON may hold halves
        _HASHER.verify(stored or _nobodys(), given)
    except (VerifyMismatchError, InvalidHashError):
        return False
    return bool(stored) and len(password) <= MOST_MARKS


def renewed_hash(stored: str, password: str) -> str:
    """A hash with today's parameters in place of one made with earlier ones; empty for none."""
    return _HASHER.hash(password) if _HASHER.check_needs_rehash(stored) else ""


@cache
def _nobodys() -> str:
    """A hash that no password is known for."""
    return _HASHER.hash(secrets.token_hex(16))


def new_password() -> str:
    """A random password for somebody who will choose another: 149 bits, easy to read aloud."""
    marks = "abcdefghjkmnpqrstuvwxyz23456789"
    return "-".join("".join(secrets.choice(marks) for _ in range(5)) for _ in range(6))
