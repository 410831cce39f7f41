"""What must hold for every basket and every rule (spec/points.md, Earning rules), against definitions of our own."""

from datetime import UTC, datetime, timedelta
from fractions import Fraction
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from hypothesis import given
from hypothesis import strategies as st

from tessera.points.rules import (
    Context,
    Line,
    Programme,
    RollingMonths,
    RuleBook,
    RuleVersion,
    YearlyDate,
    cost_minor,
    evaluate,
    lot_terms,
    terms_from,
    tier_points,
)

BEGINNING = datetime(2020, 1, 1, tzinfo=UTC)
PRODUCTS = [UUID(int=number) for number in range(1, 6)]
CATEGORIES = [UUID(int=number) for number in range(101, 104)]
STORES = [UUID(int=number) for number in range(201, 203)]

quantities = st.integers(1, 400)
lines = st.builds(
    Line,
    product_id=st.sampled_from(PRODUCTS),
    category_ids=st.lists(st.sampled_from(CATEGORIES), max_size=2, unique=True).map(tuple),
    quantity=quantities,
    amount_minor=st.integers(0, 200_000),
)
baskets = st.lists(lines, max_size=8)


def is_rule(kind: str, terms: dict[str, Any]) -> bool:
    try:
        terms_from(kind, terms)
    except ValueError:
        return False
    return True


tiers = (
    st.dictionaries(st.integers(1, 12), st.integers(1, 40), min_size=1, max_size=4)
    .map(lambda found: [{"quantity": quantity, "points": points} for quantity, points in found.items()])
    .filter(lambda found: is_rule("product", {"tiers": found}))
)
texts = st.lists(st.sampled_from(PRODUCTS).map(str), max_size=3)
wordings = st.one_of(
    st.tuples(st.just("product"), st.fixed_dictionaries({"product_ids": texts, "tiers": tiers})),
    st.tuples(
        st.just("category"),
        st.fixed_dictionaries(
            {
                "category_ids": st.lists(st.sampled_from(CATEGORIES).map(str), min_size=1, max_size=2),
                "tiers": tiers,
            }
        ),
    ),
    st.tuples(
        st.just("spend"),
        st.fixed_dictionaries({"points": st.integers(1, 20), "per_minor": st.integers(1, 20_000)}),
    ),
    st.tuples(
        st.just("multiplier"), st.fixed_dictionaries({"num": st.integers(1, 7), "den": st.integers(1, 7)})
    ).filter(lambda found: found[1]["num"] != found[1]["den"]),
    st.tuples(st.just("cap"), st.fixed_dictionaries({"points": st.integers(1, 5_000)})),
)


@st.composite
def versions(draw: st.DrawFn, number: int = 1) -> RuleVersion:
    kind, terms = draw(wordings)
    return RuleVersion(
        UUID(int=draw(st.integers(1000, 1020))), number, number, kind, kind, draw(st.integers(0, 2)), BEGINNING,
        None, draw(st.sampled_from([frozenset(), frozenset(STORES[:1])])), terms_from(kind, terms),
    )  # fmt: skip


rule_sets = st.lists(versions(), max_size=6, unique_by=lambda version: version.rule_id)


def context(**more: Any) -> Context:
    local = datetime(2026, 6, 1, 12, tzinfo=ZoneInfo("Asia/Shanghai"))
    usual = {"store_id": STORES[0], "local": local, "level": "", "birthday": False, "caps_left": {}}
    return Context(**{**usual, **more})


@given(tiers, st.integers(0, 300))
def test_greedy_tiers_take_the_largest_that_fits_again_and_again(
    written: list[dict[str, int]], quantity: int
) -> None:
    expected, left = 0, quantity
    while fitting := [tier for tier in written if tier["quantity"] <= left]:
        largest = max(fitting, key=lambda tier: tier["quantity"])
        expected, left = expected + largest["points"], left - largest["quantity"]
    assert tier_points(terms_from("product", {"tiers": written}).tiers, quantity) == expected


