"""A member's receipts: the reason for every point, for the member alone."""

import re
from uuid import UUID

import pytest
from django.test import Client

from tessera.kit.ids import show_id
from tests.page_cast import PageCast, page_cast

__all__ = ["page_cast"]

pytestmark = pytest.mark.django_db


def seen(browser: Client, path: str) -> str:
    response = browser.get(path)
    assert response.status_code == 200, path
    return re.sub(r"\s+", " ", response.content.decode())


def test_a_receipt_says_why(page_cast: PageCast) -> None:
    shown = seen(page_cast.client("member"), f"/receipts/{page_cast.purchase}")
    assert re.search(r'class="hero">6<', shown)
    assert "7 given, 1 taken back for returned goods" in shown
    assert "5 pcs, 7 points" in shown
    assert "Rule “One, three”, version 1" in shown
    assert "7 base points, 7 points" in shown
    assert "6 can be spent" in shown
    assert "1 piece returned" in shown
    assert "¥62.50" in shown


def test_a_return_says_what_it_took_and_from_which_purchase(page_cast: PageCast) -> None:
    shown = seen(page_cast.client("member"), f"/receipts/{getattr(page_cast, 'return')}")
    assert re.search(r'class="hero">−1<', shown)
    assert f"/receipts/{page_cast.purchase}" in shown


def test_all_receipts_are_listed_with_what_was_taken_back(page_cast: PageCast) -> None:
    shown = seen(page_cast.client("member"), "/receipts")
    assert f"/receipts/{page_cast.purchase}" in shown
    assert "1 taken back" in shown
    assert "No receipts yet" in seen(page_cast.client("owner"), "/receipts")


@pytest.mark.parametrize("who", ["owner", "manager", "cashier", "other", "operator"])
def test_nobody_else_opens_it_here(page_cast: PageCast, who: str) -> None:
    browser = page_cast.client(who)
    for receipt in (page_cast.purchase, getattr(page_cast, "return")):
        assert browser.get(f"/receipts/{receipt}").status_code == 404


NOBODYS = UUID("01900000-0000-7000-8000-000000000000")


@pytest.mark.parametrize(
    ("receipt", "status"),
    [
        (show_id("pur", NOBODYS), 404),
        (show_id("rtn", NOBODYS), 404),
        (show_id("txn", NOBODYS), 404),
        ("mer_x", 404),
        ("pur_x", 422),
        ("x", 404),
    ],
)
def test_what_is_no_receipt_is_not_found(page_cast: PageCast, receipt: str, status: int) -> None:
    assert page_cast.client("member").get(f"/receipts/{receipt}").status_code == status
