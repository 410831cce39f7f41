"""The console's first page: first steps on an empty account, figures afterwards."""

import re

import pytest

from tessera.kit import clock
from tessera.kit.actors import SYSTEM
from tessera.kit.lent import lent_connection
from tessera.merchants.actions.merchants import approve_merchant
from tessera.orders.actions.receipts import record_receipts
from tessera.orders.rules import RecordedPurchase, RecordPurchase, SoldLine
from tests.cast import NOW
from tests.console import Desk, made_person, opened_desk, prepare


@pytest.fixture
def desk(db: None) -> Desk:
    return opened_desk(approved=False)


def _steps(desk: Desk) -> int:
    return int(re.findall(r"(\d) of 7 steps", desk.get().content.decode())[0])


def _buy(desk: Desk, nickname: str) -> None:
    now = clock.now()
    bought = RecordPurchase(
        desk.merchant_id,
        f"R-{nickname}",
        ("person", str(made_person(nickname).id)),
        (SoldLine("T-1", 5),),
        actor="test",
        source="test",
        occurred_at=now,
    )
    outcome = record_receipts(lent_connection(), [bought], now=now)[0]
    assert isinstance(outcome, RecordedPurchase), outcome


def test_every_step_is_told_from_what_is_there(desk: Desk) -> None:
    assert _steps(desk) == 0
    shown = desk.get().content.decode()
    assert "Waiting for the operator" in shown
    assert "To the counter" not in shown
    prepare(desk)
    assert _steps(desk) == 4
    desk.post("/business", {"name": "Tea", "phone": "+8610000000001", "time_zone": "Asia/Shanghai"})
    desk.colleague("cashier")
    assert _steps(desk) == 6
    approve_merchant(merchant_id=desk.merchant_id, now=NOW, actor=SYSTEM)
    assert "To the counter" in desk.get().content.decode()


def test_the_first_purchase_turns_steps_into_figures(desk: Desk) -> None:
    approve_merchant(merchant_id=desk.merchant_id, now=NOW, actor=SYSTEM)
    prepare(desk)
    _buy(desk, "Lin")
    shown = desk.get().content.decode()
    assert "steps" not in shown.split("<main", 1)[1]
    assert "Points outstanding" in shown
    assert ">7<" in shown.replace("\n", "")
    assert "Lin" in shown
    assert "¥62.50" in shown


def test_a_cashier_sees_no_figures(desk: Desk) -> None:
    approve_merchant(merchant_id=desk.merchant_id, now=NOW, actor=SYSTEM)
    prepare(desk)
    _buy(desk, "Lin")
    cashier, guide = desk.colleague("cashier"), desk.colleague("guide")
    assert "Points outstanding" not in cashier.get().content.decode()
    assert "Lin" in cashier.get().content.decode()
    assert "Lin" not in guide.get().content.decode()


def test_names_are_shown_as_text(desk: Desk) -> None:
    """Prevents a member's name from becoming part of the page."""
    approve_merchant(merchant_id=desk.merchant_id, now=NOW, actor=SYSTEM)
    prepare(desk)
    _buy(desk, "<img src=x onerror=alert(1)>")
    shown = desk.get().content.decode()
    assert "<img src=x" not in shown
    assert "&lt;img src=x" in shown
