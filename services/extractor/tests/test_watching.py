"""When what is new in a watched folder has come to rest, and when it has not."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vigie_extractor.domain.watching import FileSight, Sight, Watched, look

BEGUN = datetime(2026, 11, 24, 12, tzinfo=UTC)
QUIET = timedelta(seconds=30)
PERIOD = timedelta(seconds=10)

SALES = FileSight("sales_lines.csv", 100, 1, 7)
ENTRIES = FileSight("entries.csv", 100, 1, 8)


def looks(*sights: Sight) -> list[bool]:
    """Whether each look, ten seconds after the one before, leads to an extraction."""
    watched = Watched.begun(sights[0], BEGUN)
    changed = []
    for number, sight in enumerate(sights):
        looked = look(watched, sight, BEGUN + number * PERIOD, QUIET)
        watched = looked.watched
        changed.append(looked.changed)
    return changed


def seen(*files: FileSight, lacks: str | None = None) -> Sight:
    return Sight(files, lacks)


def test_what_lies_there_when_watching_begins_is_not_new() -> None:
    assert not any(looks(*[seen(SALES)] * 10))


@pytest.mark.parametrize(
    "after",
    [
        seen(SALES, ENTRIES),
        seen(replace(SALES, size=101)),
        seen(replace(SALES, written_ns=2)),
        seen(replace(SALES, inode=9)),
    ],
)
def test_a_new_or_changed_file_leads_to_one_extraction_once_it_was_the_same_for_the_quiet_period(after: Sight) -> None:
    assert looks(seen(SALES), *[after] * 6) == [False, False, False, False, True, False, False]


def test_a_file_that_grows_is_not_read_before_it_has_come_to_rest() -> None:
    growing = [seen(replace(SALES, size=100 + step)) for step in range(1, 6)]
    assert looks(seen(SALES), *growing, *[growing[-1]] * 3).index(True) == 8


def test_while_a_file_bears_the_name_of_one_being_written_nothing_is_read() -> None:
    writing = seen(SALES, ENTRIES, FileSight("stock.csv.PART", 5, 1, 9))
    done = seen(SALES, ENTRIES, FileSight("stock.csv", 5, 1, 9))
    assert not any(looks(seen(SALES), *[writing] * 20))
    assert looks(seen(SALES), *[writing] * 9, *[done] * 4) == [False] * 13 + [True]


def test_while_the_folder_names_a_file_that_is_not_there_nothing_is_read() -> None:
    waiting = seen(SALES, ENTRIES, lacks="a file")
    assert looks(seen(SALES), *[waiting] * 9, seen(SALES, ENTRIES)) == [False] * 10 + [True]


def test_files_that_only_went_are_no_reason_for_an_extraction_and_coming_back_they_are() -> None:
    both, one = seen(SALES, ENTRIES), seen(SALES)
    assert not any(looks(both, *[one] * 9))
    assert looks(both, *[one] * 5, *[both] * 4) == [False] * 9 + [True]


def test_what_keeps_new_files_from_being_read_is_told() -> None:
    watched = Watched.begun(seen(SALES), BEGUN)
    first = look(watched, seen(SALES, ENTRIES), BEGUN + PERIOD, QUIET)
    assert first.watched.waits_for == "its files to come to rest"
    part = look(first.watched, seen(SALES, ENTRIES, FileSight("a.tmp", 1, 1, 1)), BEGUN + PERIOD, QUIET)
    part = look(part.watched, seen(SALES, ENTRIES, FileSight("a.tmp", 1, 1, 1)), BEGUN + 2 * PERIOD, QUIET)
    assert part.watched.waits_for == "a.tmp, which is still being written"
    lacking = look(first.watched, seen(SALES, ENTRIES, lacks="b.csv"), BEGUN + 9 * PERIOD, QUIET)
    assert lacking.watched.waits_for == "b.csv"
    assert look(first.watched, seen(SALES, ENTRIES), BEGUN + 9 * PERIOD, QUIET).watched.waits_for is None


SIGHTS = st.lists(
    st.lists(
        st.builds(
            FileSight, st.sampled_from(["a.csv", "b.csv", "c.part"]), st.integers(1, 2), st.integers(1, 2), st.just(1)
        ),
        max_size=3,
        unique_by=lambda file: file.path,
    ).map(lambda files: Sight(tuple(files))),
    min_size=1,
    max_size=12,
)


@given(SIGHTS, st.integers(0, 3))
def test_whatever_happens_an_extraction_reads_files_at_rest_and_each_state_once(
    sights: list[Sight], again: int
) -> None:
    # given what was seen, each sight several times
    shown = [sight for sight in sights for _ in range(again + 1)]
    watched, known = Watched.begun(shown[0], BEGUN), shown[0].digests
    for number, sight in enumerate(shown):
        looked = look(watched, sight, BEGUN + number * PERIOD, QUIET)
        if looked.changed:
            # then nothing was being written, all was the same for the quiet period, and something was new
            assert not any(file.unfinished for file in sight.files)
            assert {one.digest for one in shown[number - 3 : number + 1]} == {sight.digest}
            assert any(known.get(path) != digest for path, digest in sight.digests.items())
            known = sight.digests
        elif looked.watched.known != watched.known:
            assert looked.watched.known.items() <= watched.known.items()
            known = dict(looked.watched.known)
        watched = looked.watched
