"""Checking passwords: right or wrong, beside the event loop, a bounded number at a time."""

import asyncio

import pytest
from pydantic import SecretStr, ValidationError

from vigie_auth.settings import AuthSettings
from vigie_shared.passwords import Busy, Passwords

PASSWORD = "seven green bicycles"


async def test_a_hash_knows_its_password_and_no_other() -> None:
    passwords = Passwords("auth")
    kept = await passwords.hash(PASSWORD)

    assert await passwords.verify(kept, PASSWORD)
    assert not await passwords.verify(kept, PASSWORD + " ")
    assert not await passwords.verify(None, PASSWORD)
    assert not await passwords.verify("no hash at all", PASSWORD)


async def test_one_password_typed_on_two_keyboards_is_one() -> None:
    passwords = Passwords("auth")
    kept = await passwords.hash("re\u0301veil du matin")

    assert await passwords.verify(kept, "r\u00e9veil du matin")


async def test_the_event_loop_goes_on_while_passwords_are_checked() -> None:
    passwords = Passwords("auth")
    turns = 0
    checks = asyncio.gather(*(passwords.verify(None, PASSWORD) for _ in range(6)))

    while not checks.done():
        await asyncio.sleep(0)
        turns += 1

    assert turns > 100


async def test_more_at_once_than_can_wait_are_asked_to_come_back() -> None:
    passwords = Passwords("auth", workers=1, queue=2)

    answers = await asyncio.gather(*(passwords.verify(None, PASSWORD) for _ in range(8)), return_exceptions=True)

    turned_away = [answer for answer in answers if isinstance(answer, Busy)]
    assert len(turned_away) == 5
    assert turned_away[0].headers == {"Retry-After": "1"}
    assert await passwords.verify(None, PASSWORD) is False


def test_an_operators_password_that_does_not_do_stops_the_start_and_is_not_repeated() -> None:
    with pytest.raises(ValidationError) as refused:
        AuthSettings(operator_password=SecretStr("2short"))

    assert "at least 8 characters" in str(refused.value)
    assert "2short" not in str(refused.value)
