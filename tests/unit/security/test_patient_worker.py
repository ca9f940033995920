"""When a request is whole, and which are refused while they arrive."""

from __future__ import annotations

from http import HTTPStatus

import pytest

from security.body_limit import MOST_BYTES
from security.patient_worker import BrokenLimitError, refusal, still_missing

LIMITS = (100, 3, 50)
POST = b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 4\r\n\r\n"


@pytest.mark.parametrize("upto", range(len(POST) + 5))
def test_a_request_is_whole_with_its_last_byte(upto: int) -> None:
    received = (POST + b"1234")[:upto]
    assert bool(still_missing(received, *LIMITS)) is (upto < len(POST) + 4)


def test_a_second_request_behind_the_first_does_not_matter() -> None:
    assert still_missing(POST + b"1234GET / HT", *LIMITS) == 0


@pytest.mark.parametrize(
    ("received", "status"),
    [
        (b"G" * 102, HTTPStatus.REQUEST_URI_TOO_LONG),
        (b"G" * 101 + b"\r\n", HTTPStatus.REQUEST_URI_TOO_LONG),
        (b"GET /\r\n" + b"a: b\r\n" * 4, HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE),
        (b"GET /\r\n" + b"a: b\r\n" * 4 + b"\r\n", HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE),
        (b"GET /\r\na: " + b"b" * 48, HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE),
        (b"P\r\nTransfer-Encoding: chunked\r\n\r\n", HTTPStatus.LENGTH_REQUIRED),
        (
            b"P\r\ncontent-length:%d\r\n\r\n" % (MOST_BYTES + 1),
            HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
        ),
    ],
)
def test_what_breaks_a_limit_is_refused(received: bytes, status: HTTPStatus) -> None:
    with pytest.raises(BrokenLimitError) as refused:
        still_missing(received, *LIMITS)
    assert refused.value.status == status


@pytest.mark.parametrize(
    "received", [b"G" * 100 + b"\r\n", b"GET /\r\n" + b"a: b\r\n" * 3, b"GET /\r\na: " + b"b" * 47]
)
def test_what_just_meets_a_limit_is_awaited(received: bytes) -> None:
    assert still_missing(received, *LIMITS) == 1


def test_a_refusal_is_plain_text_of_the_length_it_says() -> None:
    head, _, body = refusal(HTTPStatus.BAD_REQUEST, "Nein: ü").partition(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 400 Bad Request\r\n")
    assert b"text/plain" in head
    assert f"Content-Length: {len(body)}".encode() in head
