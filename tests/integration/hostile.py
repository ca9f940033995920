"""Hostile requests for every route and every callback of the app, made up by Hypothesis.

Names of parameters, options and fields come from the program's own text, so that a new one is
tried by itself.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import quote, quote_from_bytes

from flask import Flask
from flask.testing import FlaskClient
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from werkzeug.routing import Rule

from analytics.crossfilter.dimensions import DIMENSIONS
from bench.gestures import DEPENDENCIES, UPDATE
from tests import ROOT
from tests.integration.every_address import PART, SAMPLES, sample_values

READ = re.compile(r"""(?:get|pop)\(\s*"([a-z_]{1,30})"|\braw\["([a-z_]{1,30})"\]""")
COMPARED = re.compile(r"""(?:==|case|in) \(?"([a-z_-]{1,30})\"""")
VICIOUS = (
    "", " ", "0", "-1", "1.5", "1e308", "-1e999", "nan", "inf", "9" * 30, "²", "٣", "true", "null",
    "\x00", "\n", "\r\nX-A: 1", "\u202e", "\u2028", "\ufeff", "é", "🚓", "'", '"', "';--", "%",
    "' OR 1=1 --", "<script>alert(1)</script>", "../../etc/passwd", "/etc/passwd", "{}", "[]", "..",
    "=1+1", "a" * 3_000, ",".join("abcdefgh" * 50), "2024-02-30", "9999-12-31", "0000-00-00",
    "2020-01-01..2019-01-01", "41.8,-87.6,500", "91,181,1", "1;2;3", "-0", "unknown", "last7d",
    "cells:1", "cells:250", "points:0,0,0,0", "points:-180,-90,180,90", "sel=deadbeef",
    "zones_kmeans",
)  # fmt: skip
"""Text that has broken some program before."""
texts = st.sampled_from(VICIOUS) | st.text(max_size=30)
scalars = texts | st.none() | st.booleans() | st.integers() | st.floats()
anything = st.recursive(
    scalars, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(texts, inner, max_size=4)
)


def names_in(*rooms: str, pattern: re.Pattern[str] = READ) -> list[str]:
    """Names that the program reads from requests."""
    found = {
        next(filter(None, match.groups()))
        for room in rooms
        for path in (ROOT / room).rglob("*.py")
        for match in pattern.finditer(path.read_text(encoding="utf-8"))
    }
    return sorted(found)


PARAMETERS = st.sampled_from([*names_in("api", "security"), *DIMENSIONS, "_view", "sel"])
FIELDS = st.sampled_from(names_in("callbacks")) | texts
WORDS = st.sampled_from(names_in("callbacks", "components", pattern=COMPARED)) | texts
DIMENSION = st.sampled_from(sorted(DIMENSIONS)) | texts
TYPED: dict[str, st.SearchStrategy[Any]] = {
    "action": WORDS,
    "dimension": DIMENSION,
    "keys": st.lists(scalars, max_size=5),
    "text": st.builds(lambda name, text: f"{name}={text}", DIMENSION, texts) | texts,
    "name": WORDS,
    "values": st.dictionaries(FIELDS, texts, max_size=6),
    "page": st.dictionaries(FIELDS, texts, max_size=6),
    "changed": st.lists(FIELDS, max_size=3),
    "n": st.integers(0, 1_000),
}
"""Fields of gestures and stored selections, of the kinds that pages send."""
typed = st.fixed_dictionaries({}, optional=TYPED)
wrong = st.fixed_dictionaries({}, optional={name: one | anything for name, one in TYPED.items()})
sent = typed | typed | typed | wrong | anything
HEADERS = st.fixed_dictionaries(
    {},
    optional={
        name: st.text(st.characters(min_codepoint=32, max_codepoint=126), max_size=40)
        for name in ("Accept-Encoding", "Content-Type", "If-None-Match", "Range", "X-Request-ID")
    },
)


class Attacked:
    """An app under hostile requests; `always` is sent with each, such as a token."""

    def __init__(
        self, client: FlaskClient, snapshot: str, always: Callable[[], dict[str, str]] = dict
    ) -> None:
        self.server: Flask = client.application
        self.client = client
        self._always = always
        self._values = {**SAMPLES, **sample_values(snapshot)}

    @property
    def callbacks(self) -> list[dict[str, Any]]:
        """Callbacks that the server answers, as a browser learns of them."""
        listed: list[dict[str, Any]] = self.client.get(DEPENDENCIES).get_json()
        return [one for one in listed if not one.get("clientside_function")]

    def attack_route(self, rule: Rule, examples: int) -> None:
        """Send hostile addresses, queries, headers and bodies to a route."""
        methods = sorted((rule.methods or set()) | {"POST", "DELETE"})

        @_attempts(examples)
        @given(st.data(), st.sampled_from(methods), HEADERS)
        def attack(data: st.DataObject, method: str, headers: dict[str, str]) -> None:
            def part(found: re.Match[str]) -> str:
                known = "1" if found["kind"] == "int" else self._values[found["name"]]
                return _quoted(data.draw(st.just(known) | texts))

            query = data.draw(st.lists(st.tuples(PARAMETERS, texts), max_size=4))
            asked = "&".join(f"{name}={_quoted(value)}" for name, value in query)
            body = {"json": data.draw(anything)} if method == "POST" else {}
            self._send(method, f"{PART.sub(part, rule.rule)}?{asked}", headers=headers, **body)

        attack()

    def attack_callback(self, callback: dict[str, Any], examples: int) -> None:
        """Send hostile values to the inputs and states of a callback."""
        outputs = callback["output"].strip(".").split("...")
        places = [dict(zip(("id", "property"), _split(one), strict=True)) for one in outputs]
        changed = [f"{one['id']}.{one['property']}" for one in callback["inputs"]]

        @_attempts(examples)
        @given(st.data())
        def attack(data: st.DataObject) -> None:
            body = {
                "output": callback["output"],
                "outputs": places if callback["output"].startswith("..") else places[0],
                "changedPropIds": changed[:1],
                **{
                    kind: [{**one, "value": data.draw(sent)} for one in callback[kind]]
                    for kind in ("inputs", "state")
                },
            }
            self._send("POST", UPDATE, json=body)

        attack()

    def _send(
        self, method: str, address: str, headers: dict[str, str] | None = None, **body: Any
    ) -> None:
        request = {"headers": {**(headers or {}), **self._always()}, **body}
        with (
            failures() as logged,
            self.client.open(
                address, method=method, base_url="https://localhost", **request
            ) as answer,
        ):
            text = answer.get_data()
        about = (method, address, request)
        assert answer.status_code < 500 or answer.status_code == 503, about
        assert b"Traceback" not in text, about
        assert b"An error occurred" not in text, about
        assert logged == [], about


@contextmanager
def failures() -> Iterator[list[str]]:
    """What is logged as a failure meanwhile."""
    found: list[str] = []
    handler = logging.Handler(logging.ERROR)
    handler.emit = lambda record: found.append(record.getMessage())  # type: ignore[method-assign]
    logging.getLogger().addHandler(handler)
    try:
        yield found
    finally:
        logging.getLogger().removeHandler(handler)


def _attempts(examples: int) -> settings:
    return settings(
        max_examples=examples,
        deadline=None,
        derandomize=True,
        database=None,
        phases=(Phase.generate, Phase.shrink),
        suppress_health_check=list(HealthCheck),
    )


def _quoted(text: str) -> str:
    """Percent-encoded, with halves of characters as bytes that are no UTF-8."""
    return quote_from_bytes(text.encode("utf-8", "surrogatepass")) if text else quote(text)


def _split(place: str) -> tuple[str, str]:
    id, _, property = place.partition("@")[0].rpartition(".")
    return id, property
