"""One member on the console: what he has here, his level and his numbers."""

from uuid import UUID

import pytest

from tessera.kit import clock
from tessera.kit.actors import SYSTEM
from tessera.kit.ids import show_id
from tessera.kit.lent import lent_connection
from tessera.ledger.queries import get_balances
from tessera.merchants.actions.customers import enrol_customer
from tessera.merchants.models import Customer, CustomerNumber
from tessera.orders.actions.receipts import record_receipts
from tessera.orders.rules import RecordedPurchase, RecordPurchase, SoldLine
from tests.cast import NOW
from tests.console import Desk, made_person, opened_desk, prepare


@pytest.fixture
def desk(db: None) -> Desk:
    desk = opened_desk()
    prepare(desk)
    return desk


def _buy(desk: Desk, member: tuple[str, str], receipt: str) -> None:
    now = clock.now()
    bought = RecordPurchase(
        desk.merchant_id,
        receipt,
        member,
        (SoldLine("T-1", 2),),
        actor="test",
        source="test",
        occurred_at=now,
    )
    outcome = record_receipts(lent_connection(), [bought], now=now)[0]
    assert isinstance(outcome, RecordedPurchase), outcome


def _path(person_id: UUID) -> str:
    return f"/members/{show_id('per', person_id)}"


def test_a_member_is_shown_with_what_he_has_here(desk: Desk) -> None:
    person = made_person("Lin")
    _buy(desk, ("person", str(person.id)), "R-1")
    shown = desk.get(_path(person.id)).content.decode()
    assert "Lin" in shown
    assert "R-1" in shown
    assert ">3<" in shown
    assert str(person.phone) not in shown


def test_who_never_came_here_is_not_found(desk: Desk) -> None:
    other = opened_desk("Bakery")
    person = made_person("Lin")
    enrol_customer(merchant_id=other.merchant_id, person_id=person.id, now=NOW, actor=SYSTEM)
    assert desk.get(_path(person.id)).status_code == 404
    assert desk.post(f"{_path(person.id)}/level", {"level": "gold"}).status_code == 404


def test_what_a_guide_may_not_see_is_left_out(desk: Desk) -> None:
    person = made_person("Lin")
    _buy(desk, ("person", str(person.id)), "R-1")
    shown = desk.colleague("guide").get(_path(person.id)).content.decode()
    assert "Lin" in shown
    assert "Points here" not in shown
    assert "R-1" not in shown
    assert "Add the number" not in shown


def test_the_level_is_set_and_taken_away(desk: Desk) -> None:
    person = made_person()
    enrol_customer(merchant_id=desk.merchant_id, person_id=person.id, now=NOW, actor=SYSTEM)
    for level in ("gold", ""):
        assert desk.post(f"{_path(person.id)}/level", {"level": level}).status_code == 303
        assert Customer.objects.get(merchant_id=desk.merchant_id, person_id=person.id).level == level


def test_a_number_that_stood_alone_comes_with_its_points(desk: Desk) -> None:
    _buy(desk, ("number", "C-9"), "R-1")
    person = made_person("Lin")
    enrol_customer(merchant_id=desk.merchant_id, person_id=person.id, now=NOW, actor=SYSTEM)
    assert desk.post(f"{_path(person.id)}/numbers", {"number": "C-9"}).status_code == 303
    assert CustomerNumber.objects.get(merchant_id=desk.merchant_id, number="C-9").person_id == person.id
    assert get_balances(person.id, clock.now(), unit_id=desk.merchant_id)[0].balance == 3
    shown = desk.get(_path(person.id)).content.decode()
    assert "C-9" in shown
    assert "R-1" in shown


def test_somebody_elses_number_is_refused(desk: Desk) -> None:
    first, second = made_person("First"), made_person("Second")
    enrol_customer(merchant_id=desk.merchant_id, person_id=first.id, number="C-9", now=NOW, actor=SYSTEM)
    enrol_customer(merchant_id=desk.merchant_id, person_id=second.id, now=NOW, actor=SYSTEM)
    refused = desk.post(f"{_path(second.id)}/numbers", {"number": "C-9"})
    assert refused.status_code == 409
    assert "belongs to another customer" in refused.content.decode()
    assert CustomerNumber.objects.get(merchant_id=desk.merchant_id, number="C-9").person_id == first.id
