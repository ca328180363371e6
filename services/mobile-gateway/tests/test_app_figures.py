"""What a finance director sees: all seventeen figures of each scope, exact, and what is known of each."""

import re
from datetime import date
from typing import Any
from uuid import uuid4

import pytest
from playwright.async_api import Page, expect
from tests.fakes.figures import ALL, empty, seventeen
from tests.fakes.phone_app import OpenPhone, PhoneApp
from tests.stack.waiting import until

from vigie_shared.events import NamedScope

TITLES = (
    "Chiffre d'affaires commercial",
    "CA comptable",
    "Situation de trésorerie",
    "Top 5 de l'encours client",
    "Top 5 de l'encours fournisseur",
    "Portefeuille du mois",
    "Portefeuille de commandes du mois",
)
RANKED = ("clients", "des catégories clients", "articles", "familles articles", "représentants")


async def test_all_seventeen_stand_on_the_home_of_a_scope(phone_app: PhoneApp) -> None:
    await phone_app.at_home()

    titles = set(await phone_app.page.locator("a.card .card-title").all_inner_texts())
    await phone_app.page.get_by_role("radio", name="Exercice").check()
    titles |= set(await phone_app.page.locator("a.card .card-title").all_inner_texts())

    assert titles == {
        *TITLES,
        *(f"Top 5 {what} du mois" for what in RANKED),
        *(f"Top 5 {what} de l'exercice" for what in RANKED),
    }
    assert len(titles) == len(ALL) == 17


async def test_a_card_shows_three_digits_and_tells_the_exact_figure(phone_app: PhoneApp) -> None:
    await phone_app.at_home()

    card = phone_app.card("Chiffre d'affaires commercial")

    await expect(card).to_contain_text("1,24\xa0M€")
    await expect(card).to_have_accessible_name(
        _holding("116 230,45 €", "+12,4 %", "en hausse", "1 244 999,99 €", "−5,0 %", "en baisse")
    )


async def test_a_tap_leads_to_the_figure_to_the_cent_and_back_to_where_the_reader_was(phone_app: PhoneApp) -> None:
    await phone_app.at_home()
    await phone_app.card("Portefeuille de commandes du mois").scroll_into_view_if_needed()
    scrolled = "document.querySelector('section.leaf').scrollTop"
    before = await phone_app.page.evaluate(scrolled)

    await phone_app.card("Portefeuille de commandes du mois").tap()
    figure = phone_app.page.get_by_role("article")
    await expect(figure.get_by_role("heading", level=1)).to_have_text("Portefeuille de commandes du mois")
    await expect(figure).to_contain_text("49 677,18 €".replace(" ", "\u202f", 1).replace(" ", "\xa0"))
    await phone_app.page.get_by_role("button", name="Retour").tap()

    await expect(figure).to_have_count(0)
    assert await phone_app.page.evaluate(scrolled) == before > 0


async def test_the_line_of_twelve_months_has_a_table_behind_it(phone_app: PhoneApp) -> None:
    await phone_app.at_home()
    await phone_app.card("Chiffre d'affaires commercial").tap()

    await expect(phone_app.page.get_by_role("img", name="Courbe des 12 mois, de déc. 2025 à nov. 2026")).to_be_visible()
    table = phone_app.page.get_by_role("table", name="12 mois")
    await expect(table.get_by_role("row")).to_have_count(13)
    await expect(table.get_by_role("row").nth(12)).to_have_accessible_name(_holding("nov. 2026", "123 000,00 €"))


async def test_a_comparison_that_the_history_does_not_reach_is_not_provided(phone_app: PhoneApp) -> None:
    await phone_app.at_home()

    card = phone_app.card("CA comptable")

    await expect(card).to_contain_text("Comparaison non fournie")
    await expect(card).not_to_contain_text("en baisse")


async def test_what_is_not_available_says_why_and_is_never_zero(phone_app: PhoneApp) -> None:
    figures = seventeen()
    figures["treasury_position"] = {"available": False, "reason": "no entries and no FEC"}
    phone_app.firm.publish(**figures)

    await phone_app.at_home()

    await expect(phone_app.card("Situation de trésorerie")).to_contain_text("Non fourni")
    await expect(phone_app.card("Situation de trésorerie")).to_contain_text("no entries and no FEC")
    await expect(phone_app.card("Situation de trésorerie")).not_to_contain_text("€")


async def test_an_indicator_that_is_not_for_the_reader_is_not_there(phone_app: PhoneApp) -> None:
    phone_app.firm.auth.allow(phone_app.firm.client, "lea", phone_app.firm.scopes, ["commercial_revenue"])

    await phone_app.at_home()

    await expect(phone_app.page.locator("a.card")).to_have_count(1)


async def test_a_firm_that_has_done_nothing_yet_has_figures_and_no_broken_ranking(phone_app: PhoneApp) -> None:
    phone_app.firm.publish(**empty())

    await phone_app.at_home()

    await expect(phone_app.card("Chiffre d'affaires commercial")).to_contain_text("0\xa0€")
    await expect(phone_app.card("Top 5 clients du mois")).to_contain_text("Aucun montant positif à classer.")
    await phone_app.card("Situation de trésorerie").tap()
    await expect(phone_app.page.get_by_text("Aucun compte avec un solde.")).to_be_visible()


