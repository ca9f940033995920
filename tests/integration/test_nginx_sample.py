"""The sample configuration of nginx is valid, and requests pass through it."""

from __future__ import annotations

from pathlib import Path

import httpx
import pytest

from analytics.access.people import People
from analytics.access.roles import Role
from analytics.settings import Settings
from analytics.state import State
from bench.site_server import SiteServer
from tests.integration.nginx_server import IS_MISSING, MISSING, nginx, sign_in
from tests.integration.small_snapshot import publish_small

PASSWORD = "copper-lantern-orbit-walnut"  # noqa: S105 - of the account that the test makes

pytestmark = pytest.mark.skipif(IS_MISSING, reason=MISSING)


def test_pages_pass_through_the_sample_and_long_bodies_do_not(tmp_path: Path) -> None:
    home = tmp_path / "home"
    publish_small(home)
    state = State(Settings(home=home))
    People(state, Settings(home=home)).add("analyst", [Role.ANALYST], PASSWORD)
    state.close()
    with (
        SiteServer(home, PATROLIQ_HOSTS="crime.example.gov").running() as site,
        nginx(tmp_path, "patroliq.conf", {"127.0.0.1:8050": f"127.0.0.1:{site.port}"}) as proxy,
        httpx.Client(verify=False, headers={"Host": "crime.example.gov"}, timeout=60) as client,  # noqa: S501 - the test's own certificate
    ):
        plain = f"http://127.0.0.1:{proxy.plain}"
        assert client.get(f"{plain}/explore?type=THEFT").headers["Location"] == (
            "https://crime.example.gov/explore?type=THEFT"
        )
        address = f"https://127.0.0.1:{proxy.secure}"
        sign_in(client, address, "analyst", PASSWORD)
        page = client.get(address + "/")
        assert page.status_code == 200
        assert page.headers["Strict-Transport-Security"]
        assert len(page.headers["X-Request-ID"]) == 32  # nginx's, kept by the app
        export = client.get(address + "/export/incidents.csv?plain=1")
        assert len(export.text.splitlines()) == 6
        assert client.post(address + "/", content=b"1" * 1_100_000).status_code == 413
        assert client.get(address + "/?type=" + "A" * 5000).status_code == 414
        refused = client.get(address + "/health", headers={"Host": "other.example"})
        assert refused.status_code == 400
