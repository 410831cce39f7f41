"""What a basket earns, by example (spec/points.md, Earning rules)."""

import csv
import gzip
from collections import defaultdict
from datetime import UTC, datetime, timedelta
from itertools import islice
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from tessera.kit.ids import new_id
from tessera.points.rules import (
    Accrual,
    Context,
    Fired,
    RuleBook,
    describe,
    evaluate,
    fired_from,
    terms_from,
    terms_json,
)
from tests.points.shop import NOW, ONE_TWO, line, version

SHANGHAI = ZoneInfo("Asia/Shanghai")
DATA = Path(__file__).parents[3] / "shared" / "data" / "online_retail" / "expected_ledger.csv.gz"


def context(**more: Any) -> Context:
    usual = {
        "store_id": None,
        "local": NOW.astimezone(SHANGHAI),
        "level": "",
        "birthday": False,
        "caps_left": {},
    }
    return Context(**{**usual, **more})


def codes(accrual: Accrual) -> list[str]:
    return [missed.code for missed in accrual.missed]


@pytest.mark.parametrize(("quantity", "points"), [(1, 1), (2, 3), (3, 4), (4, 6), (5, 7), (74_215, 111_322)])
def test_a_quantity_is_decomposed_by_the_largest_tier(quantity: int, points: int) -> None:
    accrual = evaluate([line(quantity)], [version("product", ONE_TWO)], context())
    assert (accrual.points, accrual.base_points, accrual.line_points) == (points, points, (points,))


def test_pieces_of_the_same_product_are_summed_first() -> None:
    milk = new_id()
    accrual = evaluate(
        [line(1, 0, milk), line(1), line(2, 0, milk)], [version("product", ONE_TWO)], context()
    )
    assert accrual.points == 4 + 1
    assert accrual.line_points == (1, 1, 3)


