"""Two guests of a circle talk: both pages turn by themselves, and nothing typed is lost, whatever breaks on the way."""

import uuid
from collections.abc import Callable
from dataclasses import dataclass

import pytest
from playwright.sync_api import Page, Route, expect

from tessera.kit.ids import new_id, show_id
from tests.journeys.conftest import NewPage
from tests.journeys.door_stage import open_door
from tests.journeys.place import Site
from tests.journeys.watch import allow

SOON_MS = 2_000
HEARS = "html[data-hears='{}']"
HARM = "<img src=x onerror=\"document.title='harm'\">{{7*7}}\u202etxt\u200b\u2066"


@dataclass(frozen=True)
class Circle:
    """A circle with two guests: the member has number 1, the newcomer number 2."""

    site: Site
    event: str

    @property
    def address(self) -> str:
        return f"/circle/{show_id('evt', uuid.UUID(self.event))}"

    def said(self) -> list[str]:
        """Everything that was written, the oldest first."""
        return [
            text
            for (text,) in self.site.rows(
                "SELECT text FROM talk_message WHERE circle_id = %s ORDER BY id", [self.event]
            )
        ]

    def agree(self, text: str = "Hello") -> str:
        """Let the two talk already; return the conversation's address."""
        one, message = new_id(), new_id()
        self.site.rows(
            "INSERT INTO talk_conversation (circle_id, id, low_id, high_id, asker_id, asked_at, answer, answered_at, last_at)"
            " SELECT %s, %s, min(id::text)::uuid, max(id::text)::uuid, min(id::text)::uuid, now(), 'accepted', now(), now()"
            " FROM people_person WHERE phone = ANY(%s)",
            [self.event, str(one), [self.site.phones["member"], self.site.phones["newcomer"]]],
        )
        self.site.rows(
            "INSERT INTO talk_message (circle_id, conversation_id, id, from_id, text, at)"
            " SELECT %s, %s, %s, id, %s, now() FROM people_person WHERE phone = %s",
            [self.event, str(one), str(message), text, self.site.phones["newcomer"]],
        )
        return f"{self.address}/talks/{show_id('cnv', one)}"


@pytest.fixture
def circle(site: Site) -> Circle:
    event = open_door(site).uuid
    for number, who in enumerate(("member", "newcomer"), 1):
        registration = str(new_id())
        site.rows(
            'INSERT INTO events_registration (event_id, id, person_id, state, phone, phone_tail, name, picture, "group",'
            " answers, code, ticket, walk_in, source, registered_at, text_version)"
            " SELECT %s, %s, id, 'accepted', phone, right(phone, 4), %s, '', '', '{}', '123456', %s, false, 'test', now(), '1'"
            " FROM people_person WHERE phone = %s",
            [event, registration, who.capitalize(), uuid.uuid4().hex, site.phones[who]],
        )
        site.rows(
            "INSERT INTO events_arrival (event_id, registration_id, person_id, number, prefix, arrived_at, recorded_at, door,"
            " offline, corrected, actor) SELECT %s, %s, id, %s, '', now(), now(), 'Door A', false, false, 'system'"
            " FROM people_person WHERE phone = %s",
            [event, registration, number, site.phones[who]],
        )
    return Circle(site, event)


@pytest.fixture
def guest(site: Site, new_page: NewPage) -> Callable[..., Page]:
    """Open a page of one of the two, signed in, in English."""

    def opened(who: str, screen: str = "phone", **how: object) -> Page:
        page = new_page(screen, language="en", **how)
        site.sign_in(page, who)
        return page

    return opened


def until_hears(page: Page, way: str = "stream") -> None:
    page.wait_for_selector(HEARS.format(way), timeout=15_000)
    page.evaluate("window.stays = true")


def write(page: Page, text: str) -> None:
    page.locator("#composer textarea").fill(text)
    page.locator(".composer-send").click()


def lines(page: Page) -> list[str]:
    return page.locator("#messages .talk-line:not(.is-sending) .talk-words").all_inner_texts()


