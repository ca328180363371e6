"""The settings of the mobile gateway, beside those of every service."""

from typing import ClassVar

from pydantic import Field

from vigie_shared.settings import Settings


class GatewaySettings(Settings):
    service: ClassVar[str] = "mobile-gateway"

    snapshot_memory: int = Field(
        64,
        ge=0,
        description="MiB of memory for ready answers; those not asked for lately go first",
        examples=["64"],
    )
    announcement_days: int = Field(
        7, ge=1, description="Days for which a phone that was away can learn what it missed", examples=["7"]
    )
    heartbeat: float = Field(
        15, gt=0, le=60, description="Seconds between signs of life on an open stream of a phone", examples=["15"]
    )
