"""The door without a network: it goes on by itself, gives numbers of its own, and uploads everything exactly once."""

import json
import os
import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Page, Route, expect

from tests.journeys.conftest import NewPage
from tests.journeys.door_stage import (
    STORED,
    Door,
    by_scanner,
    cut,
    enrol,
    let_in,
    open_door,
    type_in,
    until_kept,
    until_ready,
)
from tests.journeys.place import Site

LINE = "#line"


def _at_once(page: Page) -> None:
    page.evaluate("localStorage.setItem('tessera.door.at-once', '1')")


def _scan(page: Page, door: Door, place: int) -> str:
    """Scan the ticket of a guest, who is let in at once; return his number."""
    guest = door.guests[place]
    by_scanner(page, f"https://door.example/t/{guest.ticket}")
    expect(page.locator(".door-fits .door-guest")).to_have_text(guest.name)
    return page.locator(".door-number").inner_text()


def _until_uploaded(page: Page) -> None:
    expect(page.locator(LINE)).to_have_attribute("data-state", "online", timeout=20_000)
    expect(page.locator(f"{LINE} [data-slot=text]")).to_have_text("Online")


def test_a_cut_in_the_middle_of_a_queue_of_thirty(site: Site, new_page: NewPage) -> None:
    """Ten with a network, ten without it, a page that is loaded anew without it, ten more; then it comes back."""
    door = open_door(site, *(f"Guest {place:02}" for place in range(30)))
    page = new_page("pc", language="en", workers=True)
    enrol(page, door)
    until_kept(page)
    _at_once(page)
    shown = [_scan(page, door, place) for place in range(10)]
    assert shown == [f"{number:03}" for number in range(1, 11)]

    cut(page, off=True)
    shown += [_scan(page, door, place) for place in range(10, 20)]
    expect(page.locator(LINE)).to_contain_text("Offline: 10 waiting")
    page.reload()
    expect(page.locator(LINE)).to_contain_text("Offline: 10 waiting")
    shown += [_scan(page, door, place) for place in range(20, 30)]
    page.keyboard.type(door.guests[12].ticket)  # a second time
    page.keyboard.press("Enter")
    expect(page.locator(".door-refused .door-number")).to_have_text(shown[12])
    assert shown[10:] == [str(number) for number in range(1001, 1021)]
    assert len(door.arrivals()) == 10

    cut(page, off=False)
    _until_uploaded(page)
    assert door.arrivals() == [
        (guest.name, int(number)) for guest, number in zip(door.guests, shown, strict=True)
    ]
    page.reload()
    until_ready(page)
    assert len(door.arrivals()) == 30
    expect(page.locator("#to-tell")).to_be_hidden()


def test_two_doors_without_a_network_and_the_same_guests(site: Site, new_page: NewPage) -> None:
    """The first door by the doors' time keeps its number, whichever uploads first; the other is void, and it is said."""
    door = open_door(site, "Mei", "Lan", "Ping")
    first, second = (new_page("phone", language="en") for _ in range(2))
    for page, name in ((first, "Door A"), (second, "Door B")):
        enrol(page, door, name=name)
        cut(page, off=True)
    mei, lan, ping = door.guests
    kept_mei, lost_mei = let_in(first, mei), let_in(second, mei)
    kept_lan, lost_lan = let_in(second, lan), let_in(first, lan)
    only = let_in(second, ping)
    assert len({kept_mei, lost_mei, kept_lan, lost_lan, only}) == 5

    cut(second, off=False)
    _until_uploaded(second)
    assert dict(door.arrivals()) == {"Mei": int(lost_mei), "Lan": int(kept_lan), "Ping": int(only)}
    cut(first, off=False)
    _until_uploaded(first)
    assert dict(door.arrivals()) == {"Mei": int(kept_mei), "Lan": int(kept_lan), "Ping": int(only)}
    set_aside = site.rows("SELECT number FROM events_number_set_aside WHERE event_id = %s", [door.uuid])
    assert {number for (number,) in set_aside} == {int(lost_mei), int(lost_lan)}

    first.reload()
    first.locator("#to-tell").click()
    told = first.locator("#tells")
    expect(told).to_contain_text(f"Number {lost_mei} from another door is void: {kept_mei} is valid.")
    expect(told).to_contain_text(f"number {lost_lan} is void, {kept_lan} is valid")
    first.locator("#tells [data-part=tick]").first.click()
    expect(told.locator("li")).to_have_count(1)
    first.locator("#tells [data-part=tick]").click()
    expect(first.locator("#to-tell")).to_be_hidden()


def test_a_lost_answer_makes_no_second_arrival(site: Site, new_page: NewPage) -> None:
    """The server recorded the arrival, and its answer was lost: the guest keeps the number that he was told."""
    door = open_door(site, "Mei")
    page = new_page("phone", language="en")
    enrol(page, door)

    def lose(route: Route) -> None:
        route.fetch()
        route.abort()

    cut(page, off=False)
    page.route("**/arrivals", lose)
    assert let_in(page, door.guests[0]) == "1001"
    _until_uploaded(page)
    assert door.arrivals() == [("Mei", 1001)]
    expect(page.locator("#to-tell")).to_be_hidden()


@contextmanager
def _frozen(site: Site) -> Iterator[None]:
    """The server is there and says nothing, as behind a network that swallows everything."""
    found = [site.server.process.pid]
    for one in found:
        for children in Path(f"/proc/{one}/task").glob("*/children"):
            found += [int(child) for child in children.read_text().split()]
    ours = [
        one for one in found if b"postgres" not in Path(f"/proc/{one}/cmdline").read_bytes().split(b"\0")[0]
    ]
    for one in ours:
        os.kill(one, signal.SIGSTOP)
    try:
        yield
    finally:
        for one in ours:
            os.kill(one, signal.SIGCONT)