def test_request_accept_and_messages_both_ways_without_loading_anew(
    circle: Circle, guest: Callable[..., Page]
) -> None:
    mei, lan = guest("member"), guest("newcomer", "pc")
    lan.goto(f"{circle.address}/talks")
    until_hears(lan)
    expect(lan.get_by_role("heading", name="No talks yet")).to_be_visible()
    mei.goto(f"{circle.address}/2/request")
    expect(mei.locator("main")).to_contain_text("50 of 50")
    mei.get_by_label("Your message").fill("Was that your lantern?")
    mei.get_by_role("button", name="Send the request").click()
    expect(mei.locator(".talk-foot")).to_contain_text("You can write on once it is accepted")
    until_hears(mei)
    expect(lan.locator("#talks")).to_contain_text("Was that your lantern?", timeout=SOON_MS)
    assert lan.evaluate("window.stays")
    lan.get_by_role("button", name="Accept").click()
    until_hears(lan)
    expect(mei.locator("#composer textarea")).to_be_visible(timeout=SOON_MS)
    for writer, reader, text in (
        (mei, lan, "One"),
        (lan, mei, "Two"),
        (lan, mei, "Three"),
        (mei, lan, "Four"),
    ):
        write(writer, text)
        expect(reader.locator("#messages")).to_contain_text(text, timeout=SOON_MS)
        expect(writer.locator("#messages .is-sending")).to_have_count(0)
    said = ["Was that your lantern?", "One", "Two", "Three", "Four"]
    assert lines(mei) == lines(lan) == circle.said() == said
    assert mei.evaluate("window.stays")
    assert lan.evaluate("window.stays")


def test_many_messages_at_once_come_all_and_in_order(circle: Circle, guest: Callable[..., Page]) -> None:
    """Prevents a word that comes while the page is asking from being lost."""
    address = circle.agree()
    mei, lan = guest("member"), guest("newcomer")
    for page in (mei, lan):
        page.goto(address)
        until_hears(page)
    for number in range(12):
        for page, letter in ((mei, "a"), (lan, "b")):
            write(page, f"{letter}{number}")
            expect(page.locator("#composer textarea")).to_have_value("")
        mei.wait_for_timeout(30 * (number % 4))
    for page in (mei, lan):
        expect(page.locator("#messages .talk-line:not(.is-sending)")).to_have_count(25, timeout=10_000)
    assert lines(mei) == lines(lan) == circle.said()


def test_what_could_not_be_sent_is_kept_and_counts_once(circle: Circle, guest: Callable[..., Page]) -> None:
    address = circle.agree()
    mei = guest("member")
    allow(mei, "net::ERR", "htmx:", "/live")
    mei.goto(address)
    until_hears(mei)

    def swallow(route: Route) -> None:
        if route.request.method == "POST":
            route.fetch()  # it arrives, but the answer does not
            route.abort()
        else:
            route.continue_()

    mei.route(f"**{address}", swallow)
    write(mei, "Only once")
    expect(mei.locator("#composer-said")).to_contain_text("Not sent")
    expect(mei.locator("#composer textarea")).to_have_value("Only once")
    mei.unroute(f"**{address}")
    mei.locator(".composer-send").click()
    expect(mei.locator("#messages")).to_contain_text("Only once")
    expect(mei.locator("#composer textarea")).to_have_value("")
    assert circle.said() == ["Hello", "Only once"]
    mei.context.set_offline(True)
    write(mei, "Kept")
    expect(mei.locator("#composer textarea")).to_have_value("Kept")
    mei.context.set_offline(False)
    mei.reload()
    expect(mei.locator("#composer textarea")).to_have_value("Kept")
    mei.locator(".composer-send").click()
    expect(mei.locator("#messages .talk-line:not(.is-sending)")).to_have_count(3)
    assert circle.said() == ["Hello", "Only once", "Kept"]


def test_a_refusal_is_said_and_the_text_stays(circle: Circle, guest: Callable[..., Page]) -> None:
    address = circle.agree()
    mei = guest("member")
    mei.goto(address)
    write(mei, "x" * 1001)
    expect(mei.locator("#composer-said")).to_contain_text("1 to 1000 characters")
    expect(mei.locator("#composer textarea")).to_have_value("x" * 1001)
    expect(mei.locator("#composer-left")).to_have_text("-1")
    assert circle.said() == ["Hello"]


def test_without_a_stream_messages_come_all_the_same(circle: Circle, guest: Callable[..., Page]) -> None:
    address = circle.agree()
    mei, lan = guest("member"), guest("newcomer")
    allow(mei, "/live?")
    mei.route("**/live?*", lambda route: route.abort())
    mei.goto(address)
    until_hears(mei, "polling")
    lan.goto(address)
    write(lan, "By and by")
    expect(mei.locator("#messages")).to_contain_text("By and by", timeout=20_000)
    assert mei.evaluate("window.stays")


