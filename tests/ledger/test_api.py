"""The ledger over the API: reading only, and a merchant's key sees its own unit alone."""

import hashlib
import json
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.http import HttpResponse

from tessera.kit import clock
from tessera.kit.connections import connect
from tessera.kit.ids import new_id, parse_id, show_id
from tests.cast import Caller, Cast, cast  # noqa: F401 - a fixture
from tests.ledger.conftest import LATER, NOW, Book


@pytest.fixture
def open_book(committed: None) -> Iterator[Callable[[], Book]]:
    """Makes books of new merchants whose postings are committed at once."""
    with connect() as plain:
        plain.autocommit = True

        def make() -> Book:
            merchant = new_id()
            plain.execute(
                "SELECT ledger_open_unit_v1(%s, 'points', %s, %s, 0, %s)",
                [merchant, f"points:{merchant}", merchant, NOW],
            )
            return Book(plain, merchant)

        yield make


class Keys:
    """Callers with keys of merchants that exist in the ledger alone."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        from tessera.kit.actors import Actor
        from tessera.site import api

        self.actors: dict[str, Actor] = {}
        monkeypatch.setattr(api, "find_key", self.actors.get)

    def of(self, merchant: Any = None, scopes: tuple[str, ...] = ("ledger:read",)) -> Caller:
        from tessera.kit.actors import Actor

        secret = f"tsk_{new_id()}"
        self.actors[secret] = Actor("key", new_id(), merchant, frozenset(scopes))
        return Caller(secret, secret)


@pytest.fixture
def keys(monkeypatch: pytest.MonkeyPatch) -> Keys:
    return Keys(monkeypatch)


def body(response: HttpResponse, status: int = 200) -> Any:
    assert response.status_code == status, response.content
    return json.loads(response.content)


def test_balances_of_one_unit_or_all(open_book: Callable[[], Book], keys: Keys) -> None:
    one, two = open_book(), open_book()
    member = new_id()
    one.ok(one.accrual(member, 5, "a"), one.accrual(member, 3, "b", active_from=clock.NEVER))
    two.ok(two.accrual(member, 7, "a2", expires_at=LATER + timedelta(days=9999)))
    path = f"/members/{show_id('per', member)}/balances"
    [own] = body(keys.of(one.merchant).send("GET", path))["items"]
    assert own["unit"] == show_id("unt", one.merchant)
    assert (own["balance"], own["available"], own["pending"], own["next_expiry_at"]) == (8, 5, 3, None)
    operator = keys.of(scopes=("operator",))
    assert len(body(operator.send("GET", path))["items"]) == 2
    [other] = body(operator.send("GET", f"{path}?unit={show_id('unt', two.merchant)}"))["items"]
    assert (other["balance"], other["next_expiry_amount"]) == (7, 7)
    assert body(keys.of(one.merchant).send("GET", f"{path}?unit={show_id('unt', two.merchant)}"), 404)
    assert body(keys.of(one.merchant, ("members:read",)).send("GET", path), 403)["code"] == "scope_missing"
    assert body(keys.of(new_id()).send("GET", path))["items"] == []


def test_entries_are_paged_and_carry_their_digest_line(open_book: Callable[[], Book], keys: Keys) -> None:
    book = open_book()
    member = new_id()
    book.ok(*(book.accrual(member, n, f"a{n}") for n in range(1, 6)), book.burn(member, 4, "b"))
    path = f"/members/{show_id('per', member)}/entries"
    caller = keys.of(book.merchant)
    first = body(caller.send("GET", f"{path}?limit=4"))
    rest = body(caller.send("GET", f"{path}?limit=4&cursor={first['next_cursor']}"))
    assert [row["amount"] for row in first["items"] + rest["items"]] == [-4, 5, 4, 3, 2, 1]
    assert rest["next_cursor"] is None
    [burn] = body(caller.send("GET", f"{path}?kind=burn"))["items"]
    assert burn["digest_line"].endswith("|b")
    assert len(hashlib.sha256(burn["digest_line"].encode()).hexdigest()) == 64
    assert body(caller.send("GET", f"{path}?cursor=nonsense"), 422)["code"] == "cursor_invalid"
    assert body(keys.of(new_id()).send("GET", path))["items"] == []


def test_a_transfer_opens_and_is_hidden_from_others(open_book: Callable[[], Book], keys: Keys) -> None:
    book = open_book()
    member = new_id()
    book.ok(book.accrual(member, 9, "a"))
    [burnt] = book.ok(book.burn(member, 4, "b"))
    [undone] = book.ok(book.reversal(member, burnt, "r", 1))
    path = f"/members/{show_id('per', member)}/transfers/{show_id('txn', burnt)}"
    found = body(keys.of(book.merchant).send("GET", path))
    assert (found["kind"], found["amount"]) == ("burn", 4)
    assert [entry["amount"] for entry in found["entries"]] == [-4, 4]
    assert [move["amount"] for move in found["lot_moves"]] == [-4]
    assert [parse_id("txn", other) for other in found["reversed_by"]] == [undone]
    assert body(keys.of(new_id()).send("GET", path), 404)["code"] == "not_found"


def test_lots_and_liability(open_book: Callable[[], Book], keys: Keys) -> None:
    book = open_book()
    member = new_id()
    book.ok(book.accrual(member, 9, "a"), book.accrual(member, 2, "b", expires_at=LATER))
    book.ok(book.burn(member, 2, "c"))
    caller = keys.of(book.merchant)
    path = f"/members/{show_id('per', member)}/lots/{show_id('unt', book.merchant)}"
    assert [lot["remaining"] for lot in body(caller.send("GET", path))["items"]] == [9]
    assert [lot["remaining"] for lot in body(caller.send("GET", f"{path}?show=all"))["items"]] == [0, 9]
    liability = f"/merchants/{show_id('mer', book.merchant)}/liability"
    assert body(caller.send("GET", liability))["outstanding"] == 9
    assert body(keys.of(new_id()).send("GET", liability), 404)["code"] == "not_found"


def test_digests_are_open_to_every_reader(keys: Keys, committed: None) -> None:
    caller = keys.of(new_id())
    assert body(caller.send("GET", "/ledger/digests")) == {"items": [], "next_cursor": None}
    assert body(caller.send("GET", "/ledger/digests/2026-01-01/chunks"))["items"] == []
    assert body(caller.send("GET", "/ledger/digests?cursor=x"), 422)["code"] == "cursor_invalid"


ADDRESSES = [
    ("/members/{person}/balances", 200),
    ("/members/{person}/entries", 200),
    ("/members/{person}/transfers/{transfer}", 404),
    ("/members/{person}/lots/{unit}", 200),
    ("/merchants/{merchant}/liability", 200),
    ("/ledger/digests", 200),
    ("/ledger/digests/2026-01-01/chunks", 200),
]


@pytest.mark.django_db
@pytest.mark.parametrize(("address", "status"), ADDRESSES)
def test_whole_cast_at_every_door(cast: Cast, address: str, status: int) -> None:  # noqa: F811 - the fixture
    unit = show_id("unt", parse_id("mer", cast.a.merchant))
    path = address.format(
        person=cast.a.customer, merchant=cast.a.merchant, unit=unit, transfer=show_id("txn", new_id())
    )
    for name in ("operator", "full", "reader"):
        assert getattr(cast, name).send("GET", path).status_code == status, name
    hidden = status if "{merchant}" not in address and "{unit}" not in address else 404
    assert cast.other.send("GET", path).status_code == hidden
    assert cast.revoked.send("GET", path).status_code == 401
    assert cast.nobody.send("GET", path).status_code == 401
