"""What is sealed opens only with the same key and for the same purpose."""

import os

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vigie_shared.sealing import SealBroken, SealingKeys, seal, unseal

KEY = os.urandom(32)


@given(secret=st.binary(max_size=200), about=st.text(max_size=40))
def test_a_sealed_secret_opens_with_its_key_and_purpose_and_never_shows(secret: bytes, about: str) -> None:
    sealed = seal(KEY, secret, about=about)

    assert unseal(KEY, sealed, about=about) == secret
    assert len(secret) < 8 or secret not in sealed


def test_sealing_the_same_secret_twice_gives_two_different_values() -> None:
    assert seal(KEY, b"the same", about="one") != seal(KEY, b"the same", about="one")


def test_another_key_does_not_open_it() -> None:
    sealed = seal(KEY, b"secret", about="client ACME")

    with pytest.raises(SealBroken):
        unseal(os.urandom(32), sealed, about="client ACME")


def test_what_is_about_one_client_does_not_open_for_another() -> None:
    sealed = seal(KEY, b"secret", about="client ACME")

    with pytest.raises(SealBroken, match="client OTHER"):
        unseal(KEY, sealed, about="client OTHER")


@given(position=st.integers(min_value=0, max_value=33), change=st.integers(min_value=1, max_value=255))
def test_one_changed_byte_is_noticed(position: int, change: int) -> None:
    sealed = bytearray(seal(KEY, b"secret", about="x"))
    sealed[position] ^= change

    with pytest.raises(SealBroken):
        unseal(KEY, bytes(sealed), about="x")


def test_a_replaced_key_opens_what_it_sealed_and_tells_that_it_is_outdated() -> None:
    old, new = os.urandom(32), os.urandom(32)
    before, after = SealingKeys(old), SealingKeys(new, (old,))
    sealed = before.seal(b"secret", about="x")

    opened = after.unseal(sealed, about="x")
    again = after.unseal(after.seal(opened.secret, about="x"), about="x")

    assert (opened.secret, opened.outdated) == (b"secret", True)
    assert (again.secret, again.outdated) == (b"secret", False)
    with pytest.raises(SealBroken):
        SealingKeys(new).unseal(sealed, about="x")
    with pytest.raises(SealBroken):
        after.unseal(sealed, about="y")
    assert "secret" not in repr(opened)


@pytest.mark.parametrize("length", [0, 5, 12, 20])
def test_a_truncated_value_is_refused_as_broken(length: int) -> None:
    sealed = seal(KEY, b"secret", about="x")

    with pytest.raises(SealBroken):
        unseal(KEY, sealed[:length], about="x")
