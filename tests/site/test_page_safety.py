"""What a stranger may try with pages: forged forms, frames, names that mean harm, ways elsewhere, a session of his own."""

import csv
import io
import re
import uuid
from collections.abc import Iterator
from html.parser import HTMLParser
from typing import Any

import pytest
from django.conf import settings
from django.core import signing
from django.db import connection
from django.http import HttpResponse
from django.test import Client

from tests.journeys.pages import doors
from tests.page_cast import ROLES, PageCast, make_page_cast, page_cast, rolled_back
from tests.page_doors import PageDoor

__all__ = ["page_cast"]

NASTY = "<img src=x onerror=alert(1)>\"'{{7*7}}"
FORMULA = "=1+cmd|' /C calc'!A1"
DOORS = doors()
READ = [
    (line.split(" ", 1)[1], who)
    for line, door in sorted(DOORS.items())
    if line.startswith("GET ") and (who := next((who for who in ROLES if getattr(door, who) == 200), None))
]
FORMS = {line.split(" ", 1)[1]: door for line, door in sorted(DOORS.items()) if line.startswith("POST ")}
WITHOUT_TOKEN = {"/csp-reports"}
"""What browsers send by themselves: it changes nothing."""


def content(response: HttpResponse) -> bytes:
    return b"".join(response.streaming_content) if response.streaming else response.content


class Markup(HTMLParser):
    """Collects the elements of a page with their attributes, and its text."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str]]] = []
        self.texts: list[str] = []
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: Any) -> None:
        self.elements.append((tag, {name: value or "" for name, value in attrs}))

    def handle_data(self, data: str) -> None:
        self.texts.append(data)


# --- forms ----------------------------------------------------------------------------------------------------------


def _who_may(door: PageDoor) -> str:
    return next((who for who in reversed(ROLES) if getattr(door, who) < 400), "visitor")


@pytest.mark.parametrize("address", FORMS)
def test_a_form_without_its_token_is_refused(db: None, page_cast: PageCast, address: str) -> None:
    """Prevents forms that another site sends in somebody's name."""
    door = FORMS[address]
    who = _who_may(door)
    body = {"request_id": uuid.uuid4().hex, **(door.body(page_cast) if door.body else {})}
    with rolled_back():
        response = page_cast.client(who, enforce_csrf_checks=True).post(page_cast.filled(address), body)
    if address in WITHOUT_TOKEN:
        assert response.status_code == 204
        return
    assert response.status_code == 403
    assert "csrf" not in response.content.decode().lower().replace("csrfmiddlewaretoken", "").replace(
        "csrftoken", ""
    )


@pytest.mark.parametrize(("address", "who"), READ)
def test_what_a_page_consists_of(db: None, page_cast: PageCast, address: str, who: str) -> None:
    """Prevents forms without token, scripts and styles in the page, and anything from another host."""
    response = page_cast.client(who).get(page_cast.filled(address))
    text = content(response).decode("utf-8", "replace")
    assert response["X-Content-Type-Options"] == "nosniff"
    if not response["Content-Type"].startswith("text/html"):
        return
    assert response["X-Frame-Options"] == "DENY"
    assert "frame-ancestors 'none'" in response["Content-Security-Policy"]
    assert "'unsafe-inline'" not in response["Content-Security-Policy"]
    assert "'unsafe-eval'" not in response["Content-Security-Policy"]
    assert response["Referrer-Policy"] == "same-origin"
    assert "camera=" in response["Permissions-Policy"]
    if who != "visitor":
        assert re.search("private|no-store", response["Cache-Control"]), "a shared cache would keep it"
    page = Markup(text)
    posts = [
        named for tag, named in page.elements if tag == "form" and named.get("method", "").lower() == "post"
    ]
    assert text.count('name="csrfmiddlewaretoken"') >= len(posts)
    for tag, named in page.elements:
        assert not [name for name in named if name == "style" or name.startswith(("on", "hx-on"))], (
            tag,
            named,
        )
        assert tag != "style"
        assert tag != "script" or named.get("src") or named.get("type") == "application/json", named
        for name in ("src", "action", "formaction", "data", "poster"):
            assert not re.match(r"(?:[a-z]+:)?//|javascript:", named.get(name, ""), re.IGNORECASE), named
        if tag == "link":
            assert named["href"].startswith("/"), named
        if tag == "a" and named.get("target") == "_blank":
            assert "noopener" in named.get("rel", ""), named
    assert not re.search(r'href="[^"]*(?:\+|%2B|=)86100\d{8}', text), "a phone number in an address"


EVIL = (
    "//evil.example", "/\\evil.example", "https:evil.example", "https://evil.example", "http:///evil.example",
    "javascript:alert(1)", "\t//evil.example", "/\t/evil.example", "evil.example", "https://testserver@evil.example",
    "//testserver.evil.example", "/%5cevil.example/..//", "data:text/html,x", "",
)  # fmt: skip


