"""Earning over the API: rules, programme, dry runs, joinings."""

import json
from typing import Any

import pytest

from tessera.kit.actors import SYSTEM
from tessera.kit.ids import new_id, show_id
from tessera.kit.models import AuditLine
from tessera.merchants.models import Merchant
from tessera.people.actions.persons import register_person
from tessera.points.models import EarningRule, EarningRuleVersion
from tests.cast import Cast, assert_refused
from tests.points.shop import NOW

TIERS = [{"quantity": 1, "points": 1}, {"quantity": 2, "points": 3}]


def ok(response: Any, status: int = 201) -> dict[str, Any]:
    assert response.status_code == status, response.content
    return json.loads(response.content)


def rule_body(**more: Any) -> dict[str, Any]:
    return {"name": "茶", "kind": "product", "terms": {"tiers": TIERS}, **more}


def test_a_rule_from_publication_to_its_ending(cast: Cast) -> None:
    path = f"/merchants/{cast.a.merchant}/earning-rules"
    body = rule_body(terms={"products": [cast.a.product], "tiers": TIERS}, stores=[cast.a.store], position=2)
    made = ok(cast.full.post(path, body))
    assert made["id"].startswith("rul_")
    [version] = made["versions"]
    assert version["terms"] == {"products": [cast.a.product], "tiers": TIERS}
    assert (version["version"], version["revision"], version["stores"]) == (1, 1, [cast.a.store])
    second = ok(cast.full.post(f"/earning-rules/{made['id']}/versions", {"terms": {"tiers": TIERS}}))
    assert (second["version"], second["revision"], second["terms"]["products"]) == (2, 2, [])
    last = ok(cast.full.post(f"/earning-rules/{made['id']}/ending", {}))
    assert last["effective_from"] == last["effective_until"]
    assert_refused(cast.full.post(f"/earning-rules/{made['id']}/ending", {}), 409, "rule_ended")
    read = ok(cast.reader.get(f"/earning-rules/{made['id']}"), 200)
    assert [one["version"] for one in read["versions"]] == [3, 2, 1]
    assert read["ended_at"]
    assert ok(cast.reader.get(path), 200)["items"] == [read]
    assert ok(cast.reader.get(f"{path}?ended=false"), 200)["items"] == []
    verbs = AuditLine.objects.filter(
        object_id=str(EarningRule.objects.get(merchant_id=cast.a.merchant_id).id), outcome="done"
    ).order_by("id")
    assert [audit.verb for audit in verbs] == ["publish_rule", "publish_version", "end_rule"]


def test_a_publication_sent_twice_has_effect_once(cast: Cast) -> None:
    path = f"/merchants/{cast.a.merchant}/earning-rules"
    first = cast.full.post(path, rule_body(), request_id="r-1")
    again = cast.full.post(path, rule_body(), request_id="r-1")
    assert again.content == first.content
    assert again["Idempotent-Replayed"] == "true"
    assert EarningRuleVersion.objects.filter(merchant_id=cast.a.merchant_id).count() == 1
    assert Merchant.objects.get(pk=cast.a.merchant_id).rules_revision == 1


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (rule_body(terms={"tiers": []}), "rule_invalid"),
        (rule_body(terms={"product_ids": []}), "request_invalid"),
        (rule_body(terms={"points": 1, "tiers": TIERS}), "rule_invalid"),
        (rule_body(terms={"products": "x", "tiers": TIERS}), "request_invalid"),
        (rule_body(terms={"products": ["x"], "tiers": TIERS}), "invalid_id"),
        (rule_body(terms={"products": ["\ud800"], "tiers": TIERS}), "request_invalid"),
        (rule_body(terms={"tiers": [{"quantity": 1e3, "points": 1}]}), "request_invalid"),
        (rule_body(terms={"tiers": [{"quantity": 10**400, "points": 1}]}), "rule_invalid"),
        (rule_body(kind="multiplier", terms={"num": 2, "levels": ["\u0000"]}), "request_invalid"),
        (rule_body(kind="gift"), "rule_invalid"),
        (rule_body(name=" "), "request_invalid"),
        (rule_body(effective_from="2026-01-01T00:00:00"), "request_invalid"),
        (rule_body(effective_from="0001-01-01T00:00:00+14:00"), "request_invalid"),
        (rule_body(effective_from="9999-12-31T23:59:59-14:00"), "request_invalid"),
        (rule_body(effective_from="2020-01-01T00:00:00Z"), "rule_backdated"),
        (rule_body(position=10**9), "request_invalid"),
        (rule_body(stores=[show_id("sto", new_id())]), "rule_invalid"),
    ],
)
def test_bad_rules_are_refused_with_a_reason(cast: Cast, body: dict[str, Any], code: str) -> None:
    status = 422
    problem = assert_refused(
        cast.full.post(f"/merchants/{cast.a.merchant}/earning-rules", body), status, code
    )
    assert problem["detail"]
    assert not EarningRule.objects.filter(merchant_id=cast.a.merchant_id).exists()