@given(tiers, st.integers(0, 300))
def test_one_piece_more_never_gives_less(written: list[dict[str, int]], quantity: int) -> None:
    found = terms_from("product", {"tiers": written}).tiers
    assert tier_points(found, quantity + 1) >= tier_points(found, quantity)


@given(baskets, lines, rule_sets)
def test_one_item_more_never_gives_less(basket: list[Line], more: Line, rules: list[RuleVersion]) -> None:
    assert evaluate([*basket, more], rules, context()).points >= evaluate(basket, rules, context()).points


@given(baskets, rule_sets, st.sampled_from([*STORES, None]))
def test_line_points_sum_to_the_base(
    basket: list[Line], rules: list[RuleVersion], store: UUID | None
) -> None:
    accrual = evaluate(basket, rules, context(store_id=store))
    assert sum(accrual.line_points) == accrual.base_points
    assert all(points >= 0 for points in accrual.line_points)
    assert sum(fired.points for fired in accrual.fired if fired.kind != "cap") == accrual.base_points
    counted = [place for fired in accrual.fired if fired.kind != "cap" for place in fired.lines]
    assert len(counted) == len(set(counted)), "a line was counted by two base rules"


@given(baskets, rule_sets, st.integers(0, 300))
def test_rounded_down_once_then_capped(basket: list[Line], rules: list[RuleVersion], left: int) -> None:
    caps = [rule for rule in rules if rule.kind == "cap"]
    accrual = evaluate(basket, rules, context(caps_left={rule.rule_id: left for rule in caps}))
    exact = Fraction(accrual.base_points)
    for rule in rules:
        if rule.kind == "multiplier":
            exact *= Fraction(rule.terms.num, rule.terms.den)
    whole = exact.numerator // exact.denominator
    assert accrual.points == (min(whole, left) if caps else whole)
    cut = sum(fired.points for fired in accrual.fired if fired.kind == "cap")
    assert accrual.points == whole + cut


@given(baskets, rule_sets)
def test_the_order_of_rules_does_not_matter(basket: list[Line], rules: list[RuleVersion]) -> None:
    assert evaluate(basket, rules, context()) == evaluate(basket, rules[::-1], context())


@given(baskets, rule_sets)
def test_explaining_changes_nothing(basket: list[Line], rules: list[RuleVersion]) -> None:
    explained = evaluate(basket, rules, context(), explain=True)
    assert explained._replace(missed=()) == evaluate(basket, rules, context())


@given(baskets, rule_sets)
def test_what_is_promised_for_the_next_tier_is_kept(basket: list[Line], rules: list[RuleVersion]) -> None:
    rules = [rule for rule in rules if rule.kind in {"product", "category", "spend"}]
    accrual = evaluate(basket, rules, context(), explain=True)
    for missed in accrual.missed:
        if missed.code in {"next_tier", "spend_more"} and missed.lines:
            place = missed.lines[0]
            line = basket[place]
            bought = Line(
                line.product_id, line.category_ids, line.quantity + missed.quantity,
                line.amount_minor + missed.amount_minor,
            )  # fmt: skip
            more = evaluate([*basket[:place], bought, *basket[place + 1 :]], rules, context())
            assert more.points == accrual.points + missed.points


moments = st.integers(0, 40).map(lambda hours: BEGINNING + timedelta(hours=hours))


