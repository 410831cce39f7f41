"""A member's open page turns by itself when points arrive, whatever has broken on the way."""

import os
import signal
from collections.abc import Iterator

import psutil
import pytest
from playwright.sync_api import Page, expect

from tests.journeys.place import Site
from tests.journeys.watch import allow

HEARS = "html[data-hears='{}']"


def points_on(page: Page) -> int:
    return int(page.locator("#wallet [data-points]").first.get_attribute("data-points") or "")


def live_process(site: Site) -> psutil.Process:
    for child in psutil.Process(site.server.process.pid).children():
        if child.cmdline()[-1:] == ["live"]:
            return child
    raise AssertionError("no live process")


@pytest.fixture
def wallet(site: Site, phone: Page) -> Iterator[Page]:
    """A member's open wallet that hears."""
    site.sign_in(phone, "member")
    phone.goto("/wallet")
    phone.wait_for_selector(HEARS.format("stream"))
    yield phone
    phone.goto("about:blank")


def expect_points(page: Page, points: int, within_s: float = 10) -> None:
    hero = page.locator(f"#wallet [data-points='{points}']").first
    expect(hero).to_be_visible(timeout=within_s * 1000)
    expect(hero).to_have_text(f"{points:,}")  # the number has run to its end


def test_an_open_wallet_turns_when_points_arrive(site: Site, wallet: Page) -> None:
    before = points_on(wallet)
    earned = site.buy("member", ("B-101", 2))["points"]
    expect(wallet.locator("#arrival dialog[open]")).to_contain_text(f"+{earned}", timeout=3000)
    expect_points(wallet, before + earned)


def test_another_member_hears_nothing(site: Site, wallet: Page, pc: Page) -> None:
    site.sign_in(pc, "cashier")
    pc.goto("/wallet")
    pc.wait_for_selector(HEARS.format("stream"))
    pc.evaluate("document.body.addEventListener('live:wallet', () => { document.title = 'heard' })")
    before = points_on(wallet)
    expect_points(wallet, before + site.buy("member")["points"])
    assert pc.title() != "heard"


def test_a_killed_live_process_is_survived(site: Site, wallet: Page) -> None:
    allow(wallet, "/live?")
    before = points_on(wallet)
    live_process(site).send_signal(signal.SIGKILL)
    earned = site.buy("member")["points"]  # told to nobody
    expect_points(wallet, before + earned, 30)
    wallet.wait_for_selector(HEARS.format("stream"), timeout=30_000)
    expect_points(wallet, before + earned + site.buy("member")["points"])


def test_a_lost_listening_connection_is_survived(site: Site, wallet: Page) -> None:
    before = points_on(wallet)
    site.rows(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
        " WHERE application_name = 'tessera-live' AND datname = current_database()"
    )
    earned = site.buy("member")["points"]
    expect_points(wallet, before + earned)


def test_without_a_stream_the_page_asks_now_and_then(site: Site, phone: Page) -> None:
    allow(phone, "/live?")
    site.sign_in(phone, "member")
    phone.route("**/live?*", lambda route: route.abort())
    phone.goto("/wallet")
    phone.wait_for_selector(HEARS.format("polling"))
    before = points_on(phone)
    expect_points(phone, before + site.buy("member")["points"], 25)


def test_a_page_without_a_network_comes_back(site: Site, wallet: Page) -> None:
    allow(wallet, "/live", "net::ERR", "htmx:")
    before = points_on(wallet)
    wallet.context.set_offline(True)
    wallet.evaluate("dispatchEvent(new Event('offline'))")
    earned = site.buy("member")["points"]
    wallet.wait_for_timeout(500)
    wallet.context.set_offline(False)
    expect_points(wallet, before + earned, 30)


def test_an_open_inbox_turns_when_a_notice_comes(site: Site, phone: Page) -> None:
    site.sign_in(phone, "member")
    phone.goto("/inbox")
    phone.wait_for_selector(HEARS.format("stream"))
    rows = phone.locator("#inbox .row")
    before = rows.count()
    site.rows(
        "INSERT INTO notices_notice (id, person_id, kind, template, context, created_at)"
        " SELECT gen_random_uuid(), id, 'points_activated', 'points_activated',"
        """ '{"points": 3, "merchant": "福记饼家"}', now() FROM people_person WHERE phone = %s""",
        [site.phones["member"]],
    )
    site.rows(
        "SELECT pg_notify('tessera_live', 'inbox person:' || id) FROM people_person WHERE phone = %s",
        [site.phones["member"]],
    )
    expect(rows).to_have_count(before + 1)


def test_the_live_process_ends_at_once_when_told(site: Site, wallet: Page) -> None:
    allow(wallet, "/live?")
    process = live_process(site)
    os.kill(process.pid, signal.SIGTERM)
    process.wait(3)
