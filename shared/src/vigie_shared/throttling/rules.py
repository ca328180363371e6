"""How repeated failures to sign in are slowed down, then locked (R10). Pure: counts and times in, a verdict out.

Every attempt is counted three times, before the password is looked at, and taken back when it was right:

| counted by                         | free | then a pause, doubled from 1 s | locked at | for    | forgotten after |
|------------------------------------|------|--------------------------------|-----------|--------|-----------------|
| what was typed, from this address  | 5    | up to 30 s                     | 10        | 15 min | 24 h            |
| what was typed, over all addresses | 20   | up to 30 s                     | 40        | 15 min | 24 h            |
| the address, whatever was typed    | 30   | up to 30 s                     | 100       | 1 min  | 1 h             |

Why these: a person mistypes a few times, so five are free. Ten guesses, then four an hour, are about a hundred a day
against one name from one place, and about a hundred and thirty from everywhere together: no way to find a password of
twelve characters that is on no list. An address is often a whole office behind one router, so it is allowed more and
its lock is short: what it stops is one machine trying one password on every name. Failures are forgotten only after a
quiet time; a lock that has run out lets a single attempt through, which, wrong, locks again.

What was typed is counted whether it exists or not, so an answer tells nothing about that. The count over all addresses
does not bind an address from which this very name signed in with success during the last 90 days: a stranger elsewhere
can lock a name for strangers, never for the person where that person usually is.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum
from math import ceil


class CountedBy(Enum):
    """What failures are added up by."""

    TYPED_HERE = "typed-here"
    TYPED = "typed"
    ADDRESS = "address"


@dataclass(frozen=True)
class Limit:
    """When counted failures slow an attempt down and when they lock it."""

    free: int
    locked_at: int
    lock: timedelta
    forgotten_after: timedelta


FIRST_PAUSE = timedelta(seconds=1)
LONGEST_PAUSE = timedelta(seconds=30)
_MOST_DOUBLINGS = 5
"""After which the pause is the longest."""
KNOWN_FOR = timedelta(days=90)
"""How long an address stays known to a name that signed in from it."""

LIMITS = {
    CountedBy.TYPED_HERE: Limit(5, 10, timedelta(minutes=15), timedelta(hours=24)),
    CountedBy.TYPED: Limit(20, 40, timedelta(minutes=15), timedelta(hours=24)),
    CountedBy.ADDRESS: Limit(30, 100, timedelta(minutes=1), timedelta(hours=1)),
}


@dataclass(frozen=True)
class Counter:
    """Failures counted for one subject. `last_success_at` is kept for a name at an address only."""

    failures: int
    last_failure_at: datetime
    last_success_at: datetime | None


@dataclass(frozen=True)
class Proceed:
    """The attempt may be looked at; the failures to store meanwhile, itself among them."""

    failures: dict[CountedBy, int]


@dataclass(frozen=True)
class Wait:
    """The attempt is not looked at, and not counted; `seconds` until the next one may be."""

    seconds: int


def decide(counters: dict[CountedBy, Counter], now: datetime) -> Proceed | Wait:
    """Whether an attempt made `now` is looked at. A missing counter is one without failures."""
    here = counters.get(CountedBy.TYPED_HERE)
    known = here is not None and here.last_success_at is not None and now - here.last_success_at <= KNOWN_FOR
    waits = [
        _wait(LIMITS[by], counter, now) for by, counter in counters.items() if not (known and by is CountedBy.TYPED)
    ]
    longest = max(waits, default=timedelta())
    if longest > timedelta():
        return Wait(ceil(longest.total_seconds()))
    return Proceed({by: 1 + (_remembered(LIMITS[by], counters[by], now) if by in counters else 0) for by in CountedBy})


def _remembered(limit: Limit, counter: Counter, now: datetime) -> int:
    return 0 if now - counter.last_failure_at > limit.forgotten_after else counter.failures


def _wait(limit: Limit, counter: Counter, now: datetime) -> timedelta:
    """How long after `now` the next attempt may come."""
    failures = _remembered(limit, counter, now)
    if failures < limit.free:
        return timedelta()
    if failures >= limit.locked_at:
        pause = limit.lock
    else:
        doublings = min(failures - limit.free, _MOST_DOUBLINGS)
        pause = min(FIRST_PAUSE * 2**doublings, LONGEST_PAUSE)
    return max(timedelta(), counter.last_failure_at + pause - now)
