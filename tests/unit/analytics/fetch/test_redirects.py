"""Where a portal may send a request on to."""

from __future__ import annotations

from functools import partial
from pathlib import Path

import httpx
import pytest

from analytics.errors import InputError
from analytics.fetch.web import Web


def answer(request: httpx.Request) -> httpx.Response:
    """A file, or a redirect to the address in the query."""
    target = request.url.params.get("to")
    return httpx.Response(302, headers={"Location": target}) if target else httpx.Response(200)


@pytest.fixture
def web(monkeypatch: pytest.MonkeyPatch) -> Web:
    transport = httpx.MockTransport(answer)
    monkeypatch.setattr(httpx, "Client", partial(httpx.Client, transport=transport))
    return Web()


@pytest.mark.parametrize(
    "target", ["http://127.0.0.1:8050/data", "https://localhost/data", "http://[::1]/data"]
)
def test_a_portal_cannot_redirect_to_this_machine(web: Web, tmp_path: Path, target: str) -> None:
    with pytest.raises(InputError, match="on this machine"):
        web.save(f"https://data.example.org/a?to={target}", tmp_path / "file")


@pytest.mark.parametrize(
    ("first", "target"),
    [
        ("http://127.0.0.1:8050", "http://localhost/data"),
        ("https://data.example.org", "https://files.example.org/data"),
    ],
)
def test_other_redirects_are_followed(web: Web, tmp_path: Path, first: str, target: str) -> None:
    web.save(f"{first}/a?to={target}", tmp_path / "file")
    assert (tmp_path / "file").is_file()
