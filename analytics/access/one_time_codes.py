"""One-time codes of an authenticator app (TOTP, RFC 6238), each of which is taken once."""

from __future__ import annotations

import time

import pyotp
import segno

STEP_S = 30
ISSUER = "PatrolIQ"


def new_secret() -> str:
    """A random secret, in base 32."""
    return pyotp.random_base32()


def step_of(secret: str, code: str, after: int, now: float | None = None) -> int | None:
    """The step of time whose code this is, at most one step away; None if it is of none.

    Parameters
    ----------
    after
        Step of the code that was taken last: a code is not taken twice.
    now
        Seconds since 1970.
    """
    present = int((time.time() if now is None else now) // STEP_S)
    given = "".join(code.split())
    totp = pyotp.TOTP(secret)
    for step in (present - 1, present, present + 1):
        if step > after and pyotp.utils.strings_equal(given, totp.at(step * STEP_S)):
            return step
    return None


def address_of(secret: str, name: str) -> str:
    """The address from which an authenticator app reads a secret."""
    return pyotp.TOTP(secret).provisioning_uri(name=name, issuer_name=ISSUER)


def picture_of(secret: str, name: str) -> str:
    """The same address as a QR code: an SVG element."""
    svg: str = segno.make(address_of(secret, name), error="m").svg_inline(
        scale=5, dark="#000", light="#fff", title="Code for an authenticator app"
    )
    return svg
