"""Usable by everybody: no finding of axe in light and dark, large targets, large text, and a small app."""

import gzip
import re
from pathlib import Path
from typing import Any

import pytest
from playwright.async_api import Page, expect
from tests.architecture.repository import ROOT
from tests.fakes.figures import explained_revenue
from tests.fakes.phone_app import GROUPE, OpenPhone, PhoneApp

from vigie_mobile_gateway.main import PHONE_APP

AXE = ROOT / "node_modules/axe-core/axe.min.js"
MOST_SCRIPT = 60_000
"""Bytes of script, compressed, that the app may have."""


async def findings(page: Page) -> list[str]:
    """What axe finds wrong in what is in view."""
    await page.evaluate(AXE.read_text())
    results = await page.evaluate("axe.run(document, { resultTypes: ['violations'] })")
    return [
        f"{violation['id']}: {node['target']} {node['failureSummary']}"
        for violation in results["violations"]
        for node in violation["nodes"]
    ]


async def small_targets(page: Page) -> list[str]:
    """What can be touched and is less than 44 points wide or high."""
    return list(
        await page.evaluate("""() => [...document.querySelectorAll('button, a[href], input, label:has(input)')]
            .filter((one) => one.checkVisibility() && !one.closest('[inert]') && !one.matches('.segments input'))
            .filter((one) => { const box = one.getBoundingClientRect(); return box.width < 43.9 || box.height < 43.9; })
            .map((one) => one.outerHTML.slice(0, 120))""")
    )


async def screens(phone_app: PhoneApp) -> Any:
    """Every screen of the app, one after the other."""
    firm = phone_app.firm
    firm.publisher.explain(firm.client, GROUPE, "commercial_revenue", explained_revenue())
    await expect(phone_app.page.get_by_role("heading", level=1)).to_be_visible()
    yield "sign-in"
    await phone_app.at_home()
    yield "home"
    await phone_app.page.get_by_role("button", name="Groupe Vernelle").tap()
    await expect(phone_app.page.get_by_role("dialog", name="Périmètre")).to_be_visible()
    await phone_app.at_rest()
    yield "scopes"
    await phone_app.page.get_by_role("button", name="Fermer").tap()
    await phone_app.page.get_by_role("button", name="Compte et réglages").tap()
    await expect(phone_app.page.get_by_role("dialog", name="Compte")).to_be_visible()
    await phone_app.at_rest()
    yield "account"
    await phone_app.page.get_by_role("button", name="Fermer").tap()
    for title in ("Chiffre d'affaires commercial", "Situation de trésorerie", "Top 5 clients du mois"):
        await phone_app.card(title).tap()
        await expect(phone_app.page.get_by_role("article")).to_be_visible()
        await phone_app.at_rest()
        yield title
        if title == "Chiffre d'affaires commercial":
            for button in ("Voir le détail", "Expliquer l'écart"):
                await phone_app.page.get_by_role("button", name=button).first.tap()
                await expect(phone_app.page.locator(".row-total")).to_be_visible()
                await phone_app.at_rest()
                yield button
                await phone_app.page.get_by_role("button", name="Fermer").tap()
        await phone_app.page.get_by_role("button", name="Retour").tap()


@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_axe_finds_nothing_and_every_target_can_be_hit(open_phone: OpenPhone, scheme: str) -> None:
    phone_app = await open_phone(color_scheme=scheme)

    found = {
        screen: [*await findings(phone_app.page), *await small_targets(phone_app.page)]
        async for screen in screens(phone_app)
    }

    assert {screen: wrong for screen, wrong in found.items() if wrong} == {}
    assert len(found) == 9


async def test_at_twice_the_size_of_text_nothing_is_cut_off(open_phone: OpenPhone) -> None:
    phone_app = await open_phone()
    enlarged = "document.documentElement.style.fontSize = '200%'"

    async for screen in screens(phone_app):
        await phone_app.page.evaluate(enlarged)
        wide = await phone_app.page.evaluate("""() => [...document.querySelectorAll('main *, dialog *')]
            .filter((one) => one.checkVisibility() && !one.closest('.heard-only') && !one.closest('svg'))
            .filter((one) => one.getBoundingClientRect().right > innerWidth + 0.5)
            .map((one) => `${one.className} ${one.textContent}`)""")
        assert wide == [], screen
        await phone_app.page.evaluate("document.documentElement.style.fontSize = ''")


def test_the_script_of_the_app_stays_small() -> None:
    index = (PHONE_APP / "index.html").read_text()
    scripts = re.findall(r'<script[^>]+src="/([^"]+)"', index)

    sizes = {name: len(gzip.compress((PHONE_APP / name).read_bytes(), 9)) for name in scripts}

    assert scripts
    assert sum(sizes.values()) <= MOST_SCRIPT, sizes


def test_the_page_holds_nothing_inline() -> None:
    index = (PHONE_APP / "index.html").read_text()

    assert re.findall(r"<script(?![^>]+src=)|<style|\sstyle=|\son\w+=", index) == []


def test_every_icon_that_the_manifest_names_is_there() -> None:
    manifest = (PHONE_APP / "manifest.webmanifest").read_text()

    icons = [Path(PHONE_APP, found) for found in re.findall(r'"src": "/([^"]+)"', manifest)]

    assert len(icons) >= 2
    assert [icon for icon in icons if icon.read_bytes()[:4] != b"\x89PNG"] == []
