"""The phone app as a person uses it: a firm with figures, and a phone on which its app is open."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any
from uuid import uuid4

from playwright.async_api import Page, expect

from tests.fakes.auth import FakeAuth
from tests.fakes.figures import seventeen
from tests.fakes.publisher import FakePublisher
from vigie_shared.events import NamedScope

NORD = NamedScope(kind="company", code="NORD", name="Comptoirs Vernelle Nord")
SUD = NamedScope(kind="company", code="SUD", name="Comptoirs Vernelle Sud")
GROUPE = NamedScope(kind="family", code="GROUPE", name="Groupe Vernelle")
USER = "lea"
"""Her password is her name: so the fake auth has it."""

IPHONE = {
    "viewport": {"width": 393, "height": 659},
    "device_scale_factor": 3,
    "is_mobile": True,
    "has_touch": True,
    "user_agent": "Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) "
    "Version/18.5 Mobile/15E148 Safari/604.1",
    "locale": "fr-FR",
    "timezone_id": "Europe/Paris",
}


@dataclass
class Firm:
    """A client whose user Léa sees two companies and their family, all of one extraction."""

    client: str
    auth: FakeAuth
    publisher: FakePublisher
    scopes: list[NamedScope] = field(default_factory=lambda: [NORD, SUD, GROUPE])

    def publish(self, **indicators: Any) -> None:
        """Publish every scope, with the seventeen or with `indicators`."""
        extraction = uuid4()
        self.auth.allow(self.client, USER, self.scopes)
        for scope in self.scopes:
            self.publisher.publish_indicators(self.client, scope, indicators or seventeen(), extraction_id=extraction)


@dataclass(frozen=True)
class PhoneApp:
    """The app on one phone. `wrong` holds what the browser complains of."""

    page: Page
    address: str
    firm: Firm
    wrong: list[str]

    async def sign_in(self, shortcut_code: str = "GROUPE", password: str = USER) -> None:
        """Type the four fields and touch the button."""
        for label, text in (
            ("Code client", self.firm.client),
            ("Code raccourci", shortcut_code),
            ("Utilisateur", USER),
            ("Mot de passe", password),
        ):
            await self.page.get_by_label(label).fill(text)
        await self.page.get_by_role("button", name="Se connecter").tap()

    async def at_home(self, shortcut_code: str = "GROUPE") -> None:
        """Sign in, and wait for the figures."""
        await self.sign_in(shortcut_code)
        await expect(self.card("Chiffre d'affaires commercial")).to_be_visible()

    async def at_rest(self) -> None:
        """Wait until nothing moves any more: what fades in has no contrast yet, and what slides in no place."""
        await self.page.evaluate("Promise.all(document.getAnimations().map((one) => one.finished.catch(() => null)))")

    def card(self, title: str) -> Any:
        """The card of a figure on the scope that is in view."""
        return self.page.get_by_role("link", name=title)


OpenPhone = Callable[..., Awaitable[PhoneApp]]
"""Opens the app on another phone; options are those of the browser's context."""
