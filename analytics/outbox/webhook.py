"""Signed JSON for another system of the agency, by POST.

`X-PatrolIQ-Signature: sha256=…` is the HMAC (RFC 2104) of the body with `PATROLIQ_WEBHOOK_SECRET`;
whoever receives it computes the same, compares in constant time, and drops a message id that it has
had already. Redirects are not followed: the address is the one that was set.
"""

from __future__ import annotations

import hmac
import json
from collections.abc import Mapping
from hashlib import sha256
from typing import Any

from analytics.errors import InputError, UnavailableError
from analytics.settings import Settings

SIGNATURE = "X-PatrolIQ-Signature"
PATIENCE_S = 10.0


def sign(body: bytes, secret: str) -> str:
    """The value of the header for a body."""
    return f"sha256={hmac.new(secret.encode(), body, sha256).hexdigest()}"


def post_signed(settings: Settings, content: Mapping[str, Any]) -> None:
    """Post a JSON object; once this returns, it was taken.

    Raises
    ------
    InputError
        No webhook is set up.
    UnavailableError
        The receiver does not answer, or not with a status from 200 to 299.
    """
    import httpx  # noqa: PLC0415 - only where a webhook is set up

    if not settings.webhook_url or not settings.webhook_secret:
        raise InputError(
            "The webhook is not set up: set PATROLIQ_WEBHOOK_URL and PATROLIQ_WEBHOOK_SECRET."
        )
    body = json.dumps(content, ensure_ascii=False, sort_keys=True).encode()
    headers = {
        "Content-Type": "application/json",
        SIGNATURE: sign(body, settings.webhook_secret),
    }
    try:
        answer = httpx.post(
            settings.webhook_url,
            content=body,
            headers=headers,
            timeout=PATIENCE_S,
            follow_redirects=False,
        )
    except httpx.HTTPError as error:
        raise UnavailableError(
            f"The receiver at PATROLIQ_WEBHOOK_URL does not answer ({type(error).__name__})."
        ) from None
    if not answer.is_success:
        raise UnavailableError(
            f"The receiver at PATROLIQ_WEBHOOK_URL answered with status {answer.status_code}."
        )
