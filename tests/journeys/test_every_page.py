"""Every page in a browser: accessible, as wide as its screen, in dark too, without faults of its own."""

from collections.abc import Callable, Iterator
from importlib import resources
from typing import Any

import pytest
from playwright.sync_api import Browser, Page

from tests.browsers import LOCALES, SCREENS
from tests.journeys.pages import PageAt, list_pages
from tests.journeys.place import Site
from tests.journeys.watch import Watch, watch

AXE = (resources.files("axe_playwright_python") / "axe.min.js").read_text(encoding="utf-8")
WIDTHS = {"phone": (320, 390, 768), "pc": (1440, 1920)}
GRAVE = ("serious", "critical")
_ASKS_AXE = """async ([rules, graves]) => {
  const only = rules ? {runOnly: {type: "rule", values: rules}} : {};
  const found = await axe.run(document, {resultTypes: ["violations"], ...only});
  return found.violations.filter(one => graves.includes(one.impact)).map(one =>
    `${one.id} (${one.impact}): ` + one.nodes.slice(0, 3).map(node => node.target + " " + node.html.slice(0, 160) +
      " " + (node.any[0]?.message ?? "")).join(" | "));
}"""
_TOO_WIDE = """() => {
  const most = document.documentElement.clientWidth;
  if (document.documentElement.scrollWidth <= most) return [];
  return [`${document.documentElement.scrollWidth} px on ${most}`, ...[...document.body.querySelectorAll("*")]
    .filter(one => one.getBoundingClientRect().right > most + 1).slice(-3).map(one => one.outerHTML.slice(0, 120))];
}"""
_STILL = """async () => {
  for (let still = 0, frame = 0; still < 3 && frame < 60; frame++) {
    await new Promise(done => requestAnimationFrame(() => setTimeout(done)));
    const moving = document.getAnimations().filter(one => one.effect.getTiming().iterations !== Infinity);
    for (const one of moving) one.finish();
    still = moving.length ? 0 : still + 1;
  }
}"""
"""Colours that fade from one theme to the other are there."""
_BARE = "() => [document.title, document.documentElement.lang, document.querySelectorAll('h1').length]"

Look = Callable[[PageAt, str], tuple[Page, Watch]]


@pytest.fixture(scope="module")
def look(site: Site, browser: Browser) -> Iterator[Look]:
    """Open a page on a screen; each of the cast keeps one window for each screen."""
    windows: dict[tuple[str, str], tuple[Page, Watch]] = {}

    def opened(at: PageAt, screen: str) -> tuple[Page, Watch]:
        key = (at.who, screen)
        if key not in windows:
            context = browser.new_context(
                base_url=site.url, locale=LOCALES["zh"], service_workers="block", **SCREENS[screen]
            )
            context.set_default_timeout(10_000)
            seen = watch(context, site.url)
            window = context.new_page()
            if at.who != "visitor":
                site.sign_in(window, at.who)
            windows[key] = (window, seen)
        window, seen = windows[key]
        seen.found.clear()
        window.set_viewport_size(SCREENS[screen]["viewport"])
        window.emulate_media(color_scheme="light", reduced_motion="reduce")
        window.goto(at.filled(site.ids), wait_until="load")
        return window, seen

    yield opened
    for window, _ in windows.values():
        window.context.close()


def axe(page: Page, *rules: str) -> list[str]:
    """Return what a person with other senses or means would stumble over."""
    if not page.evaluate("typeof axe === 'object'"):
        page.evaluate(AXE)
    return list(page.evaluate(_ASKS_AXE, [list(rules) or None, list(GRAVE)]))


@pytest.mark.parametrize("screen", SCREENS)
@pytest.mark.parametrize("at", list_pages(), ids=str)
def test_page(site: Site, look: Look, at: PageAt, screen: str) -> None:
    page, seen = look(at, screen)
    found: dict[str, Any] = {}
    title, language, headings = page.evaluate(_BARE)
    found["title"] = [] if title.strip() else ["no title"]
    found["language"] = [] if language == "zh-Hans" else [language]
    found["headings"] = [] if headings == 1 else [f"{headings} h1"]
    found["light"] = axe(page)
    if screen == "phone":  # the colours of a PC are the same
        page.emulate_media(color_scheme="dark", reduced_motion="reduce")
        page.evaluate(_STILL)
        found["dark"] = axe(page, "color-contrast")
    for width in WIDTHS[screen]:
        page.set_viewport_size({"width": width, "height": 844 if screen == "phone" else 900})
        found[f"at {width} px"] = page.evaluate(_TOO_WIDE)
    found["faults"] = seen.faults
    assert {name: faults for name, faults in found.items() if faults} == {}
