"""The owner's pages about points: terms, rules, and trying them before they hold."""

import uuid
from typing import Any
from uuid import UUID

import pytest
from django.http import HttpResponse

from tessera.kit.ids import parse_id
from tessera.points.models import EarningRule, EarningRuleVersion, ProgrammeVersion
from tests.page_cast import PageCast, page_cast

__all__ = ["page_cast"]

TERMS = {"pending_days": "7", "expiry_kind": "months", "months": "12", "unclaimed_days": "30", "cost": "20"}


def send(
    cast: PageCast, path: str, form: dict[str, Any], *, language: str = "en", who: str = "owner"
) -> HttpResponse:
    return cast.client(who).post(
        f"/console/{cast.merchant}{path}",
        {"request_id": uuid.uuid4().hex, **form},
        headers={"Accept-Language": language},
    )


def shop(cast: PageCast) -> UUID:
    return parse_id("mer", cast.merchant)


def test_new_terms_are_published_and_told_in_words(db: None, page_cast: PageCast) -> None:
    assert send(page_cast, "/programme", TERMS).status_code == 303
    newest = ProgrammeVersion.objects.filter(merchant_id=shop(page_cast)).order_by("-version")[0]
    assert (newest.pending_days, newest.expiry) == (7, {"kind": "months", "months": 12})
    assert (newest.point_cost_num, newest.point_cost_den) == (2000, 100)
    html = page_cast.client("owner").get(f"/console/{page_cast.merchant}/programme").content.decode()
    assert "Points become active 7 days after the purchase." in html
    assert "100 points cost you ¥20.00." in html


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"months": ""}, "Say after how many months."),
        ({"expiry_kind": "date", "date": "31-12"}, "积分条款有误"),
        ({"expiry_kind": "date", "date": "12/31"}, "Write month and day"),
        ({"cost": "-1"}, "This is not an amount"),
        ({"months": "1", "pending_days": "60"}, "would expire before"),
        ({"effective_from": "2020-01-01T00:00"}, "which is over"),
    ],
)
def test_terms_that_are_none_leave_no_trace(
    db: None, page_cast: PageCast, change: dict[str, str], said: str
) -> None:
    before = ProgrammeVersion.objects.count()
    language = "zh-Hans" if not said.isascii() else "en"
    answer = send(page_cast, "/programme", {**TERMS, **change}, language=language)
    assert answer.status_code == 422
    html = answer.content.decode()
    assert said in html
    assert 'value="30"' in html, "what was typed is kept"
    assert ProgrammeVersion.objects.count() == before


def test_rules_are_listed_with_a_plain_sentence(db: None, page_cast: PageCast) -> None:
    owner = page_cast.client("owner")
    path = f"/console/{page_cast.merchant}/rules"
    assert "1 piece gives 1 point; 2 pieces give 3 points" in owner.get(path).content.decode()
    chinese = owner.get(path, headers={"Accept-Language": "zh-Hans"}).content.decode()
    assert "同款商品：1 件得 1 分；2 件得 3 分" in chinese
    assert "No rule has been ended" in owner.get(f"{path}?show=ended").content.decode()


@pytest.mark.parametrize(
    ("form", "terms"),
    [
        (
            {"kind": "product", "tier_quantity": ["2", "1", ""], "tier_points": ["5", "2", ""]},
            {"product_ids": [], "tiers": [{"quantity": 1, "points": 2}, {"quantity": 2, "points": 5}]},
        ),
        ({"kind": "spend", "points": "1", "per": "10"}, {"points": 1, "per_minor": 1000}),
        (
            {"kind": "multiplier", "factor": "1.5", "weekdays": ["3"], "levels": "gold、银卡"},
            {"num": 3, "den": 2, "levels": ["gold", "银卡"], "birthday": False, "weekdays": [3]},
        ),
        ({"kind": "cap", "points": "60"}, {"points": 60}),
    ],
)
def test_a_rule_of_each_kind_is_written(
    db: None, page_cast: PageCast, form: dict[str, Any], terms: dict[str, Any]
) -> None:
    answer = send(page_cast, "/rules/new", {"name": "Mine", **form})
    assert answer.status_code == 303, answer.content.decode()
    assert EarningRuleVersion.objects.get(rule__name="Mine").terms == terms
    shown = page_cast.client("owner").get(answer["Location"] + "/version")
    assert shown.status_code == 200


def test_a_refusal_stands_at_its_field_in_the_readers_language(db: None, page_cast: PageCast) -> None:
    form = {"kind": "product", "name": "Mine", "tier_quantity": ["1", "3"], "tier_points": ["5", "6"]}
    answer = send(page_cast, "/rules/new", form, language="zh-Hans")
    assert answer.status_code == 422
    html = answer.content.decode()
    tiers = html[html.index('id="tiers"') : html.index("</fieldset>", html.index('id="tiers"'))]
    assert "规则内容有误：3 件只得 6 分，少于 2 件的 10 分。" in tiers
    assert 'value="6"' in tiers, "what was typed is kept"
    assert not EarningRule.objects.filter(name="Mine").exists()


