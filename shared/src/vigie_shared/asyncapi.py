"""The messages as an AsyncAPI 3 document, made from events.py and topology.py. `make asyncapi` writes it."""

import json
import sys
from pathlib import Path
from typing import Any, get_args

from pydantic.json_schema import models_json_schema

from vigie_shared import topology
from vigie_shared.events import AnyEvent, Event


def event_types() -> tuple[type[Event], ...]:
    """Every event that there is."""
    union, _discriminator = get_args(AnyEvent)
    return get_args(union)


def document() -> dict[str, Any]:
    """One channel per event, on the one exchange, with who says it and which queues hear it."""
    events = event_types()
    _, schemas = models_json_schema([(event, "serialization") for event in events], ref_template=_SCHEMA + "{model}")
    return {
        "asyncapi": "3.0.0",
        "info": {
            "title": "Vigie events",
            "version": "1",
            "description": "CloudEvents 1.0 in structured JSON. Within v1 only optional fields are added.",
        },
        "channels": {event.routing_stem(): _channel(event) for event in events},
        "operations": {f"{event.service} says {event.routing_stem()}": _operation(event) for event in events},
        "components": {"schemas": schemas["$defs"]},
    }


def text() -> str:
    """The document as it is kept: JSON, which every YAML reader reads."""
    return json.dumps(document(), indent=2, ensure_ascii=False) + "\n"


_SCHEMA = "#/components/schemas/"


def _channel(event: type[Event]) -> dict[str, Any]:
    heard_by = [queue.name for queue in topology.QUEUES if event in queue.hears]
    heard_by += [f"every instance of {cast.owner}" for cast in topology.BROADCASTS if event in cast.hears]
    return {
        "address": f"{event.routing_stem()}.{{client}}",
        "description": f"Heard by {', '.join(heard_by)}." if heard_by else "Heard by nobody in Vigie itself.",
        "parameters": {"client": {"description": "The client code"}},
        "messages": {event.__name__: {"contentType": "application/cloudevents+json", "payload": _ref(event)}},
        "bindings": {"amqp": {"is": "routingKey", "exchange": {"name": topology.EXCHANGE, "type": "topic"}}},
    }


def _operation(event: type[Event]) -> dict[str, Any]:
    return {"action": "send", "channel": {"$ref": f"#/channels/{event.routing_stem()}"}}


def _ref(event: type[Event]) -> dict[str, str]:
    return {"$ref": _SCHEMA + event.__name__}


if __name__ == "__main__":
    Path(sys.argv[1]).write_text(text(), encoding="utf-8")
