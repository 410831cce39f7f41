"""Chinese and English are complete: in the catalogues, in the templates, and on every page as it is read."""

import re
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.db import connection
from django.template.base import Lexer, TokenType
from django.test import Client
from django.utils import translation

from tessera.events.models import Event
from tessera.kit.reader import local_day, local_moment, shown_money, shown_number
from tessera.merchants.models import Merchant, Store
from tessera.people.models import Person
from tests.journeys.pages import doors
from tests.page_cast import ROLES, PageCast, make_page_cast
from tests.tidy.source import PACKAGE, ROOT, none

TEMPLATES = sorted(PACKAGE.glob("*/templates/**/*.html"))
CJK = re.compile(r"[\u3400-\u9fff]")
LATIN = re.compile(r"[A-Za-z]{3,}")
KNOWN = {
    "API", "APIs", "CSV", "EAN", "English", "GTIN", "GTINs", "HTTP", "HTTPS", "ISBN", "JPEG", "JSON", "OpenAPI", "PDF",
    "PNG", "PostgreSQL", "SKU", "SKUs", "SMS", "SVG", "Tessera", "UPC", "URL", "UTF", "WebP", "ISO", "UTC", "Asia",
    "Shanghai", "GBK", "HEIC", "Excel", "Webhooks", "VIP", "CNY", "SMTP", "Web", "Push", "OpenSSL", "Chrome", "Safari",
    "Firefox", "Edge", "Chromium", "iPhone", "iPad", "Android", "iOS", "macOS", "Windows", "Linux", "Mac", "Django", "km",
    "Letter", "dpi", "mm", "Cookie", "SHA", "cron", "https", "JavaScript",
}  # fmt: skip
"""Words that Chinese readers know as they are, and names."""
CHINESE_NAMES = re.compile("简体中文|中文|合符")
SPOKEN = ("aria-label", "placeholder", "title", "alt", "aria-description", "content-label")
_SILENT = {"script", "style", "code", "pre", "kbd", "samp"}
_VOID = {
    "area",
    "base",
    "br",
    "col",
    "hr",
    "img",
    "input",
    "link",
    "meta",
    "source",
    "wbr",
    "path",
    "circle",
    "rect",
    "line",
}


class Reader(HTMLParser):
    """Collects what a page says: its text and the attributes that are read out; not code, nor `translate="no"`."""

    def __init__(self) -> None:
        super().__init__()
        self.said: list[str] = []
        self._open: list[tuple[str, bool]] = []

    def handle_starttag(self, tag: str, attrs: Any) -> None:
        named = {name: value or "" for name, value in attrs}
        silent = (
            (bool(self._open) and self._open[-1][1])
            or tag in _SILENT
            or named.get("translate") == "no"
            or "mono" in named.get("class", "").split()
        )
        if not silent:
            self.said += [
                value
                for name, value in named.items()
                if name in SPOKEN
                or (name.startswith("data-") and (" " in value.strip() or CJK.search(value)))
            ]
        if tag not in _VOID:
            self._open.append((tag, silent))

    def handle_startendtag(self, tag: str, attrs: Any) -> None:
        self.handle_starttag(tag, attrs)
        if tag not in _VOID:
            self._open.pop()

    def handle_endtag(self, tag: str) -> None:
        while any(name == tag for name, _ in self._open):
            if self._open.pop()[0] == tag:
                break

    def handle_data(self, data: str) -> None:
        if data.strip() and not (self._open and self._open[-1][1]):
            self.said.append(data.strip())


def said_by(html: str) -> list[str]:
    reader = Reader()
    reader.feed(html)
    reader.close()
    return reader.said


def left_english(text: str) -> list[str]:
    """Return the words of a Chinese text that are English; ids, SKUs, addresses and commands are none."""
    plain = re.sub(r"“tessera [a-z]+”", " ", text)
    bare = re.sub(r"`[^`]*`|\S*[_/@\d]\S*|\{\w+\}", " ", plain)
    return [word for word in LATIN.findall(bare) if word not in KNOWN and not word.isupper()]


