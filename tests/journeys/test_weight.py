"""A member's first look at a page: few kilobytes, all from here; what a slow phone needs for it is recorded."""

import pytest
from playwright.sync_api import Page

from tests.journeys.place import Site

MOST_BYTES = 150_000
_LARGEST = """() => new Promise(done => {
  new PerformanceObserver(list => done(Math.round(list.getEntries().at(-1).startTime)))
    .observe({type: "largest-contentful-paint", buffered: true});
  setTimeout(() => done(-1), 3000);
})"""


@pytest.mark.parametrize(
    "address", ["/sign-in", "/wallet", "/code", "/shops", "/receipts/{purchase}", "/me", "/inbox"]
)
def test_the_first_load_of_a_member_page(
    site: Site, phone: Page, address: str, request: pytest.FixtureRequest
) -> None:
    if address != "/sign-in":
        site.sign_in(phone, "member")
    line = phone.context.new_cdp_session(phone)
    line.send("Network.enable")
    line.send("Emulation.setCPUThrottlingRate", {"rate": 4})
    loaded: list[int] = []
    line.on("Network.loadingFinished", lambda told: loaded.append(int(told["encodedDataLength"])))
    phone.goto(address.format(**site.ids), wait_until="networkidle" if address == "/sign-in" else "load")
    phone.wait_for_timeout(700)
    largest = phone.evaluate(_LARGEST)  # for people to read: a busy machine is no fault of the page
    request.node.user_properties += [("lcp_ms", largest), ("bytes", sum(loaded))]
    assert loaded
    assert sum(loaded) < MOST_BYTES, sum(loaded)
