"""Returns at a counter: seen before they are confirmed, recorded once, owed where the points are spent."""

import uuid
from typing import Any

import pytest
from django.test import Client

from tessera.kit import clock
from tessera.kit.actors import SYSTEM
from tessera.kit.ids import parse_id
from tessera.kit.lent import lent_connection
from tessera.kit.models import AuditLine
from tessera.ledger.models import Transfer
from tessera.ledger.queries import get_balances
from tessera.orders.models import Purchase, Return
from tessera.people.actions.codes import issue_short_code
from tessera.people.models import Person
from tessera.points.actions.adjusting import Adjusted, AdjustPoints, adjust_points
from tests.page_cast import PageCast, page_cast

__all__ = ["page_cast"]

pytestmark = pytest.mark.django_db


@pytest.fixture
def browser(page_cast: PageCast) -> Client:
    return page_cast.client("cashier")


def _address(cast: PageCast) -> str:
    return f"/counter/{cast.store}/receipts/{cast.purchase}/returns"


def _rows() -> tuple[int, int, int]:
    return Return.objects.count(), Transfer.objects.count(), AuditLine.objects.count()


def _back(pieces: str, **more: Any) -> dict[str, Any]:
    return {"sku": "T-1", "quantity": pieces, "request_id": uuid.uuid4().hex, **more}


def test_a_preview_says_what_is_lost_and_writes_nothing(page_cast: PageCast, browser: Client) -> None:
    """Of five pieces for 3+3+1 points one is back; two more leave two: 3 points, so 3 are lost of the 6."""
    before = _rows()
    shown = browser.post(f"{_address(page_cast)}/preview", _back("2")).content.decode()
    assert "−3" in shown
    assert "3 of this receipt's points stay" in shown.replace("&#x27;", "'")
    assert _rows() == before
    assert Purchase.objects.get(id=parse_id("pur", page_cast.purchase)).points_returned == 1


def test_what_is_confirmed_is_what_was_shown_once(page_cast: PageCast, browser: Client) -> None:
    sent = _back("2")
    done = browser.post(_address(page_cast), sent)
    again = browser.post(_address(page_cast), sent)
    assert done.status_code == again.status_code == 303
    assert done["Location"] == again["Location"]
    assert Return.objects.filter(source="counter").count() == 1
    shown = browser.get(done["Location"]).content.decode()
    assert "−3" in shown


@pytest.mark.parametrize(
    ("pieces", "said"), [("9", "Only 4 of T-1"), ("0", "at least one piece"), ("x", "Pieces are")]
)
def test_a_refused_return_leaves_no_trace(
    page_cast: PageCast, browser: Client, pieces: str, said: str
) -> None:
    before = _rows()[:2]
    answer = browser.post(_address(page_cast), _back(pieces))
    assert answer.status_code in {409, 422}
    assert said in answer.content.decode()
    assert _rows()[:2] == before


def test_the_whole_receipt_comes_back_and_then_nothing_is_left(page_cast: PageCast, browser: Client) -> None:
    shown = browser.post(f"{_address(page_cast)}/preview", _back("0", all="1")).content.decode()
    assert 'value="4"' in shown
    browser.post(_address(page_cast), _back("4"))
    assert "Everything is back already" in browser.get(_address(page_cast)).content.decode()


def test_what_was_spent_is_owed_and_said_before(page_cast: PageCast, browser: Client) -> None:
    merchant, member = parse_id("mer", page_cast.merchant), page_cast.persons["member"]
    [balance] = get_balances(member, clock.now(), unit_id=merchant)
    spent = AdjustPoints(
        merchant, "1", ("person", str(member)), -balance.available, "spent", "test", merchant
    )
    [done_to] = adjust_points(lent_connection(), [spent], now=clock.now())
    assert isinstance(done_to, Adjusted), done_to
    shown = browser.post(f"{_address(page_cast)}/preview", _back("2")).content.decode()
    assert "3 of them are spent already" in shown
    done = browser.post(_address(page_cast), _back("2"))
    assert "3 of them were spent already" in browser.get(done["Location"]).content.decode()
    assert get_balances(member, clock.now(), unit_id=merchant)[0].owed == 3


@pytest.mark.parametrize("known_by", ["R-1", "code"])
def test_a_purchase_is_found_by_its_receipt(page_cast: PageCast, browser: Client, known_by: str) -> None:
    text = known_by if known_by == "R-1" else f"https://any.example/receipts/{page_cast.purchase}"
    answer = browser.post(f"/counter/{page_cast.store}/returns", {"code": text})
    assert answer["Location"] == _address(page_cast)


def test_a_purchase_is_found_by_the_members_code_or_number(page_cast: PageCast, browser: Client) -> None:
    code = issue_short_code(person_id=page_cast.persons["member"], now=clock.now(), actor=SYSTEM).code
    for text in (code, "C-1"):
        answer = browser.post(f"/counter/{page_cast.store}/returns", {"code": text})
        assert answer.status_code == 200
        assert "R-1" in answer.content.decode()


def test_a_number_typed_at_random_shows_no_purchases(page_cast: PageCast, browser: Client) -> None:
    """The member came by his customer number: the shop never had his phone number."""
    phone = Person.objects.get(pk=page_cast.persons["member"]).phone
    answer = browser.post(f"/counter/{page_cast.store}/returns", {"code": phone})
    assert answer.status_code == 422
    assert "R-1" not in answer.content.decode()
