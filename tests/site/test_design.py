"""The design system: colours that can be read, and a page that shows every part."""

import re
from pathlib import Path

import pytest
from django.test import Client

from tessera.site.pages.design import COMPONENTS
from tessera.site.palette import PAIRS, Pair, contrast, palettes

SITE = Path(__file__).parents[2] / "src" / "tessera" / "site"


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("pair", PAIRS, ids=lambda pair: f"{pair.front} on {pair.back}")
def test_contrast(theme: str, pair: Pair) -> None:
    """WCAG 2.2 AA, for every pair of colours in use."""
    colours = palettes()[theme]
    assert contrast(colours[pair.front], colours[pair.back]) >= pair.least


def test_contrast_is_computed_as_the_standard_says() -> None:
    assert contrast("#ffffff", "#000000") == pytest.approx(21)
    assert contrast("#777777", "#ffffff") == pytest.approx(4.478, abs=0.001)


def test_a_chosen_dark_is_the_systems_dark() -> None:
    """Prevents two dark themes: the choice and the system's wish are written twice in tokens.css."""
    assert palettes()["dark"] == palettes()["dark-chosen"]
    assert set(palettes()["dark"]) == set(palettes()["light"])


def test_colours_of_the_browsers_frame_are_the_papers() -> None:
    base = (SITE / "templates" / "site" / "base.html").read_text(encoding="utf-8")
    said = re.findall(r'name="theme-color" content="(#\w+)" media="\(prefers-color-scheme: (\w+)\)"', base)
    assert {theme: colour for colour, theme in said} == {
        theme: palettes()[theme]["paper"] for theme in ("light", "dark")
    }


@pytest.mark.parametrize("language", ["zh-Hans", "en"])
def test_the_page_shows_every_component(client: Client, settings, db: None, language: str) -> None:
    settings.TESSERA_DEMO = True
    answer = client.get("/design", headers={"Accept-Language": language})
    assert answer.status_code == 200
    text = answer.content.decode()
    for key in COMPONENTS:
        assert f'id="{key}"' in text
    assert text.count("<h1") == 1
    assert " style=" not in text
    assert not re.search(r"<script(?![^>]*src=)", text)


def test_there_is_no_such_page_outside_the_demo(client: Client, settings, db: None) -> None:
    settings.TESSERA_DEMO = False
    assert client.get("/design").status_code == 404


def test_every_sample_is_on_the_page() -> None:
    samples = {path.stem for path in (SITE / "templates" / "site" / "design" / "samples").glob("*.html")}
    assert samples == set(COMPONENTS)


def test_templates_write_no_styles_or_scripts_of_their_own() -> None:
    """Prevents what the content policy forbids, found when a page is already out."""
    patterns = (
        r"<[^>]+\sstyle=", r"<style\b", r"<script(?![^>]*\bsrc=)", r"<[^>]+\son[a-z]+=", r"hx-on", r"javascript:",
    )  # fmt: skip
    found = []
    for path in sorted((SITE.parent).rglob("templates/**/*.html")):
        text = re.sub(r"{#.*?#}", "", path.read_text(encoding="utf-8"))
        found += [
            f"{path.relative_to(SITE.parent)}: {pattern}" for pattern in patterns if re.search(pattern, text)
        ]
    assert found == []
