"""The counter's pages: who is met, what is sold, once; what is refused leaves no trace and keeps the form."""

import re
import uuid
from typing import Any

import pytest
from django.db import transaction
from django.http import HttpResponse
from django.test import Client

from tessera.catalog.models import Product
from tessera.kit import clock
from tessera.kit.actors import SYSTEM, Actor
from tessera.kit.ids import parse_id
from tessera.kit.models import AuditLine
from tessera.ledger.queries import get_balances
from tessera.merchants.actions.merchants import suspend_merchant
from tessera.merchants.actions.staff import employ_person
from tessera.merchants.actions.stores import open_store
from tessera.merchants.models import Customer
from tessera.orders.actions.counter import Place, sell
from tessera.orders.errors import OwnPurchase
from tessera.orders.models import Purchase
from tessera.orders.rules import SoldLine
from tessera.people.actions.codes import issue_short_code
from tessera.people.actions.persons import open_person, register_person
from tessera.people.models import Person
from tests.cast import made_up_phone
from tests.page_cast import PageCast, page_cast

__all__ = ["page_cast"]

pytestmark = pytest.mark.django_db


class Counter:
    """The counter of merchant A as one of the cast uses it: what is typed, and what the page shows."""

    def __init__(self, cast: PageCast, who: str = "cashier") -> None:
        self.cast, self.merchant = cast, parse_id("mer", cast.merchant)
        self.browser, self.address = cast.client(who), f"/counter/{cast.store}"
        self.form: dict[str, Any] = {"request_id": uuid.uuid4().hex}
        self.shown: HttpResponse

    def send(self, to: str = "basket", **extra: Any) -> HttpResponse:
        """Send the form as the page does, and take over what comes back."""
        answer = self.browser.post(
            f"{self.address}/{to}", {**self.form, **extra}, headers={"HX-Request": "true"}
        )
        if answer.status_code != 204:
            self.form = {"request_id": self.form["request_id"], **_fields(answer.content.decode())}
        self.shown = answer
        return answer

    @property
    def text(self) -> str:
        return self.shown.content.decode()

    def purchases(self) -> int:
        return Purchase.objects.filter(merchant_id=self.merchant, source="counter").count()

    def points_of(self, person_id: Any) -> int:
        balances = get_balances(person_id, clock.now(), unit_id=self.merchant)
        return balances[0].balance if balances else 0


def _fields(html: str) -> dict[str, Any]:
    found: dict[str, Any] = {"sku": [], "quantity": [], "amount": []}
    for tag in re.findall(r"<input[^>]*>", html):
        name, value = re.search(r'name="(\w+)"', tag), re.search(r'value="([^"]*)"', tag)
        if name and name[1] in found:
            found[name[1]].append(value[1] if value else "")
        elif name and name[1] == "member" and value:
            found["member"] = value[1]
    return found


@pytest.fixture
def counter(page_cast: PageCast) -> Counter:
    return Counter(page_cast)


def _registered(nickname: str) -> Person:
    person = open_person(phone=made_up_phone(), nickname=nickname, now=clock.now(), actor=SYSTEM)
    return register_person(person_id=person.id, now=clock.now(), actor=SYSTEM)


def test_a_sale_happens_once_however_often_it_is_sent(counter: Counter) -> None:
    member = counter.cast.persons["member"]
    before = counter.points_of(member)
    assert counter.send(code="C-1").status_code == 200
    assert "Member" in counter.text
    counter.send(code="T-1")
    counter.send(code="T-1")
    assert counter.form["quantity"] == ["2"]
    assert "+3" in counter.text
    done = counter.send("purchases")
    again = counter.send("purchases")
    assert done.status_code == again.status_code == 204
    assert done["HX-Redirect"] == again["HX-Redirect"]
    assert counter.purchases() == 1
    assert counter.points_of(member) == before + 3
    receipt = counter.browser.get(done["HX-Redirect"])
    assert receipt.status_code == 200
    [sold] = Purchase.objects.filter(merchant_id=counter.merchant, source="counter")
    assert (sold.actor, sold.receipt_number) == (
        f"person:{counter.cast.persons['cashier']}",
        sold.receipt_number,
    )
    assert sold.receipt_number in receipt.content.decode()


def test_the_same_id_with_another_basket_records_nothing_more(counter: Counter) -> None:
    """Prevents a second sale where the answer to the first was lost and the cashier went on scanning."""
    counter.send(code="C-1")
    counter.send(code="T-1")
    counter.send("purchases")
    counter.send(code="T-1")
    answer = counter.send("purchases")
    assert answer.status_code == 422
    assert "already recorded" in counter.text
    assert counter.purchases() == 1


def test_without_a_member_or_goods_it_says_what_is_missing(counter: Counter) -> None:
    counter.send(code="T-1")
    assert counter.send("purchases").status_code == 422
    assert "Who is it for?" in counter.text
    assert counter.form["sku"] == ["T-1"]  # what was scanned stays
    counter.send(drop="T-1", code="")
    counter.send(code="C-1")
    assert counter.send("purchases").status_code == 422
    assert "Nothing has been sold yet" in counter.text
    assert counter.purchases() == 0


