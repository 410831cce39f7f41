"""The pages on which a merchant looks after itself: opening, details, stores, staff, keys, members."""

import csv
import re
import uuid
from pathlib import Path

import pytest
from django.test import Client

from tessera.kit.actors import SYSTEM
from tessera.kit.ids import show_id
from tessera.kit.models import AuditLine
from tessera.merchants.actions.customers import enrol_customer
from tessera.merchants.actions.stores import open_store
from tessera.merchants.keys import find_key
from tessera.merchants.map import Place, draw_map
from tessera.merchants.models import ApiKey, Customer, Employment, Merchant, Store
from tests.cast import NOW, credit_code, made_up_phone
from tests.console import Desk, made_person, opened_desk, signed_in_as

SHOPS = Path(__file__).parents[3] / "shared" / "data" / "osm_shops" / "monaco_shops.csv"
BUSINESS = {"name": "Corner shop", "store_name": "Corner", "district": "Xuhui"}


@pytest.fixture
def desk(db: None) -> Desk:
    return opened_desk()


def _open(browser: Client, **body: str) -> tuple[int, str, str]:
    response = browser.post("/console/open", {"request_id": uuid.uuid4().hex, **BUSINESS, **body})
    return response.status_code, response.headers.get("Location", ""), response.content.decode()


def test_whoever_is_signed_in_opens_a_business_that_waits(db: None) -> None:
    browser = signed_in_as(made_person())
    assert "No business yet" in browser.get("/console").content.decode()
    status, address, _ = _open(browser, code=credit_code())
    assert status == 303
    merchant = Merchant.objects.get(name="Corner shop")
    assert address == f"/console/{show_id('mer', merchant.id)}"
    assert Store.objects.get(merchant=merchant).name == "Corner"
    assert Employment.objects.get(merchant=merchant).role == "owner"
    for page in ("", "/stores", "/products", "/members", "/staff"):
        assert "Waiting for the operator" in browser.get(address + page).content.decode(), page
    assert "Corner shop" in browser.get("/console").content.decode()


def test_the_same_form_opens_one_business(db: None) -> None:
    browser, request_id = signed_in_as(made_person()), uuid.uuid4().hex
    first = _open(browser, request_id=request_id)
    assert _open(browser, request_id=request_id)[:2] == first[:2]
    assert Merchant.objects.filter(name="Corner shop").count() == 1


@pytest.mark.parametrize(
    ("code", "why"),
    [
        ("9111000012345678", "18 characters; this one has 16"),
        ("91110000O23456789X", "never I, O, S, V or Z"),
        ("wrong check", "two have changed places"),
    ],
)
def test_a_wrong_credit_code_is_told_what_is_wrong(db: None, code: str, why: str) -> None:
    right = credit_code(7)
    if code == "wrong check":
        code = right[:-1] + ("0" if right[-1] != "0" else "1")
    status, _, shown = _open(signed_in_as(made_person()), code=code)
    assert status == 422
    assert why in shown
    assert 'value="Corner shop"' in shown
    assert not Merchant.objects.filter(name="Corner shop").exists()


def test_a_taken_credit_code_tells_nothing_of_the_other(db: None) -> None:
    """Prevents an applicant from finding out who is here by trying codes."""
    code = credit_code()
    _open(signed_in_as(made_person()), name="The first one", code=code)
    status, _, shown = _open(signed_in_as(made_person()), code=code)
    assert status == 409
    assert "registered here already" in shown
    assert "The first one" not in shown
    assert "mer_" not in shown
    assert not Merchant.objects.filter(name="Corner shop").exists()


def test_businesses_that_wait_are_three_at_most(db: None) -> None:
    browser = signed_in_as(made_person())
    assert [_open(browser)[0] for _ in range(4)] == [303, 303, 303, 409]


