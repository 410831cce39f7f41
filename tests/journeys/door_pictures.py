"""Pictures of the door's page in its states, for scripts/screenshots."""

from pathlib import Path

from playwright.sync_api import Page, expect

from tests.journeys.door_stage import enrol, let_in, open_door, type_in
from tests.journeys.place import Site

STATES = ("idle", "found", "fits", "refused", "away")


def take_door(site: Site, page: Page, folder: Path, look: str) -> None:
    """Write `door-<state>-<look>.png` of a door with a few guests."""
    door = open_door(site, "陈明月", "林小雨", "Alexandra", title="灯会之夜 Lantern night")
    enrol(page, door, name="A")
    first, second, third = door.guests

    def take(state: str) -> None:
        page.wait_for_timeout(700)
        page.screenshot(path=folder / f"door-{state}-{look}.png", animations="disabled")

    let_in(page, first)
    page.reload()
    expect(page.locator("#line")).to_have_attribute("data-state", "online")
    take("idle")
    type_in(page, second)
    expect(page.locator("#let-in")).to_be_visible()
    take("found")
    page.locator("#let-in").click()
    expect(page.locator("#result")).to_have_attribute("data-state", "fits")
    take("fits")
    type_in(page, first)
    expect(page.locator("#result")).to_have_attribute("data-state", "refused")
    take("refused")
    page.context.set_offline(True)
    let_in(page, third)
    take("away")
    page.context.set_offline(False)