def test_points_of_an_unknown_number_wait(counter: Counter) -> None:
    phone = made_up_phone()
    counter.send(who=phone.removeprefix("+86"))
    assert "has not registered" in counter.text
    counter.send(code="T-1")
    assert not Person.objects.filter(phone=phone).exists()  # looking makes nobody
    counter.send("purchases")
    person = Person.objects.get(phone=phone)
    assert person.registered_at is None
    balance = get_balances(person.id, clock.now(), unit_id=counter.merchant)[0]
    assert (balance.available, balance.pending) == (0, 1)
    assert "wait until" in counter.browser.get(counter.shown["HX-Redirect"]).content.decode()


def test_a_number_typed_at_random_shows_nobodys_name(counter: Counter) -> None:
    stranger = _registered("Someone Private")
    assert stranger.phone
    counter.send(who=stranger.phone)
    assert "First time here" in counter.text
    assert "Someone Private" not in counter.text
    assert stranger.phone[3:10] not in counter.text


def test_a_member_code_is_accepted_once(counter: Counter) -> None:
    stranger = _registered("Shows His Code")
    code = issue_short_code(person_id=stranger.id, now=clock.now(), actor=SYSTEM).code
    counter.send(code=code)
    assert "Shows His Code" in counter.text  # he has shown it himself
    counter.send(leave="1")
    assert counter.send(code=code, scan_id="another").status_code == 409
    assert "Shows His Code" not in counter.text
    noted = AuditLine.objects.filter(verb="redeem_member_code", merchant_id=counter.merchant)
    assert sorted(noted.values_list("outcome", flat=True)) == ["code_used", "done"]


def test_a_scan_that_was_sent_again_finds_the_member_again(counter: Counter) -> None:
    """Prevents a used code where only the answer was lost."""
    code = issue_short_code(person_id=_registered("Sent Twice").id, now=clock.now(), actor=SYSTEM).code
    for _ in range(2):
        counter.form.pop("member", None)
        assert counter.send(code=code, scan_id="one").status_code == 200
        assert "Sent Twice" in counter.text
    assert counter.send("basket", member="", code="12345678", scan_id="one").status_code == 422


def test_nobody_sells_to_himself(page_cast: PageCast) -> None:
    counter = Counter(page_cast, "cashier")
    own = Person.objects.get(pk=page_cast.persons["cashier"])
    assert counter.send(who=own.phone).status_code == 409
    assert "your own purchase" in counter.text
    counter.send(code="T-1")
    counter.form["member"] = Counter(page_cast, "owner").form.get("member", "")
    other = Counter(page_cast, "owner")
    other.send(who=own.phone)  # a colleague may
    other.send(code="T-1")
    assert other.send("purchases").status_code == 204
    assert counter.purchases() == 1


def test_the_sale_itself_refuses_ones_own_purchase_without_a_trace(page_cast: PageCast) -> None:
    cashier = page_cast.persons["cashier"]
    place = Place(parse_id("mer", page_cast.merchant), "1", "Asia/Shanghai")
    customers = Customer.objects.count()
    with pytest.raises(OwnPurchase), transaction.atomic():
        sell(
            place=place,
            member=("person", str(cashier)),
            lines=[SoldLine("T-1", 1)],
            receipt_number="",
            request_id="own",
            now=clock.now(),
            actor=Actor(kind="person", id=cashier, merchant_id=place.merchant_id),
        )
    assert Counter(page_cast).purchases() == 0
    assert Customer.objects.count() == customers


def test_what_another_cashier_met_is_not_taken(page_cast: PageCast) -> None:
    owner, cashier = Counter(page_cast, "owner"), Counter(page_cast, "cashier")
    owner.send(code="C-1")
    cashier.send(code="T-1")
    for forged in (owner.form["member"], owner.form["member"][:-2], "nonsense", page_cast.member):
        cashier.form["member"] = forged
        assert cashier.send("purchases").status_code == 422
    assert cashier.purchases() == 0


def test_a_suspended_merchant_sells_nothing(counter: Counter) -> None:
    suspend_merchant(merchant_id=counter.merchant, reason="test", now=clock.now(), actor=SYSTEM)
    assert "suspended" in counter.browser.get(counter.address).content.decode()
    counter.send(code="C-1")
    counter.send(code="T-1")
    assert counter.send("purchases").status_code == 409
    assert counter.purchases() == 0


def test_a_sale_by_amount_lists_its_article_only_when_it_is_recorded(counter: Counter) -> None:
    articles = Product.objects.filter(merchant_id=counter.merchant, sku="AMOUNT")
    counter.send(code="C-1")
    counter.send(amount_sale="12.50")
    assert "¥12.50" in counter.text
    assert not articles.exists()
    assert counter.send(amount_sale="12.505").status_code == 422
    assert "is not an amount" in counter.text
    counter.send("purchases")
    assert articles.count() == 1
    assert Purchase.objects.get(source="counter").amount_minor == 1250