def test_a_server_that_says_nothing_is_no_network(site: Site, new_page: NewPage) -> None:
    door = open_door(site, "Mei", "Lan")
    page = new_page("phone", language="en")
    enrol(page, door)
    cut(page, off=False)
    _at_once(page)
    with _frozen(site):
        began = time.monotonic()
        type_in(page, door.guests[0])
        expect(page.locator(".door-number")).to_have_text("1001")
        assert 3 < time.monotonic() - began < 8
        began = time.monotonic()
        type_in(page, door.guests[1])
        expect(page.locator(".door-number")).to_have_text("1002")
        assert time.monotonic() - began < 3  # it knows now
    _until_uploaded(page)
    assert door.arrivals() == [("Mei", 1001), ("Lan", 1002)]


def test_a_revoked_terminal_wipes_itself_and_its_queue_is_refused(site: Site, new_page: NewPage) -> None:
    door = open_door(site, "Mei", "Lan", "Ping")
    page = new_page("phone", language="en")
    enrol(page, door)
    let_in(page, door.guests[0])
    cut(page, off=True)
    for guest in door.guests[1:]:
        let_in(page, guest)
    site.rows("UPDATE events_terminal SET revoked_at = now() WHERE event_id = %s", [door.uuid])
    cut(page, off=False)
    rest = page.locator("#rest")
    expect(rest).to_contain_text("2 arrivals were not taken in: numbers 1001–1002", timeout=20_000)
    stored = json.loads(page.evaluate(STORED, door.id))
    assert stored.pop("keep")["keys"] == ["rest"]
    assert [name for name, found in stored.items() if found["keys"]] == []
    assert door.arrivals() == [("Mei", 1)]
    page.reload()
    expect(rest).to_contain_text("2 arrivals were not taken in")
    page.locator("#enrol-form [type=submit]").click()  # the crew is still trusted: set up anew
    until_ready(page)
    let_in(page, door.guests[1])
    assert door.arrivals() == [("Mei", 1), ("Lan", 2)]


def test_another_person_on_the_device_gets_nothing_and_nothing_is_lost(site: Site, new_page: NewPage) -> None:
    """Prevents the rights of whoever set a device up from passing to the next person who signs in on it."""
    door = open_door(site, "Mei", supervisor="cashier")
    page = new_page("phone", language="en")
    enrol(page, door, who="cashier")
    cut(page, off=True)
    let_in(page, door.guests[0])
    page.goto("about:blank")
    cut(page, off=False)
    page.context.clear_cookies()
    site.sign_in(page, "guide")
    page.goto(door.address)
    expect(page.get_by_role("heading", name="Another person set this device up")).to_be_visible()
    expect(page.locator("#work")).to_be_hidden()
    assert door.arrivals() == []
    page.locator("#take-over").click()
    expect(page.locator("#enrol-form")).to_be_visible()
    assert door.arrivals() == [("Mei", 1001)]
    stored = json.loads(page.evaluate(STORED, door.id))
    assert [name for name, found in stored.items() if found["keys"]] == []


def test_what_is_stored_says_nothing_about_guests(site: Site, new_page: NewPage) -> None:
    names = ("Katharina Wundersam", "欧阳修文", "Walk-in Wanda")
    door = open_door(site, *names[:2])
    page = new_page("phone", language="en")
    enrol(page, door)
    let_in(page, door.guests[0])
    cut(page, off=True)
    let_in(page, door.guests[1])
    page.locator("[data-way-to=walk-in]").click()
    page.locator("#walk-phone").fill("10055556666")
    page.locator("#walk-name").fill(names[2])
    page.locator("#way-walk-in [type=submit]").click()
    expect(page.locator(".door-number")).to_have_text("1002")

    stored = page.evaluate(STORED, door.id)
    secrets = [
        *names,
        "10055556666",
        *(word for one in door.guests for word in (one.typed, one.code, one.ticket)),
    ]
    assert [one for one in secrets if one in stored or json.dumps(one)[1:-1] in stored] == []
    kept = dict(zip(*(json.loads(stored)["keep"][part] for part in ("keys", "values")), strict=True))
    assert kept["key"] == {"extractable": False, "usages": ["encrypt", "decrypt"]}
    assert len(json.loads(stored)["queue"]["keys"]) == 2

    cut(page, off=False)
    _until_uploaded(page)
    assert dict(door.arrivals()) == {names[0]: 1, names[1]: 1001, names[2]: 1002}


def test_wrong_codes_are_counted_without_a_network_too(site: Site, new_page: NewPage) -> None:
    door = open_door(site, "Mei")
    page = new_page("phone", language="en")
    enrol(page, door)
    cut(page, off=True)
    [mei] = door.guests
    wrong = "000000" if mei.code != "000000" else "111111"
    type_in(page, mei, code=wrong)
    for left in (4, 3, 2, 1):
        expect(page.locator(".door-sentence")).to_contain_text(f"{left} more tries")
        for digit in wrong:
            page.locator(f'[data-key="{digit}"]').click()
    expect(page.locator(".door-sentence")).to_contain_text("0 more tries")
    for digit in mei.code:
        page.locator(f'[data-key="{digit}"]').click()
    expect(page.locator(".door-sentence")).to_contain_text("A supervisor has to unlock it")
    assert door.arrivals() == []