def test_a_rule_naming_anothers_product_is_refused(cast: Cast) -> None:
    body = rule_body(terms={"products": [cast.b.product], "tiers": TIERS})
    response = cast.full.post(f"/merchants/{cast.a.merchant}/earning-rules", body, language="zh-Hans")
    assert assert_refused(response, 422, "rule_invalid")["detail"].startswith("规则内容有误：")


def test_the_programme_version_by_version(cast: Cast) -> None:
    path = f"/merchants/{cast.a.merchant}/programme"
    assert ok(cast.reader.get(path), 200) == {"items": [], "next_cursor": None}
    body = {
        "pending_days": 14,
        "expiry": {"kind": "date", "date": "12-31"},
        "point_cost_num": 1,
        "point_cost_den": 2,
    }
    first = ok(cast.full.post(path, body))
    assert (first["version"], first["expiry"], first["unclaimed_days"]) == (1, body["expiry"], 30)
    ok(cast.full.post(path, {}))
    assert [one["version"] for one in ok(cast.reader.get(path), 200)["items"]] == [2, 1]
    assert_refused(
        cast.full.post(path, {"expiry": {"kind": "date", "date": "31-12"}}), 422, "programme_invalid"
    )
    assert_refused(cast.full.post(path, {"pending_days": 1.0}), 422, "request_invalid")


def test_a_dry_run_says_what_fires_and_what_misses(cast: Cast) -> None:
    rules = f"/merchants/{cast.a.merchant}/earning-rules"
    ok(cast.full.post(rules, rule_body()))
    ok(cast.full.post(rules, rule_body(name="双倍", kind="multiplier", terms={"num": 2, "levels": ["金卡"]})))
    ok(
        cast.full.post(
            rules,
            rule_body(
                name="明年", kind="cap", terms={"points": 1}, effective_from="2990-01-01T00:00:00+08:00"
            ),
        )
    )
    ok(cast.full.post(rules, rule_body(name="封顶", kind="cap", terms={"points": 3})))
    path = f"/merchants/{cast.a.merchant}/dry-runs"
    body = {
        "lines": [{"sku": "T-1", "quantity": 3, "unit_price_minor": 100}],
        "store": cast.a.store,
        "member": cast.a.customer,
    }
    told = ok(cast.reader.post(path, body, language="zh-Hans", request_id=""), 200)
    assert (told["points"], told["base_points"], told["revision"]) == (3, 4, 4)
    assert told["lines"] == [{"sku": "T-1", "points": 4}]
    assert [one["sentence"] for one in told["fired"]] == [
        "3 件“茶”得 4 分",
        "“封顶”：当日还可得 3 分，超出的 1 分未计",
    ]
    assert [(one["code"], one["sentence"]) for one in told["missed"]] == [
        ("next_tier", "“茶”：再买 1 件可多得 2 分"),
        ("other_level", "“双倍”：仅限“金卡”会员"),
        ("not_yet", "“明年”：2990-01-01 00:00 起生效"),
        ("cap_reached", "“封顶”：已达当日上限，1 分未计"),
    ]
    past = {**body, "occurred_at": "2020-01-01T00:00:00Z"}
    told = ok(cast.reader.post(path, past), 200)
    assert (told["points"], {one["code"] for one in told["missed"]}) == (0, {"not_yet"})


