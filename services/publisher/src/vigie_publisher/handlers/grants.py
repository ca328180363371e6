"""What auth let a client publish."""

from vigie_publisher.domain.publication import Granted, Version
from vigie_shared.access import InvalidGrant, Verifier


async def granted_by(verifier: Verifier, token: str) -> Granted | None:
    """What a publication grant allows; nothing where auth did not sign it as one (R1)."""
    try:
        grant = await verifier.grant(token)
    except InvalidGrant:
        return None
    return Granted(grant.client, Version(grant.started_at, grant.extraction_id))
