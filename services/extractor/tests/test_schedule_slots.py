"""Slots: when a rule is due in a time zone, through both changes of its clocks and the odd days of the calendar."""

from datetime import UTC, date, datetime, time, timedelta
from itertools import islice, pairwise, takewhile
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError

from vigie_extractor.domain.schedule_rules import Daily, Every, Rule, is_working_day, rule_document, rule_of
from vigie_extractor.domain.schedule_slots import first_slots, latest_slot, moment_of, next_slot, slots

RULE: TypeAdapter[Rule] = TypeAdapter(Rule)

CHANGES = {
    "Europe/Paris": (datetime(2027, 3, 28, 1, tzinfo=UTC), datetime(2026, 10, 25, 1, tzinfo=UTC)),
    "America/New_York": (datetime(2027, 3, 14, 7, tzinfo=UTC), datetime(2026, 11, 1, 6, tzinfo=UTC)),
    "Australia/Lord_Howe": (datetime(2026, 10, 3, 15, 30, tzinfo=UTC), datetime(2027, 4, 3, 15, tzinfo=UTC)),
}
"""When the clocks of a zone go forward, and when they go back. Those of Lord Howe do so by half an hour."""

ZONES = st.sampled_from([*CHANGES, "UTC", "Asia/Kathmandu", "Pacific/Apia", "America/Caracas"])


def times_on_the_wall(first: int, last: int) -> st.SearchStrategy[datetime]:
    return st.datetimes(datetime(first, 1, 1), datetime(last, 12, 31))  # noqa: DTZ001


def rule(kind: str, **members: Any) -> Rule:
    return RULE.validate_python({"kind": kind, **members})


def shown(found: list[datetime]) -> list[str]:
    return [one.isoformat(timespec="minutes") for one in found]


def after(zone: str, year: int, month: int, day: int, hour: int = 0, minute: int = 0) -> datetime:
    return datetime(year, month, day, hour, minute, tzinfo=ZoneInfo(zone))


# --- the calendar -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("wanted", "since", "slots_then"),
    [
        (rule("daily", at="06:30"), (2026, 11, 24), ["2026-11-24", "2026-11-25", "2026-11-26"]),
        # Friday; then Christmas and the weekend, then Monday
        (rule("working_days", at="06:30"), (2026, 12, 24), ["2026-12-24", "2026-12-28", "2026-12-29"]),
        # Easter Monday, Ascension and Whit Monday move with the year
        (rule("working_days", at="06:30"), (2027, 3, 27), ["2027-03-30", "2027-03-31", "2027-04-01"]),
        (
            rule("weekly", days=["friday", "monday"], at="06:30"),
            (2026, 11, 24),
            ["2026-11-27", "2026-11-30", "2026-12-04"],
        ),
        (rule("monthly", day=31, at="06:30"), (2027, 2, 1), ["2027-02-28", "2027-03-31", "2027-04-30"]),
        (rule("monthly", day=29, at="06:30"), (2028, 1, 30), ["2028-02-29", "2028-03-29", "2028-04-29"]),
        # 31 January 2027 is a Sunday, 28 March is Easter, and 31 December is a Friday
        (rule("monthly_last_working_day", at="06:30"), (2027, 1, 1), ["2027-01-29", "2027-02-26", "2027-03-31"]),
        # 1 May 2028 is a Monday: April ends on its Friday
        (rule("monthly_last_working_day", at="06:30"), (2028, 4, 1), ["2028-04-28", "2028-05-31", "2028-06-30"]),
        (rule("cron", expression="30 6 13 * FRI"), (2026, 11, 12), ["2026-11-13", "2026-11-20", "2026-11-27"]),
        (rule("cron", expression="30 6 29 2 *"), (2026, 11, 12), ["2028-02-29", "2032-02-29", "2036-02-29"]),
    ],
)
def test_a_rule_picks_its_days(wanted: Rule, since: tuple[int, int, int], slots_then: list[str]) -> None:
    zone = ZoneInfo("Europe/Paris")
    found = first_slots(wanted, zone, after("Europe/Paris", *since), 3)
    assert [one.date().isoformat() for one in found] == slots_then
    assert {one.time() for one in found} == {time(6, 30)}


def test_every_so_many_minutes_keeps_to_its_hours_and_working_days() -> None:
    wanted = rule("every", minutes=45, **{"from": "08:00", "until": "10:00"}, working_days=True)
    found = first_slots(wanted, ZoneInfo("Europe/Paris"), after("Europe/Paris", 2026, 11, 27, 8), 4)
    assert [one.strftime("%a %H:%M") for one in found] == ["Fri 08:45", "Fri 09:30", "Mon 08:00", "Mon 08:45"]


@pytest.mark.parametrize(
    "holiday", ["2026-01-01", "2026-04-06", "2026-05-14", "2026-05-25", "2026-07-14", "2026-12-25"]
)
def test_public_holidays_in_france_are_no_working_days(holiday: str) -> None:
    assert not is_working_day(date.fromisoformat(holiday))


