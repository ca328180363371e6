"""The policy of R10, without a store: what is free, slows down and locks, and whom a stranger cannot lock out."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from vigie_shared.throttling.rules import KNOWN_FOR, LIMITS, CountedBy, Counter, Proceed, Wait, decide

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)


def counter(failures: int, *, ago: timedelta = timedelta(), success: timedelta | None = None) -> Counter:
    return Counter(failures, NOW - ago, NOW - success if success is not None else None)


def waits(by: CountedBy, failures: int, *, ago: timedelta = timedelta()) -> int:
    """How many seconds an attempt has to wait after so many failures by one count."""
    verdict = decide({by: counter(failures, ago=ago)}, NOW)
    return verdict.seconds if isinstance(verdict, Wait) else 0


def test_nothing_counted_proceeds_and_counts_itself_everywhere() -> None:
    assert decide({}, NOW) == Proceed(dict.fromkeys(CountedBy, 1))


def test_the_first_failures_are_free_then_slow_then_locked() -> None:
    here = [waits(CountedBy.TYPED_HERE, failures) for failures in range(12)]

    assert here == [0, 0, 0, 0, 0, 1, 2, 4, 8, 16, 900, 900]


def test_over_all_addresses_and_by_address_more_is_free() -> None:
    assert [waits(CountedBy.TYPED, n) for n in (19, 20, 25, 39, 40)] == [0, 1, 30, 30, 900]
    assert [waits(CountedBy.ADDRESS, n) for n in (29, 30, 35, 99, 100)] == [0, 1, 30, 30, 60]


def test_a_lock_that_ran_out_lets_one_attempt_through_which_locks_again() -> None:
    verdict = decide({CountedBy.TYPED_HERE: counter(10, ago=timedelta(minutes=15))}, NOW)

    assert isinstance(verdict, Proceed)
    assert waits(CountedBy.TYPED_HERE, verdict.failures[CountedBy.TYPED_HERE]) == 900


def test_failures_are_forgotten_after_a_quiet_time() -> None:
    for by, limit in LIMITS.items():
        verdict = decide({by: counter(10_000, ago=limit.forgotten_after + timedelta(seconds=1))}, NOW)
        assert isinstance(verdict, Proceed)
        assert verdict.failures[by] == 1


def test_strangers_elsewhere_do_not_lock_a_known_address() -> None:
    elsewhere = counter(10_000)
    known = counter(0, success=timedelta(days=89))
    known_long_ago = counter(0, success=KNOWN_FOR + timedelta(seconds=1))

    assert isinstance(decide({CountedBy.TYPED: elsewhere, CountedBy.TYPED_HERE: known}, NOW), Proceed)
    assert isinstance(decide({CountedBy.TYPED: elsewhere, CountedBy.TYPED_HERE: known_long_ago}, NOW), Wait)
    assert isinstance(decide({CountedBy.TYPED: elsewhere}, NOW), Wait)


def test_a_known_address_is_still_held_to_its_own_failures() -> None:
    assert isinstance(decide({CountedBy.TYPED_HERE: counter(10, success=timedelta(days=1))}, NOW), Wait)
    known = counter(0, success=timedelta(days=1))
    assert isinstance(decide({CountedBy.TYPED_HERE: known, CountedBy.ADDRESS: counter(100)}, NOW), Wait)


def test_the_longest_wait_is_the_one_that_is_told() -> None:
    counters = {CountedBy.TYPED_HERE: counter(5), CountedBy.TYPED: counter(40), CountedBy.ADDRESS: counter(100)}

    assert decide(counters, NOW) == Wait(900)


@given(failures=st.integers(0, 10_000), ago=st.integers(0, 200_000), by=st.sampled_from(CountedBy))
def test_waiting_as_long_as_told_is_always_enough(failures: int, ago: int, by: CountedBy) -> None:
    counted = {by: counter(failures, ago=timedelta(seconds=ago))}
    verdict = decide(counted, NOW)

    if isinstance(verdict, Wait):
        assert verdict.seconds >= 1
        assert isinstance(decide(counted, NOW + timedelta(seconds=verdict.seconds)), Proceed)


@given(failures=st.integers(0, 200), by=st.sampled_from(CountedBy))
def test_more_failures_never_wait_less(failures: int, by: CountedBy) -> None:
    assert waits(by, failures) <= waits(by, failures + 1)


def test_a_guesser_gets_about_a_hundred_tries_a_day_at_one_name_from_one_place() -> None:
    moment, counted, tries = NOW, counter(0), 0
    while moment < NOW + timedelta(days=1):
        verdict = decide({CountedBy.TYPED_HERE: counted}, moment)
        if isinstance(verdict, Proceed):
            counted = Counter(verdict.failures[CountedBy.TYPED_HERE], moment, None)
            tries += 1
        else:
            moment += timedelta(seconds=verdict.seconds)

    assert 90 <= tries <= 110
