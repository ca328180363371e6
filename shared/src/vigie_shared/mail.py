"""Mail that leaves Vigie, by the one server that VIGIE_SMTP_URL names.

A text is handed to the server and to nobody else: who keeps trying, and how often one thing is said, is for the service
that has something to say. A stable `message_id` lets a mail that was sent twice be seen as one.
"""

import ssl
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from typing import Annotated, Self
from urllib.parse import unquote, urlsplit

import aiosmtplib
from pydantic import StringConstraints

from vigie_shared.errors import Unavailable, VigieError
from vigie_shared.settings import SMTP_PORTS, Settings

SECONDS = 20.0
"""For how long the server may keep a mail waiting at each step."""

MailAddress = Annotated[
    str,
    StringConstraints(
        max_length=254,
        pattern=r"^[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@([A-Za-z0-9-]{1,63}\.)*[A-Za-z0-9-]{1,63}$",
    ),
]
"""An address that mail can be sent to: one, in ASCII, without a name."""


class MailRefused(VigieError):
    """The server will never take this mail as it is: the address does not exist, or the mail is not to its taste."""


@dataclass(frozen=True)
class Mail:
    """One mail, in plain text. `headers` come beside those that every mail has, for instance `In-Reply-To`; `sender`
    is where failures of delivery are told (empty: nowhere), else the address that Vigie writes from."""

    to: tuple[str, ...]
    subject: str
    text: str
    message_id: str
    headers: Mapping[str, str] = field(default_factory=dict)
    sender: str | None = None


@dataclass(frozen=True)
class Mailer:
    """Hands mail to one server. `encrypted` says how: from the first byte, by STARTTLS, or (on this machine) not at
    all; a server that should encrypt and does not is given nothing."""

    host: str
    port: int
    encrypted: str
    writes_from: str
    username: str | None = None
    password: str | None = field(default=None, repr=False)
    tls: ssl.SSLContext | None = None

    @classmethod
    def of(cls, settings: Settings) -> Self | None:
        """The mailer that the settings name; none where they name none."""
        if settings.smtp_url is None:
            return None
        parts = urlsplit(settings.smtp_url.get_secret_value())
        return cls(
            host=parts.hostname or "",
            port=parts.port or SMTP_PORTS[parts.scheme],
            encrypted=parts.scheme,
            writes_from=settings.mail_from,
            username=unquote(parts.username) if parts.username else None,
            password=unquote(parts.password) if parts.password else None,
        )

    async def send(self, mail: Mail) -> None:
        """Hand `mail` over. Raises MailRefused when it will never be taken, Unavailable when it may be later."""
        message = self._message(mail)
        try:
            await aiosmtplib.send(
                message,
                sender=self.writes_from if mail.sender is None else mail.sender,
                recipients=list(mail.to),
                hostname=self.host,
                port=self.port,
                username=self.username,
                password=self.password,
                use_tls=self.encrypted == "smtps",
                start_tls=self.encrypted == "smtp+starttls",
                tls_context=self.tls,
                timeout=SECONDS,
            )
        except aiosmtplib.SMTPRecipientsRefused as error:
            codes = {one.code for one in error.recipients}
            raise _failure(min(codes), "no recipient") from None
        except aiosmtplib.SMTPResponseException as error:
            raise _failure(error.code, type(error).__name__) from None
        except (aiosmtplib.SMTPException, OSError) as error:
            raise Unavailable(f"the mail server does not take mail: {type(error).__name__}") from None

    def _message(self, mail: Mail) -> EmailMessage:
        message = EmailMessage(policy=SMTP)
        try:
            message["From"] = self.writes_from
            message["To"] = ", ".join(mail.to)
            message["Subject"] = mail.subject
            message["Date"] = format_datetime(datetime.now(UTC))
            message["Message-ID"] = mail.message_id
            for name, value in mail.headers.items():
                message[name] = value
        except ValueError:
            raise MailRefused("a header of the mail holds a line break") from None
        message.set_content(mail.text, cte="quoted-printable")
        return message


def _failure(code: int, what: str) -> VigieError:
    if 500 <= code < 600:
        return MailRefused(f"the mail server refused for good: {code} {what}")
    return Unavailable(f"the mail server refused for now: {code} {what}")
