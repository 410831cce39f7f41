"""The counter in a browser: few keys, a network that goes away, a session that ends, a reload."""

import re

from playwright.sync_api import Page, expect

from tests.cast import made_up_phone
from tests.journeys.conftest import NewPage
from tests.journeys.place import Site
from tests.journeys.watch import allow


def _open(site: Site, page: Page) -> Page:
    site.sign_in(page, "cashier")
    page.goto(f"/counter/{site.store}")
    return page


def _scan(page: Page, text: str) -> None:
    page.keyboard.type(text)
    page.keyboard.press("Enter")


def _sold(site: Site, phone: str) -> int:
    [(count,)] = site.rows(
        "SELECT count(*) FROM orders_purchase p JOIN people_person m ON m.id = p.member_id WHERE m.phone = %s",
        [phone],
    )
    return int(count)


def test_two_scans_and_a_key_make_a_receipt(site: Site, pc: Page) -> None:
    """Scanned as fast as a scanner can: what comes while the answer is under way waits for its turn."""
    _open(site, pc)
    phone = made_up_phone()
    _scan(pc, phone)
    _scan(pc, "B-101")
    _scan(pc, "B-101")
    _scan(pc, "B-201")
    pc.keyboard.press("Enter")
    pc.keyboard.press("Enter")  # impatient
    pc.wait_for_url(re.compile("/receipts/pur_"))
    assert _sold(site, phone) == 1
    expect(pc.locator(".slip-lines li")).to_have_count(2)
    expect(pc.locator(".slip-lines li").first).to_contain_text("× 2")
    pc.keyboard.press("Enter")  # "next" has the focus
    pc.wait_for_url(f"**/counter/{site.store}")
    expect(pc.locator(".till-row")).to_have_count(0)


def test_the_scan_after_a_receipt_begins_the_next_sale(site: Site, pc: Page) -> None:
    _open(site, pc)
    _scan(pc, made_up_phone())
    _scan(pc, "B-101")
    expect(pc.locator(".till-points .hero")).to_be_visible()
    pc.keyboard.press("Enter")
    pc.wait_for_url(re.compile("/receipts/pur_"))
    expect(pc.locator("[data-next]")).to_be_focused()
    _scan(pc, "B-203")
    pc.wait_for_url(f"**/counter/{site.store}")
    expect(pc.locator(".till-row .row-note .mono")).to_have_text("B-203")


def test_a_lost_network_keeps_the_form_and_sells_once(site: Site, new_page: NewPage) -> None:
    page = _open(site, new_page("phone"))
    allow(page, "ERR_INTERNET_DISCONNECTED", "ERR_FAILED", "Failed to fetch")
    phone = made_up_phone()
    page.locator('[data-open="who"]').click()
    for digit in phone:
        page.locator(f'[data-pad="who-field"] [data-key="{digit}"]').click()
    page.locator('[data-adds="who"]').click()
    expect(page.locator(".till-card")).to_be_visible()
    page.locator("#scan-code").fill("B-101")
    page.locator("#scan-code").press("Enter")
    expect(page.locator(".till-row")).to_have_count(1)
    page.route("**/purchases", lambda route: (route.fetch(max_redirects=0), route.abort())[1])
    page.locator("#confirm").click()  # it arrives, but its answer is lost
    expect(page.locator("[data-lost]")).to_be_visible()
    expect(page.locator(".till-row")).to_have_count(1)
    assert _sold(site, phone) == 1
    page.unroute("**/purchases")
    page.locator("[data-lost] [data-resend]").click()
    page.wait_for_url(re.compile("/receipts/pur_"))
    assert _sold(site, phone) == 1


def test_a_reload_and_an_ended_session_keep_the_basket(site: Site, pc: Page) -> None:
    _open(site, pc)
    _scan(pc, made_up_phone())
    _scan(pc, "B-102")
    expect(pc.locator(".till-row")).to_have_count(1)
    pc.reload()
    expect(pc.locator(".till-row .row-note .mono")).to_have_text("B-102")
    expect(pc.locator(".till-card")).to_be_visible()
    pc.context.clear_cookies()
    _scan(pc, "B-101")
    pc.wait_for_url(re.compile(r"/sign-in\?next="))
    site.sign_in(pc, "cashier")
    pc.goto(f"/counter/{site.store}")
    expect(pc.locator(".till-row .row-note .mono").first).to_have_text("B-102")
