"""Stopping a computation: the thread that computes ends with the run that it computes for."""

import asyncio
import threading

import pytest

from vigie_extractor.engine import ExtractionCancelledError
from vigie_extractor.orders import Stopping, in_thread

LONG = "SELECT sum(one.range + other.range) FROM range(1000000) one, range(1000000) other"
"""A query that takes minutes."""


async def test_a_query_under_way_ends_when_its_run_is_cancelled() -> None:
    # given a thread that is about to compute for minutes
    begun, ended = asyncio.Event(), threading.Event()
    loop = asyncio.get_running_loop()

    def compute(stopping: Stopping) -> None:
        try:
            with stopping.engine() as engine:
                loop.call_soon_threadsafe(begun.set)
                engine.run(LONG)
        finally:
            ended.set()

    computation = asyncio.create_task(in_thread(compute))
    await begun.wait()

    # when whoever waits for it is cancelled
    computation.cancel()
    with pytest.raises(asyncio.CancelledError):
        await computation

    # then the thread has ended before
    assert ended.is_set()


def test_a_computation_that_was_stopped_before_it_began_never_begins() -> None:
    stopping = Stopping()
    stopping.stop()
    with pytest.raises(ExtractionCancelledError), stopping.engine():
        pytest.fail("it has begun")


def test_stopping_after_the_end_does_nothing() -> None:
    stopping = Stopping()
    with stopping.engine() as engine:
        assert engine.run("SELECT 1") == [(1,)]
    stopping.stop()
