"""Mail reaches the server that the settings name, encrypted where it should be; a refusal says whether to try again."""

from collections.abc import Iterator
from dataclasses import replace

import pytest
from pydantic import SecretStr
from tests.stack.mail import MailSink, mail_sink
from tests.stack.process import free_ports

from vigie_shared.errors import Unavailable
from vigie_shared.mail import Mail, Mailer, MailRefused
from vigie_shared.settings import Settings

MAIL = Mail(
    to=("anne@firm.example",),
    subject="Publication en retard : Société Générale d'Équipement",
    text="La publication prévue à 06:30 n'est pas arrivée.\n",
    message_id="<late-1@vigie.example>",
    headers={"Auto-Submitted": "auto-generated"},
)


@pytest.fixture
def sink() -> Iterator[MailSink]:
    with mail_sink() as sink:
        yield sink


def mailer_to(url: str) -> Mailer:
    found = Mailer.of(Settings(smtp_url=SecretStr(url), mail_from="vigie@firm.example"))
    assert found is not None
    return found


async def test_a_mail_arrives_as_it_was_written(sink: MailSink) -> None:
    await mailer_to(sink.url).send(MAIL)
    [arrived] = sink.mails
    assert (arrived["From"], arrived["To"]) == ("vigie@firm.example", "anne@firm.example")
    assert (arrived["Subject"], arrived["Message-ID"]) == (MAIL.subject, MAIL.message_id)
    assert arrived["Auto-Submitted"] == "auto-generated"
    assert arrived.get_content().replace("\r\n", "\n") == MAIL.text


async def test_an_address_refused_for_good_is_told_from_one_refused_for_now(sink: MailSink) -> None:
    mailer = mailer_to(sink.url)
    sink.refusals["anne@firm.example"] = "550 no such user"
    with pytest.raises(MailRefused):
        await mailer.send(MAIL)
    sink.refusals["anne@firm.example"] = "451 come back later"
    with pytest.raises(Unavailable):
        await mailer.send(MAIL)


async def test_nothing_is_given_to_a_server_that_does_not_encrypt_where_it_should(sink: MailSink) -> None:
    for scheme in ("smtp+starttls", "smtps"):
        with pytest.raises(Unavailable):
            await mailer_to(f"{scheme}://vigie:secret@127.0.0.1:{sink.port}").send(MAIL)
    assert sink.mails == []


async def test_a_server_that_is_away_may_be_asked_again() -> None:
    with pytest.raises(Unavailable):
        await mailer_to(f"smtp://127.0.0.1:{free_ports(1)[0]}").send(MAIL)


async def test_no_line_break_gets_into_a_header(sink: MailSink) -> None:
    for mail in (replace(MAIL, subject="a\r\nBcc: b@c.example"), replace(MAIL, headers={"X-A": "a\nBcc: b@c.example"})):
        with pytest.raises(MailRefused):
            await mailer_to(sink.url).send(mail)
    assert sink.mails == []


def test_where_no_server_is_named_there_is_no_mailer() -> None:
    assert Mailer.of(Settings(smtp_url=None)) is None


def test_the_password_is_not_shown(sink: MailSink) -> None:
    assert "hunter2" not in repr(mailer_to(f"smtp://vigie:hunter2@127.0.0.1:{sink.port}"))