def test_a_new_name_is_in_the_audit_trail(desk: Desk) -> None:
    body = {"name": "Rain tea", "phone": "", "time_zone": "Asia/Tokyo"}
    assert desk.post("/business", body).status_code == 303
    line = AuditLine.objects.get(verb="change_merchant")
    assert line.details == {"changed": ["name", "time_zone"], "name": ["Tea house", "Rain tea"]}
    refused = desk.post("/business", {**body, "time_zone": "Mars/Base"})
    assert refused.status_code == 422
    assert Merchant.objects.get(pk=desk.merchant_id).time_zone == "Asia/Tokyo"


def test_a_credit_code_left_empty_is_given_once(desk: Desk) -> None:
    body = {"name": "Tea house", "phone": "", "time_zone": "Asia/Shanghai"}
    taken = credit_code(3)
    _open(signed_in_as(made_person()), code=taken)
    refused = desk.post("/business", {**body, "code": taken})
    assert refused.status_code == 409
    assert "registered here already" in refused.content.decode()
    first, second = credit_code(1), credit_code(2)
    for code in (first, second):
        assert desk.post("/business", {**body, "code": code}).status_code == 303
    assert Merchant.objects.get(pk=desk.merchant_id).code == first


def test_a_store_is_opened_changed_and_closed(desk: Desk) -> None:
    body = {"name": "Wuyuan", "number": "1", "district": "Xuhui", "address": "", "latitude": "31.2"}
    refused = desk.post("/stores/new", body)
    assert refused.status_code == 422
    assert "latitude and longitude together" in refused.content.decode()
    assert not Store.objects.filter(merchant_id=desk.merchant_id).exists()
    assert desk.post("/stores/new", {**body, "longitude": "121.4400001"}).status_code == 303
    store = Store.objects.get(merchant_id=desk.merchant_id)
    assert (store.latitude_e7, store.longitude_e7) == (312_000_000, 1_214_400_001)
    address = f"/stores/{show_id('sto', store.id)}"
    shown = desk.get(address).content.decode()
    assert 'value="121.4400001"' in shown
    again = desk.post("/stores/new", {**body, "longitude": "121.4"})
    assert again.status_code == 409
    assert "already has a store with the number" in again.content.decode()
    changed = desk.post(address, {**body, "name": "Wuyuan Road", "latitude": "", "longitude": ""})
    assert changed.status_code == 303
    assert desk.post(f"{address}/closure", {}).status_code == 303
    store.refresh_from_db()
    assert store.name == "Wuyuan Road"
    assert store.latitude_e7 is None
    assert store.closed_at is not None
    assert desk.post(address, body | {"longitude": "1"}).status_code == 409


def test_places_beyond_the_earth_are_refused(desk: Desk) -> None:
    for place in ({"latitude": "91", "longitude": "0"}, {"latitude": "0", "longitude": "-180.1"}):
        assert desk.post("/stores/new", {"name": "N", "number": "1", **place}).status_code == 422
    assert not Store.objects.filter(merchant_id=desk.merchant_id).exists()


def test_the_map_is_drawn_here_and_true_to_scale(desk: Desk) -> None:
    for number, (latitude, longitude) in enumerate(
        [(312_000_000, 1_214_000_000), (312_100_000, 1_214_200_000)]
    ):
        open_store(
            merchant_id=desk.merchant_id,
            number=str(number),
            name=f"<b>{number}</b>",
            district="Xuhui",
            latitude_e7=latitude,
            longitude_e7=longitude,
            now=NOW,
            actor=SYSTEM,
        )
    shown = desk.get("/stores").content.decode()
    assert shown.count('<g class="map-dot">') == 4
    assert "&lt;b&gt;0&lt;/b&gt;" in shown
    assert "<b>0</b>" not in shown
    assert "http" not in shown.split('<svg class="drawing', 1)[1].split("</svg>")[0]


def test_one_place_and_places_apart_fit_the_map() -> None:
    assert draw_map([], width=340) is None
    for places in (
        [Place("one", "", 312_000_000, 1_214_000_000, 1)],
        [Place("a", "A", 312_000_000, 1_214_000_000, 1), Place("b", "B", 602_000_000, 249_000_000, 2)],
    ):
        drawn = draw_map(places, width=340)
        assert drawn is not None
        assert all(
            0 <= float(dot.x) <= drawn.width and 0 <= float(dot.y) <= drawn.height for dot in drawn.dots
        )


