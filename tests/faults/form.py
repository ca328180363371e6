"""The two forms of the same tests: a short one in `make test`, and `make faults`, with the numbers of the demands."""

import os
from dataclasses import dataclass


@dataclass(frozen=True)
class Form:
    """How much is tried. Durations are seconds."""

    long: bool
    recovery: float
    """Within how long after its end a fault is overcome; the short form runs on machines that do other work besides."""
    messages: int
    service_kills: int
    broker_kills: int
    extraction_kills: int
    database_crashes: int
    broker_away: float
    requests_in_flight: int
    schedules: int
    slots: int
    scheduler_kills: int


SHORT = Form(
    long=False,
    recovery=45,
    messages=1_500,
    service_kills=4,
    broker_kills=1,
    extraction_kills=1,
    database_crashes=1,
    broker_away=5,
    requests_in_flight=60,
    schedules=4,
    slots=144,
    scheduler_kills=6,
)
LONG = Form(
    long=True,
    recovery=15,
    messages=30_000,
    service_kills=20,
    broker_kills=3,
    extraction_kills=20,
    database_crashes=10,
    broker_away=60,
    requests_in_flight=200,
    schedules=50,
    slots=10_500,  # steps of half an hour, of which the doubled hours have none: 10,300 slots
    scheduler_kills=12,
)

FORM = LONG if os.environ.get("VIGIE_FAULTS") == "long" else SHORT