# --- the clocks ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("zone", "at", "since", "then"),
    [
        ("Europe/Paris", "02:30", (2027, 3, 27), ["27T02:30+01:00", "28T03:00+02:00", "29T02:30+02:00"]),
        ("Europe/Paris", "02:30", (2026, 10, 24), ["24T02:30+02:00", "25T02:30+02:00", "26T02:30+01:00"]),
        ("America/New_York", "02:15", (2027, 3, 13), ["13T02:15-05:00", "14T03:00-04:00", "15T02:15-04:00"]),
        ("America/New_York", "01:15", (2026, 10, 31), ["31T01:15-04:00", "01T01:15-04:00", "02T01:15-05:00"]),
        ("Australia/Lord_Howe", "02:15", (2026, 10, 3), ["03T02:15+10:30", "04T02:30+11:00", "05T02:15+11:00"]),
        ("Australia/Lord_Howe", "01:45", (2027, 4, 3), ["03T01:45+11:00", "04T01:45+11:00", "05T01:45+10:30"]),
    ],
)
@pytest.mark.parametrize("kind", ["daily", "cron"])
def test_a_time_left_out_is_due_at_the_change_and_a_time_that_comes_twice_once(
    zone: str, at: str, since: tuple[int, int, int], then: list[str], kind: str
) -> None:
    wanted = rule("daily", at=at) if kind == "daily" else rule("cron", expression=f"{at[3:]} {int(at[:2])} * * *")
    assert [one[8:] for one in shown(first_slots(wanted, ZoneInfo(zone), after(zone, *since), 3))] == then


def test_many_times_left_out_are_due_once_with_the_one_that_follows() -> None:
    wanted = rule("every", minutes=20)
    found = first_slots(wanted, ZoneInfo("Europe/Paris"), after("Europe/Paris", 2027, 3, 28, 1, 30), 3)
    assert shown(found) == ["2027-03-28T01:40+01:00", "2027-03-28T03:00+02:00", "2027-03-28T03:20+02:00"]


def test_many_times_that_come_twice_are_due_the_first_time_alone() -> None:
    wanted = rule("cron", expression="*/20 * * * *")
    found = first_slots(wanted, ZoneInfo("Europe/Paris"), after("Europe/Paris", 2026, 10, 25, 1, 50), 4)
    assert shown(found) == [
        "2026-10-25T02:00+02:00",
        "2026-10-25T02:20+02:00",
        "2026-10-25T02:40+02:00",
        "2026-10-25T03:00+01:00",
    ]


def test_a_whole_day_that_a_zone_left_out_is_due_once_when_it_is_over() -> None:
    # Samoa went from 29 to 31 December 2011
    found = first_slots(rule("daily", at="12:00"), ZoneInfo("Pacific/Apia"), after("Pacific/Apia", 2011, 12, 29), 3)
    assert shown(found) == ["2011-12-29T12:00-10:00", "2011-12-31T00:00+14:00", "2011-12-31T12:00+14:00"]


@given(zone=st.sampled_from([*CHANGES]), change=st.sampled_from([0, 1]), at=st.times(), step=st.integers(-1, 1))
@example(zone="Europe/Paris", change=0, at=time(2, 59), step=0)
@example(zone="Australia/Lord_Howe", change=0, at=time(2, 0), step=0)
def test_a_daily_schedule_is_due_once_on_each_day_around_a_change(zone: str, change: int, at: time, step: int) -> None:
    # given the days around a change of the clocks
    where = ZoneInfo(zone)
    middle = CHANGES[zone][change].astimezone(where).date()
    start = datetime.combine(middle - timedelta(days=3), time(), where)
    wanted = Daily(at=at.replace(second=0, microsecond=0))

    # when its slots are asked for, wherever in between the clock stands
    found = first_slots(wanted, where, start + timedelta(hours=step), 6)

    # then there is one a day, at the time said, but where the clocks pass over it: at the change itself
    assert [one.date() for one in found][:5] == [found[0].date() + timedelta(days=number) for number in range(5)]
    for one in found:
        if one.time().replace(tzinfo=None) != wanted.at:
            assert one == CHANGES[zone][change]
            assert one.date() == middle


@given(
    zone=st.sampled_from([*CHANGES]),
    change=st.sampled_from([0, 1]),
    minutes=st.integers(1, 90),
    offset=st.integers(-180, 180),
)
def test_slots_come_in_order_none_is_left_out_and_none_comes_twice(
    zone: str, change: int, minutes: int, offset: int
) -> None:
    # given a rule that is due several times during a change, and a moment near it
    where, wanted = ZoneInfo(zone), Every(minutes=minutes)
    since = CHANGES[zone][change] + timedelta(minutes=offset)

    # when its slots are asked for one by one, each from the one before, as the scheduler does
    found = list(islice(slots(wanted, where, since), 12))
    one_by_one = [since]
    for _ in found:
        following = next_slot(wanted, where, one_by_one[-1])
        assert following is not None
        one_by_one.append(following)

    # then it is the same, in order, and every time of the wall in that span has its moment among them
    assert one_by_one[1:] == found
    assert all(one < other for one, other in pairwise([since, *found]))
    day = since.astimezone(where).date()
    walls = [datetime.combine(day + timedelta(days=n), at) for n in (-1, 0, 1, 2) for at in wanted.times()]
    expected = {moment for moment in (moment_of(wall, where) for wall in walls) if since < moment <= found[-1]}
    assert expected == set(found)