@given(st.data(), baskets)
def test_a_version_published_later_changes_no_earlier_purchase(
    data: st.DataObject, basket: list[Line]
) -> None:
    """Versions begin when they are published, or later: what a moment before gives stays as it was."""
    book = RuleBook(UUID(int=1), 0, ())
    given_by: dict[datetime, int] = {}
    published = BEGINNING
    for revision in range(1, data.draw(st.integers(1, 6)) + 1):
        published += timedelta(hours=data.draw(st.integers(0, 10)))
        rule_id = UUID(int=data.draw(st.integers(1000, 1002)))
        earlier = [one for one in book.versions if one.rule_id == rule_id]
        kind, terms = data.draw(wordings.filter(lambda w, e=earlier: not e or w[0] == e[0].kind))
        begins = published + timedelta(hours=data.draw(st.integers(0, 10)))
        ends = data.draw(
            st.none() | st.integers(0, 20).map(lambda hours, b=begins: b + timedelta(hours=hours))
        )
        version = RuleVersion(
            rule_id,
            len(earlier) + 1,
            revision,
            kind,
            kind,
            0,
            begins,
            ends,
            frozenset(),
            terms_from(kind, terms),
        )
        for hours in range(int((published - BEGINNING) / timedelta(hours=1))):
            at = BEGINNING + timedelta(hours=hours)
            given_by[at] = evaluate(basket, book.in_force(at), context(local=at)).points
        book = RuleBook(book.merchant_id, revision, (*book.versions, version))
        for at, points in given_by.items():
            assert evaluate(basket, book.in_force(at), context(local=at)).points == points


@given(st.lists(versions(), max_size=5, unique_by=lambda one: one.rule_id), moments)
def test_a_book_remembers_without_forgetting_time(found: list[RuleVersion], at: datetime) -> None:
    book = RuleBook(UUID(int=1), 1, tuple(found))
    fresh = RuleBook(UUID(int=1), 1, tuple(found))
    book.in_force(at - timedelta(days=400)), book.in_force(at + timedelta(days=400))
    assert book.in_force(at) == fresh.in_force(at)


zones = st.sampled_from(["Asia/Shanghai", "Europe/London", "America/St_Johns", "UTC"]).map(ZoneInfo)
expiries = st.one_of(
    st.none(),
    st.integers(1, 120).map(RollingMonths),
    st.dates(datetime(2000, 1, 1).date(), datetime(2000, 12, 31).date()).map(
        lambda d: YearlyDate(d.month, d.day)
    ),
)


@given(expiries, st.integers(0, 27), st.datetimes(datetime(2010, 1, 1), datetime(2040, 1, 1)), zones)
def test_points_end_with_a_local_day_after_they_became_active(
    expiry: Any, pending_days: int, moment: datetime, zone: ZoneInfo
) -> None:
    at = moment.replace(tzinfo=UTC)
    programme = Programme(1, 1, BEGINNING, pending_days, expiry, 30, 0, 1)
    terms = lot_terms(programme, occurred_at=at, now=at, time_zone=zone, claimed=True)
    assert terms.active_from == at + timedelta(days=pending_days)
    if expiry is None:
        assert terms.expires_at is None
        return
    assert terms.expires_at is not None
    assert terms.expires_at > terms.active_from
    assert terms.expires_at.astimezone(zone).time() == datetime.min.time()
    last = (terms.expires_at - timedelta(microseconds=1)).astimezone(zone).date()
    if isinstance(expiry, YearlyDate):
        active = terms.active_from.astimezone(zone).date()
        assert active < last
        assert (last - active).days <= 366
        assert (last.month, last.day) == (expiry.month, expiry.day) or (last.month, last.day) == (2, 28)
    else:
        day = at.astimezone(zone).date()
        assert last.year * 12 + last.month == day.year * 12 + day.month + expiry.months
        assert last.day == day.day or (last + timedelta(days=1)).month != last.month


@given(st.integers(0, 10**12), st.integers(0, 10**6), st.integers(1, 10**6))
def test_cost_is_rounded_half_up(points: int, num: int, den: int) -> None:
    cost = cost_minor(Programme(1, 1, BEGINNING, 0, None, 30, num, den), points)
    exact = Fraction(points * num, den)
    assert cost - Fraction(1, 2) <= exact < cost + Fraction(1, 2)
