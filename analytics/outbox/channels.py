"""By which channels people and systems are told of alerts."""

from __future__ import annotations

from analytics.settings import Settings

MAIL, WEBHOOK = "mail", "webhook"


def channels(settings: Settings) -> tuple[str, ...]:
    """Channels that are set up."""
    mail = bool(settings.alerts_to and settings.smtp_url and settings.mail_from)
    webhook = bool(settings.webhook_url and settings.webhook_secret)
    return (*([MAIL] if mail else []), *([WEBHOOK] if webhook else []))
