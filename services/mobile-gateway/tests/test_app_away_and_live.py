"""Told as it happens, and open without a network."""

import asyncio
from typing import Any

from playwright.async_api import Page, Route, expect
from tests.fakes.bus import GappyBus
from tests.fakes.figures import seventeen
from tests.fakes.phone_app import PhoneApp
from tests.stack.waiting import until

OFFLINE_TEXT = "Hors ligne"


async def listening(phone_app: PhoneApp) -> None:
    """Wait until the phone listens."""
    await until(lambda: _listens(phone_app))


async def _listens(phone_app: PhoneApp) -> bool:
    metrics = await phone_app.page.request.get(f"{phone_app.address}/metrics")
    return 'vigie_phones_listening{service="mobile-gateway"} 1.0' in await metrics.text()


async def published_again(phone_app: PhoneApp, tell: Any, scale: str) -> None:
    """The family has new figures, and the phones are told."""
    event = phone_app.firm.publisher.publish_indicators(
        phone_app.firm.client, phone_app.firm.scopes[2], seventeen(scale)
    )
    await tell(event)


async def test_a_publication_reaches_the_open_phone_with_a_notice(phone_app: PhoneApp, tell: Any) -> None:
    await phone_app.at_home()
    await listening(phone_app)

    await published_again(phone_app, tell, "3")

    await expect(phone_app.card("Chiffre d'affaires commercial")).to_contain_text("3,73\xa0M€")
    await expect(
        phone_app.page.get_by_role("status").filter(has_text="Groupe Vernelle : chiffres actualisés")
    ).to_be_visible()


async def test_a_lost_stream_is_taken_up_again_and_what_was_missed_is_caught_up(
    phone_app: PhoneApp, tell: Any, bus: GappyBus
) -> None:
    await phone_app.at_home()
    await listening(phone_app)
    await phone_app.page.context.set_offline(True)
    await bus.gap()
    await until(lambda: _alone(phone_app))
    await published_again(phone_app, tell, "3")

    await phone_app.page.context.set_offline(False)

    await expect(phone_app.card("Chiffre d'affaires commercial")).to_contain_text("3,73\xa0M€")


async def _alone(phone_app: PhoneApp) -> bool:
    return not await _listens(phone_app)


async def test_without_a_network_the_last_figures_open_at_once_with_their_age(phone_app: PhoneApp) -> None:
    await phone_app.at_home()
    await phone_app.page.evaluate("navigator.serviceWorker.ready")
    await until(lambda: _kept(phone_app.page))

    await phone_app.page.context.set_offline(True)
    await phone_app.page.reload()

    await expect(phone_app.card("Chiffre d'affaires commercial")).to_contain_text("1,24\xa0M€")
    await expect(phone_app.page.get_by_text(OFFLINE_TEXT)).to_be_visible()
    await phone_app.page.get_by_role("button", name="Groupe Vernelle").tap()
    await phone_app.page.get_by_role("button", name="Comptoirs Vernelle Nord").tap()
    await expect(phone_app.card("Chiffre d'affaires commercial")).to_contain_text("1,24\xa0M€")

    await phone_app.page.context.set_offline(False)
    await expect(phone_app.page.get_by_text(OFFLINE_TEXT)).to_have_count(0)


async def _kept(page: Page) -> bool:
    return "snapshot/company/NORD" in await _names(page)


async def _names(page: Page) -> list[str]:
    names = """() => new Promise((resolve) => {
        const opening = indexedDB.open("vigie", 1);
        opening.onsuccess = () => {
            const asked = opening.result.transaction("kept").objectStore("kept").getAllKeys();
            asked.onsuccess = () => { opening.result.close(); resolve(asked.result); };
        };
    })"""
    return list(await page.evaluate(names))


async def test_what_is_deleted_on_the_platform_goes_from_the_open_phone(phone_app: PhoneApp, tell: Any) -> None:
    await phone_app.at_home()
    await listening(phone_app)
    await until(lambda: _kept(phone_app.page))

    await tell(phone_app.firm.publisher.delete(phone_app.firm.client))

    await expect(phone_app.page.get_by_role("heading", name="Rien n'est encore publié")).to_be_visible()
    await until(lambda: _no_snapshot(phone_app.page))


