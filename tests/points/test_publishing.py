"""Rules and programmes are published and never changed (spec/README.md, rule 5)."""

import threading
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from django.db import connection, transaction

from tessera.catalog.actions.categories import open_category
from tessera.catalog.actions.products import NewProduct, list_product
from tessera.kit.actors import SYSTEM, Actor
from tessera.kit.clock import EPOCH
from tessera.kit.errors import NotFound
from tessera.kit.ids import new_id
from tessera.merchants.actions.stores import open_store
from tessera.merchants.models import Merchant
from tessera.points.actions.rules import end_rule, publish_programme, publish_rule, publish_version
from tessera.points.dry_run import TriedLine, dry_run
from tessera.points.errors import ProgrammeInvalid, RuleBackdated, RuleEnded, RuleInvalid, RuleUnknown
from tessera.points.models import EarningRule, EarningRuleVersion, ProgrammeVersion
from tessera.points.queries import current_book, load_book
from tessera.points.rules import DEFAULT_PROGRAMME, RollingMonths
from tests.points.shop import NOW, ONE_TWO, Shop, raw

DAY = timedelta(days=1)
pytestmark = pytest.mark.usefixtures("committed")


def revision(shop: Shop) -> int:
    return Merchant.objects.get(pk=shop.id).rules_revision


def test_each_publication_is_a_revision_of_the_book(shop: Shop) -> None:
    rule = shop.publish()
    assert (rule.version, rule.revision, revision(shop)) == (1, 1, 1)
    with transaction.atomic():
        second = publish_version(
            rule_id=rule.rule_id, terms={"tiers": [{"quantity": 1, "points": 9}]}, now=NOW, actor=SYSTEM
        )
    assert (second.version, second.revision) == (2, 2)
    shop.programme(pending_days=14)
    assert revision(shop) == 3
    with transaction.atomic():
        end_rule(rule_id=rule.rule_id, ends_at=NOW + DAY, now=NOW, actor=SYSTEM)
    book = current_book(shop.id)
    assert [one.version for one in book.in_force(NOW)] == [2]
    assert book.in_force(NOW + DAY) == ()
    assert book.programme_at(NOW).pending_days == 14
    for earlier, count in ((0, 0), (1, 1), (2, 2), (3, 2), (4, 3)):
        assert len(load_book(raw(), shop.id, earlier).versions) == count


def test_a_book_is_read_once(shop: Shop, django_assert_num_queries: Any) -> None:
    shop.publish()
    first = load_book(raw(), shop.id, 1)
    statements: list[str] = []
    counted = raw()
    counted.execute("SELECT 1")
    shop.publish()
    assert load_book(None, shop.id, 1) is first  # type: ignore[arg-type]  # no connection is needed any more
    assert load_book(raw(), shop.id, 2) is not first
    assert not statements


def test_a_merchant_without_a_programme_has_the_usual_one(shop: Shop) -> None:
    assert current_book(shop.id).programme_at(NOW) == DEFAULT_PROGRAMME


def test_a_programme_is_in_force_from_its_beginning_on(shop: Shop) -> None:
    shop.programme(expiry={"kind": "months", "months": 12})
    shop.programme(effective_from=NOW + DAY, point_cost_num=7, point_cost_den=10)
    book = current_book(shop.id)
    assert book.programme_at(EPOCH).expiry == book.programme_at(NOW).expiry == RollingMonths(12)
    assert (book.programme_at(NOW + DAY).expiry, book.programme_at(NOW + DAY).point_cost_num) == (None, 7)


def test_the_past_is_not_changed(shop: Shop) -> None:
    own = Actor("key", new_id(), shop.id)
    past = NOW - timedelta(seconds=1)
    rule = shop.publish(
        effective_from=EPOCH
    )  # the operator's first version may: for a history to be imported
    with pytest.raises(RuleBackdated), transaction.atomic():
        publish_version(rule_id=rule.rule_id, terms=ONE_TWO, effective_from=past, now=NOW, actor=SYSTEM)
    with pytest.raises(RuleBackdated), transaction.atomic():
        end_rule(rule_id=rule.rule_id, ends_at=past, now=NOW, actor=SYSTEM)
    with pytest.raises(RuleBackdated):
        shop.publish(effective_from=past, actor=own)
    with pytest.raises(RuleBackdated):
        shop.programme(effective_from=past, actor=own)
    shop.programme()
    with pytest.raises(RuleBackdated):
        shop.programme(effective_from=past)
    assert revision(shop) == 2


@pytest.mark.parametrize(
    ("kind", "terms", "more"),
    [
        ("product", {"tiers": []}, {}),
        ("nothing", {}, {}),
        ("product", ONE_TWO, {"name": "  "}),
        ("product", ONE_TWO, {"effective_until": NOW}),
        ("product", ONE_TWO, {"effective_until": NOW - DAY}),
        ("product", ONE_TWO, {"store_ids": [new_id()]}),
        ("product", ONE_TWO, {"position": 1_000_001}),
        ("product", {**ONE_TWO, "product_ids": [str(new_id())]}, {}),
        ("category", {**ONE_TWO, "category_ids": [str(new_id())]}, {}),
    ],
)
def test_a_refused_rule_leaves_no_trace(
    shop: Shop, kind: str, terms: dict[str, Any], more: dict[str, Any]
) -> None:
    with pytest.raises(RuleInvalid):
        shop.publish(kind, terms, **more)
    assert revision(shop) == 0
    assert not EarningRule.objects.filter(merchant_id=shop.id).exists()


