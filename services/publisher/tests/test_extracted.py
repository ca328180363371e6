"""What the publisher makes of the bytes of a message: whatever their order, exactly the figures that they hold."""

import json
from collections.abc import Mapping
from typing import Any
from uuid import uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from vigie_publisher.domain.extracted import Extracted, read
from vigie_shared import events
from vigie_shared.events import IndicatorsExtracted

FIGURES = {"treasury_position": {"available": True, "amount": "5230.10", "rows": [{"label": "Caisse"}]}}


def members(indicators: object = FIGURES, **others: object) -> dict[str, Any]:
    """A message as JSON members, in the order in which Vigie writes them; `others` come before the data."""
    return {
        "specversion": "1.0",
        "id": str(uuid4()),
        "source": "/vigie/extractor",
        "type": "vigie.indicators.extracted.v1",
        "subject": "company/ACME",
        "time": "2026-11-24T12:00:00Z",
        "clientcode": "C1",
        **others,
        "data": {
            "extraction_id": str(uuid4()),
            "grant": "signed",
            "scope": {"kind": "company", "code": "ACME", "name": "Acme"},
            "as_of": "2026-11-24",
            "currency": "EUR",
            "periods": {"month": ["2026-11-01", "2026-11-24"]},
            "indicators": indicators,
        },
    }


def written(message: Mapping[str, Any]) -> bytes:
    return json.dumps(message, ensure_ascii=False, separators=(",", ":")).encode()


def figures(body: bytes) -> Any:
    event = read(body)
    assert isinstance(event, Extracted)
    assert event.data.indicators == {}
    return json.loads(event.figures)


def test_what_vigie_writes_is_kept_byte_by_byte_and_all_else_is_read() -> None:
    said = events.parse(written(members()))
    assert isinstance(said, IndicatorsExtracted)
    heard = read(said.to_bytes())
    assert isinstance(heard, Extracted)
    assert heard.figures.encode() in said.to_bytes()
    assert json.loads(heard.figures) == FIGURES
    assert heard.model_copy(update={"data": said.data}).model_dump(exclude={"figures"}) == said.model_dump()


# Texts in which the bytes that are looked for may occur where they mean nothing.
texts = st.text() | st.sampled_from(
    ['"indicators":', '\\"indicators":{}}}', "}}", "indicators", '{"indicators":{', "\0"]
)
values = st.recursive(
    st.none() | st.booleans() | st.integers() | texts,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(texts, inner, max_size=3),
    max_leaves=8,
)
objects = st.dictionaries(texts, values, max_size=3)


@given(
    indicators=st.dictionaries(texts, objects, max_size=3),
    additions=st.dictionaries(st.sampled_from(["indicators", "added", "x"]), values | st.just({"indicators": FIGURES})),
    additions_to_data=st.dictionaries(st.sampled_from(["added", "x"]), values | st.just({"indicators": FIGURES})),
    order=st.randoms(use_true_random=False),
    last=st.booleans(),
)
def test_the_figures_are_found_wherever_a_writer_puts_them_and_whatever_stands_beside_them(
    indicators: dict[str, Any],
    additions: dict[str, Any],
    additions_to_data: dict[str, Any],
    order: Any,
    last: bool,
) -> None:
    message = members(indicators) | additions
    message["data"] |= additions_to_data
    if not last:
        message["data"] = _shuffled(message["data"], order)
        message = _shuffled(message, order)
    assert figures(written(message)) == indicators
    assert figures(json.dumps(message).encode()) == indicators  # other spaces, other escapes


def _shuffled(message: Mapping[str, Any], order: Any) -> dict[str, Any]:
    names = list(message)
    order.shuffle(names)
    return {name: message[name] for name in names}


@pytest.mark.parametrize("wrong", ["none", [], {"treasury_position": None}, {"treasury_position": "5230.10"}, None])
def test_indicators_of_another_form_are_none(wrong: object) -> None:
    with pytest.raises(ValidationError):
        read(written(members(wrong)))


@pytest.mark.parametrize(
    "broken",
    [
        b'{"a":{"available":tru}}',
        b'{"a":{"available":true}}}',
        b'{"a":{"available":true}',
        b'{"a":{"label":"\xff"}}',
        b'{"a":{}},"indicators":{"b":{}',
    ],
)
def test_figures_that_are_not_whole_json_are_none(broken: bytes) -> None:
    body = written(members("HERE")).replace(b'"HERE"', broken)
    try:
        expected = json.loads(body)["data"]["indicators"]
    except ValueError:
        with pytest.raises(ValidationError):
            read(body)
    else:
        assert figures(body) == expected


def test_a_message_without_what_the_publisher_decides_by_is_none() -> None:
    for name in ("extraction_id", "grant", "scope", "as_of", "currency", "periods", "indicators"):
        message = members()
        del message["data"][name]
        with pytest.raises(ValidationError):
            read(written(message))


def test_another_event_is_left_to_be_recognised_as_not_for_this_queue() -> None:
    started = members() | {"type": "vigie.extraction.started.v1", "data": {"extraction_id": str(uuid4())}}
    assert not isinstance(read(written(started)), Extracted)