@pytest.mark.parametrize("evil", EVIL)
def test_no_way_to_another_site(db: None, evil: str) -> None:
    for response in (
        Client().post("/language", {"language": "en", "next": evil}),
        Client().post(f"/language?next={evil}", {"language": "en"}),
    ):
        place = response["Location"]
        assert place.startswith("/")
        assert not place.startswith(("//", "/\\", "/\t"))


# --- names that mean harm -------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def houses(django_db_setup: None, django_db_blocker: Any) -> Iterator[dict[str, PageCast]]:
    """Two houses in which persons, shops, stores, goods, rules and files have such a name."""
    with django_db_blocker.unblock():
        yield {"markup": make_page_cast(NASTY), "formula": make_page_cast(FORMULA)}
        connection.close()


@pytest.mark.parametrize(("address", "who"), READ)
def test_names_are_text(db: None, houses: dict[str, PageCast], address: str, who: str) -> None:
    response = houses["markup"].client(who).get(houses["markup"].filled(address))
    text = content(response).decode("utf-8", "replace")
    if response["Content-Type"].startswith("text/html"):
        assert "<img src=x" not in text
        page = Markup(text)
        assert not [one for one in page.elements if "onerror" in one[1] or one[1].get("src") == "x"]
        assert "49" not in [one.strip(" \"'") for one in page.texts if "onerror" in one]
    if response["Content-Type"].startswith("image/svg"):
        assert "<img" not in text
    if "json" in response["Content-Type"]:
        assert response["X-Content-Type-Options"] == "nosniff"


@pytest.mark.parametrize(("address", "who"), [one for one in READ if one[0].endswith(".csv")])
def test_no_cell_is_a_formula(db: None, houses: dict[str, PageCast], address: str, who: str) -> None:
    """Prevents a name that a spreadsheet of the merchant would run (CSV injection)."""
    response = houses["formula"].client(who).get(houses["formula"].filled(address))
    text = content(response).decode("utf-8-sig")
    for row in csv.reader(io.StringIO(text)):
        for cell in row:
            assert not re.match(r"[=@\t\r]|[+-](?![\d.,]+$)", cell), row


# --- sessions -------------------------------------------------------------------------------------------------------


def test_signing_in_changes_the_session(
    db: None, page_cast: PageCast, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Prevents a session that somebody else has planted (fixation)."""
    from tessera.people.models import Person
    from tessera.site import views

    person = Person.objects.get(pk=page_cast.persons["member"])
    monkeypatch.setattr(views.settings, "TESSERA_DEMO", True)
    monkeypatch.setattr(views, "find_stand_in", lambda role: (person, "/wallet"))
    browser = Client()
    session = browser.session
    session["planted"] = "by a stranger"
    session.save()
    planted = session.session_key
    browser.cookies[settings.SESSION_COOKIE_NAME] = planted
    browser.get("/")
    response = browser.post("/demo/sign-in/member")
    assert response.status_code == 303
    cookie = response.cookies[settings.SESSION_COOKIE_NAME]
    assert cookie.value != planted
    assert cookie["httponly"]
    assert cookie["samesite"] == "Lax"
    assert int(cookie["max-age"]) <= 60 * 24 * 3600
    stale = Client()
    stale.cookies[settings.SESSION_COOKIE_NAME] = planted
    assert stale.get("/").status_code == 200


def test_a_signed_out_session_is_over(db: None, page_cast: PageCast) -> None:
    browser = page_cast.client("member")
    with rolled_back():
        browser.post("/sign-out", {"request_id": uuid.uuid4().hex})
        stale = page_cast.client("member")
        assert stale.get("/wallet").status_code == 302


def test_a_made_up_session_is_nobodys(db: None) -> None:
    browser = Client()
    browser.cookies[settings.SESSION_COOKIE_NAME] = signing.dumps({"_auth_user_id": str(uuid.uuid4())})[:32]
    assert browser.get("/").status_code == 200
    assert browser.get("/me/devices").status_code in {302, 404}


def test_cookies_keep_to_https_where_there_is_https() -> None:
    """The product's settings, read with and without TESSERA_HTTPS."""
    import os
    import subprocess
    import sys

    ask = (
        "from tessera.site import settings as s;"
        "print(s.SESSION_COOKIE_SECURE, s.CSRF_COOKIE_SECURE, getattr(s, 'SECURE_PROXY_SSL_HEADER', None) is not None)"
    )
    for given, expected in (("1", "True True True"), ("0", "False False False")):
        environment = {**os.environ, "TESSERA_HTTPS": given}
        done = subprocess.run(
            [sys.executable, "-c", ask], env=environment, capture_output=True, text=True, check=True
        )
        assert done.stdout.strip() == expected


# --- reports --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "body", [b"", b"[]", b"null", b'{"csp-report": 1}', b'{"csp-report": {}}', b"\xff" * 99, b"{" * 99999]
)
def test_a_report_can_be_anything(body: bytes) -> None:
    response = Client().generic("POST", "/csp-reports", body, content_type="application/csp-report")
    assert response.status_code == 204


def test_no_page_is_kept_by_a_name_of_another_host(db: None) -> None:
    """Prevents addresses built from a forged Host."""
    assert Client().get("/", headers={"Host": "evil.example"}).status_code == 400
