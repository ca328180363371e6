"""What a slot that has come leads to, and whose schedule a change makes it."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from vigie_extractor.domain.schedule_rules import rule_of
from vigie_extractor.domain.schedules import Fire, Missed, PassOver, Plan, take_up, takes_over
from vigie_extractor.domain.selection import Selection

FIRST = datetime(2026, 11, 25, 5, 30, tzinfo=UTC)
DAY = timedelta(days=1)
MORNING = rule_of('{"kind": "daily", "at": "06:30"}')
PLAN = Plan("Every morning", MORNING, "Europe/Paris", Selection(("NORD",)), Missed.RUN_ONCE, paused=False)


@pytest.mark.parametrize(
    ("missed", "late", "taken"),
    [
        (Missed.RUN_ONCE, timedelta(0), Fire(FIRST)),
        (Missed.SKIP, timedelta(minutes=5), Fire(FIRST)),
        (Missed.RUN_ONCE, timedelta(hours=23), Fire(FIRST)),
        (Missed.SKIP, timedelta(minutes=5, seconds=1), PassOver(FIRST, FIRST)),
        (Missed.RUN_ONCE, timedelta(hours=50), Fire(FIRST + 2 * DAY, missed_since=FIRST)),
        (Missed.SKIP, timedelta(hours=50), PassOver(FIRST + 2 * DAY, FIRST)),
        (Missed.SKIP, timedelta(hours=48, minutes=1), Fire(FIRST + 2 * DAY, missed_since=FIRST)),
    ],
)
def test_missed_slots_are_made_up_for_once_or_passed_over(
    missed: Missed, late: timedelta, taken: Fire | PassOver
) -> None:
    assert take_up(replace(PLAN, missed=missed), FIRST, FIRST + late) == taken


def test_a_schedule_has_the_rights_of_whoever_changes_or_resumes_it_but_not_of_whoever_pauses_it() -> None:
    running_plan, paused = PLAN, replace(PLAN, paused=True)
    assert not takes_over(running_plan, paused)
    assert takes_over(paused, running_plan)
    assert takes_over(running_plan, replace(PLAN, name="Other"))
    assert takes_over(paused, replace(paused, name="Other"))
    assert not takes_over(paused, paused)