def left_chinese(text: str) -> list[str]:
    return CJK.findall(CHINESE_NAMES.sub("", text))


# --- catalogues and templates -------------------------------------------------------------------------------------


def test_every_sentence_has_its_chinese() -> None:
    command = [sys.executable, str(ROOT / "scripts" / "messages"), "--check"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


_BLANK = re.compile(r"\{[%{#].*?[%}#]\}", re.DOTALL)


def literal(path: Path) -> str:
    """Return a template without its tags, values, comments and translated blocks: what is left is literal."""
    left, skipping = [], ""
    for token in Lexer(path.read_text(encoding="utf-8")).tokenize():
        name = token.contents.split(" ", 1)[0] if token.token_type == TokenType.BLOCK else ""
        if skipping:
            skipping = "" if name == skipping else skipping
        elif name in {"blocktranslate", "blocktrans", "comment", "verbatim"}:
            skipping = f"end{name}"
        elif token.token_type == TokenType.TEXT:
            left.append(token.contents)
    return "".join(left)


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: path.relative_to(PACKAGE).as_posix())
def test_templates_have_no_words_of_their_own(path: Path) -> None:
    """Prevents the sentence that is there in one language only."""
    found = [
        text
        for text in said_by(literal(path))
        if left_chinese(text)
        or [word for word in re.findall(r"(?<![\w-])[A-Za-z]{2,}(?![\w-])", text) if word not in KNOWN]
    ]
    none([text[:100] for text in found])


def test_scripts_have_no_words_of_their_own() -> None:
    """Prevents sentences in scripts: words come from the page, where they are translated."""
    found = []
    for path in sorted((PACKAGE / "site" / "static" / "tessera" / "js").rglob("*.js")):
        bare = re.sub(r"/\*.*?\*/|(?<![:\"'])//[^\n]*", "", path.read_text(encoding="utf-8"), flags=re.DOTALL)
        found += [f"{path.name}: {line.strip()[:80]}" for line in bare.splitlines() if CJK.search(line)]
    none(found)


# --- every page -----------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def casts(django_db_setup: None, django_db_blocker: Any) -> Iterator[dict[str, PageCast]]:
    """A house in which every name is Chinese, and one in which none is."""
    with django_db_blocker.unblock():
        yield {"zh-Hans": make_page_cast("某某"), "en": make_page_cast("Zzz")}
        connection.close()


@dataclass(frozen=True)
class Heard:
    """One page as it is read."""

    address: str
    is_whole: bool
    said: list[str] = field(repr=False)


def read_page(cast: PageCast, address: str, who: str, language: str) -> Heard:
    browser = cast.client(who)
    browser.cookies[settings.LANGUAGE_COOKIE_NAME] = language.lower()
    response = browser.get(cast.filled(address))
    kind = response.get("Content-Type", "").split(";")[0]
    body = b"".join(response.streaming_content) if response.streaming else response.content
    text = body.decode("utf-8-sig", "replace")
    said = said_by(text) if kind == "text/html" else text.splitlines()[:1] if kind == "text/csv" else []
    return Heard(address, "<html" in text or kind == "text/csv", said)


def names() -> list[str]:
    """Everything in the database that somebody has named: other tests' houses stand in lists of all merchants too."""
    found = {
        *Person.objects.values_list("nickname", flat=True),
        *Merchant.objects.values_list("name", flat=True),
    }
    for named in Event.objects.values_list("title", "place", "text"):
        found |= set(named)
    for one in Store.objects.values_list("name", "district", "address"):
        found |= set(one)
    return sorted(filter(None, found), key=len, reverse=True)


def foreign(texts: list[str], leftover: Any) -> list[str]:
    """Return the texts in which something is left over that is nobody's name."""
    suspect = [
        text for text in texts if leftover(text) and len(text) > 1
    ]  # a single sign stands for a picture
    if suspect:
        for name in names():
            suspect = [text.replace(name, " ") for text in suspect]
    return [text for text in suspect if leftover(text)]