async def test_a_figure_that_was_read_before_a_deletion_and_arrives_after_it_is_not_kept(
    phone_app: PhoneApp, tell: Any
) -> None:
    # given a figure that the platform has answered and that has not arrived
    on_the_way, arriving = asyncio.Event(), asyncio.Event()

    async def hold_up(route: Route) -> None:
        answer = await route.fetch()
        on_the_way.set()
        await arriving.wait()
        await route.fulfill(response=answer)

    await phone_app.page.route("**/snapshots/company/SUD", hold_up)
    await phone_app.at_home()
    await listening(phone_app)
    await asyncio.wait_for(on_the_way.wait(), 20)

    # when everything is deleted before it arrives
    await tell(phone_app.firm.publisher.delete(phone_app.firm.client))
    await expect(phone_app.page.get_by_role("heading", name="Rien n'est encore publié")).to_be_visible()
    async with phone_app.page.expect_event("requestfinished", lambda request: "company/SUD" in request.url):
        arriving.set()

    # then it does not come back, not even once whatever was being kept is
    await phone_app.page.evaluate(KEEP_SOMETHING)
    assert await _no_snapshot(phone_app.page)


KEEP_SOMETHING = """async () => {
    const key = await crypto.subtle.generateKey({ name: "AES-GCM", length: 256 }, false, ["encrypt"]);
    for (let turn = 0; turn < 20; turn += 1) {
        await crypto.subtle.encrypt({ name: "AES-GCM", iv: new Uint8Array(12) }, key, new Uint8Array(100_000));
        await new Promise((resolve) => setTimeout(resolve));
    }
}"""
"""As long as sealing a figure takes the phone, many times over."""


async def test_what_was_deleted_meanwhile_goes_from_the_phone_at_the_next_contact(
    phone_app: PhoneApp, tell: Any
) -> None:
    await phone_app.at_home()
    await until(lambda: _kept(phone_app.page))
    await phone_app.page.goto("about:blank")
    await tell(phone_app.firm.publisher.delete(phone_app.firm.client))

    await phone_app.page.goto(phone_app.address)

    await until(lambda: _no_snapshot(phone_app.page))


async def _no_snapshot(page: Page) -> bool:
    return not [name for name in await _names(page) if name.startswith("snapshot/")]


async def test_no_figure_lies_in_the_browsers_own_cache(phone_app: PhoneApp) -> None:
    await phone_app.at_home()
    await phone_app.page.evaluate("navigator.serviceWorker.ready")

    cached = await phone_app.page.evaluate("""async () => {
        const names = await caches.keys();
        const all = await Promise.all(names.map(async (name) => (await (await caches.open(name)).keys())));
        return all.flat().map((request) => new URL(request.url).pathname);
    }""")

    assert "/" in cached
    assert [path for path in cached if "/v1/" in path] == []


async def test_a_pull_at_the_top_asks_again(phone_app: PhoneApp) -> None:
    await phone_app.at_home()
    asked = len(phone_app.firm.publisher.asked)
    phone_app.firm.publisher.publish_indicators(phone_app.firm.client, phone_app.firm.scopes[2], seventeen("3"))

    await phone_app.page.evaluate("""() => {
        const leaf = document.querySelector("section.leaf");
        const touch = (y) => [new Touch({ identifier: 1, target: leaf, clientX: 150, clientY: y })];
        leaf.dispatchEvent(new TouchEvent("touchstart", { touches: touch(120) }));
        for (const y of [180, 240, 300]) leaf.dispatchEvent(new TouchEvent("touchmove", { touches: touch(y) }));
        leaf.dispatchEvent(new TouchEvent("touchend", { touches: [] }));
    }""")

    await expect(phone_app.page.get_by_role("status").filter(has_text="Les chiffres sont à jour")).to_be_visible()
    assert len(phone_app.firm.publisher.asked) > asked
