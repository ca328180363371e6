"""The composition root of auth."""

from datetime import timedelta

from fastapi import FastAPI

from vigie_auth.api import deletions, directory, open_sessions, operator, publication, sign_in, users
from vigie_auth.api.callers import still_signed_in
from vigie_auth.handlers.operators import save_operator
from vigie_auth.handlers.sign_in import Lifetimes, SignIn
from vigie_auth.handlers.signing import prepare_keys, public_keys
from vigie_auth.settings import AuthSettings
from vigie_shared.access import Verifier
from vigie_shared.audit import Actor, audit_routes
from vigie_shared.bus import Bus
from vigie_shared.database import Pool
from vigie_shared.passwords import Passwords
from vigie_shared.service import create_service
from vigie_shared.throttling import Throttle

OPERATOR = "operator"
"""The operator that VIGIE_OPERATOR_PASSWORD is the password of."""


def create_app(settings: AuthSettings, pool: Pool, bus: Bus) -> FastAPI:
    """The app of auth. Before it answers it makes its first signing key, and the operator of its settings."""
    sealing = settings.sealing()
    passwords = Passwords("auth")
    means = SignIn(
        pool=pool,
        passwords=passwords,
        throttle=Throttle(pool, sealing),
        sealing=sealing,
        lifetimes=Lifetimes(
            access=timedelta(minutes=settings.access_minutes),
            phone=timedelta(days=settings.refresh_days),
            console=timedelta(hours=settings.console_hours),
            grace=timedelta(seconds=settings.grace_seconds),
        ),
    )
    verifier = Verifier(lambda: public_keys(pool))

    async def prepare() -> None:
        await prepare_keys(pool, sealing)
        if settings.operator_password is not None:
            given = settings.operator_password.get_secret_value()
            await save_operator(pool, passwords, OPERATOR, given, by=Actor("service", "VIGIE_OPERATOR_PASSWORD", None))

    app = create_service(
        settings,
        pool,
        bus,
        routers=[
            sign_in.routes(means, verifier),
            open_sessions.routes(pool, verifier),
            publication.routes(means),
            directory.routes(pool, verifier),
            users.routes(pool, passwords, verifier),
            deletions.routes(pool, verifier, sealing),
            operator.routes(pool, passwords, sealing, verifier),
            operator.key_routes(pool, sealing, verifier),
            audit_routes(pool, verifier, settings.service, still_signed_in=still_signed_in(pool)),
        ],
        prepare=prepare,
    )
    app.state.metrics.registry.register(passwords)
    return app
