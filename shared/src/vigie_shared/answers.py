"""Answering a creating call once per Idempotency-Key: the same request again has the same answer and no effect.

The answers are kept in the table `idempotent_calls` of the service, sealed.
"""

import hmac
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import TypeVar

from pydantic import BaseModel

from vigie_shared.audit import Actor
from vigie_shared.database import Connection
from vigie_shared.errors import Conflict, Unprocessable
from vigie_shared.sealing import SealingKeys

_ANSWER = "SELECT fingerprint, sealed_answer FROM idempotent_calls WHERE actor = $1 AND idempotency_key = $2"

_ADD_ANSWER = """
INSERT INTO idempotent_calls (actor, idempotency_key, fingerprint, sealed_answer) VALUES ($1, $2, $3, $4)
"""

_FORGET_ANSWERS = "DELETE FROM idempotent_calls WHERE answered_at < clock_timestamp() - interval '24 hours'"

A = TypeVar("A", bound=BaseModel)


@dataclass(frozen=True)
class CreatingCall:
    """Who asks for what: `key` is the Idempotency-Key, if one was given; `request` what is asked, in full."""

    by: Actor
    key: str | None
    request: bytes


async def answer_once(
    connection: Connection, sealing: SealingKeys, call: CreatingCall, kind: type[A], act: Callable[[], Awaitable[A]]
) -> A:
    """The answer of `act`, done in the transaction of `connection`, or the one it gave under this key during the last
    24 hours. Answer and effect are one commit. Raises Conflict while the first call is under way, Unprocessable when
    the key was used for another request."""
    if call.key is None:
        return await act()
    actor = call.by.name
    about = f"answer {actor} {call.key}"
    fingerprints = [hmac.digest(key, b"vigie request\x00" + call.request, "sha256") for key in sealing.every]
    if not await _lock_call(connection, actor, call.key):
        raise Conflict("A call with this Idempotency-Key is under way. Ask again in a moment.")
    known = await _find_answer(connection, actor, call.key)
    if known is None:
        answer = await act()
        sealed = sealing.seal(answer.model_dump_json().encode(), about=about)
        await _add_answer(connection, actor, call.key, fingerprints[0], sealed)
        return answer
    known_fingerprint, sealed_answer = known
    if not any(hmac.compare_digest(known_fingerprint, one) for one in fingerprints):
        raise Unprocessable("This Idempotency-Key was used for another request. Take a fresh one for a new request.")
    return kind.model_validate_json(sealing.unseal(sealed_answer, about=about).secret)


async def _lock_call(connection: Connection, actor: str, key: str) -> bool:
    """Hold the idempotency key until the transaction ends; false when another call holds it now."""
    held: bool = await connection.fetchval(
        "SELECT pg_try_advisory_xact_lock(hashtextextended($1, 0))", f"idempotent {actor} {key}"
    )
    return held


async def _find_answer(connection: Connection, actor: str, key: str) -> tuple[bytes, bytes] | None:
    """The fingerprint of the request that was answered under this key during the last 24 hours, and the answer."""
    await connection.execute(_FORGET_ANSWERS)
    row = await connection.fetchrow(_ANSWER, actor, key)
    return (row["fingerprint"], row["sealed_answer"]) if row else None


async def _add_answer(connection: Connection, actor: str, key: str, fingerprint: bytes, sealed_answer: bytes) -> None:
    await connection.execute(_ADD_ANSWER, actor, key, fingerprint, sealed_answer)
