"""What is published, decided without any store: R1 and R12 for every order and repetition of messages."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from vigie_publisher.domain.publication import (
    Claimed,
    Decision,
    Granted,
    Publish,
    RefuseDeleted,
    RefuseSuspended,
    Repeated,
    Standing,
    Supersede,
    Version,
    Void,
    decide,
    decide_all,
    is_granted,
    void_until,
)
from vigie_shared.events import Scope

START = datetime(2026, 11, 24, tzinfo=UTC)
ACME = Scope(kind="company", code="ACME")
NOTHING = Standing(Void(), {}, {})

moments = st.integers(0, 5).map(lambda minutes: START + timedelta(minutes=minutes))
versions = st.builds(Version, moments, st.integers(1, 4).map(lambda number: UUID(int=number)))
scopes = st.sampled_from([ACME, Scope(kind="company", code="NORD"), Scope(kind="family", code="ACME")])
messages = st.lists(st.tuples(scopes, versions), max_size=12)


def after(standing: Standing, scope: Scope, decision: Decision) -> Standing:
    """What stands once a decision about `scope` has had its effect."""
    if not isinstance(decision, Publish | Supersede):
        return standing
    kept = {**standing.history, scope: standing.history.get(scope, frozenset()) | {decision.version}}
    shown = {**standing.snapshots, scope: decision.version} if isinstance(decision, Publish) else standing.snapshots
    return Standing(standing.void, shown, kept)


def settled(standing: Standing, asked: list[tuple[Scope, Version]]) -> Standing:
    for scope, version in asked:
        standing = after(standing, scope, decide(standing, scope, version))
    return standing


@given(messages, st.data())
def test_r12_any_order_and_repetition_of_messages_ends_in_the_same_state(
    asked: list[tuple[Scope, Version]], data: st.DataObject
) -> None:
    again = data.draw(st.permutations(asked + data.draw(st.lists(st.sampled_from(asked)) if asked else st.just([]))))
    assert settled(NOTHING, again) == settled(NOTHING, asked)


@given(messages)
def test_r12_the_newest_version_stands_and_every_one_is_kept_once(asked: list[tuple[Scope, Version]]) -> None:
    standing = settled(NOTHING, asked)
    for scope in {scope for scope, _ in asked}:
        theirs = {version for one, version in asked if one == scope}
        assert standing.snapshots[scope] == max(theirs)
        assert standing.history[scope] == theirs


@given(messages, messages)
def test_r12_a_batch_is_decided_as_its_messages_one_by_one(
    before: list[tuple[Scope, Version]], asked: list[tuple[Scope, Version]]
) -> None:
    standing = settled(NOTHING, before)
    one_by_one = []
    state = standing
    for scope, version in asked:
        one_by_one.append(decide(state, scope, version))
        state = after(state, scope, one_by_one[-1])
    assert decide_all(standing, asked) == one_by_one


def test_r12_a_late_message_is_kept_as_history_and_answered_as_superseded() -> None:
    newer, late = Version(START + timedelta(minutes=1), UUID(int=1)), Version(START, UUID(int=2))
    assert decide_all(NOTHING, [(ACME, newer), (ACME, late), (ACME, late)]) == [
        Publish(newer),
        Supersede(late),
        Repeated(),
    ]


@given(st.lists(moments, min_size=1), st.data())
def test_r1_suspensions_void_the_same_in_any_order_and_repetition(
    suspended: list[datetime], data: st.DataObject
) -> None:
    known = None
    for at in data.draw(st.permutations(suspended + data.draw(st.lists(st.sampled_from(suspended))))):
        known = void_until(known, at)
    assert known == max(suspended)


@given(messages, moments)
def test_r1_a_grant_from_before_a_suspension_publishes_nothing_and_takes_nothing_away(
    before: list[tuple[Scope, Version]], at: datetime
) -> None:
    published = settled(NOTHING, before)
    suspended = Standing(Void(suspended=at), published.snapshots, published.history)
    for scope, version in before:
        if version.started_at <= at:
            assert decide(suspended, scope, version) == RefuseSuspended()
    assert settled(suspended, before) == suspended


def test_r1_a_grant_from_after_resuming_publishes_whatever_was_void_before() -> None:
    version = Version(START + timedelta(microseconds=1), UUID(int=1))
    assert decide(Standing(Void(suspended=START), {}, {}), ACME, version) == Publish(version)


@given(messages, moments)
def test_r11_a_grant_from_before_a_deletion_publishes_nothing_whatever_comes_in_which_order(
    asked: list[tuple[Scope, Version]], at: datetime
) -> None:
    deleted = Standing(Void(deleted=at), {}, {})
    for scope, version in asked:
        assert (decide(deleted, scope, version) == RefuseDeleted()) == (version.started_at <= at)
    later = [(scope, version) for scope, version in asked if version.started_at > at]
    assert settled(deleted, asked) == settled(deleted, later)


def test_r13_a_grant_serves_its_own_client_and_extraction_only() -> None:
    granted = Granted("ACME", Version(START, UUID(int=1)))
    assert is_granted(Claimed("ACME", UUID(int=1), ACME), granted)
    assert not is_granted(Claimed("NORD", UUID(int=1), ACME), granted)
    assert not is_granted(Claimed("ACME", UUID(int=2), ACME), granted)
    assert not is_granted(Claimed("ACME", UUID(int=1), ACME), None)