def _readers() -> list[tuple[str, str]]:
    found = []
    for line, door in sorted(doors().items()):
        method, address = line.split(" ", 1)
        who = next((who for who in ROLES if getattr(door, who) == 200), None)
        if method == "GET" and who:
            found.append((address, who))
    return [
        *found,
        ("/nowhere", "visitor"),
        ("/console/{merchant}", "member"),
        ("/console/{merchant}/staff", "cashier"),
    ]


@pytest.mark.parametrize(("address", "who"), _readers())
def test_a_page_speaks_one_language(db: None, casts: dict[str, PageCast], address: str, who: str) -> None:
    for language, leftover in (("zh-Hans", left_english), ("en", left_chinese)):
        heard = read_page(casts[language], address, who, language)
        assert foreign(heard.said, leftover) == []
        assert heard.said or not heard.is_whole


# --- the reader's choice --------------------------------------------------------------------------------------------


def lang(browser: Client, **headers: str) -> str:
    found = re.search(r'<html lang="([^"]+)"', browser.get("/offline", headers=headers).content.decode())
    assert found
    return found[1]


@pytest.mark.parametrize(
    ("asked", "given"),
    [("en-GB,en;q=0.9", "en"), ("zh-CN,zh;q=0.9,en;q=0.8", "zh-Hans"), ("zh-TW", "zh-Hans"), ("fr", "zh-Hans"),
     ("fr,en;q=0.5", "en"), ("", "zh-Hans"), ("*", "zh-Hans"), ("x" * 300, "zh-Hans")],
)  # fmt: skip
def test_the_browsers_language(asked: str, given: str) -> None:
    assert lang(Client(), **{"Accept-Language": asked}) == given


def test_the_switch_is_remembered() -> None:
    browser = Client()
    assert lang(browser, **{"Accept-Language": "zh-CN"}) == "zh-Hans"
    response = browser.post("/language", {"language": "en", "next": "/offline"})
    assert (response.status_code, response["Location"]) == (303, "/offline")
    kept = response.cookies[settings.LANGUAGE_COOKIE_NAME]
    assert (kept["max-age"], kept["samesite"]) == (365 * 24 * 3600, "Lax")
    assert lang(browser, **{"Accept-Language": "zh-CN"}) == "en"
    browser.post("/language", {"language": "zh-Hans"})
    assert lang(browser, **{"Accept-Language": "en"}) == "zh-Hans"


def test_a_language_that_is_not_there() -> None:
    browser = Client()
    browser.post("/language", {"language": "../../etc"})
    assert lang(browser, **{"Accept-Language": "en"}) == "zh-Hans"
    browser.cookies[settings.LANGUAGE_COOKIE_NAME] = "tlh\r\nX: y"
    assert lang(browser, **{"Accept-Language": "en"}) == "en"


# --- numbers, days, money -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("language", "day", "moment"),
    [("zh-hans", "2026年6月9日", "2026年6月9日 07:05"), ("en", "9 Jun 2026", "9 Jun 2026, 07:05")],
)
def test_days_and_moments_as_the_reader_writes_them(language: str, day: str, moment: str) -> None:
    at = datetime(2026, 6, 8, 23, 5, tzinfo=UTC)
    with translation.override(language):
        assert local_day(date(2026, 6, 9)) == day
        assert local_day(at) == day
        assert local_moment(at) == moment


@pytest.mark.parametrize(
    ("value", "currency", "shown"),
    [(1250, "CNY", "¥12.50"), (-5, "CNY", "−¥0.05"), (123456789, "CNY", "¥1,234,567.89"), (1200, "JPY", "JP¥1,200"),
     (0, "USD", "US$0.00"), (1, "XTS", "XTS 0.01")],
)  # fmt: skip
def test_money(value: int, currency: str, shown: str) -> None:
    for language in ("zh-hans", "en"):
        with translation.override(language):
            assert shown_money(value, currency) == shown


def test_numbers() -> None:
    assert [shown_number(one) for one in (0, 1234, -1234567)] == ["0", "1,234", "−1,234,567"]
