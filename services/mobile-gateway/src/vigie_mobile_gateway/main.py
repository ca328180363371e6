"""The composition root of the mobile gateway."""

from datetime import timedelta
from pathlib import Path

import httpx2
from prometheus_client import Gauge

from vigie_mobile_gateway import api, consumers, schedule
from vigie_mobile_gateway.devices import devices_router
from vigie_mobile_gateway.hot import HotPath
from vigie_mobile_gateway.live import Live, Phones
from vigie_mobile_gateway.publications import Publications
from vigie_mobile_gateway.sessions import Sessions
from vigie_mobile_gateway.settings import GatewaySettings
from vigie_mobile_gateway.snapshots import Snapshots
from vigie_shared import topology
from vigie_shared.access import Auth, Verifier
from vigie_shared.audit import as_auth_knows, audit_routes
from vigie_shared.bus import Bus
from vigie_shared.database import Pool
from vigie_shared.pages import Pages
from vigie_shared.parked import ParkedMessages
from vigie_shared.parked_routes import parked_routes
from vigie_shared.service import ServiceApp, create_service

PHONE_APP = Path(__file__).parent / "pages"
"""Where `make setup` builds the phone app."""


def create_app(settings: GatewaySettings, pool: Pool, bus: Bus) -> ServiceApp:
    """The gateway, ready to be served."""
    http = httpx2.AsyncClient(timeout=10)
    auth_address = settings.address_of("auth")
    auth = Auth(http, auth_address)
    publications = Publications(http, settings.address_of("publisher"))
    verifier = Verifier(auth.keys)
    sessions = Sessions(verifier, auth)
    snapshots = Snapshots(publications, settings.snapshot_memory * 1024 * 1024)
    phones = Phones()
    live = Live(sessions, snapshots, phones)
    bus.listen(topology.GATEWAY_INSTANCES, live.hear, live.gap)
    announcing = consumers.announcements(pool)
    hearing = (announcing, consumers.deletions(pool, ParkedMessages(pool, bus, [announcing]).forget))
    app = create_service(
        settings,
        pool,
        bus,
        routers=[
            api.sign_in_router(http, auth_address, sessions, phones),
            devices_router(http, auth_address, sessions, phones),
            api.reading_router(sessions, snapshots, publications),
            api.events_router(pool, sessions, phones, settings.heartbeat),
            audit_routes(pool, verifier, settings.service, still_signed_in=as_auth_knows(auth)),
            parked_routes(ParkedMessages(pool, bus, hearing), verifier),
        ],
        consumers=hearing,
        loops={
            "announcements": lambda: schedule.drop_old_announcements(pool, timedelta(days=settings.announcement_days))
        },
        http=http,
        when_stopping=phones.stop,
        pages={"/": Pages(PHONE_APP)},
    )
    listening = Gauge(
        "vigie_phones_listening", "Open streams of phones", ["service"], registry=app.state.metrics.registry
    )
    listening.labels(settings.service).set_function(lambda: len(phones))
    app.at_once = HotPath(sessions, snapshots, app.state.metrics).at_once
    return app