def test_real_shops_fit_the_map() -> None:
    """OpenStreetMap's shops of Monaco (../shared/data/osm_shops): each is a dot, each district an area."""
    if not SHOPS.exists():
        pytest.skip("the shared shops (../shared/data/osm_shops) are not here")
    with SHOPS.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    places = [
        Place(
            row["name"],
            row["districts"],
            round(float(row["lat"]) * 10**7),
            round(float(row["lon"]) * 10**7),
            n,
        )
        for n, row in enumerate(rows)
    ]
    for width in (340, 860):
        drawn = draw_map(places, width=width)
        assert drawn is not None
        assert len(drawn.dots) == 341
        assert {area.name for area in drawn.areas} == {row["districts"] for row in rows} - {""}
        assert all(0 <= float(dot.x) <= width and 0 <= float(dot.y) <= drawn.height for dot in drawn.dots)
        assert drawn.bar_m in {500, 1000, 2000}


def test_the_sign_leads_to_the_shop(desk: Desk) -> None:
    store = open_store(merchant_id=desk.merchant_id, number="1", name="First", now=NOW, actor=SYSTEM)
    shown = desk.get(f"/stores/{show_id('sto', store.id)}/sign").content.decode()
    address = f"/s/{show_id('sto', store.id)}"
    assert f"http://testserver{address}" in shown
    assert Client().get(address).headers["Location"] == f"/shops/{show_id('mer', desk.merchant_id)}"


def test_staff_are_taken_on_by_phone_and_leave(desk: Desk) -> None:
    phone = made_up_phone()
    assert desk.post("/staff", {"phone": phone, "role": "cashier", "store": ""}).status_code == 303
    twice = desk.post("/staff", {"phone": phone, "role": "cashier", "store": ""})
    assert twice.status_code == 409
    assert phone in twice.content.decode().replace("&#x2B;", "+")
    employment = Employment.objects.get(merchant_id=desk.merchant_id, role="cashier")
    shown = desk.get("/staff").content.decode()
    assert f"{phone[3:6]}****{phone[-4:]}" in shown
    assert phone not in shown
    assert desk.post(f"/staff/{show_id('emp', employment.id)}/end", {}).status_code == 303
    employment.refresh_from_db()
    assert employment.until is not None
    assert f"{phone[3:6]}****{phone[-4:]}" in desk.get("/staff?ended=1").content.decode()


def test_an_owner_is_one_everywhere(desk: Desk) -> None:
    store = open_store(merchant_id=desk.merchant_id, number="1", name="First", now=NOW, actor=SYSTEM)
    body = {"phone": made_up_phone(), "role": "owner", "store": show_id("sto", store.id)}
    assert desk.post("/staff", body).status_code == 422


def test_the_last_owner_stays(desk: Desk) -> None:
    own = Employment.objects.get(merchant_id=desk.merchant_id)
    path = f"/staff/{show_id('emp', own.id)}/end"
    refused = desk.post(path, {})
    assert refused.status_code == 409
    assert "last owner" in refused.content.decode()
    own.refresh_from_db()
    assert own.until is None
    desk.colleague("owner")
    assert desk.post(path, {}).headers["Location"] == "/work"
    assert desk.get("/staff").status_code == 404


def test_a_key_is_shown_once_and_works_until_revoked(desk: Desk) -> None:
    body = {"label": "till 2", "scopes": ["catalog:read", "purchases:write"]}
    request_id = uuid.uuid4().hex
    issued = desk.post("/keys", body, request_id=request_id)
    assert issued.status_code == 201
    assert issued.headers["Cache-Control"] == "no-store"
    secret = re.findall(r"tsk_[\w-]{43}", issued.content.decode())[0]
    actor = find_key(secret)
    assert actor is not None
    assert actor.scopes == {"catalog:read", "purchases:write"}
    repeated = desk.post("/keys", body, request_id=request_id)
    assert repeated.status_code == 303
    assert ApiKey.objects.filter(merchant_id=desk.merchant_id).count() == 1
    assert secret not in desk.get("/keys").content.decode()
    key = ApiKey.objects.get(merchant_id=desk.merchant_id)
    assert desk.post(f"/keys/{show_id('key', key.id)}/revocation", {}).status_code == 303
    assert find_key(secret) is None


