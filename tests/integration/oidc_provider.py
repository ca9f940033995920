"""An OpenID Connect provider that tests run, with Authlib's own library for tokens."""

from __future__ import annotations

import json
import threading
import time
from base64 import urlsafe_b64encode
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

from joserfc import jwt
from joserfc.jwk import RSAKey

KIM = {"sub": "1", "email": "kim@example.gov", "email_verified": True, "amr": ["pwd", "mfa"]}


@dataclass
class Provider:
    """A provider on loopback that says what `claims` holds about everybody."""

    issuer: str
    key: RSAKey = field(default_factory=lambda: RSAKey.generate_key(2048))
    signing: RSAKey | None = None  # another than the one it publishes
    claims: dict[str, Any] = field(default_factory=lambda: dict(KIM))
    nonce: str = ""
    audience: str = "patroliq"
    algorithms: list[str] = field(default_factory=lambda: ["RS256", "none"])
    unsigned: bool = False
    named: str = ""  # another issuer than its own
    asked: list[dict[str, str]] = field(default_factory=list)

    def answer(self, path: str, body: dict[str, str]) -> dict[str, Any]:
        if path.endswith("/openid-configuration"):
            return {
                "issuer": self.named or self.issuer,
                "authorization_endpoint": f"{self.issuer}/authorize",
                "token_endpoint": f"{self.issuer}/token",
                "jwks_uri": f"{self.issuer}/keys",
                "id_token_signing_alg_values_supported": self.algorithms,
            }
        if path.endswith("/keys"):
            return {"keys": [self.key.as_dict(private=False, kid="k")]}
        self.asked.append(body)
        now = int(time.time())
        claims = {"iss": self.issuer, "aud": self.audience, "iat": now, "exp": now + 60}
        claims |= {"nonce": self.nonce, **self.claims}
        token = jwt.encode({"alg": "RS256", "kid": "k"}, claims, self.signing or self.key)
        if self.unsigned:
            head = urlsafe_b64encode(b'{"alg":"none","kid":"k"}').decode().rstrip("=")
            token = f"{head}.{token.split('.')[1]}."
        return {"access_token": "a", "token_type": "Bearer", "id_token": token}


@contextmanager
def running_provider() -> Iterator[Provider]:
    """A provider on loopback, until the context ends."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            address = urlsplit(self.path)
            if address.path == "/authorize":
                self._send_back({name: one[0] for name, one in parse_qs(address.query).items()})
            else:
                self._send(found.answer(self.path, {}))

        def _send_back(self, asked: dict[str, str]) -> None:
            """Whoever asks is signed in at once."""
            found.nonce = asked["nonce"]
            answer = urlencode({"code": "c", "state": asked["state"]})
            self.send_response(302)
            self.send_header("Location", f"{asked['redirect_uri']}?{answer}")
            self.end_headers()

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"])).decode()
            self._send(found.answer(self.path, {k: v[0] for k, v in parse_qs(body).items()}))

        def _send(self, document: dict[str, Any]) -> None:
            self.send_response(200)
            self.send_header("Content-Type", "application/json")
            self.end_headers()
            self.wfile.write(json.dumps(document).encode())

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    found = Provider(f"http://127.0.0.1:{server.server_port}")
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield found
    server.shutdown()
    thread.join()
    server.server_close()