def test_without_scripts_the_form_works(circle: Circle, guest: Callable[..., Page]) -> None:
    address = circle.agree()
    mei = guest("member", java_script_enabled=False)
    mei.goto(address)
    write(mei, "Plain")
    expect(mei.locator("#messages")).to_contain_text("Plain")
    assert circle.said() == ["Hello", "Plain"]


def test_harmful_and_odd_texts_are_just_texts(circle: Circle, guest: Callable[..., Page]) -> None:
    address = circle.agree(HARM)
    mei = guest("member", viewport={"width": 320, "height": 640})
    mei.goto(address)
    write(mei, "😀" * 1000)
    expect(mei.locator("#messages .talk-line")).to_have_count(2)
    write(mei, "w" * 900)
    expect(mei.locator("#messages .talk-line:not(.is-sending)")).to_have_count(3)
    assert circle.said() == [HARM, "😀" * 1000, "w" * 900]
    for place in (address, f"{circle.address}/talks"):
        mei.goto(place)
        assert mei.title() != "harm"
        assert mei.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")
    assert mei.locator("main img[src=x]").count() == 0


def test_phone_numbers_appear_once_both_have_agreed(circle: Circle, guest: Callable[..., Page]) -> None:
    address, site = circle.agree(), circle.site
    mei, lan = guest("member"), guest("newcomer", "pc")
    numbers = {
        page: site.phones[who].removeprefix("+86") for page, who in ((mei, "newcomer"), (lan, "member"))
    }
    for page in (mei, lan):
        page.goto(address)
        until_hears(page)
    mei.get_by_role("button", name="More").click()
    mei.get_by_role("button", name="Exchange phone numbers").click()
    expect(mei.locator("#talk-head")).to_contain_text("Nothing is shown until the other one agrees")
    until_hears(mei)
    expect(lan.locator("#talk-head")).to_contain_text("would like to exchange", timeout=SOON_MS)
    for page, number in numbers.items():
        assert number not in page.content()
    lan.locator("#talk-head").get_by_role("button", name="Exchange numbers").click()
    for page, number in numbers.items():
        expect(page.locator("#talk-head a[href^='tel:']")).to_contain_text(number, timeout=SOON_MS)


def test_a_blocked_guest_finds_nobody(circle: Circle, guest: Callable[..., Page]) -> None:
    address = circle.agree()
    mei, lan = guest("member"), guest("newcomer")
    lan.goto(address)
    until_hears(lan)
    mei.goto(address)
    mei.get_by_role("button", name="More").click()
    mei.get_by_role("button", name="Block").click()
    mei.wait_for_url("**/talks")
    lan.wait_for_url("**/talks", timeout=10_000)
    expect(lan.get_by_role("heading", name="No talks yet")).to_be_visible()
    unknown = lan.goto(f"{circle.address}/9/request")
    blocked = lan.goto(f"{circle.address}/1/request")
    assert unknown is not None
    assert blocked is not None
    assert unknown.status == blocked.status == 404
    mei.goto(f"{circle.address}/talks/blocked")
    mei.get_by_role("button", name="Unblock").click()
    expect(mei.get_by_role("heading", name="You have blocked nobody here")).to_be_visible()


def test_earlier_messages_come_without_moving_what_is_read(
    circle: Circle, guest: Callable[..., Page]
) -> None:
    address = circle.agree("0")
    site = circle.site
    for number in range(1, 100):
        site.rows(
            "INSERT INTO talk_message (circle_id, conversation_id, id, from_id, text, at)"
            " SELECT circle_id, id, %s, high_id, %s, now() FROM talk_conversation WHERE circle_id = %s",
            [str(new_id()), str(number), circle.event],
        )
    mei = guest("member")
    mei.goto(address)
    assert lines(mei) == [str(number) for number in range(60, 100)]
    expect(mei.locator("#messages").get_by_text("99", exact=True)).to_be_in_viewport()
    more = mei.get_by_role("link", name="Earlier messages")
    more.scroll_into_view_if_needed()
    before = mei.locator("#messages").get_by_text("60", exact=True).bounding_box()
    more.click()
    expect(mei.locator("#messages .talk-line")).to_have_count(80)
    after = mei.locator("#messages").get_by_text("60", exact=True).bounding_box()
    assert before is not None
    assert after is not None
    assert abs(before["y"] - after["y"]) < 60
    more.click()
    expect(mei.locator("#messages .talk-line")).to_have_count(100)
    assert lines(mei) == [str(number) for number in range(100)]
    expect(more).to_have_count(0)
    assert mei.locator(".talk-day").count() == 1