def test_a_rule_names_nothing_of_another_merchant(shop: Shop) -> None:
    def named(of: UUID) -> list[tuple[str, dict[str, Any], dict[str, Any]]]:
        with transaction.atomic():
            store = open_store(merchant_id=of, number="1", name="East", now=NOW, actor=SYSTEM)
            product = list_product(merchant_id=of, product=NewProduct("T-1", "Tea"), now=NOW, actor=SYSTEM)
            category = open_category(merchant_id=of, name="Drinks", now=NOW, actor=SYSTEM)
        return [
            ("product", ONE_TWO, {"store_ids": [store.id]}),
            ("product", {**ONE_TWO, "product_ids": [str(product.id)]}, {}),
            ("category", {**ONE_TWO, "category_ids": [str(category.id)]}, {}),
        ]

    for kind, terms, more in named(Shop().id):
        with pytest.raises(RuleInvalid, match="not the merchant's"):
            shop.publish(kind, terms, **more)
    assert revision(shop) == 0
    for kind, terms, more in named(shop.id):
        shop.publish(kind, terms, **more)
    assert revision(shop) == 3


def test_a_dry_run_knows_the_customers_level(shop: Shop) -> None:
    shop.publish()
    shop.publish("multiplier", {"num": 2, "den": 1, "levels": ["gold"]})
    with transaction.atomic():
        list_product(merchant_id=shop.id, product=NewProduct("T-1", "Tea"), now=NOW, actor=SYSTEM)
    customers = {level: shop.customer(f"L-{level}", level) for level in ("gold", "silver", None)}
    points = {
        level: dry_run(
            merchant_id=shop.id, lines=[TriedLine("T-1", 1)], member_id=member, occurred_at=NOW
        ).accrual.points
        for level, member in customers.items()
    }
    assert points == {"gold": 2, "silver": 1, None: 1}


@pytest.mark.parametrize(
    "terms",
    [
        {"pending_days": -1},
        {"pending_days": 366},
        {"unclaimed_days": 0},
        {"point_cost_num": -1},
        {"point_cost_den": 0},
        {"expiry": {"kind": "months", "months": 0}},
        {"expiry": {"kind": "months", "months": True}},
        {"expiry": {"kind": "months", "months": 12, "more": 1}},
        {"expiry": {"kind": "date", "date": "02-30"}},
        {"expiry": {"kind": "date", "date": "W01-1"}},
        {"expiry": {"kind": "sometimes"}},
        {"pending_days": 28, "expiry": {"kind": "months", "months": 1}},
    ],
)
def test_a_refused_programme_leaves_no_trace(shop: Shop, terms: dict[str, Any]) -> None:
    with pytest.raises(ProgrammeInvalid):
        shop.programme(**terms)
    assert revision(shop) == 0
    assert not ProgrammeVersion.objects.filter(merchant_id=shop.id).exists()


def test_a_rule_is_ended_once(shop: Shop) -> None:
    rule = shop.publish()
    with transaction.atomic():
        end_rule(rule_id=rule.rule_id, now=NOW, actor=SYSTEM)
    for act in (
        lambda: end_rule(rule_id=rule.rule_id, now=NOW, actor=SYSTEM),
        lambda: publish_version(rule_id=rule.rule_id, terms=ONE_TWO, now=NOW, actor=SYSTEM),
    ):
        with pytest.raises(RuleEnded), transaction.atomic():
            act()


def test_another_merchants_rule_is_unknown(shop: Shop) -> None:
    rule = shop.publish()
    stranger = Actor("key", new_id(), new_id())
    with pytest.raises(RuleUnknown), transaction.atomic():
        end_rule(rule_id=rule.rule_id, now=NOW, actor=stranger)
    with pytest.raises(RuleUnknown), transaction.atomic():
        publish_version(rule_id=new_id(), terms=ONE_TWO, now=NOW, actor=SYSTEM)
    with pytest.raises(NotFound), transaction.atomic():
        publish_rule(merchant_id=new_id(), name="x", kind="product", terms=ONE_TWO, now=NOW, actor=SYSTEM)
    with pytest.raises(NotFound), transaction.atomic():
        publish_programme(merchant_id=new_id(), now=NOW, actor=SYSTEM)


@pytest.mark.parametrize("table", ["points_earning_rule_version", "points_programme_version"])
@pytest.mark.parametrize("change", ["UPDATE {} SET revision = revision", "DELETE FROM {}"])
def test_the_application_may_not_change_what_was_published(table: str, change: str) -> None:
    from django.db import ProgrammingError

    with pytest.raises(ProgrammingError, match="permission denied"), connection.cursor() as cursor:
        cursor.execute(change.format(table))


def test_thirty_two_publish_at_once(shop: Shop) -> None:
    rule = shop.publish()
    faults: list[BaseException] = []
    start = threading.Barrier(32)

    def work(number: int) -> None:
        try:
            start.wait()
            if number % 2:
                shop.publish(name=f"rule {number}")
            else:
                with transaction.atomic():
                    publish_version(rule_id=rule.rule_id, terms=ONE_TWO, now=NOW, actor=SYSTEM)
        except Exception as fault:  # noqa: BLE001 - shown below
            faults.append(fault)
        finally:
            connection.close()

    threads = [threading.Thread(target=work, args=(number,)) for number in range(32)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not faults
    assert revision(shop) == 33
    revisions = EarningRuleVersion.objects.filter(merchant_id=shop.id).values_list("revision", flat=True)
    assert sorted(revisions) == list(range(1, 34))
    assert versions_of(rule.rule_id) == list(range(1, 18))


def versions_of(rule_id: UUID) -> list[int]:
    return sorted(EarningRuleVersion.objects.filter(rule_id=rule_id).values_list("version", flat=True))
