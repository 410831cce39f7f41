"""The door's page with a network: the guest's name before the yes, the number after it, loud refusals, one request a tap."""

import re

from playwright.sync_api import Page, expect

from tests.journeys.conftest import NewPage
from tests.journeys.door_stage import enrol, let_in, open_door, type_in
from tests.journeys.place import Site
from tests.journeys.test_every_page import axe

RESULT = "#result"


def test_a_guest_by_phone_and_code(site: Site, new_page: NewPage) -> None:
    door = open_door(site, "Mei", "Lan")
    page = new_page("phone", language="en")
    enrol(page, door)
    mei, lan = door.guests

    type_in(page, mei, code="000000" if mei.code != "000000" else "111111")
    expect(page.locator(RESULT)).to_have_attribute("data-state", "refused")
    expect(page.locator(".door-sentence")).to_contain_text("4 more tries")
    for digit in mei.code:  # the phone number is still there
        page.locator(f'[data-key="{digit}"]').click()
    expect(page.locator(".door-found .door-guest")).to_have_text("Mei")
    asked: list[str] = []
    page.on(
        "request", lambda request: asked.append(request.url) if request.url.endswith("/arrivals") else None
    )
    page.locator("#let-in").dblclick()
    expect(page.locator(".door-number")).to_have_text("001")
    assert len(asked) == 1
    assert door.arrivals() == [("Mei", 1)]

    assert let_in(page, lan) == "002"
    type_in(page, mei)
    expect(page.locator(RESULT)).to_have_attribute("data-state", "refused")
    expect(page.locator(".door-number")).to_have_text("001")
    expect(page.locator(".door-where")).to_have_text(re.compile(r"^\d\d:\d\d · Door A$"))
    expect(page.locator("#recent li")).to_have_count(2)
    assert door.arrivals() == [("Mei", 1), ("Lan", 2)]


def test_a_ticket_by_hand_scanner_and_at_once(site: Site, new_page: NewPage) -> None:
    door = open_door(site, "Mei", "Lan", "Ping")
    page = new_page("pc", language="en")
    enrol(page, door)
    for guest, number in zip(door.guests[:2], ("001", "002"), strict=True):
        page.keyboard.type(f"{site.url}/t/{guest.ticket}")
        page.keyboard.press("Enter")
        expect(page.locator("#let-in")).to_be_focused()  # by keys alone
        page.keyboard.press("Enter")
        expect(page.locator(".door-number")).to_have_text(number)
    page.locator("[data-open=door-menu]").click()
    page.locator("#at-once").check()
    page.locator("#door-menu [data-close]").click()
    page.keyboard.type(door.guests[2].ticket)
    page.keyboard.press("Enter")
    expect(page.locator(".door-number")).to_have_text("003")
    page.goto(f"{door.address}?ticket={door.guests[2].ticket}")  # by the phone's own camera
    expect(page.locator(".door-refused .door-number")).to_have_text("003")
    assert page.url.endswith(door.address)
    page.keyboard.type("nobody-has-this-one")
    page.keyboard.press("Enter")
    expect(page.locator(".door-sentence")).to_contain_text("ticket is not valid")
    assert [number for _, number in door.arrivals()] == [1, 2, 3]


def test_a_supervisor_searches_lets_in_and_undoes(site: Site, new_page: NewPage) -> None:
    door = open_door(site, "Mei", "Lan", supervisor="cashier")
    page = new_page("phone", language="en")
    enrol(page, door, who="cashier")
    page.locator("[data-way-to=search]").click()
    page.locator("#search-field").fill("mei")
    page.locator("#search-form [type=submit]").click()
    expect(page.locator("#found .row-note")).to_contain_text("****")
    page.locator("#found [data-part=admit]").click()
    expect(page.locator(".door-number")).to_have_text("001")
    page.locator("#recent [data-part=undo]").click()
    page.locator("#undo-reason").fill("Wrong person")
    page.locator("#undo-form [type=submit]").click()
    expect(page.locator("#recent li")).to_have_count(0)
    assert door.arrivals() == []
    page.locator("[data-way-to=type]").click()
    assert let_in(page, door.guests[0]) == "002"  # a number that was voided is not given again


def test_a_walk_in(site: Site, new_page: NewPage) -> None:
    door = open_door(site, "Mei")
    page = new_page("phone", language="en")
    enrol(page, door)
    page.locator("[data-way-to=walk-in]").click()
    page.locator("#walk-phone").fill("10033334444")
    page.locator("#walk-name").fill("Zhao")
    page.locator("#way-walk-in [type=submit]").click()
    expect(page.locator(".door-number")).to_have_text("001")
    assert door.arrivals() == [("Zhao", 1)]


def test_all_states_are_accessible_and_fit_small_screens(site: Site, new_page: NewPage) -> None:
    door = open_door(site, "阿历克珊德拉·康斯坦丁诺波利坦斯卡娅·费瑟斯通豪", "Lan", supervisor="cashier")
    page = new_page("phone")
    site.sign_in(page, "cashier")
    page.goto(door.address)
    states = {"enrol": axe(page)}
    page.locator("#door-field").fill("A" * 60)
    page.locator("#enrol-form [type=submit]").click()
    expect(page.locator("#line")).to_have_attribute("data-state", "online")
    states["idle"] = _look(page)
    type_in(page, door.guests[0])
    expect(page.locator("#confirm")).to_be_visible()
    states["found"] = _look(page)
    page.locator("#let-in").click()
    expect(page.locator(RESULT)).to_have_attribute("data-state", "fits")
    states["fits"] = _look(page)
    type_in(page, door.guests[0])
    expect(page.locator(RESULT)).to_have_attribute("data-state", "refused")
    states["refused"] = _look(page)
    for way in ("scan", "search", "walk-in"):
        page.locator(f"[data-way-to={way}]").click()
        states[way] = _look(page)
    page.locator("[data-open=door-menu]").click()
    states["menu"] = _look(page)
    assert {name: found for name, found in states.items() if found} == {}


def _look(page: Page) -> list[str]:
    page.wait_for_timeout(600)  # the halves have come together
    found = axe(page)
    for width, height in ((320, 640), (844, 390), (390, 844)):
        page.set_viewport_size({"width": width, "height": height})
        wide = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        found += [f"{wide} px too wide on {width}"] if wide > 0 else []
    return found


def test_the_first_load_is_light(site: Site, new_page: NewPage) -> None:
    door = open_door(site)
    page = new_page("phone")
    site.sign_in(page, "guide")
    line = page.context.new_cdp_session(page)
    line.send("Network.enable")
    loaded: list[int] = []
    line.on("Network.loadingFinished", lambda told: loaded.append(int(told["encodedDataLength"])))
    page.goto(door.address, wait_until="networkidle")
    assert 0 < sum(loaded) < 150_000, sum(loaded)
