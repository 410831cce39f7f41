"""Merchants, stores, staff and customers over the API."""

import json
from datetime import date

import pytest
from django.db import connection

from tessera.kit.models import AuditLine, News
from tessera.merchants.models import Customer, CustomerNumber, Employment, Merchant, Store
from tessera.merchants.queries import is_active
from tests.cast import Cast, assert_refused, credit_code, made_up_phone


def test_a_merchant_opens_pending_with_its_points_unit(cast: Cast) -> None:
    body = {"name": "Noodles C", "code": credit_code(), "phone": made_up_phone()}
    response = cast.operator.post("/merchants", body)
    assert response.status_code == 201
    opened = json.loads(response.content)
    assert (opened["status"], opened["similar"]) == ("pending", [])
    merchant = Merchant.objects.get(code=body["code"])
    with connection.cursor() as cursor:
        cursor.execute("SELECT kind, code FROM ledger_unit WHERE id = %s", [merchant.id])
        assert cursor.fetchone() == ("points", f"points:{merchant.id}")
    shown = json.loads(cast.operator.get(f"/merchants/{opened['id']}").content)
    assert (shown["currency"], shown["time_zone"], shown["phone"]) == ("CNY", "Asia/Shanghai", body["phone"])


def test_approval_suspension_and_reinstatement_are_rows(cast: Cast) -> None:
    merchant = json.loads(cast.operator.post("/merchants", {"name": "Noodles C"}).content)["id"]

    def stands(noun: str, body: object = None) -> str:
        response = cast.operator.post(f"/merchants/{merchant}/{noun}", body)
        assert response.status_code == 201, response.content
        return json.loads(response.content)["status"]

    merchant_id = Merchant.objects.get(name="Noodles C").id
    assert not is_active(merchant_id)
    assert stands("approval") == "active"
    assert is_active(merchant_id)
    assert_refused(cast.operator.post(f"/merchants/{merchant}/approval"), 409, "already_approved")
    assert stands("suspension", {"reason": "late"}) == "suspended"
    assert not is_active(merchant_id)
    again = cast.operator.post(f"/merchants/{merchant}/suspension", {"reason": "late"})
    assert_refused(again, 409, "already_suspended")
    assert stands("reinstatement") == "active"
    assert_refused(cast.operator.post(f"/merchants/{merchant}/reinstatement"), 409, "not_suspended")
    assert stands("suspension", {"reason": "again"}) == "suspended"
    topics = (
        News.objects.filter(body__merchant_id=str(merchant_id)).order_by("id").values_list("topic", flat=True)
    )
    assert list(topics) == [
        "merchants.approved",
        "merchants.suspended",
        "merchants.reinstated",
        "merchants.suspended",
    ]


def test_approval_and_reinstatement_happen_once(cast: Cast) -> None:
    merchant = json.loads(cast.operator.post("/merchants", {"name": "Noodles C"}).content)["id"]
    for noun in ("approval", "reinstatement"):
        if noun == "reinstatement":
            cast.operator.post(f"/merchants/{merchant}/suspension", {"reason": "late"})
        path = f"/merchants/{merchant}/{noun}"
        first = cast.operator.post(path, request_id=noun)
        again = cast.operator.post(path, request_id=noun)
        assert (first.status_code, again.status_code) == (201, 201)
        assert first.content == again.content
        assert again["Idempotent-Replayed"] == "true"
        assert_refused(cast.operator.post(path, {"other": 1}, request_id=noun), 422, "id_reused")
    assert is_active(Merchant.objects.get(name="Noodles C").id)


def test_one_code_one_merchant(cast: Cast) -> None:
    code = credit_code()
    first = json.loads(cast.operator.post("/merchants", {"name": "One", "code": code}).content)["id"]
    before = Merchant.objects.count()
    problem = assert_refused(
        cast.operator.post("/merchants", {"name": "Two", "code": code}), 409, "code_taken"
    )
    assert problem["details"] == {"merchant": first}
    wrong = code[:-1] + ("0" if code[-1] != "0" else "1")
    assert_refused(cast.operator.post("/merchants", {"name": "Two", "code": wrong}), 422, "code_invalid")
    zone = cast.operator.post("/merchants", {"name": "Two", "time_zone": "Mars/Olympus"})
    assert_refused(zone, 422, "time_zone_unknown")
    assert_refused(cast.operator.post("/merchants", {"name": "Two", "phone": "12"}), 422, "phone_invalid")
    assert Merchant.objects.count() == before


