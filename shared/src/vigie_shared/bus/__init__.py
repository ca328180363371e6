"""The bus: carries events from outboxes to the queues of topology.py. Only this package knows RabbitMQ."""

from vigie_shared.bus.protocol import (
    Bus,
    Confirmation,
    Confirmed,
    Decide,
    Deliver,
    Done,
    Fate,
    Gap,
    Hear,
    NotYet,
    Outgoing,
    Park,
    Parked,
    RetryAfter,
    Verdict,
)
from vigie_shared.bus.rabbit import RabbitBus, broker_version

__all__ = [
    "Bus",
    "Confirmation",
    "Confirmed",
    "Decide",
    "Deliver",
    "Done",
    "Fate",
    "Gap",
    "Hear",
    "NotYet",
    "Outgoing",
    "Park",
    "Parked",
    "RabbitBus",
    "RetryAfter",
    "Verdict",
    "broker_version",
]
