"""All of sign-in, in the order in which a request meets it."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import TYPE_CHECKING

from flask import Flask

from analytics.formats import number, short_date
from security import (
    account_page,
    gate,
    identity,
    provider,
    screen_lock,
    sign_in,
    trusted_proxy,
)
from security.bearer import Bearer
from security.client import TRUSTED

if TYPE_CHECKING:
    from analytics.services import Services


def register(server: Flask, services: Services) -> None:
    """Register sign-in by password, provider and proxy, the gate, and the page of one's account.

    The database opens with the first request that needs it.
    """
    settings = services.settings
    server.config[TRUSTED] = settings.proxy_addresses
    known = identity.Identity(settings, services.people, services.sessions)
    server.add_template_filter(_utc, "utc")
    server.add_template_filter(number, "number")
    server.add_template_filter(_day, "day")
    server.jinja_env.globals["idle_minutes"] = settings.idle_minutes
    server.jinja_env.globals["links_of_reader"] = gate.links_of_reader
    server.jinja_env.globals["opens_past"] = gate.opens_past
    identity.register(server, known)
    trusted_proxy.register(server, known)
    gate.register(server, settings, Bearer(services.tokens))
    for routes in (sign_in, screen_lock, account_page, provider):
        routes.register(server, known)


def _day(day: date | None) -> str:
    """A day as pages show it."""
    return "no day" if day is None else short_date(day)


def _utc(seconds: float | None) -> str:
    """A time as documents show it: `2026-01-31 14:05`, in UTC."""
    return "" if seconds is None else f"{datetime.fromtimestamp(seconds, UTC):%Y-%m-%d %H:%M}"
