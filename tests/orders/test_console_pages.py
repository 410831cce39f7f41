"""The owner's pages about purchases and returns."""

import uuid
from typing import Any

import pytest
from django.http import HttpResponse

from tessera.kit.ids import parse_id
from tessera.orders.models import Purchase, Return
from tests.page_cast import PageCast, page_cast

__all__ = ["page_cast"]


def look(cast: PageCast, path: str, who: str = "owner", language: str = "en") -> str:
    answer = cast.client(who).get(f"/console/{cast.merchant}{path}", headers={"Accept-Language": language})
    assert answer.status_code == 200, answer.status_code
    return answer.getvalue().decode() if answer.streaming else answer.content.decode()


def bring_back(cast: PageCast, form: dict[str, Any], who: str = "owner") -> HttpResponse:
    return cast.client(who).post(
        f"/console/{cast.merchant}/purchases/{cast.purchase}/returns",
        {"request_id": uuid.uuid4().hex, "receipt_number": "BACK-2", **form},
    )


def test_purchases_are_listed_and_narrowed(db: None, page_cast: PageCast) -> None:
    assert "R-1" in look(page_cast, "/purchases")
    assert ">R-1<" in look(page_cast, "/purchases?receipt=R-1")
    assert "No purchase fits" in look(page_cast, "/purchases?receipt=R-2")
    assert "No member with this number" in look(page_cast, f"/purchases?who={page_cast.phone}")
    assert "No purchase fits" in look(page_cast, "/purchases?until=2020-01-01")
    assert ">R-1<" in look(page_cast, f"/purchases?store={page_cast.store}")


def test_days_the_wrong_way_round_are_said_at_the_field(db: None, page_cast: PageCast) -> None:
    path = f"/console/{page_cast.merchant}/purchases?since=2026-02-02&until=2026-02-01"
    answer = page_cast.client("owner").get(path)
    assert answer.status_code == 422
    assert "This day is before the first one." in answer.content.decode()


def test_csv_has_headings_in_the_readers_language(db: None, page_cast: PageCast) -> None:
    english = look(page_cast, "/purchases.csv").splitlines()
    assert english[0].startswith("\ufeffReceipt,Time,Store,Member,")
    assert english[1].startswith("R-1,")
    assert ",7,1," in english[1], "points given and taken back"
    assert look(page_cast, "/purchases.csv", language="zh-Hans").startswith("\ufeff小票,时间,门店,会员,")
    assert "R-1-back" in look(page_cast, "/returns.csv")


def test_a_purchase_explains_its_points(db: None, page_cast: PageCast) -> None:
    html = look(page_cast, f"/purchases/{page_cast.purchase}")
    assert "5 pcs, 7 points" in html
    assert "R-1-back" in html
    assert "6 kept after returns" in html
    assert "Take back all 4 pieces that are left" in html


def test_pieces_are_taken_back_from_here(db: None, page_cast: PageCast) -> None:
    answer = bring_back(page_cast, {"line_1": "2"}, who="cashier")
    assert answer.status_code == 303
    made = Return.objects.get(receipt_number="BACK-2")
    assert (made.points, made.source) == (3, "console")
    html = page_cast.client("cashier").get(answer["Location"]).content.decode()
    assert '<span class="hero">3</span>' in html
    assert "R-1" in html


def test_all_that_is_left_is_taken_back_and_then_nothing(db: None, page_cast: PageCast) -> None:
    assert bring_back(page_cast, {"whole": "1"}).status_code == 303
    assert Return.objects.get(receipt_number="BACK-2").points == 6
    assert "Everything on this receipt has come back." in look(page_cast, f"/purchases/{page_cast.purchase}")
    again = bring_back(page_cast, {"whole": "1", "receipt_number": "BACK-3"})
    assert again.status_code == 409


def test_the_same_form_takes_back_once(db: None, page_cast: PageCast) -> None:
    form = {"line_1": "1", "request_id": uuid.uuid4().hex}
    first, second = bring_back(page_cast, form), bring_back(page_cast, form)
    assert first["Location"] == second["Location"]
    assert Return.objects.filter(receipt_number="BACK-2").count() == 1


@pytest.mark.parametrize(
    ("form", "status", "said"),
    [
        ({}, 422, "Say how many pieces come back"),
        ({"line_1": "9"}, 422, "less than or equal to 4"),
        ({"line_1": "-1"}, 422, "greater than or equal to 0"),
        ({"line_1": "1", "receipt_number": ""}, 422, "This field is required"),
        ({"line_1": "1", "receipt_number": "R-1"}, 409, "already recorded with other contents"),
    ],
)
def test_a_refused_return_leaves_no_trace(
    db: None, page_cast: PageCast, form: dict[str, str], status: int, said: str
) -> None:
    before = Return.objects.count()
    answer = bring_back(page_cast, form)
    assert answer.status_code == status
    html = answer.content.decode()
    assert said in html
    if form.get("line_1"):
        assert f'value="{form["line_1"]}"' in html, "what was typed is kept"
    assert Return.objects.count() == before
    kept = Purchase.objects.get(id=parse_id("pur", page_cast.purchase))
    assert kept.points_returned == 1


def test_another_shops_purchase_is_not_there(db: None, page_cast: PageCast) -> None:
    other = page_cast.client("other")
    path = f"/console/{page_cast.other_merchant}/purchases"
    assert other.get(f"{path}/{page_cast.purchase}").status_code == 404
    assert "No purchases yet" in other.get(path).content.decode()
