"""Without a mouse: the till by keys alone, and every way on a page reached with Tab, seen where it stands."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.journeys.place import Site

_FOCUSED = """() => {
  const one = document.activeElement;
  if (!one || one === document.body) return null;
  const style = getComputedStyle(one);
  const box = one.getBoundingClientRect();
  const ring = style.outlineStyle !== "none" && parseFloat(style.outlineWidth) > 0 || style.boxShadow !== "none";
  const seen = box.width > 0 && box.bottom > 0 && box.top < innerHeight;
  return {html: one.outerHTML.slice(0, 120), ring, seen, mark: one.dataset.tabMark ?? ""};
}"""
_CAN_FOCUS = """() => [...document.querySelectorAll(
    'a[href], button, input:not([type=hidden]), select, textarea, summary, [tabindex="0"]')]
  .filter(one => !one.disabled && one.tabIndex >= 0 && one.checkVisibility({visibilityProperty: true})
    && !(one.type === "radio" && !one.checked))
  .map((one, place) => { one.dataset.tabMark = String(place); return one.outerHTML.slice(0, 120); })"""


def keys(page: Page, text: str) -> None:
    page.keyboard.type(text)
    page.keyboard.press("Enter")


def test_a_sale_by_keys_alone(site: Site, pc: Page) -> None:
    site.sign_in(pc, "cashier")
    pc.goto(f"/counter/{site.store}")
    expect(pc.locator("#scan-code")).to_be_focused()
    keys(pc, site.phones["member"].removeprefix("+86"))
    expect(pc.locator(".till-card .row-title")).to_have_text("小满")
    keys(pc, "B-101")
    expect(pc.locator("[name=quantity]")).to_have_value("1")
    keys(pc, "B-101")
    expect(pc.locator("[name=quantity]")).to_have_value("2")
    pc.keyboard.press("Enter")  # nothing typed: done
    pc.wait_for_url(re.compile(r"/receipts/pur_"))
    expect(pc.locator("[data-next]")).to_be_focused()
    pc.keyboard.press("Enter")
    pc.wait_for_url(f"**/counter/{site.store}")
    expect(pc.locator("#scan-code")).to_be_focused()


@pytest.mark.parametrize(
    ("who", "address"),
    [
        ("visitor", "/sign-in"),
        ("member", "/wallet"),
        ("member", "/me"),
        ("cashier", "/counter/{store}"),
        ("owner", "/console/{merchant}"),
        ("owner", "/console/{merchant}/products"),
        ("owner", "/console/{merchant}/staff"),
        ("operator", "/operator/merchants/{pending}"),
    ],
)
def test_tab_goes_everywhere(site: Site, pc: Page, who: str, address: str) -> None:
    """Prevents a link or button that only a mouse reaches, a trap, and a focus that nobody sees."""
    if who != "visitor":
        site.sign_in(pc, who)
    pc.goto(address.format(**site.ids))
    pc.wait_for_load_state("networkidle")
    pc.evaluate("document.activeElement?.blur()")
    wanted = pc.evaluate(_CAN_FOCUS)
    reached, unseen = set(), []
    for _ in range(len(wanted) + 5):
        pc.keyboard.press("Tab")
        found = pc.evaluate(_FOCUSED)
        if found is None:
            continue
        reached.add(found["mark"])
        if not (found["ring"] and found["seen"]):
            unseen.append(found["html"])
    missed = [html for place, html in enumerate(wanted) if str(place) not in reached]
    assert missed == []
    assert unseen == []


def test_the_first_tab_skips_to_the_content(site: Site, pc: Page) -> None:
    site.sign_in(pc, "owner")
    pc.goto(f"/console/{site.merchant}")
    pc.keyboard.press("Tab")
    expect(pc.locator("a.skip")).to_be_focused()
    pc.keyboard.press("Enter")
    assert pc.evaluate("location.hash") == "#main"
