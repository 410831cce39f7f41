"""One event from publishing to a corrected number and a message, lived through by its organiser, its crew and two guests."""

import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from playwright.sync_api import Page, expect

from tests.journeys.conftest import NewPage
from tests.journeys.door_stage import Guest, let_in, type_in, until_ready
from tests.journeys.place import Site

ZONE = ZoneInfo("Asia/Shanghai")
SOON_MS = 4_000
HEARS = "html[data-hears='stream']"


@dataclass(frozen=True)
class Gathering:
    """The event as the journeys' people see it: `id` is its shown id."""

    site: Site
    id: str

    @property
    def console(self) -> str:
        return f"/organise/{self.id}"

    @property
    def circle(self) -> str:
        return f"/circle/{self.id}"


def publish(site: Site, organiser: Page) -> Gathering:
    """Draft an event that is about to begin, ask one question, publish it, put the guide at its door."""
    now = datetime.now(ZONE)
    organiser.goto(f"/console/{site.merchants[0]}/events/new")
    wall = "%Y-%m-%dT%H:%M"
    typed = {
        "title": "Evening of lights",
        "text": "Lanterns, tea and new people.",
        "place": "Courtyard",
        "starts_at": (now + timedelta(minutes=20)).strftime(wall),
        "ends_at": (now + timedelta(hours=3)).strftime(wall),
        "doors_at": (now - timedelta(minutes=20)).strftime(wall),
        "capacity": "2",
    }
    for name, value in typed.items():
        organiser.locator(f"[name={name}]").fill(value)
    organiser.locator("[name=review][value=hand], select[name=review]").first.evaluate(
        "one => { if (one.type === 'radio') one.checked = true; else one.value = 'hand' }"
    )
    organiser.get_by_role("button", name="Save the draft").click()
    organiser.wait_for_url("**/details")
    gathering = Gathering(site, organiser.url.split("/")[-2])
    organiser.goto(f"{gathering.console}/questions/new?kind=text")
    organiser.locator("[name=label]").fill("What do you do?")
    organiser.get_by_role("button", name="Ask this").click()
    organiser.goto(f"{gathering.console}/details")
    organiser.get_by_role("button", name="Publish").click()
    expect(organiser.get_by_role("heading", name="The event's page")).to_be_visible()
    organiser.goto(f"{gathering.console}/door")
    organiser.locator("form[action$='/door'] [name=phone]").fill(site.phones["guide"])
    organiser.get_by_role("button", name="Add", exact=True).click()
    expect(organiser.locator("main")).to_contain_text("no terminal yet")
    return gathering


def register(gathering: Gathering, guest: Page, name: str) -> None:
    """Register from the event's page and wait for the reviewer."""
    guest.goto(f"/e/{gathering.id}")
    guest.get_by_role("link", name="Register").click()
    guest.locator("[name=name]").fill(name)
    guest.get_by_label("What do you do?").fill("I paint lanterns")
    guest.locator("[name=agree]").check()
    guest.locator("form [type=submit], form button.is-primary").last.click()
    expect(guest.locator("main")).to_contain_text("being reviewed")
    guest.wait_for_selector(HEARS)


def accept(gathering: Gathering, organiser: Page, *names: str) -> None:
    """Accept the named guests at once, from the list of registrations."""
    organiser.goto(f"{gathering.console}/registrations")
    for name in names:
        organiser.get_by_label(f"Tick {name}").check()
    organiser.get_by_role("button", name="Accept").click()
    expect(organiser.locator(".badge.is-fits")).to_have_count(len(names))


def ticket_of(guest: Page, name: str, phone: str) -> Guest:
    """Open the ticket from the page that has turned by itself; return what it says."""
    guest.get_by_role("link", name="Show my ticket").click(timeout=SOON_MS)
    code = guest.locator("[data-code]").inner_text().replace(" ", "").strip()
    assert re.fullmatch(r"[0-9]{6}", code), code
    guest.wait_for_selector(HEARS)
    return Guest("", name, phone, code, guest.url.rpartition("/")[2])


