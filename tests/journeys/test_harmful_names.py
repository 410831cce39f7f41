"""A house in which everything has a name that means harm: no page of it runs anything, and each shows the name as it is."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page

from tests.browsers import LOCALES, SCREENS
from tests.journeys.pages import list_pages
from tests.journeys.place import Site
from tests.journeys.stage import NASTY
from tests.journeys.watch import watch

_NAMED = (
    "/console",
    "/counter",
    "/wallet",
    "/receipts",
    "/shops",
    "/me",
    "/inbox",
    "/operator",
    "/work",
    "/code",
)
PAGES = [at for at in list_pages() if at.address.startswith(_NAMED) and at.who not in {"visitor", "newcomer"}]


@pytest.fixture(scope="module")
def windows(site: Site, browser: Browser) -> Iterator[dict[str, Page]]:
    opened = {}
    for who in {at.who for at in PAGES}:
        context = browser.new_context(
            base_url=site.url, locale=LOCALES["en"], service_workers="block", **SCREENS["pc"]
        )
        opened[who] = context.new_page()
        site.sign_in(opened[who], site.nasty["persons"][who])
    yield opened
    for page in opened.values():
        page.context.close()


@pytest.mark.parametrize("who", sorted({at.who for at in PAGES}))
def test_names_do_nothing(site: Site, windows: dict[str, Page], who: str) -> None:
    page = windows[who]
    seen = watch(page.context, site.url)
    asked: list[str] = []
    page.on("dialog", lambda dialog: (asked.append(dialog.message), dialog.dismiss()))
    ids = {**site.ids, **site.nasty["ids"]}
    shown = 0
    for at in PAGES:
        if at.who == who:
            answer = page.goto(at.filled(ids), wait_until="load")
            assert answer is not None
            assert answer.status < 500, at
            assert page.locator('img[src="x"], [onerror]').count() == 0, at
            shown += NASTY in page.locator("body").inner_text() or NASTY in page.title()
    assert asked == []
    assert seen.faults == []
    assert shown, "the name stood nowhere: the pages were not those of the house"
