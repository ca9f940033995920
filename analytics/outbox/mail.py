"""Mail by the agency's SMTP server, over TLS.

`smtp://` switches to TLS with STARTTLS, and only on this machine goes without where the server
offers none; `smtps://` begins with TLS. Certificates are checked with the system's authorities, or
those of `SSL_CERT_FILE`.
"""

from __future__ import annotations

import smtplib
import ssl
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import localtime, make_msgid
from urllib.parse import unquote, urlsplit

from analytics.errors import InputError, UnavailableError
from analytics.settings import Settings

PATIENCE_S = 30.0
LOOPBACK = frozenset({"127.0.0.1", "::1", "localhost"})
_PERMANENT = 500
"""From this answer on, sending the same again fails again (RFC 5321, section 4.2.1)."""


@dataclass(frozen=True)
class Attachment:
    """A file of a mail; `media_type` such as `application/pdf`."""

    name: str
    content: bytes
    media_type: str = "application/octet-stream"


def send_mail(
    settings: Settings,
    *,
    to: Sequence[str],
    subject: str,
    text: str,
    attachments: Sequence[Attachment] = (),
    message_id: str = "",
) -> tuple[str, ...]:
    """Send a plain text, with files, to people; each sees the others' addresses.

    Once this returns, the server has taken the mail. If the process dies before, nobody can tell
    whether it did: give a `message_id` that says what the mail is, so that a second one is
    recognized as the same by the mail systems that look.

    Parameters
    ----------
    message_id
        What stands before the `@` of the Message-ID: letters, digits, dots and hyphens.

    Returns
    -------
    tuple of str
        Those of `to` whom the server refused, while it took the mail for the others.

    Raises
    ------
    InputError
        Mail is not set up, an address is not valid, or the server refuses the mail for good.
    UnavailableError
        The server does not answer or refuses for now; nothing was sent.
    """
    message = _addressed(settings, to, message_id)
    message["Subject"] = " ".join(subject.split())
    message.set_content(text)
    for one in attachments:
        main, _, sub = one.media_type.partition("/")
        message.add_attachment(one.content, maintype=main, subtype=sub, filename=one.name)
    try:
        with _connection(settings) as connection:
            return tuple(connection.send_message(message))
    except smtplib.SMTPRecipientsRefused as error:
        codes = {code for code, _ in error.recipients.values()}
        raise _refusal("takes mail for none of the recipients", max(codes)) from None
    except smtplib.SMTPResponseException as error:
        raise _refusal("refuses the mail", error.smtp_code) from None
    except (OSError, smtplib.SMTPException) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise UnavailableError(
            f"The server at PATROLIQ_SMTP_URL does not answer as it should ({reason})."
        ) from None


def _refusal(what: str, code: int) -> InputError | UnavailableError:
    kind = InputError if code >= _PERMANENT else UnavailableError
    return kind(f"The server at PATROLIQ_SMTP_URL {what} (SMTP code {code}).")


def _addressed(settings: Settings, to: Sequence[str], message_id: str) -> EmailMessage:
    if not settings.smtp_url or not settings.mail_from:
        raise InputError("Mail is not set up: set PATROLIQ_SMTP_URL and PATROLIQ_MAIL_FROM.")
    if not to:
        raise InputError("The mail has no recipient.")
    message = EmailMessage(SMTP)
    try:
        message["From"] = settings.mail_from
        message["To"] = [Address(addr_spec=one) for one in to]
    except (ValueError, IndexError):
        raise InputError(f"Not all of these are addresses of mail: {', '.join(to)}") from None
    domain = Address(addr_spec=settings.mail_from).domain
    message["Message-ID"] = f"<{message_id}@{domain}>" if message_id else make_msgid(domain=domain)
    message["Date"] = localtime()
    message["Auto-Submitted"] = "auto-generated"  # RFC 3834: no absence notes in return
    return message


@contextmanager
def _connection(settings: Settings) -> Iterator[smtplib.SMTP]:
    address = urlsplit(settings.smtp_url)
    host = address.hostname or ""
    secure = ssl.create_default_context()
    if address.scheme == "smtps":
        connection: smtplib.SMTP = smtplib.SMTP_SSL(
            host, address.port or 465, timeout=PATIENCE_S, context=secure
        )
    else:
        connection = smtplib.SMTP(host, address.port or 587, timeout=PATIENCE_S)
    with connection:
        connection.ehlo()
        if address.scheme == "smtp" and (host not in LOOPBACK or connection.has_extn("starttls")):
            connection.starttls(context=secure)
        if address.username:
            connection.login(unquote(address.username), settings.smtp_password)
        yield connection