def test_an_event_from_publishing_to_a_message(site: Site, new_page: NewPage) -> None:
    organiser, crew = new_page("pc", language="en"), new_page("phone", language="en")
    mei, lan = new_page("phone", language="en"), new_page("phone", language="en", theme="dark")
    for page, who in ((organiser, "owner"), (crew, "guide"), (mei, "member"), (lan, "newcomer")):
        site.sign_in(page, who)
    gathering = publish(site, organiser)
    register(gathering, mei, "Mei")
    register(gathering, lan, "Lan")
    accept(gathering, organiser, "Mei", "Lan")
    tickets = [
        ticket_of(mei, "Mei", site.phones["member"]),
        ticket_of(lan, "Lan", site.phones["newcomer"]),
    ]
    organiser.goto(gathering.console)
    organiser.wait_for_selector(HEARS)
    arrive(gathering, crew, [mei, lan], tickets)
    expect(organiser.locator(".board-hero")).to_contain_text("2 / 2 expected", timeout=3 * SOON_MS)
    meet(gathering, mei, lan)
    correct(gathering, organiser, mei, lan)
    organiser.goto(gathering.console)
    expect(organiser.locator("main")).to_contain_text("Requests")
    everybody_without_phone_numbers(gathering, [mei, lan])


def arrive(gathering: Gathering, crew: Page, guests: list[Page], tickets: list[Guest]) -> None:
    """Check both in at the door; each one's open ticket turns by itself."""
    crew.goto("/door")
    crew.get_by_role("link", name=re.compile("Evening of lights")).first.click()
    crew.locator("#door-field").fill("Door A")
    crew.locator("#enrol-form [type=submit]").click()
    until_ready(crew)
    for guest, ticket, number in zip(guests, tickets, ("001", "002"), strict=True):
        assert let_in(crew, ticket) == number
        expect(guest.locator("[data-number]")).to_have_text(number, timeout=SOON_MS)
    type_in(crew, tickets[0])
    expect(crew.locator("#result")).to_have_attribute("data-state", "refused")
    expect(crew.locator(".door-number")).to_have_text("001")


def meet(gathering: Gathering, mei: Page, lan: Page) -> None:
    """Lan finds Mei by how she looks, asks, and both write: no page is loaded anew."""
    mei.get_by_role("link", name="To the circle").click()
    expect(mei.locator("#own-number .hero")).to_have_text("001")
    mei.goto(f"{gathering.circle}/me")
    mei.locator("[name=appearance]").fill("Red dress, glasses, second row")
    mei.get_by_role("button", name="Save").click()
    lan.get_by_role("link", name="To the circle").click()
    lan.locator("#q").fill("红裙 眼镜")
    lan.locator("#finds a").first.click()
    lan.get_by_role("link", name="Ask for a talk").click()
    mei.goto(f"{gathering.circle}/talks")
    mei.wait_for_selector(HEARS)
    lan.locator("[name=text]").fill("Did you make the fish lantern?")
    lan.get_by_role("button", name="Send the request").click()
    mei.get_by_role("button", name="Accept").click(timeout=SOON_MS)
    expect(lan.locator("#composer [name=text]")).to_be_visible(timeout=SOON_MS)
    lan.locator("#composer [name=text]").fill("It is lovely.")
    lan.locator(".composer-send").click()
    expect(mei.locator("#messages")).to_contain_text("It is lovely.", timeout=SOON_MS)
    mei.locator("#composer [name=text]").fill("I did. Come and see.")
    mei.locator(".composer-send").click()
    expect(lan.locator("#messages")).to_contain_text("Come and see.", timeout=SOON_MS)


def correct(gathering: Gathering, organiser: Page, mei: Page, lan: Page) -> None:
    """The two wear each other's badges: the reviewer swaps the numbers, both pages turn."""
    mei.goto(f"{gathering.circle}/correction")
    mei.locator("[name=wanted]").fill("002")
    mei.locator("[name=reason]").fill("We took each other's badges")
    mei.get_by_role("button", name="Ask for the correction").click()
    expect(mei.locator("#correction")).to_contain_text("You asked for 002")
    mei.wait_for_selector(HEARS)
    lan.goto(gathering.circle)
    lan.wait_for_selector(HEARS)
    organiser.goto(f"{gathering.console}/corrections")
    organiser.get_by_role("button", name="Swap 001 and 002").click()
    expect(mei.locator("#correction .hero")).to_have_text("002", timeout=SOON_MS)
    expect(lan.locator("#own-number .hero")).to_have_text("001", timeout=SOON_MS)


def everybody_without_phone_numbers(gathering: Gathering, guests: list[Page]) -> None:
    """No page of the circle holds a telephone number of a guest."""
    for guest in guests:
        for path in ("", "/1", "/2", "/talks", "/me", "/jotter", "/correction"):
            guest.goto(gathering.circle + path)
            text = guest.content()
            for who in ("member", "newcomer"):
                assert gathering.site.phones[who].removeprefix("+86") not in text, path