@pytest.mark.parametrize(
    ("change", "status", "code"),
    [
        ({"lines": []}, 422, "request_invalid"),
        ({"lines": [{"sku": "T-9", "quantity": 1}]}, 422, "sku_unknown"),
        ({"lines": [{"sku": "T-1", "quantity": 0}]}, 422, "request_invalid"),
        ({"lines": [{"sku": "T-1", "quantity": -1}]}, 422, "request_invalid"),
        ({"lines": [{"sku": "T-1", "quantity": 1.0}]}, 422, "request_invalid"),
        ({"lines": [{"sku": "T-1", "quantity": 1_000_001}]}, 422, "request_invalid"),
        (
            {"lines": [{"sku": "T-1", "quantity": 1, "amount_minor": 1, "unit_price_minor": 1}]},
            422,
            "request_invalid",
        ),
        ({"store": show_id("sto", new_id())}, 404, "not_found"),
        ({"member": show_id("per", new_id())}, 404, "not_found"),
    ],
)
def test_bad_dry_runs_are_refused(cast: Cast, change: dict[str, Any], status: int, code: str) -> None:
    body = {"lines": [{"sku": "T-1", "quantity": 1}], **change}
    assert_refused(cast.reader.post(f"/merchants/{cast.a.merchant}/dry-runs", body), status, code)


def test_a_number_is_joined_over_the_api(cast: Cast) -> None:
    path = f"/merchants/{cast.a.merchant}/joinings"
    ok(cast.full.post(f"/merchants/{cast.a.merchant}/customers", {"number": "C-77"}))
    body = {"number": "C-77", "person": cast.a.customer}
    assert_refused(cast.full.post(path, body), 409, "joining_impossible")
    register_person(person_id=cast.a.customer_id, now=NOW, actor=SYSTEM)
    assert ok(cast.full.post(path, body)) == {"person": cast.a.customer, "points": 0}
    assert_refused(cast.full.post(path, body), 409, "number_already_joined")
    assert_refused(cast.full.post(path, {**body, "number": "C-78"}), 404, "number_unknown")


def test_who_may_do_what(cast: Cast) -> None:
    made = ok(cast.full.post(f"/merchants/{cast.a.merchant}/earning-rules", rule_body()))
    merchant, rule = f"/merchants/{cast.a.merchant}", f"/earning-rules/{made['id']}"
    writes = {
        f"{merchant}/earning-rules": rule_body(), f"{rule}/versions": {"terms": {"tiers": TIERS}},
        f"{merchant}/programme": {}, f"{merchant}/joinings": {"number": "C-1", "person": cast.a.customer},
        f"{rule}/ending": {},
    }  # fmt: skip
    for path, body in writes.items():
        assert_refused(cast.nobody.post(path, body), 401, "unauthenticated")
        assert_refused(cast.revoked.post(path, body), 401, "unauthenticated")
        assert_refused(cast.reader.post(path, body), 403, "scope_missing")
        code = "rule_unknown" if path.startswith("/earning") else "not_found"
        assert_refused(cast.other.post(path, body), 404, code)
    basket = {"lines": [{"sku": "T-1", "quantity": 1}]}
    assert_refused(cast.nobody.post(f"{merchant}/dry-runs", basket), 401, "unauthenticated")
    assert_refused(cast.other.post(f"{merchant}/dry-runs", basket), 404, "not_found")
    for caller in (cast.operator, cast.full, cast.reader):
        assert caller.post(f"{merchant}/dry-runs", basket).status_code == 200
    for path in (f"{merchant}/earning-rules", rule, f"{merchant}/programme"):
        assert_refused(cast.nobody.get(path), 401, "unauthenticated")
        assert_refused(cast.other.get(path), 404, "not_found")
        for caller in (cast.operator, cast.full, cast.reader):
            assert caller.get(path).status_code == 200
    assert EarningRuleVersion.objects.filter(merchant_id=cast.a.merchant_id).count() == 1