def test_a_key_needs_a_scope_that_merchants_may_have(desk: Desk) -> None:
    for scopes in ([], ["operator"]):
        assert desk.post("/keys", {"label": "x", "scopes": scopes}).status_code == 422
    assert not ApiKey.objects.filter(merchant_id=desk.merchant_id).exists()


def test_other_merchants_staff_and_keys_are_not_found(desk: Desk) -> None:
    other = opened_desk("Bakery")
    own = Employment.objects.get(merchant_id=other.merchant_id)
    other.post("/keys", {"label": "x", "scopes": ["catalog:read"]})
    key = ApiKey.objects.get(merchant_id=other.merchant_id)
    assert desk.post(f"/staff/{show_id('emp', own.id)}/end", {}).status_code == 404
    assert desk.post(f"/keys/{show_id('key', key.id)}/revocation", {}).status_code == 404
    key.refresh_from_db()
    assert key.revoked_at is None


def _enrolled(desk: Desk, nickname: str, *, number: str | None = None) -> str:
    person = made_person(nickname)
    enrol_customer(merchant_id=desk.merchant_id, person_id=person.id, number=number, now=NOW, actor=SYSTEM)
    return str(person.phone)


def test_members_are_found_by_number_name_and_given_phone(desk: Desk) -> None:
    _enrolled(desk, "Summer Lin", number="C-9")
    unseen = _enrolled(desk, "Winter")
    phone = made_up_phone()
    assert desk.post("/members/new", {"phone": phone, "number": "", "level": "gold"}).status_code == 303

    def found(asked: str) -> str:
        return desk.get("/members", data={"q": asked}).content.decode()

    assert "Summer Lin" in found("C-9")
    assert "Summer Lin" in found("summer")
    assert "Winter" not in found("summer")
    assert "gold" in found(phone)
    assert "No member found" in found(unseen)
    assert "No member found" in found("inter")


def test_phone_numbers_are_masked_on_the_page_and_in_the_file(desk: Desk) -> None:
    phone = _enrolled(desk, "=HYPERLINK(1)")
    shown = desk.get("/members").content.decode()
    response = desk.get("/members.csv")
    assert response.streaming
    file = b"".join(response).decode()
    assert phone not in shown + file
    assert f"{phone[3:6]}****{phone[-4:]}" in shown
    assert "'=HYPERLINK(1)" in file
    assert file.startswith("\ufeff")
    assert not b"".join(desk.get("/members.csv?bom=0")).startswith(b"\xef\xbb\xbf")
    chinese = desk.browser.get(f"{desk.address}/members.csv", headers={"Accept-Language": "zh-CN"})
    assert "客户编号" in b"".join(chinese).decode()


def test_a_customer_number_of_somebody_else_is_refused(desk: Desk) -> None:
    _enrolled(desk, "A", number="C-9")
    refused = desk.post("/members/new", {"phone": made_up_phone(), "number": "C-9", "level": ""})
    assert refused.status_code == 409
    assert Customer.objects.filter(merchant_id=desk.merchant_id).count() == 1
    nobody = desk.post("/members/new", {"phone": "", "number": "", "level": "gold"})
    assert nobody.status_code == 422


def test_long_lists_of_members_go_on(desk: Desk) -> None:
    for number in range(51):
        _enrolled(desk, f"Member {number}")
    first = desk.get("/members").content.decode()
    cursor = re.findall(r"cursor=([\w-]+)", first)[0]
    second = desk.get("/members", data={"cursor": cursor}).content.decode()
    shown = re.findall(r"members/(per_\w+)", first + second)
    assert len(set(shown)) == 51
