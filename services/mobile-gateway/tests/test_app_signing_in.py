"""Signing in on the phone by four fields (R10), and leaving nothing behind."""

from playwright.async_api import Page, expect
from tests.fakes.phone_app import PhoneApp
from tests.stack.waiting import until


async def kept(page: Page) -> list[str]:
    """The names of all that the phone keeps."""
    names = """() => new Promise((resolve) => {
        const opening = indexedDB.open("vigie", 1);
        opening.onsuccess = () => {
            const asked = opening.result.transaction("kept").objectStore("kept").getAllKeys();
            asked.onsuccess = () => { opening.result.close(); resolve(asked.result); };
        };
    })"""
    return list(await page.evaluate(names))


async def test_the_four_fields_lead_to_the_scope_that_the_shortcut_code_names(phone_app: PhoneApp) -> None:
    await phone_app.sign_in("SUD")

    await expect(phone_app.page.get_by_role("heading", level=1)).to_have_text("Comptoirs Vernelle Sud")
    await expect(phone_app.card("Situation de trésorerie")).to_be_visible()


async def test_a_refusal_says_nothing_of_which_field_and_keeps_what_was_typed_but_the_password(
    phone_app: PhoneApp,
) -> None:
    await phone_app.sign_in(password="guessed")

    await expect(phone_app.page.get_by_role("alert")).to_contain_text("La connexion est refusée")
    await expect(phone_app.page.get_by_label("Utilisateur")).to_have_value("lea")
    await expect(phone_app.page.get_by_label("Mot de passe")).to_have_value("")


async def test_whoever_guesses_too_often_reads_how_long_to_wait(phone_app: PhoneApp) -> None:
    phone_app.firm.auth.throttled = 200

    await phone_app.sign_in()

    await expect(phone_app.page.get_by_role("alert")).to_have_text("Trop d'essais. Réessayez dans 4 min.")


async def test_without_an_answer_the_phone_says_so_and_the_password_stays(phone_app: PhoneApp) -> None:
    await phone_app.page.route("**/mobile/v1/sessions", lambda route: route.abort())

    await phone_app.sign_in()

    await expect(phone_app.page.get_by_role("alert")).to_contain_text("La plate-forme ne répond pas")
    await expect(phone_app.page.get_by_label("Mot de passe")).to_have_value("lea")


async def test_an_empty_field_is_named_and_nothing_is_asked(phone_app: PhoneApp) -> None:
    asked = len(phone_app.firm.auth.asked)

    await phone_app.page.get_by_label("Code client").fill("DEMO")
    await phone_app.page.get_by_role("button", name="Se connecter").tap()

    await expect(phone_app.page.get_by_label("Code raccourci")).to_be_focused()
    await expect(phone_app.page.get_by_label("Code raccourci")).to_have_accessible_description("À remplir")
    assert len(phone_app.firm.auth.asked) == asked


async def test_the_next_time_client_and_shortcut_code_are_there_and_user_and_password_are_not(
    phone_app: PhoneApp,
) -> None:
    await phone_app.at_home()
    await phone_app.page.get_by_role("button", name="Compte et réglages").tap()
    await phone_app.page.get_by_role("button", name="Se déconnecter").tap()

    await expect(phone_app.page.get_by_label("Code client")).to_have_value(phone_app.firm.client)
    await expect(phone_app.page.get_by_label("Code raccourci")).to_have_value("GROUPE")
    await expect(phone_app.page.get_by_label("Utilisateur")).to_have_value("")
    await expect(phone_app.page.get_by_label("Mot de passe")).to_have_value("")


async def test_whoever_signs_in_next_begins_at_their_own_scope(phone_app: PhoneApp) -> None:
    await phone_app.at_home("NORD")
    await phone_app.card("Situation de trésorerie").tap()
    await phone_app.page.get_by_role("button", name="Retour").tap()
    await phone_app.page.get_by_role("button", name="Compte et réglages").tap()
    await phone_app.page.get_by_role("button", name="Se déconnecter").tap()

    await phone_app.at_home("SUD")

    await expect(phone_app.page.get_by_role("heading", level=1)).to_have_text("Comptoirs Vernelle Sud")


async def test_signing_out_ends_the_session_and_leaves_no_figure_and_no_key(phone_app: PhoneApp) -> None:
    await phone_app.at_home()
    await until(lambda: _snapshots_kept(phone_app.page))

    await phone_app.page.get_by_role("button", name="Compte et réglages").tap()
    await phone_app.page.get_by_role("button", name="Se déconnecter").tap()
    await expect(phone_app.page.get_by_role("button", name="Se connecter")).to_be_visible()

    await until(lambda: "/auth/v1/sessions/current" in phone_app.firm.auth.asked)
    assert await kept(phone_app.page) == []
    await phone_app.page.reload()
    await expect(phone_app.page.get_by_role("button", name="Se connecter")).to_be_visible()


async def _snapshots_kept(page: Page) -> bool:
    return "snapshot/family/GROUPE" in await kept(page)


async def test_a_session_that_has_ended_shows_the_form_and_takes_the_figures_along(phone_app: PhoneApp) -> None:
    await phone_app.at_home()
    await until(lambda: _snapshots_kept(phone_app.page))

    phone_app.firm.auth.dismiss(phone_app.firm.client, "lea")
    await phone_app.page.reload()

    await expect(phone_app.page.get_by_role("alert")).to_contain_text("Votre session est terminée")
    assert await kept(phone_app.page) == []


async def test_signing_out_in_one_tab_signs_out_the_other(phone_app: PhoneApp) -> None:
    await phone_app.at_home()
    other = await phone_app.page.context.new_page()
    await other.goto(phone_app.address)
    await expect(other.get_by_role("link", name="Situation de trésorerie")).to_be_visible()

    await phone_app.page.get_by_role("button", name="Compte et réglages").tap()
    await phone_app.page.get_by_role("button", name="Se déconnecter").tap()

    await expect(other.get_by_role("button", name="Se connecter")).to_be_visible()