def test_merchants_that_look_alike_are_named(cast: Cast) -> None:
    phone = made_up_phone()
    first = json.loads(cast.operator.post("/merchants", {"name": "Lucky Shop", "phone": phone}).content)["id"]

    def similar(**body: str) -> list[str]:
        answer = json.loads(cast.operator.post("/merchants", body).content)
        return [item["id"] for item in answer["similar"]]

    assert similar(name="Entirely other", phone=phone) == [first]
    assert similar(name="tea HOUSE a", district="Xuhui") == [cast.a.merchant]
    assert similar(name="tea HOUSE a", district="Elsewhere") == []
    assert similar(name="Unheard of") == []


def test_merchants_are_listed_with_status_in_one_query(cast: Cast, django_assert_num_queries) -> None:
    cast.operator.get("/merchants")  # the key is remembered from now on
    with django_assert_num_queries(1):
        items = json.loads(cast.operator.get("/merchants?limit=200").content)["items"]
    assert {item["id"]: item["status"] for item in items}[cast.a.merchant] == "active"
    own = json.loads(cast.full.get("/merchants").content)["items"]
    assert [item["id"] for item in own] == [cast.a.merchant]
    found = json.loads(cast.operator.get("/merchants?name=bakery&district=Xuhui").content)["items"]
    assert [item["id"] for item in found] == [cast.b.merchant]


def test_stores(cast: Cast, django_assert_num_queries) -> None:
    path = f"/merchants/{cast.a.merchant}/stores"
    body = {"number": "2", "name": "Second", "latitude_e7": 312304000, "longitude_e7": 1214737000}
    store = json.loads(cast.full.post(path, body).content)
    assert_refused(cast.full.post(path, body), 409, "store_number_taken")
    half = {"number": "3", "name": "Third", "latitude_e7": 312304000}
    assert_refused(cast.full.post(path, half), 422, "place_invalid")
    assert_refused(cast.full.post(path, {**body, "latitude_e7": 31.2}), 422, "request_invalid")
    assert_refused(cast.full.post(path, {**body, "latitude_e7": 900000001}), 422, "request_invalid")
    cast.full.get(path)
    with django_assert_num_queries(1):
        items = json.loads(cast.full.get(path).content)["items"]
    assert [item["number"] for item in items] == ["1", "2"]
    assert json.loads(cast.full.get(f"{path}?district=Xuhui").content)["items"][0]["number"] == "1"
    assert cast.full.post(f"/stores/{store['id']}/closure").status_code == 201
    assert_refused(cast.full.post(f"/stores/{store['id']}/closure"), 409, "already_ended")
    assert Store.objects.filter(merchant_id=cast.a.merchant_id).count() == 2


def test_staff(cast: Cast, django_assert_num_queries) -> None:
    path = f"/merchants/{cast.a.merchant}/staff"
    phone = made_up_phone()
    guide = {"phone": phone, "role": "guide", "store": cast.a.store}
    response = cast.full.post(path, guide)
    assert response.status_code == 201, response.content
    employment = json.loads(response.content)
    assert_refused(cast.full.post(path, guide), 409, "already_employed")
    everywhere = {"person": employment["person"], "role": "guide"}
    assert cast.full.post(path, everywhere).status_code == 201
    assert_refused(cast.full.post(path, everywhere), 409, "already_employed")
    assert_refused(cast.full.post(path, {**guide, "store": cast.b.store}), 404, "not_found")
    assert_refused(cast.full.post(path, {**guide, "person": "per_x"}), 422, "request_invalid")
    assert_refused(cast.full.post(path, {**guide, "role": "king"}), 422, "request_invalid")
    cast.full.get(path)
    with django_assert_num_queries(1):
        items = json.loads(cast.full.get(f"{path}?role=guide").content)["items"]
    assert [item["store"] for item in items] == [cast.a.store, None]
    ended = json.loads(cast.full.post(f"/staff/{employment['id']}/termination").content)
    assert ended["until"]
    assert_refused(cast.full.post(f"/staff/{employment['id']}/termination"), 409, "already_ended")
    assert cast.full.post(path, guide).status_code == 201  # taken on again
    assert Employment.objects.filter(merchant_id=cast.a.merchant_id, role="guide").count() == 3


