"""A passkey is made and opens the door, with Chromium's virtual authenticator."""

from urllib.parse import urlsplit

from playwright.sync_api import Page, expect

from tests.cast import made_up_phone
from tests.journeys.conftest import NewPage
from tests.journeys.place import Site
from tests.journeys.watch import allow


def with_authenticator(page: Page, *, consents: bool = True) -> None:
    """Give the page's browser an authenticator that asks nobody; without `consents` its owner says no."""
    devtools = page.context.new_cdp_session(page)
    devtools.send("WebAuthn.enable")
    options = {
        "protocol": "ctap2",
        "transport": "internal",
        "hasResidentKey": True,
        "hasUserVerification": True,
        "isUserVerified": consents,
        "automaticPresenceSimulation": True,
    }
    devtools.send("WebAuthn.addVirtualAuthenticator", {"options": options})


def by_name(site: Site) -> str:
    """Return the site's address with a name in it: browsers bind passkeys to names only."""
    return f"http://localhost:{urlsplit(site.url).port}"


def test_passkey_is_made_and_used(site: Site, new_page: NewPage) -> None:
    page = new_page("phone", language="en")
    allow(page, "another host: http://localhost:")
    with_authenticator(page)
    home = by_name(site)
    page.goto(f"{home}/sign-in")
    page.locator("input[name=phone]").fill(made_up_phone().removeprefix("+86"))
    page.locator("form[action='/sign-in'] button.is-primary").click()
    page.wait_for_url("**/sign-in/code")
    page.locator("input[name=code]").fill(page.locator(".banner strong.number").inner_text())
    page.wait_for_url("**/sign-in/welcome")
    page.locator("input[name=agree]").check()
    page.locator("form[action='/sign-in/welcome'] button.is-primary").click()
    page.wait_for_url("**/wallet")

    page.goto(f"{home}/me/passkeys")
    page.get_by_role("button", name="Add this device").click()
    expect(page.locator(".row-title")).to_have_count(1)
    page.get_by_role("button", name="Change").click()
    page.locator("dialog[open] input[name=name]").fill("Blue phone")
    page.get_by_role("button", name="Save the name").click()
    expect(page.locator(".row-title")).to_have_text("Blue phone")

    page.goto(f"{home}/work")
    page.get_by_role("button", name="Sign out").click()
    page.goto(f"{home}/sign-in?next=/me/passkeys")
    page.get_by_role("button", name="Sign in with a passkey").click()
    expect(page.locator(".row-note")).to_contain_text("last used")


def test_owner_says_no(site: Site, new_page: NewPage) -> None:
    page = new_page("phone", language="en")
    allow(page, "another host: http://localhost:")
    with_authenticator(page, consents=False)
    page.goto(f"{by_name(site)}/sign-in")
    page.get_by_role("button", name="Sign in with a passkey").click()
    expect(page.get_by_role("alert")).to_have_text("No passkey was used. You can try again or take a code.")
    expect(page.get_by_role("button", name="Send the code")).to_be_enabled()


def test_page_opened_by_a_number_offers_none(site: Site, phone: Page) -> None:
    phone.goto("/sign-in")
    expect(phone.locator("form[data-passkey]")).to_be_hidden()
    expect(phone.locator("form[action='/sign-in'] button.is-primary")).to_be_visible()
