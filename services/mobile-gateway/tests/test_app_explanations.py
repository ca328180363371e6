"""From any figure to what it is made of, down to the entry, adding up to the cent (R14)."""

import re
from decimal import Decimal
from typing import Any

from playwright.async_api import Locator, expect
from tests.fakes.figures import explained_revenue, explained_treasury, seventeen
from tests.fakes.phone_app import GROUPE, PhoneApp


def amount_in(text: str) -> Decimal:
    """A French amount as a number."""
    found = re.search(r"([+−]?[\d\s]+,\d\d)\s€", text)
    assert found, text
    return Decimal(re.sub(r"\s", "", found[1]).replace("−", "-").replace(",", "."))


async def amounts(sheet: Locator) -> list[Decimal]:
    """The amounts of the rows of a sheet, from top to bottom, the total last."""
    return [amount_in(text) for text in await sheet.locator(".row-amount").all_inner_texts()]


def explain(phone_app: PhoneApp, indicator: str, explanation: dict[str, Any]) -> None:
    phone_app.firm.publisher.explain(phone_app.firm.client, GROUPE, indicator, explanation)


async def test_the_rows_of_a_figure_the_rest_and_the_rounding_add_up_to_it(phone_app: PhoneApp) -> None:
    explain(phone_app, "commercial_revenue", explained_revenue())
    await phone_app.at_home()
    await phone_app.card("Chiffre d'affaires commercial").tap()

    await phone_app.page.get_by_role("button", name="Voir le détail").first.tap()

    sheet = phone_app.page.get_by_role("dialog", name="Mois, au 24 nov. 2026")
    rows = sheet.get_by_role("listitem")
    await expect(rows).to_have_count(5)
    await expect(rows.nth(0)).to_contain_text("NORD · Facture FA1 · 13 nov. 2026 · 4 lignes")
    await expect(rows.nth(1)).to_contain_text("Avoir AV1")
    await expect(rows.nth(2)).to_contain_text("71 autres")
    await expect(rows.nth(3)).to_contain_text("Arrondi")
    *parts, total = await amounts(sheet)
    assert sum(parts) == total == Decimal("116230.45")


async def test_the_difference_with_last_year_is_told_by_customers_and_adds_up(phone_app: PhoneApp) -> None:
    explain(phone_app, "commercial_revenue", explained_revenue())
    await phone_app.at_home()
    await phone_app.card("Chiffre d'affaires commercial").tap()

    await phone_app.page.get_by_role("button", name="Expliquer l'écart").first.tap()

    sheet = phone_app.page.get_by_role("dialog", name="Écart sur un an")
    await expect(sheet.get_by_role("listitem").nth(1)).to_contain_text(
        "1 000 € au lieu de 9 000 €".replace(" €", "\xa0€")
    )
    *parts, total = await amounts(sheet)
    assert parts == [Decimal(20000), Decimal(-8000), Decimal("830.45")]
    assert sum(parts) == total == Decimal("12830.45")


async def test_from_the_treasury_one_reaches_the_account_its_entries_and_the_way_back(phone_app: PhoneApp) -> None:
    explain(phone_app, "treasury_position", explained_treasury())
    await phone_app.at_home()
    await phone_app.card("Situation de trésorerie").tap()

    await phone_app.page.get_by_role("button", name="Avoirs").tap()
    sheet = phone_app.page.get_by_role("dialog")
    await sheet.get_by_role("button", name="Banque du Val").tap()

    await expect(sheet.get_by_role("heading", name="Banque du Val")).to_be_visible()
    await expect(sheet.get_by_text("512100 · BQ BQ12 · 3 nov. 2026")).to_be_visible()
    *parts, total = await amounts(sheet)
    assert sum(parts) == total == Decimal("491752.79")
    await sheet.get_by_role("button", name="Avoirs").tap()
    await expect(sheet.get_by_role("heading", name="Avoirs")).to_be_visible()


async def test_an_explanation_of_another_publication_is_never_shown(phone_app: PhoneApp) -> None:
    explain(phone_app, "commercial_revenue", explained_revenue())
    firm = phone_app.firm
    firm.publisher.publish_indicators(firm.client, GROUPE, seventeen("2"))
    await phone_app.at_home()
    await phone_app.card("Chiffre d'affaires commercial").tap()

    await phone_app.page.get_by_role("button", name="Voir le détail").first.tap()

    await expect(phone_app.page.get_by_role("status", name="Chargement du détail")).to_be_visible()
    await expect(phone_app.page.get_by_text("FA1")).to_have_count(0)


async def test_a_figure_that_was_published_without_its_detail_says_so(phone_app: PhoneApp) -> None:
    await phone_app.page.route("**/explanations/*", lambda route: route.fulfill(status=404, json={}))
    await phone_app.at_home()
    await phone_app.card("Chiffre d'affaires commercial").tap()

    await phone_app.page.get_by_role("button", name="Voir le détail").first.tap()

    await expect(phone_app.page.get_by_text("Ce montant n'a pas été publié avec son détail.")).to_be_visible()


async def test_without_a_network_the_detail_says_what_it_needs_and_can_be_asked_for_again(phone_app: PhoneApp) -> None:
    explain(phone_app, "commercial_revenue", explained_revenue())
    await phone_app.at_home()
    await phone_app.page.context.set_offline(True)
    await phone_app.card("Chiffre d'affaires commercial").tap()
    await phone_app.page.get_by_role("button", name="Voir le détail").first.tap()
    sheet = phone_app.page.get_by_role("dialog")
    await expect(sheet.get_by_text("Le détail demande le réseau.")).to_be_visible()

    await phone_app.page.context.set_offline(False)
    await sheet.get_by_role("button", name="Réessayer").tap()

    await expect(sheet.get_by_text("FA1")).to_be_visible()