@given(zone=ZONES, local=times_on_the_wall(1975, 2037))
def test_the_moment_of_a_time_shows_that_time_or_is_the_change_that_passes_over_it(zone: str, local: datetime) -> None:
    local = local.replace(second=0, microsecond=0)
    where = ZoneInfo(zone)
    moment = moment_of(local, where)
    wall = moment.astimezone(where).replace(tzinfo=None)
    if wall != local:
        second = timedelta(seconds=1)
        before = (moment - second).astimezone(where).replace(tzinfo=None)
        assert before < local < wall
        assert wall - before > second
    # and no earlier moment shows it
    assert (moment - timedelta(hours=1)).astimezone(where).replace(tzinfo=None) != local


@given(
    zone=ZONES,
    wanted=st.sampled_from(
        [
            rule("daily", at="02:30"),
            rule("working_days", at="23:59"),
            rule("monthly", day=31, at="00:00"),
            rule("every", minutes=7),
            rule("cron", expression="*/13 1-3 * * SUN"),
        ]
    ),
    start=times_on_the_wall(2026, 2027),
    absence=st.timedeltas(timedelta(0), timedelta(days=20)),
)
def test_the_latest_slot_of_an_absence_is_the_last_of_all_that_came(
    zone: str, wanted: Rule, start: datetime, absence: timedelta
) -> None:
    where = ZoneInfo(zone)
    first = next_slot(wanted, where, start.replace(tzinfo=UTC))
    assert first is not None
    now = first + absence
    every = [first, *takewhile(lambda one: one <= now, slots(wanted, where, first))]
    assert latest_slot(wanted, where, first, now) == every[-1]


# --- as JSON ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "document",
    [
        {"kind": "daily", "at": "06:30"},
        {"kind": "working_days", "at": "00:00"},
        {"kind": "weekly", "days": ["monday", "friday"], "at": "23:59"},
        {"kind": "monthly", "day": 31, "at": "06:30"},
        {"kind": "monthly_last_working_day", "at": "18:00"},
        {"kind": "every", "minutes": 30, "from": "08:00", "until": "19:00", "working_days": True},
        {"kind": "cron", "expression": "30 6 * * MON-FRI"},
    ],
)
def test_a_rule_is_written_as_it_was_read(document: dict[str, Any]) -> None:
    read = RULE.validate_python(document)
    assert rule_document(read) == document
    assert rule_of(read.model_dump_json(by_alias=True)) == read


@pytest.mark.parametrize(
    ("document", "told"),
    [
        ({"kind": "daily", "at": "24:00"}, "time of day"),
        ({"kind": "daily", "at": "6:30"}, "time of day"),
        ({"kind": "daily", "at": "٠٦:٣٠"}, "time of day"),
        ({"kind": "daily", "at": 630}, "time of day"),
        ({"kind": "daily"}, "required"),
        ({"kind": "daily", "at": "06:30", "day": 3}, "not permitted"),
        ({"kind": "weekly", "days": [], "at": "06:30"}, "at least 1"),
        ({"kind": "weekly", "days": ["lundi"], "at": "06:30"}, "monday"),
        ({"kind": "monthly", "day": 0, "at": "06:30"}, "greater than or equal to 1"),
        ({"kind": "every", "minutes": 0}, "greater than or equal to 1"),
        ({"kind": "every", "minutes": 5, "from": "19:00", "until": "08:00"}, "later than"),
        ({"kind": "cron", "expression": "30 6 * *"}, "five fields"),
        ({"kind": "cron", "expression": "0 30 6 * * *"}, "five fields"),
        ({"kind": "cron", "expression": "61 6 * * *"}, "Bad minute"),
        ({"kind": "cron", "expression": "0 0 31 2 *"}, "Bad day-of-month"),
        ({"kind": "yearly", "at": "06:30"}, "daily"),
    ],
)  # fmt: skip
def test_a_rule_that_says_nothing_good_is_refused_with_what_is_wrong(document: dict[str, Any], told: str) -> None:
    with pytest.raises(ValidationError, match=told):
        RULE.validate_python(document)


@given(st.text(alphabet="0123456789*/,-#LWMONSUN? ", min_size=9, max_size=40))
def test_whatever_is_typed_as_a_cron_expression_is_refused_or_has_slots_in_order(expression: str) -> None:
    try:
        wanted = rule("cron", expression=expression)
    except ValidationError:
        return
    found = first_slots(wanted, ZoneInfo("Europe/Paris"), datetime(2026, 11, 24, tzinfo=UTC), 3)
    assert all(one < other for one, other in pairwise(found))
