"""A queue by itself, where the order of events on the loop decides."""

from __future__ import annotations

import asyncio

import pytest

from tests.cloud.message_queue import BadHandle, Message, Queue, read_handle


def queue() -> Queue:
    return Queue("q", "eu-west-1", "111122223333", {}, lambda: None)


def test_a_poll_that_is_cancelled_passes_the_message_on():
    """The first poll is woken and cancelled in one turn of the loop: the second must get it."""

    async def run():
        here = queue()
        first = asyncio.ensure_future(here.receive(1, 20, 30))
        second = asyncio.ensure_future(here.receive(1, 20, 30))
        while here.counts()["polling"] < 2:
            await asyncio.sleep(0)
        here.put(Message("x"))
        first.cancel()
        return await asyncio.wait_for(second, 5)

    (message,) = asyncio.run(run())
    assert message.body == "x"


def test_oldest_first():
    async def run():
        here = queue()
        for number in range(3):
            here.put(Message(str(number)))
        return await here.receive(10, 0, 30)

    assert [message.body for message in asyncio.run(run())] == ["0", "1", "2"]


@pytest.mark.parametrize("handle", ["", "x", "AQEB", "AQEBeA==", "AQEBYS9iL2M=", "ä"])
def test_bad_handles(handle):
    with pytest.raises(BadHandle):
        read_handle(handle)
