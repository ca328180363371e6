"""Golden messages: one for each event type, only ever added. What was once on the wire can always be read."""

from pathlib import Path

import pytest

from vigie_shared import events
from vigie_shared.asyncapi import event_types, text
from vigie_shared.events import Event

GOLDEN = Path(__file__).parent / "golden"
ASYNCAPI = Path(__file__).parents[2] / "shared" / "asyncapi.yaml"


@pytest.mark.parametrize("event", event_types(), ids=lambda event: event.routing_stem())
def test_every_event_has_a_golden_message(event: type[Event]) -> None:
    assert list(GOLDEN.glob(f"{event.routing_stem()}*.json")), f"add {event.routing_stem()}.json to {GOLDEN}"


@pytest.mark.parametrize("golden", sorted(GOLDEN.glob("*.json")), ids=lambda path: path.stem)
def test_a_golden_message_is_read_and_written_as_it_is(golden: Path) -> None:
    body = golden.read_bytes().rstrip(b"\n")
    event = events.parse(body)
    assert event.routing_stem() == golden.stem.partition("+")[0]
    assert event.to_bytes() == body


def test_fields_that_a_later_version_added_are_ignored() -> None:
    body = (GOLDEN / "client.suspended.v1.json").read_bytes()
    later = body.replace(b'"data":{', b'"dataschema":"later","data":{"reason":"later",')
    assert later != body
    assert events.parse(later) == events.parse(body)


def test_the_asyncapi_document_is_that_of_the_code() -> None:
    assert ASYNCAPI.read_text(encoding="utf-8") == text(), "type: make asyncapi"
