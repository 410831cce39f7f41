"""Charts of a merchant: what is drawn, its table, and the same as CSV."""

from datetime import timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest

from tessera.insights import queries
from tessera.kit import clock
from tessera.kit.ids import parse_id
from tessera.ledger.queries import get_issued
from tests.page_cast import PageCast, page_cast

__all__ = ["page_cast"]

KEYS = ("points", "liability", "expiring", "hours", "products")


def shop(cast: PageCast) -> UUID:
    return parse_id("mer", cast.merchant)


def test_every_chart_has_two_drawings_its_table_and_a_csv(db: None, page_cast: PageCast) -> None:
    html = page_cast.client("owner").get(f"/console/{page_cast.merchant}/charts").content.decode()
    for key in ("points", "liability", "hours", "products"):
        assert f'aria-labelledby="{key}-narrow-t {key}-narrow-d"' in html
        assert f'aria-labelledby="{key}-wide-t {key}-wide-d"' in html
        assert f"/charts/{key}.csv?days=30" in html
    assert "Nothing in this range." in html, "points without end do not expire"
    assert "<table" in html


@pytest.mark.parametrize("key", KEYS)
def test_csv_speaks_the_readers_language(db: None, page_cast: PageCast, key: str) -> None:
    owner = page_cast.client("owner")
    path = f"/console/{page_cast.merchant}/charts/{key}.csv?days=7"
    english, chinese = (
        owner.get(path, headers={"Accept-Language": language}).getvalue().decode("utf-8-sig").splitlines()[0]
        for language in ("en", "zh-Hans")
    )
    assert english.isascii()
    assert not chinese.isascii()
    assert english.count(",") == chinese.count(",")


def test_a_range_that_is_none_is_said_at_the_range(db: None, page_cast: PageCast) -> None:
    owner = page_cast.client("owner")
    path = f"/console/{page_cast.merchant}/charts"
    answer = owner.get(f"{path}?since=2026-02-02&until=2026-02-01")
    assert answer.status_code == 422
    assert "A range has 1 to 400 days" in answer.content.decode()
    assert owner.get(f"{path}?since=nonsense&until=2026-02-30&days=8").status_code == 200


def test_a_shop_without_purchases_is_told_what_to_do_first(db: None, page_cast: PageCast) -> None:
    html = page_cast.client("other").get(f"/console/{page_cast.other_merchant}/charts").content.decode()
    assert "Nothing to draw yet" in html
    assert f"/console/{page_cast.other_merchant}/imports" in html


def test_what_moved_adds_up_to_what_is_outstanding(db: None, page_cast: PageCast) -> None:
    today = clock.now().astimezone(ZoneInfo("Asia/Shanghai")).date()
    since = today - timedelta(days=3)
    moved = queries.moved_by_day(shop(page_cast), since, today)
    held = queries.outstanding_by_day(shop(page_cast), since, today)
    assert (
        [one.day for one in moved]
        == [day for day, _ in held]
        == [since + timedelta(days=n) for n in range(4)]
    )
    # five pieces give 3 + 3 + 1; one came back: four give 3 + 3
    assert (sum(one.given for one in moved), sum(one.returned for one in moved)) == (7, 1)
    assert held[-1][1] == get_issued(shop(page_cast)).outstanding == 6
    assert held[0][1] == 0
