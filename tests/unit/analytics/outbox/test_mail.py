"""Mail reaches a server over TLS, once, with its files; what goes wrong is said."""

from __future__ import annotations

from pathlib import Path

import pytest

from analytics.errors import InputError, UnavailableError
from analytics.outbox.mail import Attachment, send_mail
from analytics.settings import Settings
from tests.unit.analytics.outbox.smtp_server import SmtpServer, make_certificate

SENDER = "patroliq@example.gov"


def of(server: SmtpServer, user: str = "") -> Settings:
    url = f"smtp://{user}localhost:{server.port}"
    return Settings(smtp_url=url, smtp_password="pass word", mail_from=SENDER)  # noqa: S106


def test_a_mail_arrives_as_it_was_written() -> None:
    text = "Burglary in district 011: 31, expected 18.2.\n.\nRobo en la esquina señalada.\n"
    with SmtpServer() as server:
        refused = send_mail(
            of(server),
            to=["chief@example.gov", "desk@example.gov"],
            subject="2 new alerts",
            text=text,
            attachments=[Attachment("week.pdf", b"%PDF-1.7\n\x00", "application/pdf")],
            message_id="alerts-20180911-1",
        )
    (one,) = server.received
    assert refused == ()
    assert one.recipients == ["chief@example.gov", "desk@example.gov"]
    assert one.message["Subject"] == "2 new alerts"
    assert one.message["Message-ID"] == "<alerts-20180911-1@example.gov>"
    body = one.message.get_body()
    assert body is not None
    assert body.get_content().replace("\r\n", "\n") == text
    (file,) = one.message.iter_attachments()
    assert (file.get_filename(), file.get_content_type()) == ("week.pdf", "application/pdf")
    assert file.get_content() == b"%PDF-1.7\n\x00"


def test_a_server_that_offers_tls_gets_the_password_over_it_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    certificate = make_certificate(tmp_path / "both.pem")
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    with SmtpServer(certificate) as server:
        send_mail(of(server, "me%40example.gov@"), to=["a@example.gov"], subject="x", text="x")
    (one,) = server.received
    assert one.over_tls
    assert one.credentials == ("me@example.gov", "pass word")


def test_a_certificate_that_nobody_vouches_for_is_refused(tmp_path: Path) -> None:
    with SmtpServer(make_certificate(tmp_path / "both.pem")) as server:
        with pytest.raises(UnavailableError, match="certificate"):
            send_mail(of(server), to=["a@example.gov"], subject="x", text="x")
        assert server.received == []


def test_who_was_refused_is_told_while_the_others_get_it() -> None:
    with SmtpServer(refused=frozenset({"gone@example.gov"})) as server:
        to = ["gone@example.gov", "desk@example.gov"]
        assert send_mail(of(server), to=to, subject="x", text="x") == ("gone@example.gov",)
        assert server.received[0].recipients == ["desk@example.gov"]
        with pytest.raises(InputError, match="550"):
            send_mail(of(server), to=to[:1], subject="x", text="x")


@pytest.mark.parametrize(
    ("answer", "kind"), [("451 later", UnavailableError), ("554 never", InputError)]
)
def test_a_refusal_for_now_differs_from_one_for_good(answer: str, kind: type[Exception]) -> None:
    with SmtpServer(answer=answer) as server, pytest.raises(kind, match=answer[:3]):
        send_mail(of(server), to=["a@example.gov"], subject="x", text="x")


def test_nothing_is_tried_where_mail_is_not_set_up_or_an_address_is_not_one() -> None:
    with pytest.raises(InputError, match="PATROLIQ_SMTP_URL"):
        send_mail(Settings(), to=["a@example.gov"], subject="x", text="x")
    with SmtpServer() as server:
        for to in ["a@example.gov\nBcc: b@example.gov", "nobody", "a@b, c@d"]:
            with pytest.raises(InputError):
                send_mail(of(server), to=[to], subject="x", text="x")
        assert server.received == []


def test_a_subject_stays_one_line() -> None:
    with SmtpServer() as server:
        send_mail(of(server), to=["a@example.gov"], subject="a\r\nBcc: b@example.gov", text="x")
    assert server.received[0].message["Bcc"] is None
    assert server.received[0].recipients == ["a@example.gov"]


def test_a_server_that_is_not_there_is_unavailable() -> None:
    with SmtpServer() as server:
        gone = of(server)
    with pytest.raises(UnavailableError, match="PATROLIQ_SMTP_URL"):
        send_mail(gone, to=["a@example.gov"], subject="x", text="x")


@pytest.mark.parametrize(
    "url",
    ["mail.example.gov", "smtp://me:secret@mail.example.gov", "http://x", "smtp://a b", "smtps://"],
)
def test_an_address_of_a_server_has_a_form_and_no_password(url: str) -> None:
    with pytest.raises(InputError, match="PATROLIQ_SMTP_URL"):
        Settings.from_environment({"PATROLIQ_SMTP_URL": url})
