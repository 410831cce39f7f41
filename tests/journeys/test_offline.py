"""Without a connection: the last wallet and the member code are there, of the person who is signed in and nobody else."""

import io
import re
import time

import zxingcpp
from PIL import Image
from playwright.sync_api import Page, expect

from tessera.people.rules import member_code
from tests.journeys.conftest import NewPage
from tests.journeys.place import Site
from tests.journeys.watch import allow

KEPT = """async () => {
  const names = await caches.keys();
  const own = names.filter((name) => name.startsWith("tessera-own-"));
  const pages = await Promise.all(own.map(async (name) => (await (await caches.open(name)).keys()).map((one) => one.url)));
  return pages.flat().map((address) => new URL(address).pathname).sort();
}"""
DEVICE = """() => new Promise((done) => {
  const asked = indexedDB.open("tessera", 1);
  asked.onupgradeneeded = () => asked.result.createObjectStore("device");
  asked.onsuccess = () => {
    const got = asked.result.transaction("device").objectStore("device").get("own");
    got.onsuccess = () => { asked.result.close(); done(got.result?.number ?? ""); };
  };
})"""


def seen_code(page: Page) -> str:
    """Return the digits of the QR code on the screen, as a scanner at a till sees it."""
    picture = Image.open(io.BytesIO(page.locator("#qr").screenshot()))
    [found] = zxingcpp.read_barcodes(picture)
    digits = re.fullmatch(r"http://127\.0\.0\.1:\d+/m/(\d+)", found.text)
    assert digits, found.text
    return digits[1]


def until_kept(page: Page) -> None:
    """Wait for the worker to have taken over and kept both pages, and for this device's secret."""
    page.goto("/wallet")
    for _ in range(200):
        led = page.evaluate("navigator.serviceWorker.controller !== null")
        if led and page.evaluate(KEPT) == ["/code", "/wallet"] and page.evaluate(DEVICE):
            return
        page.wait_for_timeout(100)
    raise AssertionError((page.evaluate(KEPT), page.evaluate(DEVICE)))


def cut(page: Page, *, off: bool) -> None:
    allow(page, "ERR_INTERNET_DISCONNECTED", "Failed to load resource")
    page.context.set_offline(off)


def test_wallet_and_code_open_without_a_connection(site: Site, new_page: NewPage) -> None:
    page = new_page("phone", language="en", workers=True)
    site.sign_in(page, "member")
    until_kept(page)
    points = page.locator(".hero").first.inner_text()
    cut(page, off=True)

    page.goto("/wallet")
    expect(page.locator(".hero").first).to_have_text(points)
    expect(page.locator("#offline")).to_be_visible()
    expect(page.locator("#offline")).to_contain_text("You are offline. This is your wallet as of")

    page.goto("/code")
    expect(page.locator("#digits")).to_have_text(re.compile(r"\d{4} \d{4} \d{3} \d{3}"))
    shown = seen_code(page)
    said = page.locator("#digits").inner_text().replace(" ", "")
    assert said == shown
    [(secret,)] = site.rows("SELECT secret FROM people_code_device WHERE number = %s", [shown[:8]])
    steps = {int(time.time()) // 60 + late for late in (0, -1)}
    assert shown in {member_code(shown[:8], bytes(secret), step) for step in steps}

    page.goto("/shops")
    expect(page.get_by_role("heading", name="You are offline")).to_be_visible()

    cut(page, off=False)
    page.goto("/code")
    expect(page.locator("#digits")).to_have_text(re.compile(r"^\d{4} \d{4}$"))


def test_after_signing_out_nothing_of_the_person_is_left(site: Site, new_page: NewPage) -> None:
    page = new_page("phone", language="en", workers=True)
    site.sign_in(page, "member")
    until_kept(page)
    page.goto("/me")
    page.get_by_role("button", name="Sign out").click()
    page.wait_for_url(re.compile("/$"))
    assert page.evaluate(KEPT) == []
    assert page.evaluate(DEVICE) == ""

    cut(page, off=True)
    for address in ("/wallet", "/code"):
        page.goto(address)
        expect(page.get_by_role("heading", name="You are offline")).to_be_visible()


def test_the_next_person_on_the_device_sees_only_what_is_his(site: Site, new_page: NewPage) -> None:
    """Prevents a wallet that was kept for one person from being shown to another whose sign-in changed under it."""
    page = new_page("phone", language="en", workers=True)
    site.sign_in(page, "member")
    until_kept(page)
    first = page.evaluate(DEVICE)
    page.context.clear_cookies()
    page.goto("/wallet")  # the session is over: leads to the sign-in
    page.wait_for_url(re.compile("/sign-in"))
    assert page.evaluate(KEPT) == []

    site.sign_in(page, "newcomer")
    until_kept(page)
    assert page.evaluate(DEVICE) not in {"", first}
    cut(page, off=True)
    page.goto("/wallet")
    expect(page.get_by_role("heading", name="How it begins")).to_be_visible()


def test_the_code_changes_with_the_minute(site: Site, new_page: NewPage) -> None:
    page = new_page("phone", language="zh", theme="dark")
    page.clock.install()
    site.sign_in(page, "member")
    page.goto("/code")
    page.clock.run_for(1000)
    drawn = page.locator("#qr path")
    expect(drawn).not_to_have_attribute("d", "")
    first, shape = seen_code(page), drawn.get_attribute("d") or ""
    assert len(first) == 14
    # The server's clock does not run ahead with the page's: asked again, it would set the page back.
    expect(page.locator("#digits")).to_have_text(re.compile(r"\d{4} \d{4}"))
    cut(page, off=True)
    page.clock.run_for(61_000)
    expect(drawn).not_to_have_attribute("d", shape)
    assert seen_code(page)[:8] == first[:8]


def test_without_scripts_a_code_is_one_tap_away(site: Site, new_page: NewPage) -> None:
    page = new_page("phone", language="en", java_script_enabled=False)
    site.sign_in(page, "member")
    page.goto("/code")
    page.get_by_role("button", name="Show a code for one minute").click()
    picture = Image.open(io.BytesIO(page.locator(".qr").screenshot()))
    [found] = zxingcpp.read_barcodes(picture)
    digits = page.locator(".digits").inner_text().replace(" ", "")
    assert len(digits) == 8
    assert found.text == f"{site.url}/m/{digits}"
