"""A wrong setting stops the start with its name, the problem and an example; a secret is never repeated."""

import stat
from pathlib import Path

import pytest

from vigie_shared.settings import Settings, SettingsError, load

SECRET = "hunter2-very-secret"


@pytest.fixture(autouse=True)
def clean_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in Settings.model_fields:
        monkeypatch.delenv(f"VIGIE_{name.upper()}", raising=False)
    monkeypatch.setenv("VIGIE_DATA", str(tmp_path))


WRONG = {
    "VIGIE_PORT": "eighty",
    "VIGIE_AUTH_URL": "auth:8001",
    "VIGIE_DATABASE_URL": f"mysql://vigie:{SECRET}@127.0.0.1/vigie",
    "VIGIE_AMQP_URL": f"http://vigie:{SECRET}@127.0.0.1",
    "VIGIE_BUS_PREFIX": "with a space",
    "VIGIE_SEALING_KEY": SECRET,
    "VIGIE_SMTP_URL": f"https://vigie:{SECRET}@mail.example",
    "VIGIE_MAIL_FROM": "Vigie, somewhere",
}


@pytest.mark.parametrize("name", WRONG)
def test_a_wrong_value_is_named_with_an_example_and_without_secrets(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(name, WRONG[name])
    with pytest.raises(SettingsError) as error:
        load(Settings)
    assert f"{name}: " in str(error.value)
    assert f"Example: {name}=" in str(error.value)
    assert SECRET not in str(error.value)


PLAINTEXT = {
    "VIGIE_HOST": "0.0.0.0",  # noqa: S104 - that it is refused is what is tested
    "VIGIE_AUTH_URL": "http://auth.example:8000",
    "VIGIE_AMQP_URL": f"amqp://vigie:{SECRET}@broker.example/",
    "VIGIE_DATABASE_URL": f"postgresql://vigie:{SECRET}@database.example/vigie",
    "VIGIE_SMTP_URL": f"smtp://vigie:{SECRET}@mail.example",
}


@pytest.mark.parametrize("name", PLAINTEXT)
def test_a_link_that_leaves_the_machine_unencrypted_stops_the_start(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(name, PLAINTEXT[name])
    with pytest.raises(SettingsError, match=name) as error:
        load(Settings)
    assert SECRET not in str(error.value)
    monkeypatch.setenv("VIGIE_ALLOW_PLAINTEXT", "1")
    load(Settings)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("VIGIE_AUTH_URL", "https://auth.example"),
        ("VIGIE_AMQP_URL", "amqps://vigie@broker.example/"),
        ("VIGIE_DATABASE_URL", "postgresql://vigie@database.example/vigie?sslmode=verify-full"),
        ("VIGIE_DATABASE_URL", "postgresql://vigie@/vigie?host=/run/postgresql"),
        ("VIGIE_HOST", "::1"),
    ],
)
def test_an_encrypted_link_and_this_machine_are_accepted(
    name: str, value: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(name, value)
    load(Settings)


@pytest.mark.parametrize(
    "value", ["*", "", "10.0.0.1,", "proxy.example", "10.0.0.1/24", "10.0.0.0/40", "10.0.0.1;10.0.0.2"]
)
def test_r10_only_named_proxies_are_believed_about_addresses(value: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("VIGIE_TRUSTED_PROXIES", value)

    with pytest.raises(SettingsError, match=r"VIGIE_TRUSTED_PROXIES: .*Example: VIGIE_TRUSTED_PROXIES="):
        load(Settings)


@pytest.mark.parametrize("value", ["127.0.0.1", "::1, 10.0.0.0/24", "fd00::/8"])
def test_proxies_are_named_by_address_or_network(value: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("VIGIE_TRUSTED_PROXIES", value)

    assert load(Settings).trusted_proxies == value


def test_a_sealing_key_is_made_once_and_readable_by_its_owner_only(tmp_path: Path) -> None:
    key = load(Settings).sealing().current
    assert load(Settings).sealing().current == key
    assert len(key) == 32
    assert stat.S_IMODE((tmp_path / "sealing.key").stat().st_mode) == 0o600


def test_a_given_sealing_key_is_used(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("VIGIE_SEALING_KEY", "ab" * 32)
    assert load(Settings).sealing().current == bytes.fromhex("ab" * 32)


def test_of_several_sealing_keys_the_first_seals_and_all_open(monkeypatch: pytest.MonkeyPatch) -> None:
    new, old, oldest = (digit * 64 for digit in "abc")
    monkeypatch.setenv("VIGIE_SEALING_KEYS", f"{new}, {old}")
    monkeypatch.setenv("VIGIE_SEALING_KEY", oldest)

    keys = load(Settings).sealing()

    assert keys.every == tuple(bytes.fromhex(key) for key in (new, old, oldest))
    assert not any(key in repr(load(Settings)) + repr(keys) for key in (new, old, oldest))


def test_the_kept_key_goes_on_opening_what_it_sealed(monkeypatch: pytest.MonkeyPatch) -> None:
    kept = load(Settings).sealing().current
    monkeypatch.setenv("VIGIE_SEALING_KEYS", "a" * 64)

    assert load(Settings).sealing().every == (bytes.fromhex("a" * 64), kept)


def test_no_key_is_made_where_one_is_given(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("VIGIE_SEALING_KEYS", "a" * 64)

    assert load(Settings).sealing().earlier == ()
    assert not (tmp_path / "sealing.key").exists()


@pytest.mark.parametrize("value", ["", "a" * 63, f"{'a' * 64},", f"{'a' * 64};{'b' * 64}", f"{'a' * 64},{'x' * 64}"])
def test_a_list_with_what_is_no_key_stops_the_start_without_repeating_it(
    value: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("VIGIE_SEALING_KEYS", value)

    with pytest.raises(SettingsError, match="VIGIE_SEALING_KEYS: is not a list of 64 hexadecimal digits") as told:
        load(Settings)

    assert "aaaa" not in str(told.value)
