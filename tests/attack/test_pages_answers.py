"""What pages answer with: nothing that stays behind, breaks out of a header, or runs in a spreadsheet."""

import re
from typing import Any

import pytest
from django.contrib.auth.models import AnonymousUser
from django.http import HttpResponse
from django.test import Client, RequestFactory

from tessera.kit import pages
from tessera.kit.csv_answers import csv_answer, safe_cell
from tessera.kit.pages import safe_next
from tests.page_cast import PageCast, page_cast

__all__ = ["page_cast"]


@pytest.mark.parametrize(
    ("who", "address"),
    [("member", "/me"), ("member", "/wallet"), ("cashier", "/counter?choose"), ("owner", "/work")],
)
def test_what_the_signed_in_see_is_kept_nowhere(
    db: None, page_cast: PageCast, who: str, address: str
) -> None:
    """Prevents the back button from showing a person's pages after he has signed out on a shared computer."""
    response = page_cast.client(who).get(address, follow=True)
    assert response.status_code == 200
    assert "no-store" in response["Cache-Control"]


def test_a_refusal_shown_to_the_signed_in_is_kept_nowhere(db: None, page_cast: PageCast) -> None:
    response = page_cast.client("member").get("/receipts/pur_" + "0" * 26)
    assert response.status_code == 404
    assert "no-store" in response["Cache-Control"]


@pytest.mark.parametrize(
    "name",
    ['a"; filename="evil.exe', "a\r\nSet-Cookie: x=1", "六月\ud800", "\0", "../../etc/passwd", "六月"],
)
def test_a_file_name_stays_in_its_header(name: str) -> None:
    """Prevents a file that was sent in under a strange name from being handed out under another one."""
    placed = csv_answer(name, ["A"], [])["Content-Disposition"]
    assert re.fullmatch(
        r"attachment; filename=\"[A-Za-z0-9._ -]+\.csv\"; filename\*=UTF-8''[A-Za-z0-9%._~-]+\.csv", placed
    )


@pytest.mark.parametrize("cell", ["=1", "+1", "-1", "@A", "\t=1", "\r=1", "\n=1", "＝1", "＋1", "－1", "＠A"])
def test_no_text_is_a_formula(cell: str) -> None:
    """Full-width signs too: a spreadsheet set for Chinese takes them for the narrow ones."""
    assert safe_cell(cell) == f"'{cell}"


@pytest.mark.parametrize("evil", ["/me\r\nX: 1", "/me\n", "/\0", "/me\u2028"])
def test_an_address_to_return_to_holds_no_line_break(evil: str) -> None:
    request = RequestFactory().post("/language", {"next": evil})
    assert safe_next(request, "/") == "/"


def test_a_deeply_nested_report_is_no_fault(db: None) -> None:
    body = b"[" * 16000
    assert Client().post("/csp-reports", body, content_type="application/csp-report").status_code == 204


def test_a_page_of_nobody_may_be_kept_by_his_browser(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pages, "render", lambda *_given, **_named: HttpResponse())
    request: Any = RequestFactory().get("/")
    request.user = AnonymousUser()
    assert pages.page(request, "x")["Cache-Control"] == "private, no-cache"


@pytest.mark.parametrize(
    ("who", "address", "sent"),
    [
        ("visitor", "/shops?name=a%00b", None),
        ("owner", "/console/{merchant}/members?q=%00", None),
        ("owner", "/console/{merchant}/products?q=%00", None),
        ("cashier", "/counter/{store}/basket", {"code": "a\0b"}),
        ("cashier", "/counter/{store}/returns", {"code": "a\0b"}),
        ("member", "/me/notices/browser-end", {"endpoint": "\0", "request_id": "n-1"}),
    ],
)
def test_text_that_no_keyboard_writes_is_refused(
    db: None, page_cast: PageCast, who: str, address: str, sent: dict[str, str] | None
) -> None:
    """Prevents faults, each with a page of log, that anybody could cause as often as he likes."""
    browser = page_cast.client(who)
    place = page_cast.filled(address)
    response = browser.get(place) if sent is None else browser.post(place, sent)
    assert response.status_code == 422
    assert "U+0000" in response.content.decode()
