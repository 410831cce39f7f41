"""The journeys' own ground: the server runs, everybody can sign in, and a page's faults are seen."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.journeys.place import Site
from tests.journeys.watch import allow, faults_of


def test_a_visitor_sees_the_start_page(site: Site, phone: Page) -> None:
    phone.goto("/")
    expect(phone.locator("h1")).to_have_count(1)
    expect(phone).to_have_title(re.compile("."))


@pytest.mark.parametrize("who", ["member", "guide", "cashier", "manager", "owner", "other", "operator"])
def test_everybody_can_sign_in(site: Site, phone: Page, who: str) -> None:
    site.sign_in(phone, who)
    answer = phone.goto("/")
    assert answer is not None
    assert answer.url == f"{site.url}/wallet"


def test_a_purchase_over_the_api(site: Site) -> None:
    assert site.buy("member", ("B-101", 2))["points"] == 3


def test_faults_are_seen(site: Site, pc: Page) -> None:
    pc.goto("/")
    pc.evaluate("setTimeout(() => { throw new Error('a fault of the test') })")
    pc.evaluate("fetch('http://127.0.0.2:9/other-host').catch(() => 0)")
    pc.wait_for_timeout(200)
    found = " ".join(faults_of(pc))
    assert "a fault of the test" in found
    assert "content policy: connect-src" in found
    allow(pc, "a fault of the test", "127.0.0.2", "127.0.0.2:9")
