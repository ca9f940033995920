"""Charts in the browser follow the agency's locale and week."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from bench.site_server import SiteServer
from tests.browser.conftest import Opener


def test_axes_are_german_and_weeks_from_sunday(
    demo_home: Path, serve: Callable[..., SiteServer], open_page: Opener
) -> None:
    server = serve(demo_home, PATROLIQ_LOCALE="de_DE", PATROLIQ_WEEK_START="sunday")
    page = open_page(url=server.url)
    weekdays = page.page.locator("#explore-hours .ytick text").all_text_contents()
    assert weekdays[:2] == ["So", "Mo"]
    layout = "document.querySelector('#explore-days .js-plotly-plot')._fullLayout"
    assert page.page.evaluate(f"{layout}._d3locale.numberFormat(',.1f')(1234.5)") == "1.234,5"
    assert page.page.evaluate(f"{layout}._extraFormat.dayMonth") == "%-d. %b"
    march = "new Date(Date.UTC(2018, 2, 15))"
    assert page.page.evaluate(f"{layout}._d3locale.timeFormat('%-d. %B')({march})") == "15. März"
    with page.gesture():
        page.drag(page.hour(1, 20), page.hour(2, 21))
    assert page.query == "hour_weekday=1-20,1-21,7-20,7-21"
