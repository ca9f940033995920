"""The digest: the day's most urgent new alerts, by mail and webhook.

It has numbers and names of areas and zones, but neither places nor ids of incidents: mail leaves
the machine.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from typing import Any

import sqlalchemy as sa

from analytics.alerts.alert_sentences import Label, headline, why
from analytics.alerts.stored_alerts import Alert, StoredAlerts
from analytics.crossfilter.vocabulary import label_of
from analytics.formats import number
from analytics.outbox.channels import MAIL, WEBHOOK, channels
from analytics.outbox.deliveries import Deliveries, Delivery, Sender
from analytics.outbox.mail import send_mail
from analytics.outbox.webhook import post_signed
from analytics.settings import Settings
from analytics.state import State

log = logging.getLogger(__name__)


def add_deliveries(
    settings: Settings, connection: sa.Connection, check: int, content: Mapping[str, Any]
) -> None:
    """Have the digest of a check delivered, in the transaction that stores the check.

    Parameters
    ----------
    content
        `alerts`, ids of those that people are told of; `left`, how many more fired; `by_chance`.
    """
    if content["alerts"]:
        for channel in channels(settings):
            Deliveries.add(connection, channel, f"alerts-{check}", content)


def send_digests(state: State, settings: Settings, label: Label = label_of) -> list[Delivery]:
    """Send the digests that are due by every channel; returns what was tried."""
    stored = StoredAlerts(state, settings)

    def mail(delivery: Delivery) -> None:
        alerts = _alerts(stored, delivery)
        refused = send_mail(
            settings,
            to=settings.alerts_to,
            subject=_subject(alerts, label),
            text=digest_text(alerts, delivery.content, label),
            message_id=delivery.message,
        )
        if refused:
            log.error("the mail server refused %s of the recipients of alerts", len(refused))

    def webhook(delivery: Delivery) -> None:
        alerts = _alerts(stored, delivery)
        post_signed(settings, digest_json(alerts, delivery, label))

    senders: dict[str, Sender] = {MAIL: mail, WEBHOOK: webhook}
    wanted = {name: senders[name] for name in channels(settings)}
    return Deliveries(state).send_due(wanted) if wanted else []


def digest_text(
    alerts: Sequence[Alert], content: Mapping[str, Any], label: Label = label_of
) -> str:
    """The mail's text."""
    parts = [f"{headline(one, label)}\n{one.watch_list.name}. {why(one)}" for one in alerts]
    if content["left"]:
        parts.append(f"{number(content['left'])} more fired and are listed on the page Alerts.")
    by_chance = number(content["by_chance"], 1)
    parts.append(
        f"Where nothing changes, chance alone brings about {by_chance} alerts a week. Open Alerts "
        "in PatrolIQ for the incidents, and to say what is done."
    )
    return "\n\n".join(parts) + "\n"


def digest_json(
    alerts: Sequence[Alert], delivery: Delivery, label: Label = label_of
) -> dict[str, Any]:
    """The webhook's object."""
    plain = ("id", "state", "count", "expected", "low", "high", "p", "q", "tier")
    return {
        "event": "alerts",
        "message": delivery.message,
        "left": delivery.content["left"],
        "by_chance": delivery.content["by_chance"],
        "alerts": [
            {
                **{name: getattr(one, name) for name in plain},
                "headline": headline(one, label),
                "watch_list": one.watch_list.name,
                "rule": str(one.watch_list.rule.kind),
                "first": one.first.isoformat(),
                "last": one.last.isoformat(),
            }
            for one in alerts
        ],
    }


def _alerts(stored: StoredAlerts, delivery: Delivery) -> list[Alert]:
    return [stored.get(alert) for alert in delivery.content["alerts"]]


def _subject(alerts: Sequence[Alert], label: Label) -> str:
    if len(alerts) == 1:
        return headline(alerts[0], label)
    return f"{len(alerts)} new alerts: {headline(alerts[0], label)}, and others"
