"""`indicators.extracted` as the publisher takes it in: what it decides by is read, the figures stay the text they are.

The publisher keeps figures and shows them again; it computes nothing of them. To make objects of them and text of the
objects again cost more than everything else that it does with a message.
"""

from typing import Any

from pydantic import TypeAdapter, ValidationError
from pydantic_core import to_json
from typing_extensions import TypedDict

from vigie_shared import events
from vigie_shared.events import Event, IndicatorsExtracted


class Extracted(IndicatorsExtracted):
    """The indicators are the JSON text `figures`; `data.indicators` is empty."""

    figures: str = ""


class _Indicator(TypedDict):
    """Any object: what is in it is passed over."""


_FIGURES: TypeAdapter[dict[str, _Indicator]] = TypeAdapter(dict[str, _Indicator])

_MEMBER, _NOTHING, _END = b'"indicators":', b"{}", b"}}"


def read(body: bytes) -> Event:
    """The event that `body` holds. Raises ValidationError when it is none that this version knows."""
    return _cut(body) or _whole(body)


def _cut(body: bytes) -> Extracted | None:
    """The event, where the indicators are what Vigie writes last of it; None where they stand elsewhere, if anywhere.

    That it is they that were cut out is not taken for granted: with nothing in their place the rest must be the event
    without indicators, and what was cut out must be a whole value of their form.
    """
    before, member, after = body.partition(_MEMBER)
    figures = after.removesuffix(_END)
    try:
        event = Extracted.model_validate_json(b"".join((before, member, _NOTHING, _END)))
        _FIGURES.validate_json(figures)
    except ValidationError:
        return None
    if event.data.indicators or figures == after:
        return None
    return event.model_copy(update={"figures": figures.decode()})


def _whole(body: bytes) -> Event:
    event = events.parse(body)
    if not isinstance(event, IndicatorsExtracted):
        return event
    members: dict[str, Any] = dict(event)
    members["data"] = event.data.model_copy(update={"indicators": {}})
    return Extracted.model_construct(**members, figures=to_json(event.data.indicators).decode())
