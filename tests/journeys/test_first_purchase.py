"""A visitor becomes a member, is recognised at the counter, buys, sees points and why, brings something back."""

import io
import re

import zxingcpp
from PIL import Image
from playwright.sync_api import Page, expect

from tests.cast import made_up_phone
from tests.journeys.conftest import NewPage
from tests.journeys.place import Site

TURNS_WITHIN_MS = 20_000


def sign_up(page: Page, phone: str, nickname: str) -> None:
    """Join with a phone number and the code that the demo shows on the page."""
    page.goto("/")
    page.locator('a[href="/sign-in"]').first.click()
    page.locator("input[name=phone]").fill(phone.removeprefix("+86"))
    page.locator("form[action='/sign-in'] button.is-primary").click()
    page.wait_for_url("**/sign-in/code")
    digits = page.locator(".banner strong.number").inner_text()
    page.locator("input[name=code]").fill(digits)  # complete: it is sent by itself
    page.wait_for_url("**/sign-in/welcome")
    page.locator("input[name=nickname]").fill(nickname)
    page.locator("input[name=agree]").check()
    page.locator("form[action='/sign-in/welcome'] button.is-primary").click()
    page.wait_for_url("**/wallet")


def shown_code(page: Page) -> str:
    """Read the QR that the member's phone shows, as a scanner would."""
    expect(page.locator("#qr path")).to_have_attribute("d", re.compile("M"))
    picture = Image.open(io.BytesIO(page.locator("#qr").screenshot()))
    [found] = zxingcpp.read_barcodes(picture)
    return str(found.text)


def scan(page: Page, text: str) -> None:
    """Do as a hardware scanner does: keys and Enter."""
    page.locator("#scan-code").fill(text)
    page.locator("#scan-code").press("Enter")


def test_a_members_first_purchase(site: Site, new_page: NewPage) -> None:
    member, till = new_page("phone", language="en"), new_page("pc", language="en")
    phone = made_up_phone()
    sign_up(member, phone, "Journey")
    expect(member.locator("#wallet .hero")).to_have_text("0")

    member.goto("/code")
    site.sign_in(till, "cashier")
    till.goto(f"/counter/{site.store}")
    scan(till, shown_code(member))
    expect(till.locator(".till-card .row-title")).to_have_text("Journey")
    member.goto("/wallet")

    scan(till, "B-101")
    expect(till.locator(".till-points .hero")).to_contain_text("+1")
    till.locator("#more-1").click()
    expect(till.locator(".till-points .hero")).to_contain_text("+3")
    till.locator("#confirm").click()
    till.wait_for_url(f"**/counter/{site.store}/receipts/pur_*")
    expect(till.locator(".outcome .hero")).to_have_text("3")

    expect(member.locator("#wallet .hero")).to_have_text("3", timeout=TURNS_WITHIN_MS)
    receipt = re.search(r"pur_\w+", till.url)
    assert receipt
    member.goto(f"/receipts/{receipt[0]}")
    expect(member.locator("h1 ~ p .hero")).to_have_text("3")
    expect(member.locator(".why")).to_contain_text("买二得三")
    expect(member.locator(".why")).to_contain_text("version 1")

    till.locator('a[href$="/returns"].button').last.click()
    till.locator("#more-1").click()
    expect(till.locator("#give-back .hero")).to_contain_text("−2")
    till.locator("#confirm-return").click()
    till.wait_for_url(f"**/counter/{site.store}/returns/rtn_*")
    expect(till.locator(".outcome .hero")).to_have_text("−2")

    expect(member.locator("#receipt .hero").first).to_have_text("1", timeout=TURNS_WITHIN_MS)
    expect(member.locator("#receipt")).to_contain_text("3 given, 2 taken back")
    member.goto("/wallet")
    expect(member.locator("#wallet .hero")).to_have_text("1")
    assert site.rows("SELECT count(*) FROM orders_purchase u JOIN people_person p ON p.id = u.member_id"
                     " WHERE p.phone = %s", [phone]) == [(1,)]  # fmt: skip


def test_points_wait_for_whoever_joins_later(site: Site, new_page: NewPage) -> None:
    """A number given at the till before joining: what was bought then is there after the first sign-in."""
    phone = made_up_phone()
    assert site.buy(phone, ("B-101", 2))["points"] == 3
    member = new_page("phone", language="en")
    sign_up(member, phone, "Later")
    expect(member.locator("#wallet")).to_be_visible()
    for _ in range(20):
        if member.locator("#wallet .hero").inner_text() == "3":
            break
        member.wait_for_timeout(500)
        member.reload()
    expect(member.locator("#wallet .hero")).to_have_text("3")
