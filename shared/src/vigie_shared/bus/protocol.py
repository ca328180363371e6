"""What services see of the bus, and what goes over it."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import Enum
from typing import NoReturn, Protocol
from uuid import UUID

from vigie_shared.topology import Broadcast, Queue


@dataclass(frozen=True)
class Outgoing:
    """An event on its way from an outbox."""

    event_id: UUID
    routing_key: str
    body: bytes


@dataclass(frozen=True)
class Confirmed:
    """The bus has it for good; the outbox may forget it."""


@dataclass(frozen=True)
class NotYet:
    """The bus could not take it for good; it stays in the outbox and is sent again."""

    reason: str


Confirmation = Confirmed | NotYet


@dataclass(frozen=True)
class Done:
    """The message had its effect, now or earlier."""


@dataclass(frozen=True)
class RetryAfter:
    """The message had no effect; it is to be delivered again after a pause."""

    seconds: float


@dataclass(frozen=True)
class Park:
    """The message will never be handled as it is: it belongs in the parked twin, with the reason."""

    reason: str


Verdict = Done | RetryAfter | Park

Deliver = Callable[[Sequence[bytes]], Awaitable[Sequence[Verdict]]]
"""Handles a batch of message bodies and answers one verdict each, in the same order. Never raises."""

Hear = Callable[[bytes], Awaitable[None]]
"""Takes in one broadcast message. It must not fail: there is no second delivery."""

Gap = Callable[[], Awaitable[None]]
"""Called when broadcasts may have been missed: whatever was remembered from them is to be forgotten."""


@dataclass(frozen=True)
class Parked:
    """A message in the parked twin of a queue.

    `id` is the event's, or one that follows from the body where the message came without. `reason` is what the bus
    knows of why it is there; none where only its consumer does. `parked_at` is by the clock of whoever keeps it.
    """

    id: UUID
    client: str
    body: bytes
    reason: str | None
    parked_at: datetime | None


class Fate(Enum):
    """What becomes of a parked message that is looked at."""

    STAY = "stay"
    REPLAY = "replay"
    """Its queue has it again, under the same id; it is parked no longer once the queue has it for good."""
    DROP = "drop"
    STOP = "stop"
    """It stays, and so does every one that was not looked at yet."""


Decide = Callable[[Parked], Awaitable[Fate]]


class Bus(Protocol):
    """What services see of the bus. `consume` and `listen` are called before `run`."""

    @property
    def ready(self) -> bool:
        """Whether messages can be published and are being consumed now."""

    async def publish(self, messages: Sequence[Outgoing]) -> Sequence[Confirmation]:
        """Send messages and answer what became of each, in order. Raises BusUnavailable when none could be sent."""

    def consume(self, queue: Queue, deliver: Deliver) -> None:
        """Have the messages of `queue` handled, in batches, while the bus runs."""

    def listen(self, broadcast: Broadcast, hear: Hear, gap: Gap) -> None:
        """Have this instance hear `broadcast` while the bus runs."""

    async def settle_parked(self, queue: Queue, decide: Decide) -> None:
        """Look at each message that is parked of `queue` now, in no promised order, and do with it what `decide` says.
        Whatever happens on the way, none is lost: it stays, or is in its queue, or was to be dropped.

        Two at a time may hide messages from each other: whoever calls sees to it that there is one. Raises
        BusUnavailable, and what `decide` raises.
        """

    async def count_parked(self, queues: Sequence[Queue]) -> Mapping[Queue, int]:
        """How many messages are parked of each of these queues. Raises BusUnavailable."""

    async def run(self) -> NoReturn:
        """Keep connected and deliver, through any absence of the broker, until cancelled."""