def test_real_purchases_earn_what_was_reckoned_elsewhere() -> None:
    if not DATA.exists():
        pytest.skip("the shared retail data is not here")
    rule = version("product", ONE_TWO)
    baskets: dict[str, list[tuple[int, int]]] = defaultdict(list)
    with gzip.open(DATA, "rt", newline="") as file:
        for row in islice(csv.DictReader(file), 20_000):
            if int(row["qty"]) > 0:
                baskets[row["InvoiceNo"]].append((int(row["qty"]), int(row["points_bundle"])))
    assert len(baskets) > 500
    for basket in baskets.values():
        accrual = evaluate([line(quantity) for quantity, _ in basket], [rule], context())
        assert list(accrual.line_points) == [points for _, points in basket]
        assert accrual.points == sum(3 * (quantity // 2) + quantity % 2 for quantity, _ in basket)


def test_product_comes_before_category_before_spend() -> None:
    milk, dairy = new_id(), new_id()
    rules = [
        version("spend", {"points": 1, "per_minor": 1000}),
        version("category", {"category_ids": [str(dairy)], "tiers": [{"quantity": 1, "points": 5}]}),
        version("product", {"product_ids": [str(milk)], "tiers": [{"quantity": 1, "points": 10}]}),
    ]
    basket = [line(1, 2500, milk, dairy), line(1, 2500, None, dairy), line(1, 2500), line(1, 2500)]
    accrual = evaluate(basket, rules, context(), explain=True)
    assert accrual.points == 10 + 5 + 5
    assert accrual.line_points == (10, 5, 3, 2)
    assert [(fired.kind, fired.lines) for fired in accrual.fired] == [
        ("product", (0,)),
        ("category", (1,)),
        ("spend", (2, 3)),
    ]
    assert codes(accrual) == ["counted_by_other_rule", "counted_by_other_rule", "spend_more"]


def test_among_rules_of_a_kind_position_comes_before_age() -> None:
    old, new = new_id(), new_id()
    ten, twenty = {"tiers": [{"quantity": 1, "points": 10}]}, {"tiers": [{"quantity": 1, "points": 20}]}
    rules = [version("product", twenty, rule_id=new), version("product", ten, rule_id=old)]
    assert evaluate([line()], rules, context()).points == 10
    rules = [version("product", twenty, rule_id=new), version("product", ten, rule_id=old, position=1)]
    assert evaluate([line()], rules, context()).points == 20


def test_a_category_counts_its_pieces_together() -> None:
    dairy = new_id()
    terms = {"category_ids": [str(dairy)], "tiers": [{"quantity": 3, "points": 10}]}
    basket = [line(1, 0, None, new_id(), dairy), line(2, 0, None, dairy), line(5)]
    accrual = evaluate(basket, [version("category", terms)], context())
    assert (accrual.points, accrual.line_points) == (10, (3, 7, 0))


def test_spend_counts_only_full_amounts_of_all_its_lines() -> None:
    rule = version("spend", {"points": 2, "per_minor": 1000})
    accrual = evaluate([line(1, 999), line(1, 1000)], [rule], context(), explain=True)
    assert (accrual.points, sum(accrual.line_points)) == (2, 2)
    assert (accrual.missed[0].code, accrual.missed[0].amount_minor, accrual.missed[0].points) == (
        "spend_more",
        1,
        2,
    )


def test_multipliers_multiply_and_are_rounded_down_once() -> None:
    rules = [
        version("product", ONE_TWO),
        version("multiplier", {"num": 3, "den": 2}),
        version("multiplier", {"num": 3, "den": 2, "levels": ["gold"]}),
    ]
    assert evaluate([line(2)], rules, context()).points == 4  # 4.5
    accrual = evaluate([line(2)], rules, context(level="gold"))
    assert (accrual.points, accrual.base_points) == (6, 3)  # 6.75; rounding twice would also give 6
    assert (
        evaluate([line(2), line(1)], rules, context(level="gold")).points == 9
    )  # rounding twice would give 9
    assert (
        evaluate([line(4), line(1)], rules, context(level="gold")).points == 15
    )  # 15.75, and 10 * 3 // 2 = 15


def test_a_multiplier_waits_for_level_birthday_and_weekday() -> None:
    base = version("product", ONE_TWO)
    monday = version("multiplier", {"num": 2, "weekdays": [1]})
    birthday = version("multiplier", {"num": 5, "birthday": True})
    gold = version("multiplier", {"num": 3, "levels": ["gold"]})
    assert NOW.astimezone(SHANGHAI).isoweekday() == 1
    rules = [base, monday, birthday, gold]
    assert evaluate([line()], rules, context()).points == 2
    assert evaluate([line()], rules, context(birthday=True, level="gold")).points == 30
    late_sunday_utc = datetime(2026, 5, 31, 17, 0, tzinfo=UTC)  # Monday in Shanghai already
    assert evaluate([line()], rules, context(local=late_sunday_utc.astimezone(SHANGHAI))).points == 2
    tuesday = context(local=(NOW + timedelta(days=1)).astimezone(SHANGHAI))
    accrual = evaluate([line()], rules, tuesday, explain=True)
    assert codes(accrual) == ["next_tier", "other_day", "not_birthday", "other_level"]


def test_a_cap_cuts_and_says_so() -> None:
    cap = version("cap", {"points": 10})
    rules = [version("product", ONE_TWO), cap]
    accrual = evaluate([line(4)], rules, context(caps_left={cap.rule_id: 4}), explain=True)
    assert (accrual.points, accrual.base_points, accrual.line_points) == (4, 6, (6,))
    assert accrual.fired[-1] == Fired(cap.rule_id, 1, "cap", -2, counted=4)
    assert (accrual.missed[-1].code, accrual.missed[-1].points) == ("cap_reached", 2)
    assert evaluate([line(20)], rules, context()).points == 10
    assert evaluate([line(4)], rules, context(caps_left={cap.rule_id: -3})).points == 0


def test_a_rule_of_another_store_has_no_effect() -> None:
    here, there = new_id(), new_id()
    rule = version("product", ONE_TWO, store_ids=frozenset({there}))
    assert evaluate([line()], [rule], context(store_id=there)).points == 1
    for elsewhere in (here, None):
        accrual = evaluate([line()], [rule], context(store_id=elsewhere), explain=True)
        assert (accrual.points, accrual.missed[0].code, accrual.missed[0].wanted) == (
            0,
            "other_store",
            (str(there),),
        )


def test_a_window_includes_its_first_moment_and_not_its_last() -> None:
    rule = version("product", ONE_TWO, effective_from=NOW, effective_until=NOW + timedelta(hours=1))

    def tried(moment: datetime) -> tuple[int, list[str]]:
        accrual = evaluate([line(2)], [rule], context(local=moment.astimezone(SHANGHAI)), explain=True)
        return accrual.points, codes(accrual)

    assert tried(NOW) == (3, [])
    assert tried(NOW - timedelta(microseconds=1)) == (0, ["not_yet"])
    assert tried(NOW + timedelta(hours=1, microseconds=-1)) == (3, [])
    assert tried(NOW + timedelta(hours=1)) == (0, ["over"])


def test_the_next_tier_is_told_with_what_it_gives() -> None:
    accrual = evaluate([line(3)], [version("product", ONE_TWO)], context(), explain=True)
    [missed] = accrual.missed
    assert (missed.code, missed.quantity, missed.points) == ("next_tier", 1, 2)
    other = version("product", {"product_ids": [str(new_id())], "tiers": [{"quantity": 2, "points": 9}]})
    [missed] = evaluate([line(3)], [other], context(), explain=True).missed
    assert (missed.code, missed.quantity, missed.points) == ("next_tier", 2, 9)


@pytest.mark.parametrize("quantity", [0, -1, 1_000_001])
def test_what_the_edge_refuses_is_a_bug_here(quantity: int) -> None:
    with pytest.raises(AssertionError):
        evaluate([line(quantity)], [version("product", ONE_TWO)], context())


def test_nothing_earns_nothing() -> None:
    assert evaluate([], [version("product", ONE_TWO)], context()) == Accrual(0, 0, (), ())
    assert evaluate([line()], [], context()) == Accrual(0, 0, (0,), ())


@pytest.mark.parametrize(
    ("kind", "terms", "reason"),
    [
        ("gift", {}, "not a kind"),
        ("product", {}, "tiers"),
        ("product", {"tiers": []}, "tiers"),
        ("product", {"tiers": [{"quantity": 0, "points": 1}]}, "quantity"),
        ("product", {"tiers": [{"quantity": 1, "points": 1.0}]}, "points"),
        ("product", {"tiers": [{"quantity": True, "points": 1}]}, "quantity"),
        ("product", {"tiers": [{"quantity": 1, "points": 1}, {"quantity": 1, "points": 2}]}, "two tiers"),
        (
            "product",
            {"tiers": [{"quantity": 2, "points": 5}, {"quantity": 5, "points": 6}]},
            "fewer than the 10",
        ),
        ("product", {**ONE_TWO, "product_ids": ["x"]}, "list of ids"),
        ("product", {**ONE_TWO, "product_ids": "x"}, "must be a list"),
        ("product", {**ONE_TWO, "colour": "red"}, "no term “colour”"),
        ("category", ONE_TWO, "category"),
        ("spend", {"points": 1}, "per_minor"),
        ("spend", {"points": 1, "per_minor": 0}, "per_minor"),
        ("multiplier", {"num": 1}, "changes nothing"),
        ("multiplier", {"num": 2, "weekdays": [0]}, "weekdays"),
        ("multiplier", {"num": 2, "levels": [""]}, "levels"),
        ("multiplier", {"num": 2, "levels": ["a\0"]}, "levels"),
        ("multiplier", {"num": 2, "birthday": "yes"}, "birthday"),
        ("multiplier", {"num": 2, "den": 0}, "den"),
        ("cap", {"points": -1}, "points"),
        ("cap", [], "object"),
    ],
)
def test_what_makes_no_rule_is_told_exactly(kind: str, terms: Any, reason: str) -> None:
    with pytest.raises(ValueError, match=reason):
        terms_from(kind, terms)


@pytest.mark.parametrize(
    ("kind", "terms"),
    [
        ("product", {"product_ids": [str(new_id()), str(new_id())], **ONE_TWO}),
        ("category", {"category_ids": [str(new_id())], **ONE_TWO}),
        ("spend", {"points": 1, "per_minor": 1000}),
        ("multiplier", {"num": 3, "den": 2, "levels": ["gold"], "birthday": True, "weekdays": [1, 7]}),
        ("cap", {"points": 100}),
    ],
)
def test_terms_are_read_back_as_written(kind: str, terms: dict[str, Any]) -> None:
    read = terms_from(kind, terms)
    assert terms_from(kind, terms_json(read)) == read


def test_a_book_gives_the_greatest_version_that_has_begun() -> None:
    rule = new_id()
    day = timedelta(days=1)
    one = version("product", ONE_TWO, rule_id=rule)
    two = version(
        "spend", {"points": 1, "per_minor": 1}, rule_id=rule, version=2, effective_from=NOW + 2 * day
    )
    three = version("spend", {"points": 2, "per_minor": 1}, rule_id=rule, version=3, effective_from=NOW + day)
    book = RuleBook(new_id(), 3, (one, two, three))
    assert book.in_force(NOW) == (one,)
    assert book.in_force(NOW + day) == (three,)
    assert book.in_force(NOW + 3 * day) == (three,)
    over = version(
        "product",
        ONE_TWO,
        rule_id=rule,
        version=4,
        effective_from=NOW + 4 * day,
        effective_until=NOW + 4 * day,
    )
    ended = RuleBook(book.merchant_id, 4, (*book.versions, over))
    assert ended.in_force(NOW + 4 * day - timedelta(microseconds=1)) == (three,)
    assert ended.in_force(NOW + 4 * day) == ended.in_force(NOW + 400 * day) == ()
    assert ended.latest() == (over,)
    assert ended.find(rule, 3) == three


def test_a_book_knows_its_caps_by_store() -> None:
    store = new_id()
    everywhere, here = (
        version("cap", {"points": 1}),
        version("cap", {"points": 2}, store_ids=frozenset({store})),
    )
    book = RuleBook(new_id(), 2, (everywhere, here, version("product", ONE_TWO)))
    assert book.capped(NOW) == book.capped(NOW, store) == (everywhere, here)
    assert book.capped(NOW, None) == book.capped(NOW, new_id()) == (everywhere,)


def test_what_fired_is_read_back_as_it_was_kept() -> None:
    fired = Fired(new_id(), 3, "product", 7, 1, 1, 5, (0, 2))
    kept = [str(fired.rule_id), 3, "product", 7, 1, 1, 5, [0, 2]]
    assert fired_from(kept) == fired
    assert fired_from(kept[:4]) == Fired(fired.rule_id, 3, "product", 7)


def test_everything_is_told_in_both_languages() -> None:
    milk, store = new_id(), new_id()
    rules = [
        version("product", {"product_ids": [str(milk)], **ONE_TWO}),
        version("category", {"category_ids": [str(new_id())], **ONE_TWO}),
        version("product", {"product_ids": [str(milk)], **ONE_TWO}, position=2),
        version("spend", {"points": 1, "per_minor": 1000}),
        version("spend", {"points": 1, "per_minor": 1000}, store_ids=frozenset({store})),
        version("multiplier", {"num": 3, "den": 2}),
        version("multiplier", {"num": 2, "levels": ["金卡", "银卡"]}),
        version("multiplier", {"num": 2, "birthday": True}),
        version("multiplier", {"num": 2, "weekdays": [6, 7]}),
        version("multiplier", {"num": 2}, effective_from=NOW + timedelta(days=1)),
        version("multiplier", {"num": 2}, effective_until=NOW - timedelta(days=1)),
        version("cap", {"points": 5}),
    ]
    accrual = evaluate([line(3, 0, milk), line(1, 1990)], rules, context(), explain=True)
    told = {
        language: [
            describe(found, language, rule="牛奶", zone=SHANGHAI, stores={str(store): "一店"})
            for found in (*accrual.fired, *accrual.missed)
        ]
        for language in ("zh-Hans", "en")
    }
    assert "3 件“牛奶”得 4 分" in told["zh-Hans"]
    assert "“牛奶”：消费 19.90 得 1 分" in told["zh-Hans"]
    assert "“牛奶”：积分乘以 3/2" in told["zh-Hans"]
    assert "“牛奶”：再消费 0.10 可多得 1 分" in told["zh-Hans"]
    assert "“牛奶”：本店不适用，适用门店：“一店”" in told["zh-Hans"]
    assert "“牛奶”：仅限周六、周日" in told["zh-Hans"]
    assert "“牛奶”：2026-06-02 12:00 起生效" in told["zh-Hans"]
    assert "“牛奶”: only on Saturdays, Sundays" in told["en"]
    assert set(codes(accrual)) == {
        "next_tier", "spend_more", "not_yet", "over", "other_store", "other_day", "other_level", "not_birthday",
        "cap_reached", "counted_by_other_rule",
    }  # fmt: skip
    for sentences in told.values():
        assert not any("{" in sentence or "！" in sentence or "!" in sentence for sentence in sentences)