def test_the_tills_own_receipt_number_counts_once(counter: Counter) -> None:
    counter.send(code="C-1")
    counter.send(code="T-1")
    counter.send("purchases", receipt_number="77")
    counter.form["request_id"] = uuid.uuid4().hex
    again = counter.send("purchases", receipt_number="77")
    assert again["HX-Redirect"].endswith("?again=1")
    counter.form["request_id"] = uuid.uuid4().hex
    assert counter.send("purchases", receipt_number="77", quantity=["5"]).status_code == 409
    assert counter.purchases() == 1


@pytest.mark.parametrize(("typed", "status"), [("tea", 200), ("GREEN", 200), ("zzz", 422), ("99999999", 404)])
def test_what_is_typed_is_looked_for(counter: Counter, typed: str, status: int) -> None:
    assert counter.send(code=typed).status_code == status
    assert counter.form["sku"] == (["T-1"] if status == 200 else [])


@pytest.mark.parametrize("pieces", ["-1", "1.5", "two", "10000000"])
def test_pieces_are_whole_and_plausible(counter: Counter, pieces: str) -> None:
    counter.send(code="T-1")
    assert counter.send(quantity=[pieces]).status_code == 422
    assert "Pieces are" in counter.text


def test_a_receipts_code_leads_to_the_receipt(counter: Counter) -> None:
    answer = counter.send(code=f"https://example.org/receipts/{counter.cast.purchase}")
    assert answer["HX-Redirect"] == f"{counter.address}/receipts/{counter.cast.purchase}"


def test_where_a_cashier_has_one_counter_he_is_taken_there(page_cast: PageCast) -> None:
    browser = page_cast.client("cashier")
    assert browser.get("/counter")["Location"] == f"/counter/{page_cast.store}"
    assert "First" in browser.get("/counter?choose=1").content.decode()
    employ_person(
        merchant_id=parse_id("mer", page_cast.merchant),
        person_id=page_cast.persons["cashier"],
        role="cashier",
        store_id=_second_store(page_cast).id,
        now=clock.now(),
        actor=SYSTEM,
    )
    fresh = page_cast.client("cashier")
    assert fresh.get("/counter").status_code == 200  # he has to choose
    fresh.get(f"/counter/{page_cast.store}")
    assert fresh.get("/counter")["Location"] == f"/counter/{page_cast.store}"  # and it is remembered


def _second_store(cast: PageCast) -> Any:
    return open_store(
        merchant_id=parse_id("mer", cast.merchant), number="2", name="Second", now=clock.now(), actor=SYSTEM
    )


def test_another_stores_counter_and_receipts_are_not_a_cashiers(page_cast: PageCast) -> None:
    from tessera.kit.ids import show_id

    second = _second_store(page_cast)
    address = f"/counter/{show_id('sto', second.id)}"
    browser = page_cast.client("cashier")
    assert browser.get(address).status_code == 404
    Purchase.objects.filter(id=parse_id("pur", page_cast.purchase)).update(store_id=second.id)
    assert browser.get(f"/counter/{page_cast.store}/receipts/{page_cast.purchase}").status_code == 404
    assert page_cast.client("owner").get(f"{address}/receipts/{page_cast.purchase}").status_code == 200


def test_only_pages_that_scan_may_use_the_camera(page_cast: PageCast) -> None:
    browser = page_cast.client("cashier")
    with transaction.atomic():
        scans = browser.get(f"/counter/{page_cast.store}")
        lists = browser.get(f"/counter/{page_cast.store}/sales")
    assert "'wasm-unsafe-eval'" in scans["Content-Security-Policy"]
    assert "camera=(self)" in scans["Permissions-Policy"]
    assert "wasm" not in lists["Content-Security-Policy"]
    assert "camera=()" in lists["Permissions-Policy"]


def test_without_scripts_the_form_works_too(page_cast: PageCast) -> None:
    browser, address = page_cast.client("cashier"), f"/counter/{page_cast.store}"
    met = browser.post(f"{address}/basket", {"code": "C-1", "request_id": "plain-1"})
    form = {"request_id": "plain-1", **_fields(met.content.decode())}
    full = browser.post(f"{address}/basket", {**form, "code": "T-1"})
    form = {"request_id": "plain-1", **_fields(full.content.decode())}
    assert 'name="request_id" value="plain-1"' in full.content.decode()
    assert browser.post(f"{address}/purchases", form).status_code == 303


def test_a_sold_out_session_is_sent_to_sign_in(page_cast: PageCast) -> None:
    answer = Client().post(
        f"/counter/{page_cast.store}/basket", {"code": "T-1"}, headers={"HX-Request": "true"}
    )
    assert answer["HX-Redirect"].startswith("/sign-in")
    assert not Customer.objects.filter(merchant_id=parse_id("mer", page_cast.other_merchant)).exists()
