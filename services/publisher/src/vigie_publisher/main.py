"""The composition root of the publisher."""

import httpx2
from fastapi import FastAPI

from vigie_publisher.api import deletions, reading
from vigie_publisher.consumers import deletions_consumer, publishing_consumers
from vigie_publisher.handlers.deletions import Deletions
from vigie_publisher.settings import PublisherSettings
from vigie_shared.access import Auth, Verifier
from vigie_shared.audit import as_auth_knows, audit_routes
from vigie_shared.bus import Bus
from vigie_shared.database import Pool
from vigie_shared.parked import ParkedMessages
from vigie_shared.parked_routes import parked_routes
from vigie_shared.service import create_service


def create_app(settings: PublisherSettings, pool: Pool, bus: Bus) -> FastAPI:
    """The publisher, ready to be served."""
    http = httpx2.AsyncClient(timeout=10)
    auth = Auth(http, settings.address_of("auth"))
    verifier = Verifier(auth.keys)
    publishing = publishing_consumers(pool, verifier)
    consumers = (*publishing, deletions_consumer(pool, ParkedMessages(pool, bus, publishing).forget))
    return create_service(
        settings,
        pool,
        bus,
        routers=[
            reading.router(pool, verifier, auth),
            deletions.router(Deletions(pool, auth, verifier), verifier, auth),
            audit_routes(pool, verifier, settings.service, still_signed_in=as_auth_knows(auth)),
            parked_routes(ParkedMessages(pool, bus, consumers), verifier),
        ],
        consumers=consumers,
        http=http,
    )
