"""Deliveries: none forgotten, each once unless a process dies between sending and noting it."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import pytest

from analytics.errors import UnavailableError
from analytics.outbox.deliveries import (
    ABANDONED_S,
    AGAIN_S,
    LOCK,
    MOST_ATTEMPTS,
    Deliveries,
    Delivery,
    DeliveryState,
)
from analytics.settings import Settings
from analytics.state import State


class Clock:
    """Time that passes when a test says so."""

    now = 1_000_000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def state(settings: Settings) -> Iterator[State]:
    state = State(settings)
    yield state
    state.close()


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def deliveries(state: State, clock: Clock) -> Deliveries:
    made = Deliveries(state, clock)
    with state.exclusive(LOCK) as connection:
        for number in range(2):
            made.add(connection, "mail", f"alerts-{number}", {"alerts": [number]})
    return made


class Outbox:
    """Keeps what is sent; may refuse, or die after it was sent."""

    def __init__(self) -> None:
        self.sent: list[str] = []
        self.refuses = self.dies = False

    def __call__(self, delivery: Delivery) -> None:
        if self.refuses:
            raise UnavailableError("not now")
        self.sent.append(delivery.message)
        if self.dies:
            raise KeyboardInterrupt


def test_each_is_sent_once_in_order(deliveries: Deliveries) -> None:
    outbox = Outbox()
    done = deliveries.send_due({"mail": outbox})
    assert [one.state for one in done] == [DeliveryState.SENT] * 2
    assert deliveries.send_due({"mail": outbox}) == []
    assert outbox.sent == ["alerts-0", "alerts-1"]


def test_what_dies_while_sending_is_sent_again_under_the_same_id(
    deliveries: Deliveries, clock: Clock
) -> None:
    outbox = Outbox()
    outbox.dies = True
    with pytest.raises(KeyboardInterrupt):
        deliveries.send_due({"mail": outbox})
    outbox.dies = False
    deliveries.send_due({"mail": outbox})  # the other one; the first may still be on its way
    assert outbox.sent == ["alerts-0", "alerts-1"]
    clock.now += ABANDONED_S
    deliveries.send_due({"mail": outbox})
    clock.now += 100 * ABANDONED_S
    deliveries.send_due({"mail": outbox})
    assert outbox.sent == ["alerts-0", "alerts-1", "alerts-0"]


def test_a_refusal_is_tried_again_later_and_given_up_at_last(
    deliveries: Deliveries, clock: Clock
) -> None:
    outbox = Outbox()
    outbox.refuses = True
    (first, _) = deliveries.send_due({"mail": outbox})
    assert (first.state, first.error) == (DeliveryState.WAITING, "not now")
    assert deliveries.send_due({"mail": outbox}) == []
    for _ in range(MOST_ATTEMPTS - 1):
        clock.now += AGAIN_S * MOST_ATTEMPTS
        tried = deliveries.send_due({"mail": outbox})
    assert {one.state for one in tried} == {DeliveryState.GIVEN_UP}
    clock.now += 1e9
    assert deliveries.send_due({"mail": outbox}) == []


def test_what_was_tried_before_the_clock_was_set_back_is_tried_again(
    deliveries: Deliveries, clock: Clock
) -> None:
    outbox = Outbox()
    outbox.refuses = True
    deliveries.send_due({"mail": outbox})
    outbox.refuses = False
    clock.now -= 1e6
    assert {one.state for one in deliveries.send_due({"mail": outbox})} == {DeliveryState.SENT}


def test_a_channel_that_is_not_set_up_waits(deliveries: Deliveries) -> None:
    assert deliveries.send_due({"webhook": Outbox()}) == []
    assert {one.state for one in deliveries.newest()} == {DeliveryState.WAITING}


def test_several_processes_send_each_once(deliveries: Deliveries) -> None:
    outbox = Outbox()
    threads = [
        threading.Thread(target=deliveries.send_due, args=({"mail": outbox},)) for _ in range(6)
    ]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    assert sorted(outbox.sent) == ["alerts-0", "alerts-1"]


def test_one_that_cannot_be_sent_at_all_leaves_the_others_alone(
    deliveries: Deliveries, clock: Clock
) -> None:
    def send(delivery: Delivery) -> None:
        if delivery.message == "alerts-0":
            raise UnicodeEncodeError("ascii", "ü", 0, 1, "ordinal not in range")

    tried = deliveries.send_due({"mail": send})
    assert [one.state for one in tried] == [DeliveryState.WAITING, DeliveryState.SENT]
    assert tried[0].error == "UnicodeEncodeError"
    for _ in range(MOST_ATTEMPTS):
        clock.now += AGAIN_S * MOST_ATTEMPTS
        deliveries.send_due({"mail": send})
    states = {one.message: one.state for one in deliveries.newest()}
    assert states == {"alerts-0": DeliveryState.GIVEN_UP, "alerts-1": DeliveryState.SENT}


def test_one_that_kills_its_process_each_time_is_given_up(
    deliveries: Deliveries, clock: Clock
) -> None:
    def die(_delivery: Delivery) -> None:
        raise KeyboardInterrupt

    for _ in range(2 * MOST_ATTEMPTS):
        with pytest.raises(KeyboardInterrupt):
            deliveries.send_due({"mail": die})
        clock.now += ABANDONED_S + 1
    assert deliveries.send_due({"mail": die}) == []
    assert {one.state for one in deliveries.newest()} == {DeliveryState.GIVEN_UP}
