"""An SMTP server that keeps what it is sent (RFC 5321, with STARTTLS and AUTH PLAIN)."""

from __future__ import annotations

import base64
import socketserver
import ssl
import threading
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from pathlib import Path
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec


@dataclass
class Received:
    """One mail: whom it is for, what it says, whether it came over TLS, and who signed in."""

    recipients: list[str]
    message: EmailMessage
    over_tls: bool
    credentials: tuple[str, str] | None


@dataclass
class SmtpServer:
    """Listens on this machine while the context lasts.

    `refused` are recipients that it does not know; `answer` is what it says to a mail.
    """

    certificate: Path | None = None
    refused: frozenset[str] = frozenset()
    answer: str = "250 taken"
    received: list[Received] = field(default_factory=list)

    def __enter__(self) -> SmtpServer:
        self._server = socketserver.ThreadingTCPServer(("127.0.0.1", 0), _Conversation)
        self._server.daemon_threads = True
        self._server.owner = self
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.01,))
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    @property
    def port(self) -> int:
        return int(self._server.server_address[1])


class _Conversation(socketserver.StreamRequestHandler):
    over_tls = False
    credentials: tuple[str, str] | None = None

    def handle(self) -> None:
        self.owner: SmtpServer = self.server.owner
        self.recipients: list[str] = []
        self._say("220 ready")
        while line := self.rfile.readline().decode().strip():
            word, _, rest = line.partition(" ")
            if word.upper() == "QUIT":
                self._say("221 bye")
                return
            getattr(self, f"_{word.lower()}")(rest)

    def finish(self) -> None:
        super().finish()
        self.request.close()

    def _say(self, text: str) -> None:
        self.wfile.write(f"{text}\r\n".encode())

    def _ehlo(self, _: str) -> None:
        offers = ["250-localhost", "250-AUTH PLAIN"]
        if self.owner.certificate and not self.over_tls:
            offers.append("250-STARTTLS")
        self._say("\r\n".join([*offers, "250 8BITMIME"]))

    def _starttls(self, _: str) -> None:
        self._say("220 go on")
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(str(self.owner.certificate))
        plain = self.request
        with suppress(ssl.SSLError):  # the other side does not trust us
            self.request = context.wrap_socket(plain, server_side=True)
            self.over_tls = True
        self.rfile.close()
        self.setup()

    def _auth(self, rest: str) -> None:
        _, name, password = base64.b64decode(rest.split()[1]).decode().split("\0")
        self.credentials = name, password
        self._say("235 welcome")

    def _mail(self, _: str) -> None:
        self.recipients = []
        self._say("250 ok")

    def _rcpt(self, rest: str) -> None:
        address = rest.partition("<")[2].rpartition(">")[0]
        if address in self.owner.refused:
            self._say("550 no such person")
        else:
            self.recipients.append(address)
            self._say("250 ok")

    def _rset(self, _: str) -> None:
        self._say("250 ok")

    def _data(self, _: str) -> None:
        self._say("354 go on")
        lines = []
        while (line := self.rfile.readline()) != b".\r\n":
            lines.append(line.removeprefix(b".") if line.startswith(b"..") else line)
        message: Any = message_from_bytes(b"".join(lines), policy=default)
        if self.owner.answer.startswith("2"):
            self.owner.received.append(
                Received(self.recipients, message, self.over_tls, self.credentials)
            )
        self._say(self.owner.answer)


def make_certificate(path: Path) -> Path:
    """A certificate of `localhost` that signs itself, with its key, in one file."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "localhost")])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    pem, form = serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8
    plain = serialization.NoEncryption()
    path.write_bytes(made.public_bytes(pem) + key.private_bytes(pem, form, plain))
    return path
