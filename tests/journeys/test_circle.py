"""A guest looks for others: who has just arrived appears by itself, and what is noted without a network is sent once."""

import io
import uuid
from dataclasses import dataclass

import pytest
from PIL import Image
from playwright.sync_api import Page, expect

from tessera.kit.ids import new_id, show_id
from tests.journeys.conftest import NewPage
from tests.journeys.door_stage import enrol, let_in, open_door
from tests.journeys.place import Site
from tests.journeys.watch import allow

HEARS = "html[data-hears='stream']"
JOTTER_KEPT = """async (path) => {
  const names = (await caches.keys()).filter((name) => name.startsWith("tessera-own-"));
  const kept = await Promise.all(names.map((name) => caches.match(path, {cacheName: name, ignoreVary: true})));
  return kept.some(Boolean);
}"""


@dataclass(frozen=True)
class Circle:
    """An event under way where the demo's member has number 900."""

    site: Site
    event: str

    @property
    def address(self) -> str:
        return f"/circle/{show_id('evt', uuid.UUID(self.event))}"

    def jotted(self) -> list[tuple[int, str]]:
        """What the database holds of the jotter, by number."""
        rows = self.site.rows(
            "SELECT number, remark FROM events_jotting WHERE event_id = %s ORDER BY number", [self.event]
        )
        return [(number, remark) for number, remark in rows]


def _put_in(site: Site, event: str) -> Circle:
    registration = str(new_id())
    site.rows(
        'INSERT INTO events_registration (event_id, id, person_id, state, phone, phone_tail, name, picture, "group",'
        " answers, code, ticket, walk_in, source, registered_at, text_version)"
        " SELECT %s, %s, id, 'accepted', phone, right(phone, 4), 'Mei', '', '', '{}', '123456', %s, false, 'test', now(), '1'"
        " FROM people_person WHERE phone = %s",
        [event, registration, uuid.uuid4().hex, site.phones["member"]],
    )
    site.rows(
        "INSERT INTO events_arrival (event_id, registration_id, person_id, number, prefix, arrived_at, recorded_at, door,"
        " offline, corrected, actor) SELECT %s, %s, id, 900, '', now(), now(), 'Door A', false, false, 'system'"
        " FROM people_person WHERE phone = %s",
        [event, registration, site.phones["member"]],
    )
    return Circle(site, event)


@pytest.fixture
def circle(site: Site) -> Circle:
    return _put_in(site, open_door(site).uuid)


def cut(page: Page, *, off: bool) -> None:
    allow(page, "ERR_INTERNET_DISCONNECTED", "Failed to load resource", "Failed to fetch", "htmx:", "/live")
    page.context.set_offline(off)


def note(page: Page, number: str, remark: str) -> None:
    page.get_by_label("Number on the badge").fill(number)
    page.locator("form[data-empties] input[name=remark]").fill(remark)
    page.get_by_role("button", name="Note it").click()


def test_who_is_let_in_appears_and_is_found(site: Site, new_page: NewPage) -> None:
    door = open_door(site, "Lan Zhu")
    circle = _put_in(site, door.uuid)
    page = new_page("phone", language="en")
    site.sign_in(page, "member")
    page.goto(circle.address)
    page.wait_for_selector(HEARS)
    expect(page.locator("#own-number")).to_contain_text("900")
    crew = new_page("phone", language="en")
    enrol(crew, door)
    number = let_in(crew, door.guests[0])
    expect(page.locator("#latest")).to_contain_text("L**", timeout=4000)
    page.get_by_label("Find somebody").fill(number)
    expect(page.locator("#finds")).to_contain_text("L**")
    page.get_by_label("Find somebody").fill("purple umbrella")
    expect(page.locator("#finds")).to_contain_text("Nobody fits")
    page.get_by_label("Find somebody").fill(str(int(number)))
    page.get_by_role("button", name="Find guests").click()
    page.wait_for_url(f"**{circle.address}/{int(number)}")
    expect(page.get_by_role("link", name="Ask for a talk")).to_be_visible()
    page.get_by_label("Remark, for you alone").fill("by the lantern")
    page.get_by_role("button", name="Note this number").click()
    expect(page.locator("#toasts")).to_contain_text("is noted")
    assert circle.jotted() == [(int(number), "by the lantern")]


def test_noted_without_a_network_sent_once_when_it_is_back(
    site: Site, circle: Circle, new_page: NewPage
) -> None:
    """Prevents a number that was noted in the cellar from being lost with the page, or from being sent twice."""
    page = new_page("phone", language="en", workers=True)
    site.sign_in(page, "member")
    jotter = f"{circle.address}/jotter"
    page.goto(jotter)
    for _ in range(100):
        if page.evaluate("navigator.serviceWorker.controller !== null") and page.evaluate(
            JOTTER_KEPT, jotter
        ):
            break
        page.wait_for_timeout(100)
    page.reload()
    note(page, "17", "red dress")
    expect(page.locator("#jottings")).to_contain_text("red dress")
    cut(page, off=True)
    note(page, "42", "tall, by the window")
    expect(page.locator("#jotter-waiting")).to_contain_text("tall, by the window")
    page.reload()
    expect(page.locator("#jotter-waiting")).to_contain_text("tall, by the window")
    note(page, "43", "")
    note(page, "900", "that is me")
    expect(page.locator("#jotter-waiting li")).to_have_count(3)
    assert circle.jotted() == [(17, "red dress")]
    cut(page, off=False)
    expect(page.locator("#jotter-waiting")).to_be_hidden(timeout=20_000)
    expect(page.locator("#jottings")).to_contain_text("tall, by the window")
    expect(page.locator("#jotter-refused")).to_contain_text("your own number")
    assert circle.jotted() == [(17, "red dress"), (42, "tall, by the window"), (43, "")]


def test_a_photo_is_shown_to_others(site: Site, circle: Circle, new_page: NewPage) -> None:
    page = new_page("phone", language="en")
    site.sign_in(page, "member")
    page.goto(f"{circle.address}/me")
    drawn = io.BytesIO()
    Image.new("RGB", (600, 800), "#336699").save(drawn, "JPEG")
    page.locator("#picture").set_input_files(
        {"name": "me.jpg", "mimeType": "image/jpeg", "buffer": drawn.getvalue()}
    )
    page.get_by_role("button", name="Use this photo").click()
    expect(page.get_by_alt_text("My photo in this circle")).to_be_visible()
    page.get_by_label("How do others find you?").fill("blue scarf")
    page.get_by_role("button", name="Save").click()
    expect(page.locator("#toasts")).to_contain_text("Saved")
    [(appearance,)] = site.rows(
        "SELECT appearance FROM events_circle_profile WHERE event_id = %s", [circle.event]
    )
    assert appearance == "blue scarf"
