"""Prints the OpenAPI document of the gateway, from which the phone app's client is generated."""

import asyncio
import json
import sys
from typing import Any

import asyncpg

from vigie_mobile_gateway.main import create_app
from vigie_mobile_gateway.settings import GatewaySettings
from vigie_shared.local_bus import LocalBus


async def document() -> dict[str, Any]:
    """The document as the gateway serves it. Its pool is never connected: describing asks nobody."""
    pool = asyncpg.create_pool()
    return create_app(GatewaySettings(), pool, LocalBus(pool)).openapi()


if __name__ == "__main__":
    json.dump(asyncio.run(document()), sys.stdout, indent=1)
