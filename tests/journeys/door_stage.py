"""An event with guests and a crew on the site of the journeys, and what a test does at its door's page."""

import secrets
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from playwright.sync_api import Page, expect
from psycopg.types.json import Jsonb

from tessera.kit.ids import new_id, show_id
from tests.journeys.place import Site
from tests.journeys.watch import allow

_EVENT = """INSERT INTO events_event (id, merchant_id, title, starts_at, ends_at, doors_at, registration_from, registration_until,
    offline_start, created_at, changed_at, prefixes, badge, circle, number_start, number_width, review, time_zone)
  SELECT %s, id, %s, %s, %s, %s, %s, %s, 1001, now(), now(), %s, '{}', '{}', 1, 3, 'automatic', 'Asia/Shanghai'
  FROM merchants_merchant ORDER BY id LIMIT 1"""
_GUEST = """INSERT INTO events_registration (event_id, id, person_id, state, phone, phone_tail, name, picture, "group", answers,
    code, ticket, walk_in, source, registered_at, text_version)
  VALUES (%s, %s, %s, %s, %s, %s, %s, '', %s, '{}', %s, %s, false, 'test', now(), '1')"""


@dataclass(frozen=True)
class Guest:
    """A registration as its guest knows it."""

    id: str
    name: str
    phone: str
    code: str
    ticket: str

    @property
    def typed(self) -> str:
        """The phone number as it is typed at the door."""
        return self.phone.removeprefix("+86")


@dataclass(frozen=True)
class Door:
    """An event whose doors are open; `address` is its door's page."""

    site: Site
    uuid: str
    id: str
    guests: Sequence[Guest]

    @property
    def address(self) -> str:
        return f"/door/{self.id}"

    def arrivals(self) -> list[tuple[str, int]]:
        """Who is in, with which number, by number."""
        rows = self.site.rows(
            "SELECT r.name, a.number FROM events_arrival a JOIN events_registration r ON r.event_id = a.event_id"
            " AND r.id = a.registration_id WHERE a.event_id = %s ORDER BY a.number",
            [self.uuid],
        )
        return [(name, number) for name, number in rows]


def open_door(site: Site, *names: str, title: str = "Lantern night", supervisor: str = "") -> Door:
    """Put an event under way on the stage, with an accepted guest of each name; the guide is its crew."""
    now = datetime.now(UTC)
    event = str(new_id())
    times = [
        now - timedelta(hours=1),
        now + timedelta(hours=3),
        now - timedelta(hours=2),
        now - timedelta(days=9),
        now,
    ]
    site.rows(_EVENT, [event, title, *times, Jsonb({"VIP": "V"})])
    site.rows(
        "INSERT INTO events_seats (event_id, capacity, taken) VALUES (%s, 1000, %s)", [event, len(names)]
    )
    numbering = "INSERT INTO events_numbering (event_id, next_number, run_end, next_block, arrived) VALUES (%s, 1, 1001, 1001, 0)"
    site.rows(numbering, [event])
    site.rows("INSERT INTO events_publication (event_id, at, actor) VALUES (%s, now(), 'system')", [event])
    for who, role in (("guide", "crew"), (supervisor, "supervisor")):
        site.rows(
            "INSERT INTO events_crew_member (id, event_id, person_id, role, since, actor)"
            " SELECT %s, %s, id, %s, now(), 'system' FROM people_person WHERE phone = %s",
            [str(uuid.uuid4()), event, role, site.phones.get(who, "")],
        )
    return Door(site, event, show_id("evt", uuid.UUID(event)), [_guest(site, event, name) for name in names])


def _guest(site: Site, event: str, name: str) -> Guest:
    phone = f"+86100{secrets.randbelow(10**8):08d}"
    code, ticket, one = f"{secrets.randbelow(10**6):06d}", secrets.token_urlsafe(12), new_id()
    row = [event, str(one), str(uuid.uuid4()), "accepted", phone, phone[-4:], name, "", code, ticket]
    site.rows(_GUEST, row)
    return Guest(show_id("reg", one), name, phone, code, ticket)


def enrol(page: Page, door: Door, *, name: str = "Door A", who: str = "guide") -> None:
    """Make a terminal of the page's device and wait until it is ready for a cut network."""
    door.site.sign_in(page, who)
    page.goto(door.address)
    page.locator("#door-field").fill(name)
    page.locator("#enrol-form [type=submit]").click()
    until_ready(page)


def until_ready(page: Page) -> None:
    """Wait for the server, the list and numbers in reserve."""
    expect(page.locator("#line")).to_have_attribute("data-state", "online")
    for part in ("roster", "numbers"):
        expect(page.locator(f"#ready [data-part={part}]")).to_have_attribute("data-done", "true")


def until_kept(page: Page) -> None:
    """Wait until the page opens without a network."""
    expect(page.locator("#ready [data-part=page]")).to_have_attribute("data-done", "true", timeout=20_000)


def type_in(page: Page, guest: Guest, *, code: str = "") -> None:
    """Type a guest's phone and code with the number pad."""
    for sign in guest.typed + (code or guest.code):
        page.locator(f'[data-key="{sign}"]').click()


def by_scanner(page: Page, text: str) -> None:
    """Enter a text as a hardware scanner does: faster than a busy machine passes keys on one by one."""
    page.evaluate(
        """text => { for (const key of [...text, "Enter"]) (document.activeElement ?? document.body).dispatchEvent(
            new KeyboardEvent("keydown", {key, bubbles: true, cancelable: true})) }""",
        text,
    )


def let_in(page: Page, guest: Guest) -> str:
    """Check a guest in by phone and code; return the number that is shown."""
    type_in(page, guest)
    page.locator("#let-in").click()
    expect(page.locator("#result")).to_have_attribute("data-state", "fits")
    expect(page.locator("#result .door-guest")).to_have_text(guest.name)
    return page.locator("#result .door-number").inner_text()


def cut(page: Page, *, off: bool) -> None:
    """Take the network away, or give it back."""
    allow(
        page,
        "ERR_INTERNET_DISCONNECTED",
        "Failed to load resource",
        "ERR_CONNECTION",
        "Failed to fetch",
        "door:",
    )
    page.context.set_offline(off)


STORED = """async (event) => {
  const database = await new Promise((done, failed) => {
    const asked = indexedDB.open(`tessera-door-${event}`);
    asked.onsuccess = () => done(asked.result);
    asked.onerror = failed;
  });
  const found = {};
  const text = (value) => {
    if (value instanceof CryptoKey) return {extractable: value.extractable, usages: value.usages};
    if (value instanceof ArrayBuffer || ArrayBuffer.isView(value)) {
      const bytes = new Uint8Array(value.buffer ?? value);
      return new TextDecoder().decode(bytes) + new TextDecoder("utf-16").decode(bytes.slice(0, bytes.length & ~1));
    }
    if (Array.isArray(value)) return value.map(text);
    if (value && typeof value === "object") return Object.fromEntries(Object.entries(value).map(([k, v]) => [k, text(v)]));
    return value;
  };
  for (const name of database.objectStoreNames) {
    const store = database.transaction(name).objectStore(name);
    const all = (asked) => new Promise((done) => { asked.onsuccess = () => done(asked.result); });
    found[name] = {keys: await all(store.getAllKeys()), values: text(await all(store.getAll()))};
  }
  database.close();
  return JSON.stringify(found);
}"""
"""Everything that the device has stored of a door, as a thief without the key would read it."""
