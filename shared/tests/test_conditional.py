"""A change that was asked for another state than the one that is there has no effect."""

import pytest
from pydantic import BaseModel

from vigie_shared.conditional import ANY_STATE, Precondition, etag_of, expect, holds
from vigie_shared.errors import PreconditionFailed


class Company(BaseModel):
    code: str
    name: str


NORD = etag_of(Company(code="NORD", name="Nord"))
RENAMED = etag_of(Company(code="NORD", name="Nord SA"))


def test_a_document_has_one_strong_etag_and_another_content_another() -> None:
    assert etag_of(Company(code="NORD", name="Nord")) == NORD
    assert NORD != RENAMED
    assert NORD.startswith('"')
    assert NORD.endswith('"')


@pytest.mark.parametrize(
    ("if_match", "if_none_match", "current"),
    [
        (None, None, None),
        (None, None, NORD),
        (NORD, None, NORD),
        (f'"other", {NORD}', None, NORD),
        ("*", None, NORD),
        (None, "*", None),
        (None, RENAMED, NORD),
    ],
)
def test_what_fits_goes(if_match: str | None, if_none_match: str | None, current: str | None) -> None:
    expect(if_match, if_none_match, current)


@pytest.mark.parametrize(
    ("if_match", "if_none_match", "current"),
    [
        (NORD, None, RENAMED),
        (NORD, None, None),
        ("*", None, None),
        (f"W/{NORD}", None, NORD),
        ("", None, NORD),
        (NORD.strip('"'), None, NORD),
        (None, "*", NORD),
        (None, NORD, NORD),
        (NORD, "*", NORD),
    ],
)
def test_what_does_not_is_refused_with_what_it_is_now(
    if_match: str | None, if_none_match: str | None, current: str | None
) -> None:
    with pytest.raises(PreconditionFailed) as refused:
        expect(if_match, if_none_match, current)

    assert refused.value.status == 412
    assert refused.value.extra == {"etag": current}
    assert refused.value.headers == ({"ETag": current} if current else {})
    assert "Fetch it" in refused.value.detail


def test_a_reader_holds_what_it_names_or_anything_by_a_star() -> None:
    assert holds(f'"other", W/{NORD}', NORD)
    assert holds("*", NORD)
    assert not holds(RENAMED, NORD)
    assert not holds(None, NORD)


def test_a_request_is_held_to_the_document_that_would_be_answered() -> None:
    nord = Company(code="NORD", name="Nord")

    Precondition(if_match=NORD).expect(nord)
    ANY_STATE.expect(nord)
    ANY_STATE.expect(None)

    with pytest.raises(PreconditionFailed):
        Precondition(if_match=RENAMED).expect(nord)
    with pytest.raises(PreconditionFailed):
        Precondition(if_match=NORD).expect(None)
    with pytest.raises(PreconditionFailed):
        Precondition(if_none_match="*").expect(nord)
