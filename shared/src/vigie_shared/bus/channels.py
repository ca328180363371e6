"""Channels to the broker: the protocol beneath them, and what a dying link does to whoever waits for it."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager

from aio_pika.abc import AbstractChannel
from aiormq import Channel

from vigie_shared.errors import BusUnavailable


async def protocol_channel(channel: AbstractChannel) -> Channel:
    """The channel of the protocol library beneath, for what is done once a message or once a batch: aio_pika wraps each
    message in objects and tasks that cost more than all that is done with it here."""
    beneath = await channel.get_underlay_channel()
    if not isinstance(beneath, Channel):
        raise TypeError(f"{type(beneath).__name__} is not a channel of aiormq")
    return beneath


@contextmanager
def foreign_endings_as_loss() -> Iterator[None]:
    """Turn the two ways in which a dying link ends a wait without a word into BusUnavailable: a CancelledError that
    nobody asked of this task, and an error of no type at all."""
    try:
        yield
    except asyncio.CancelledError:
        if _is_cancelled():
            raise
        raise BusUnavailable("the connection to the broker was lost without a word") from None
    except Exception as error:
        if type(error) is not Exception:
            raise
        raise BusUnavailable("the connection to the broker was lost without a word") from None


def obey_cancellation() -> None:
    """Raise the CancelledError that was asked of this task and has been swallowed on the way: by a `wait_for` to which
    the answer came at the same time (until Python 3.12), or by a TaskGroup that had an error to tell."""
    if _is_cancelled():
        raise asyncio.CancelledError


def _is_cancelled() -> bool:
    task = asyncio.current_task()
    return task is not None and task.cancelling() > 0
