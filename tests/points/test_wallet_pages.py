"""The wallet: every number of a member's points, and what it does not say of others."""

import re
from datetime import timedelta
from uuid import UUID

import pytest
from django.test import Client

from tessera.kit import clock
from tessera.kit.actors import SYSTEM
from tessera.kit.clock import EPOCH
from tessera.kit.ids import parse_id, show_id
from tessera.merchants.actions.merchants import approve_merchant, open_merchant, suspend_merchant
from tessera.merchants.actions.stores import open_store
from tessera.merchants.nearby import list_shops, list_shops_near
from tessera.points.wallets import find_latest, get_wallet
from tests.page_cast import PageCast, page_cast

__all__ = ["page_cast"]

pytestmark = pytest.mark.django_db
SOON = timedelta(days=45)


def heroes(browser: Client, path: str) -> list[str]:
    return re.findall(r'class="hero"[^>]*>([^<]*)<', browser.get(path).content.decode())


def test_the_wallet_shows_points_and_what_moved_them(page_cast: PageCast) -> None:
    browser = page_cast.client("member")
    assert heroes(browser, "/wallet") == ["6"]
    shown = browser.get("/wallet").content.decode()
    assert f"/wallet/{page_cast.merchant}" in shown
    assert f"/receipts/{page_cast.purchase}" in shown
    assert f"/receipts/{getattr(page_cast, 'return')}" in shown
    assert "at 1 shop" in shown
    assert heroes(browser, f"/wallet/{page_cast.merchant}") == ["6"]


def test_the_parts_that_turn_by_themselves_are_sent_alone(page_cast: PageCast) -> None:
    browser = page_cast.client("member")
    for path in ("/wallet", f"/wallet/{page_cast.merchant}"):
        part = browser.get(path, headers={"HX-Request": "true"}).content.decode()
        assert "<html" not in part
        assert 'data-live-topic="wallet"' in part
        assert f'hx-get="{path}"' in part


def test_a_new_member_is_told_how_it_begins(page_cast: PageCast) -> None:
    shown = page_cast.client("operator").get("/wallet").content.decode()
    assert heroes(page_cast.client("operator"), "/wallet") == ["0"]
    assert "How it begins" in shown
    assert heroes(page_cast.client("operator"), f"/wallet/{page_cast.merchant}") == ["0"]


def test_a_wallet_reads_a_bounded_number_of_times(page_cast: PageCast, django_assert_max_num_queries) -> None:
    with django_assert_max_num_queries(4):
        get_wallet(page_cast.persons["member"], now=clock.now(), ending_before=clock.now() + SOON)


def test_what_came_just_now_is_told_and_what_the_page_shows_already_is_not(page_cast: PageCast) -> None:
    moved = find_latest(page_cast.persons["member"], since=EPOCH)
    assert moved is not None
    assert (moved.kind, moved.points) == ("claw_back", -1)
    assert find_latest(page_cast.persons["member"], since=moved.posted_at + timedelta(seconds=1)) is None
    browser = page_cast.client("member")
    for since in (int(clock.now().timestamp()) + 60, "9999999999"):
        assert browser.get(f"/wallet/latest?since={since}").content.strip() == b""
    assert browser.get("/wallet/latest?since=-1e9").status_code == 200
    assert page_cast.client("operator").get("/wallet/latest").content.strip() == b""


@pytest.mark.parametrize("path", ["/wallet/mer_nothing", "/wallet/per_00000000000000000000000000"])
def test_what_is_no_merchant_is_refused(page_cast: PageCast, path: str) -> None:
    assert page_cast.client("member").get(path).status_code in {404, 422}


def test_a_page_mark_of_another_list_is_refused(page_cast: PageCast) -> None:
    address = f"/wallet/{page_cast.merchant}?cursor=nonsense"
    assert page_cast.client("member").get(address).status_code == 422


def test_a_programme_is_told_in_words_to_visitors_too(page_cast: PageCast) -> None:
    address = f"/shops/{page_cast.merchant}"
    shown = Client(headers={"Accept-Language": "en"}).get(address).content.decode()
    assert "2 pieces give 3 points" in shown
    assert "Points become active at once." in shown
    assert "cost" not in shown
    assert "Become a member" in shown
    assert "My points here" in page_cast.client("member").get(address).content.decode()


def _shop(name: str, *, approved: bool = True, place: tuple[int, int] | None = None) -> UUID:
    now = clock.now()
    merchant = open_merchant(name=name, now=now, actor=SYSTEM)
    if approved:
        approve_merchant(merchant_id=merchant.id, now=now, actor=SYSTEM)
    open_store(
        merchant_id=merchant.id,
        number="1",
        name="One",
        district="Jing'an & <x>",
        latitude_e7=place[0] if place else None,
        longitude_e7=place[1] if place else None,
        now=now,
        actor=SYSTEM,
    )
    return merchant.id


def test_only_who_takes_part_is_shown(page_cast: PageCast) -> None:
    pending, stopped = _shop("Pending tea", approved=False), _shop("Stopped tea")
    suspend_merchant(merchant_id=stopped, reason="asked", now=clock.now(), actor=SYSTEM)
    named = {shop.merchant.id for shop in list_shops(limit=100).items}
    assert not {pending, stopped} & named
    for merchant_id in (pending, stopped):
        assert Client().get(f"/shops/{show_id('mer', merchant_id)}").status_code == 404


def test_shops_are_found_by_district_and_name(page_cast: PageCast) -> None:
    shop = _shop("100%_tea")
    assert [one.merchant.id for one in list_shops(name="0%_T").items] == [shop]
    assert [one.merchant.id for one in list_shops(district="Jing'an & <x>").items] == [shop]
    shown = (
        Client(headers={"Accept-Language": "en"})
        .get("/shops", {"district": "Jing'an & <x>"})
        .content.decode()
    )
    assert "100%_tea" in shown
    assert "<x>" not in shown
    assert (
        "No shop is found like this"
        in Client(headers={"Accept-Language": "en"})
        .get("/shops", {"name": "nobody is called so"})
        .content.decode()
    )


def test_shops_stand_in_the_order_of_their_distance(page_cast: PageCast) -> None:
    here = (312_000_000, 1_214_000_000)
    far = _shop("Far", place=(399_000_000, 1_164_000_000))
    near = _shop("Near", place=(312_010_000, 1_214_000_000))
    found = [
        (one.merchant.id, one.distance_m)
        for one in list_shops_near(latitude_e7=here[0], longitude_e7=here[1])
    ]
    assert [one for one, _ in found if one in {near, far}] == [near, far]
    metres = dict(found)
    assert metres[near] == pytest.approx(111, abs=2)
    assert metres[far] == pytest.approx(1_065_000, rel=0.01)
    assert [one.merchant.id for one in list_shops_near(latitude_e7=here[0], longitude_e7=here[1], name="ar")][
        :2
    ] == [
        near,
        far,
    ]


def test_where_the_reader_is_leaves_no_trace(page_cast: PageCast) -> None:
    _shop("Near", place=(312_010_000, 1_214_000_000))
    browser = Client(headers={"Accept-Language": "en"})
    shown = browser.post("/shops/near", {"latitude_e7": "312000000", "longitude_e7": "1214000000"})
    assert b"110 m" in shown.content
    assert browser.get("/shops/near").status_code == 405
    assert browser.post("/shops/near", {"latitude_e7": "9999999999", "longitude_e7": "x"}).status_code == 422
    assert parse_id("mer", page_cast.merchant)