def test_a_rule_that_would_begin_in_the_past_is_refused_at_the_moment(db: None, page_cast: PageCast) -> None:
    form = {"kind": "cap", "name": "Mine", "points": "5", "effective_from": "2020-01-01T00:00"}
    answer = send(page_cast, "/rules/new", form)
    assert answer.status_code == 422
    html = answer.content.decode()
    assert html.index("which is over") > html.index('id="id_effective_from"')
    assert not EarningRule.objects.filter(name="Mine").exists()


def test_another_shops_product_makes_no_rule(db: None, page_cast: PageCast) -> None:
    form = {
        "kind": "category",
        "name": "Mine",
        "tier_quantity": "1",
        "tier_points": "2",
        "category_ids": str(uuid.uuid4()),
    }
    answer = send(page_cast, "/rules/new", form)
    assert answer.status_code == 422
    assert "not the merchant&#x27;s" in answer.content.decode()


def test_buttons_that_change_the_form_publish_nothing(db: None, page_cast: PageCast) -> None:
    """Prevents a half-written rule that holds because somebody asked for another tier."""
    form = {"kind": "product", "name": "Mine", "tier_quantity": ["1"], "tier_points": ["5"]}
    more = send(page_cast, "/rules/new", {**form, "do": "tier"}).content.decode()
    assert more.count('name="tier_quantity"') == 2
    dropped = send(page_cast, "/rules/new", {**form, "do": "drop-0"}).content.decode()
    assert dropped.count('name="tier_quantity"') == 1
    found = send(page_cast, "/rules/new", {**form, "do": "search", "search": "GREEN"}).content.decode()
    assert "Green tea" in found
    assert (
        "Green tea"
        not in (
            send(page_cast, "/rules/new", {**form, "do": "search", "search": "coffee"}).content.decode()
        ).split("datalist")[0]
    )
    assert not EarningRule.objects.filter(name="Mine").exists()


def test_a_draft_is_tried_on_a_basket_and_on_the_past_week(db: None, page_cast: PageCast) -> None:
    """The week: five pieces for 3 + 3 + 1 by today's rule; by ten a piece it would be 50."""
    form = {
        "tier_quantity": "1",
        "tier_points": "10",
        "basket_sku": ["T-1", ""],
        "basket_quantity": ["2", ""],
    }
    path = f"/rules/{page_cast.rule}/version"
    tried = send(page_cast, path, {**form, "do": "preview"}).content.decode()
    assert '<span class="hero-small">20</span>' in tried
    assert "now 3, +17" in tried
    assert "The past seven days" not in tried
    week = send(page_cast, path, {**form, "do": "week"}).content.decode()
    assert "1 purchase tried, 1 would earn otherwise." in week
    assert "7 → " in week
    assert '<span class="strong">50</span>' in week
    assert EarningRuleVersion.objects.filter(rule__merchant_id=shop(page_cast)).count() == 1


def test_an_unknown_product_in_the_basket_is_said(db: None, page_cast: PageCast) -> None:
    form = {
        "tier_quantity": "1",
        "tier_points": "10",
        "basket_sku": "NOPE",
        "basket_quantity": "1",
        "do": "preview",
    }
    tried = send(page_cast, f"/rules/{page_cast.rule}/version", form).content.decode()
    assert "no product with the SKU “NOPE”" in tried


def test_a_version_is_published_once(db: None, page_cast: PageCast) -> None:
    form = {"tier_quantity": "1", "tier_points": "2", "request_id": uuid.uuid4().hex}
    first = send(page_cast, f"/rules/{page_cast.rule}/version", form)
    again = send(page_cast, f"/rules/{page_cast.rule}/version", form)
    assert (first.status_code, again.status_code) == (303, 303)
    assert EarningRuleVersion.objects.filter(rule_id=parse_id("rul", page_cast.rule)).count() == 2


def test_a_rule_is_ended_for_good(db: None, page_cast: PageCast) -> None:
    assert send(page_cast, f"/rules/{page_cast.rule}/ending", {}).status_code == 303
    owner = page_cast.client("owner")
    path = f"/console/{page_cast.merchant}/rules"
    assert "No rule gives points yet" in owner.get(path).content.decode()
    assert "One, three" in owner.get(f"{path}?show=ended").content.decode()
    assert "Ended " in owner.get(f"{path}/{page_cast.rule}").content.decode()
    assert owner.get(f"{path}/{page_cast.rule}/version").status_code == 409
    again = send(page_cast, f"/rules/{page_cast.rule}/ending", {})
    assert again.status_code == 409
