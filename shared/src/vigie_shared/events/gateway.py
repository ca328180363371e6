"""What the mobile gateway says: what it emptied for a deletion."""

from typing import Literal

from vigie_shared.events.envelope import EmptiedData, Event


class GatewayEmptied(Event):
    service = "mobile-gateway"
    source: str = "/vigie/mobile-gateway"
    type: Literal["vigie.mobile-gateway.emptied.v1"] = "vigie.mobile-gateway.emptied.v1"
    data: EmptiedData
