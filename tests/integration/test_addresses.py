"""Every selection that a page can make has an address that opens it."""

from __future__ import annotations

import re
import runpy

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from analytics.crossfilter.clauses import MAX_VERTICES, Cells, Clause, Polygon, Words
from analytics.crossfilter.incidents_page import columns_of
from analytics.crossfilter.selection import Selection
from analytics.errors import InputError
from analytics.page_address import page_address
from analytics.services import Services
from analytics.settings import Settings
from tests import ROOT
from tests.integration.small_snapshot import publish_small
from tests.integration.test_crossfilter_properties import selections

LONGEST_LINE = runpy.run_path(str(ROOT / "gunicorn.conf.py"))["limit_request_line"]
UNSAFE = re.compile(r"""[^!$&()*+,\-./0-9:;=?@A-Z_a-z~%]""")
"""Characters that a browser encodes in a query, which makes it longer."""
MANY: dict[str, st.SearchStrategy[Clause]] = {
    "type": st.lists(st.text(min_size=1, max_size=200), min_size=1, max_size=40).map(
        lambda words: Words(tuple(words))
    ),
    "cell": st.integers(1, 2_000).map(
        lambda count: Cells(tuple((150, 3_000 + at, 30_800) for at in range(count)))
    ),
    "polygon": st.integers(3, MAX_VERTICES).map(
        lambda count: Polygon(tuple((41.8 + at**2 / 1e5, -87.7 + at / 1e4) for at in range(count)))
    ),
}


@st.composite
def any_selections(draw: st.DrawFn) -> Selection:
    """Selections like those of the other properties, some with very long filters."""
    chosen = draw(selections(most=4))
    for name in draw(st.lists(st.sampled_from(sorted(MANY)), max_size=2, unique=True)):
        try:
            chosen = Selection.parse(chosen.replace(name, draw(MANY[name])).text)
        except InputError:  # longer than any selection may be, or a value that no data has
            continue
    return chosen


@pytest.fixture(scope="module")
def services(tmp_path_factory: pytest.TempPathFactory) -> Services:
    home = tmp_path_factory.mktemp("addresses")
    publish_small(home)
    return Services(Settings(home=home))


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(chosen=any_selections())
def test_every_selection_has_an_address_that_opens_it(
    services: Services, chosen: Selection
) -> None:
    pinned = services.pin()
    assert pinned is not None
    address = page_address(services, "/hotspots", chosen)
    columns = ",".join(columns_of(pinned.snapshot.manifest))
    longest = address.replace("/hotspots?", f"/export/incidents.csv?_columns={columns}&_sort=a&")
    for line in (address, longest):
        assert not UNSAFE.search(line)
        assert len(f"GET {line} HTTP/1.1") < LONGEST_LINE
    _, _, query = address.partition("?")
    text = services.state.fetch(query[4:]) if query.startswith("sel=") else query
    assert Selection.parse(text) == chosen