@pytest.mark.parametrize("scale", ["98765432109.87", "-98765432109.87"], ids=["huge", "far below zero"])
async def test_no_figure_is_too_large_for_the_screen(phone_app: PhoneApp, scale: str) -> None:
    phone_app.firm.scopes[2] = NamedScope(
        kind="family", code="GROUPE", name="Établissements " + "Wurtzenhoffsteiner" * 3
    )
    phone_app.firm.publish(**seventeen(scale))

    await phone_app.at_home()
    assert await too_wide(phone_app.page) == []
    for title in TITLES:
        await phone_app.card(title).tap()
        await expect(phone_app.page.get_by_role("article")).to_be_visible()
        await phone_app.at_rest()
        assert await too_wide(phone_app.page) == []
        await phone_app.page.get_by_role("button", name="Retour").tap()


async def test_a_family_is_called_a_cumulation_and_owns_up_to_a_company_of_another_extraction(
    phone_app: PhoneApp,
) -> None:
    phone_app.firm.publisher.publish_indicators(
        phone_app.firm.client, phone_app.firm.scopes[1], seventeen(), as_of=date(2026, 11, 20), extraction_id=uuid4()
    )

    await phone_app.at_home()

    await expect(phone_app.page.get_by_text("Cumul de ses sociétés")).to_be_visible()
    await expect(phone_app.page.get_by_text("Comptoirs Vernelle Sud : chiffres d'une autre extraction")).to_be_visible()


async def test_scopes_are_picked_companies_one_by_one_then_families(phone_app: PhoneApp) -> None:
    await phone_app.at_home()

    await phone_app.page.get_by_role("button", name="Groupe Vernelle").tap()
    sheet = phone_app.page.get_by_role("dialog", name="Périmètre")
    names = await sheet.locator(".row-name").all_inner_texts()
    await sheet.get_by_role("button", name="Comptoirs Vernelle Nord").tap()

    assert names == ["Comptoirs Vernelle Nord", "Comptoirs Vernelle Sud", "Groupe Vernelle"]
    await expect(phone_app.page.get_by_role("heading", level=1)).to_have_text("Comptoirs Vernelle Nord")
    await expect(phone_app.card("Situation de trésorerie")).to_be_visible()


async def test_a_swipe_leads_to_the_neighbour(phone_app: PhoneApp) -> None:
    await phone_app.at_home("NORD")

    await phone_app.page.locator(".pager").evaluate("pager => pager.scrollBy({ left: 393, behavior: 'smooth' })")

    await expect(phone_app.page.get_by_role("heading", level=1)).to_have_text("Comptoirs Vernelle Sud")
    await expect(phone_app.page.get_by_text("2 sur 3")).to_be_attached()
    assert "#/company/SUD" in phone_app.page.url


async def test_a_scope_without_publication_says_what_will_come(phone_app: PhoneApp) -> None:
    phone_app.firm.publisher.forget(phone_app.firm.client, phone_app.firm.scopes[0])

    await phone_app.sign_in("NORD")

    await expect(phone_app.page.get_by_role("heading", name="Rien n'est encore publié")).to_be_visible()


async def test_a_past_publication_is_listed_with_what_changed_since(phone_app: PhoneApp) -> None:
    phone_app.firm.publish(**seventeen("2"))
    await phone_app.at_home()

    await phone_app.card("Situation de trésorerie").tap()

    past = phone_app.page.get_by_role("listitem").filter(has_text="Au 24 nov. 2026")
    await expect(past).to_have_count(2)
    await expect(past.first).to_contain_text("en hausse")


async def test_the_app_speaks_english_where_the_phone_does_and_switches(open_phone: OpenPhone) -> None:
    phone_app = await open_phone(locale="en-GB")
    await expect(phone_app.page.get_by_role("button", name="Sign in")).to_be_visible()
    assert await phone_app.page.evaluate("document.documentElement.lang") == "en"

    for label, text in (
        ("Client code", phone_app.firm.client),
        ("Shortcut code", "NORD"),
        ("User", "lea"),
        ("Password", "lea"),
    ):
        await phone_app.page.get_by_label(label).fill(text)
    await phone_app.page.get_by_role("button", name="Sign in").tap()
    await expect(phone_app.card("Commercial revenue")).to_contain_text("€1.24M")
    await phone_app.page.get_by_role("button", name="Account and settings").tap()
    await phone_app.page.get_by_role("radio", name="Français").check()

    await expect(phone_app.page.get_by_role("button", name="Se déconnecter")).to_be_visible()
    await phone_app.page.reload()
    await until(lambda: _speaks(phone_app.page, "fr"))


async def _speaks(page: Page, language: str) -> bool:
    return bool(await page.evaluate("document.documentElement.lang") == language)


def _holding(*texts: str) -> Any:
    """Each of these texts, in this order, whatever its spaces."""
    parts = [r"\s".join(map(re.escape, text.split(" "))) for text in texts]
    return re.compile(r"[\s\S]*".join(parts))


async def too_wide(page: Page) -> list[str]:
    """What stands out of the screen, sideways."""
    return list(
        await page.evaluate("""() => [...document.querySelectorAll('section.leaf *, .detail *, .bar-top *, .sign-in *')]
            .filter((one) => !one.closest('.heard-only') && !one.closest('[inert]') && !one.closest('svg'))
            .filter((one) => one.getBoundingClientRect().right > innerWidth + 0.5)
            .map((one) => `${one.className} ${one.textContent}`)""")
    )
