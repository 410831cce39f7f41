"""Signing in in a browser: by keyboard alone, accessible at every step, and ended from another device."""

import pytest
from playwright.sync_api import Page, expect

from tests.cast import made_up_phone
from tests.journeys.conftest import NewPage
from tests.journeys.place import Site
from tests.journeys.test_every_page import _ASKS_AXE, _TOO_WIDE, AXE, GRAVE


def look_at(page: Page) -> None:
    """No serious breach of the rules of access, and no wider than a small phone."""
    page.evaluate(AXE)
    assert page.evaluate(_ASKS_AXE, [None, list(GRAVE)]) == []
    size = page.viewport_size
    page.set_viewport_size({"width": 320, "height": 640})
    assert page.evaluate(_TOO_WIDE) == []
    assert size
    page.set_viewport_size(size)


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_joining_by_keyboard_alone(site: Site, new_page: NewPage, theme: str) -> None:
    page = new_page("pc", language="en", theme=theme)
    page.goto("/sign-in?next=/me/devices")
    keys = page.keyboard
    keys.type(made_up_phone().removeprefix("+86"))  # the field is ready
    keys.press("Enter")
    page.wait_for_url("**/sign-in/code")
    look_at(page)
    expect(page.locator("button[data-wait]")).to_be_disabled()
    digits = page.locator(".banner strong.number").inner_text()
    keys.type("000000" if digits != "000000" else "111111")
    expect(page.locator(".field-error")).to_contain_text("Tries left: 4")
    look_at(page)
    keys.type(digits)  # what was wrong is written over
    page.wait_for_url("**/sign-in/welcome")
    look_at(page)
    page.locator("input[name=nickname]").focus()
    keys.press("Tab")
    keys.press("Space")
    keys.press("Enter")
    page.wait_for_url("**/me/devices")
    expect(page.locator(".badge")).to_have_text("This device")


def test_device_is_signed_out_from_another(site: Site, new_page: NewPage) -> None:
    here, there = new_page("phone", language="en"), new_page("pc", language="en")
    phone = made_up_phone()
    join(here, phone)
    there.goto("/sign-in?next=/me/devices")
    site.rows("UPDATE people_sign_in_code SET sent_at = sent_at - interval '5 minutes'")
    sign_in(there, phone)
    there.wait_for_url("**/me/devices")
    there.get_by_role("button", name="Sign out everywhere else").click()
    expect(there.locator(".toast")).to_have_text("Signed out everywhere else.")
    here.goto("/wallet")
    expect(here).to_have_url(f"{site.url}/sign-in?next=%2Fwallet")


def sign_in(page: Page, phone: str) -> None:
    """Type the number and the code."""
    page.locator("input[name=phone]").fill(phone.removeprefix("+86"))
    page.locator("form[action='/sign-in'] button.is-primary").click()
    page.wait_for_url("**/sign-in/code")
    page.locator("input[name=code]").fill(page.locator(".banner strong.number").inner_text())


def join(page: Page, phone: str) -> None:
    """Become a member."""
    page.goto("/sign-in")
    sign_in(page, phone)
    page.wait_for_url("**/sign-in/welcome")
    page.locator("input[name=agree]").check()
    page.locator("form[action='/sign-in/welcome'] button.is-primary").click()
    page.wait_for_url("**/wallet")