def test_customers_by_number_phone_and_person(cast: Cast, django_assert_num_queries) -> None:
    path = f"/merchants/{cast.a.merchant}/customers"
    phone = made_up_phone()
    by_number = cast.full.post(path, {"number": "17850"})
    assert by_number.status_code == 201
    assert cast.full.post(path, {"number": "17850"}).status_code == 200
    by_phone = cast.full.post(path, {"number": "17851", "phone": phone, "level": "gold"})
    assert by_phone.status_code == 201
    person = json.loads(by_phone.content)["person"]
    taken = assert_refused(
        cast.full.post(path, {"number": "17850", "phone": phone}), 409, "customer_number_taken"
    )
    assert taken["details"]["number"] == "17850"
    assert cast.full.post(path, {"number": "17852", "person": person}).status_code == 200
    for body in ({}, {"level": "gold"}, {"phone": phone, "person": person}):
        assert_refused(cast.full.post(path, body), 422, "customer_unnamed")
    cast.full.get(path)
    with django_assert_num_queries(3):  # customers, their numbers, the persons: not one more for each row
        items = json.loads(cast.full.get(path).content)["items"]
    assert len(items) == 3
    found = {
        query: [item["person"] for item in json.loads(cast.full.get(f"{path}?{query}").content)["items"]]
        for query in (f"phone=%2B{phone[1:]}", "number=17852", "level=gold", f"person={person}")
    }
    assert set(map(tuple, found.values())) == {(person,)}
    assert json.loads(cast.full.get(f"{path}?number=17852").content)["items"][0]["numbers"] == [
        "17851",
        "17852",
    ]
    assert json.loads(cast.full.get(f"{path}?number=none").content)["items"] == []
    assert Customer.objects.filter(merchant_id=cast.a.merchant_id).count() == 3


def test_a_number_belongs_to_its_merchant(cast: Cast) -> None:
    first = json.loads(cast.full.post(f"/merchants/{cast.a.merchant}/customers", {"number": "5"}).content)
    second = json.loads(cast.other.post(f"/merchants/{cast.b.merchant}/customers", {"number": "5"}).content)
    assert first["person"] != second["person"]
    assert CustomerNumber.objects.filter(number="5").count() == 2


def test_audit_trail_tells_who_did_what(cast: Cast, django_assert_num_queries) -> None:
    cast.full.post(f"/merchants/{cast.a.merchant}/stores", {"number": "2", "name": "Second"})
    cast.full.post(f"/merchants/{cast.a.merchant}/stores", {"number": "2", "name": "Second"})
    cast.other.post(f"/merchants/{cast.b.merchant}/stores", {"number": "9", "name": "Ninth"})
    with django_assert_num_queries(1):
        lines = json.loads(cast.full.get("/audit-trail").content)["items"]
    assert [(line["verb"], line["outcome"]) for line in lines] == [
        ("open_store", "store_number_taken"),
        ("open_store", "done"),
    ]
    store = lines[1]["object"]
    assert store.startswith("sto_")
    by_object = json.loads(cast.operator.get(f"/audit-trail?object={store}").content)["items"]
    assert [line["object"] for line in by_object] == [store]
    assert_refused(cast.full.get(f"/audit-trail?merchant={cast.b.merchant}"), 404, "not_found")
    of_b = json.loads(cast.operator.get(f"/audit-trail?merchant={cast.b.merchant}").content)["items"]
    assert [line["verb"] for line in of_b] == ["open_store"]
    later = date.today().replace(year=date.today().year + 1, day=1)
    assert json.loads(cast.operator.get(f"/audit-trail?since={later}T00:00:00Z").content)["items"] == []
    assert_refused(cast.operator.get("/audit-trail?since=2025-01-01T00:00:00"), 422, "request_invalid")


def test_the_audit_trail_cannot_be_changed(db: None, cast: Cast) -> None:
    from django.db import DatabaseError, transaction

    with pytest.raises(DatabaseError), transaction.atomic():
        AuditLine.objects.all().delete()
