"""Finished answers: which form goes to whom."""

import gzip

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vigie_mobile_gateway.domain.finished import accepts_gzip, finish

ETAG = 'W/"abc.all"'


@given(st.binary())
def test_every_form_holds_the_same_document(body: bytes) -> None:
    finished = finish(body, ETAG)
    assert finished.to(None, None).body == body
    assert gzip.decompress(finished.to(b"gzip", None).body) == body
    assert finished.to(b"gzip", ETAG.encode()).body == b""


@pytest.mark.parametrize(
    ("header", "accepted"),
    [
        (b"gzip", True),
        (b"gzip, deflate, br", True),
        (b"br;q=1.0, GZIP;q=0.5", True),
        (b"*", True),
        (b"x-gzip", True),
        (b"gzip;q=0", False),
        (b"gzip;q=0.000, *;q=1", False),
        (b"*;q=0", False),
        (b"br", False),
        (b"identity", False),
        (b"", False),
        (b"gzip;q=nonsense", False),
    ],
)
def test_only_who_accepts_gzip_is_sent_it(header: bytes, *, accepted: bool) -> None:
    assert accepts_gzip(header) is accepted


@pytest.mark.parametrize(
    ("if_none_match", "status"),
    [
        (b'W/"abc.all"', 304),
        (b'"abc.all"', 304),
        (b'"other", W/"abc.all"', 304),
        (b"*", 304),
        (b'"other"', 200),
        (b'W/"abc"', 200),
        (b"", 200),
    ],
)
def test_only_who_holds_the_document_is_told_so(if_none_match: bytes, status: int) -> None:
    assert finish(b"{}", ETAG).to(None, if_none_match).status == status


def test_an_answer_says_that_it_is_private_and_depends_on_who_asks() -> None:
    for answer in (finish(b"{}", ETAG).to(None, None), finish(b"{}", ETAG).to(None, b"*")):
        headers = dict(answer.headers)
        assert headers[b"cache-control"] == b"private, no-cache"
        assert headers[b"vary"] == b"Accept-Encoding, Authorization"
        assert headers[b"etag"] == ETAG.encode()
