"""The composition root of the extractor."""

from datetime import timedelta

import httpx2

from vigie_extractor.api.administration import administration
from vigie_extractor.api.extractions import extractions
from vigie_extractor.api.parameters import parameters
from vigie_extractor.api.schedules import schedules
from vigie_extractor.auth import Auth
from vigie_extractor.clock import Clock, utc_now
from vigie_extractor.consumers import deletions_consumer, publications_consumer, requests_consumer
from vigie_extractor.handlers.cash_accounts import CashAccounts
from vigie_extractor.handlers.credentials import Credentials, Seal
from vigie_extractor.handlers.execution import Compute, Execution
from vigie_extractor.handlers.extractions import Extractions
from vigie_extractor.handlers.parameter_preview import ParameterPreview
from vigie_extractor.handlers.parameters import ParameterSettings
from vigie_extractor.handlers.progress import log_step
from vigie_extractor.handlers.schedules import Schedules
from vigie_extractor.handlers.sources import Sources
from vigie_extractor.handlers.surveys import Surveys
from vigie_extractor.handlers.watching import Watching
from vigie_extractor.orders import carry_out
from vigie_extractor.runner import Runner
from vigie_extractor.schedule import Scheduler
from vigie_extractor.settings import ExtractorSettings
from vigie_extractor.storage.slots import CHANGED as CHANGE_OF_SLOTS
from vigie_extractor.wakening import Wakening
from vigie_extractor.watcher import Watcher
from vigie_shared import access
from vigie_shared.audit import as_auth_knows, audit_routes
from vigie_shared.bus import Bus
from vigie_shared.database import Pool
from vigie_shared.parked import ParkedMessages
from vigie_shared.parked_routes import parked_routes
from vigie_shared.service import ServiceApp, create_service
from vigie_shared.standing import StandingVerifier


def create_app(
    settings: ExtractorSettings, pool: Pool, bus: Bus, *, compute: Compute = carry_out, clock: Clock = utc_now
) -> ServiceApp:
    """The extractor on this database and bus. `clock` says what time it is now."""
    http = httpx2.AsyncClient(timeout=10)
    address = settings.address_of("auth")
    auth = Auth(http, address)
    verifying = access.Auth(http, address)
    verifier = StandingVerifier(verifying)
    sealing = Seal(settings.sealing())
    roots = settings.folders_for_sources
    surveys = Surveys(pool, auth, roots)
    parameter_settings = ParameterSettings(pool, auth, surveys, clock)
    preview = ParameterPreview(
        pool,
        auth,
        settings=parameter_settings,
        surveys=surveys,
        compute=compute,
        clock=clock,
        time_zone=settings.time_zone,
    )
    wakening = Wakening(pool)
    change_of_slots = Wakening(pool, CHANGE_OF_SLOTS)
    watching = Watching(pool, roots, clock, settings.time_zone, settings.patience)
    use = Extractions(pool, auth, clock, settings.time_zone)
    execution = Execution(
        pool,
        auth,
        sealing=sealing,
        roots=roots,
        compute=compute,
        clock=clock,
        observe=log_step,
        patience=timedelta(minutes=settings.answer_minutes),
    )
    following = publications_consumer(pool, clock)
    forget = ParkedMessages(pool, bus, [following]).forget
    hearing = [requests_consumer(pool, use, verifier), following, deletions_consumer(pool, clock, forget)]
    return create_service(
        settings,
        pool,
        bus,
        routers=[
            administration(verifier, Credentials(pool, auth, sealing, clock), Sources(pool, auth, roots, clock)),
            parameters(verifier, parameter_settings, preview, CashAccounts(pool, surveys), wakening),
            extractions(verifier, use, wakening, clock),
            schedules(verifier, Schedules(pool, auth, clock), clock, settings.time_zone),
            audit_routes(pool, verifier, settings.service, still_signed_in=as_auth_knows(verifying)),
            parked_routes(ParkedMessages(pool, bus, hearing), verifier),
        ],
        consumers=hearing,
        loops={
            "runner": Runner(pool, wakening, execution).run,
            "wakening": wakening.listen,
            "scheduler": Scheduler(pool, change_of_slots, clock).run,
            "change of slots": change_of_slots.listen,
            "watcher": Watcher(watching).run,
        },
        http=http,
        when_stopping=wakening.stop,
    )
