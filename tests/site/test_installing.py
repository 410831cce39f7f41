"""The app that is installed: manifest, worker, theme, and the files that must be there without a connection."""

import json
import re

import pytest
from django.test import Client

from tessera.site.assets import STATIC_DIR, build_mark
from tessera.site.pages.installing import SHELL
from tests.page_cast import PageCast, page_cast

__all__ = ["page_cast"]

pytestmark = pytest.mark.django_db


def test_the_manifest_speaks_the_reader_s_language() -> None:
    told = {
        language: json.loads(
            Client(headers={"Accept-Language": language}).get("/manifest.webmanifest").content
        )
        for language in ("zh-CN", "en")
    }
    assert (told["zh-CN"]["lang"], told["en"]["lang"]) == ("zh-Hans", "en")
    assert told["zh-CN"]["shortcuts"][0]["name"] == "会员码"
    assert told["en"]["start_url"] == "/wallet"
    for icon in told["en"]["icons"]:
        assert (STATIC_DIR / icon["src"].split("/", 3)[3]).is_file()


def test_the_worker_belongs_to_this_build() -> None:
    response = Client().get("/sw.js")
    assert response["Content-Type"].startswith("text/javascript")
    assert response["Cache-Control"] == "no-cache"
    assert f'const BUILD = "{build_mark()}";' in response.content.decode()


def test_everything_that_a_kept_page_loads_is_in_the_shell() -> None:
    """Prevents a wallet that opens offline without its looks, or a code page whose script is missing."""
    assert [name for name in SHELL if not (STATIC_DIR / name).is_file()] == []
    for name in SHELL:
        if not name.endswith(".js"):
            continue
        place = STATIC_DIR / name
        for wanted in re.findall(
            r'(?:^import [^"]*|import\()"(\.{1,2}/[^"]+)"', place.read_text(), re.MULTILINE
        ):
            meant = (place.parent / wanted).resolve().relative_to(STATIC_DIR.resolve()).as_posix()
            assert meant in SHELL, f"{name} imports {meant}"


@pytest.mark.parametrize("path", ["/wallet", "/code"])
def test_everything_that_a_kept_page_names_is_in_the_shell(page_cast: PageCast, path: str) -> None:
    shown = page_cast.client("member").get(path).content.decode()
    named = set(re.findall(r'(?:src|href)="/static/[0-9a-f]+/([^"]+\.(?:css|js|mjs|svg))"', shown))
    assert named - set(SHELL) == set()


@pytest.mark.parametrize(
    ("chosen", "kept"), [("dark", "dark"), ("light", "light"), ("auto", ""), ("x; y", "")]
)
def test_a_theme_is_remembered(chosen: str, kept: str) -> None:
    browser = Client()
    browser.cookies["theme"] = "light"
    response = browser.post("/theme", {"theme": chosen, "next": "//evil.example"})
    assert response["Location"] == "/"
    assert response.cookies["theme"].value == kept
    if kept:
        assert f'data-theme="{kept}"'.encode() in browser.get("/").content


@pytest.mark.parametrize(
    "path",
    ["/media/..%2f..%2fdemo_keys.txt-96.webp", f"/media/{'a' * 32}-97.webp", f"/media/{'A' * 32}-96.webp"],
)
def test_nothing_but_pictures_is_served_from_the_media(path: str) -> None:
    assert Client().get(path).status_code == 404
