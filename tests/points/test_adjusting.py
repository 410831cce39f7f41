"""Points by hand: a correction is a new entry with a reason, and a number has effect once (spec/README.md, rules 1, 6)."""

import threading
from collections.abc import Iterator
from typing import Any
from uuid import UUID

import psycopg
import pytest

from tessera.kit.connections import connect
from tessera.kit.errors import IdReused
from tessera.kit.ids import new_id
from tessera.kit.refusals import Refusal
from tessera.kit.retry import retried
from tessera.ledger.errors import InsufficientBalance
from tessera.merchants.errors import MemberUnknown, MerchantInactive
from tessera.points.actions.adjusting import Adjusted, AdjustPoints, adjust_points
from tessera.points.errors import AdjustmentReused
from tests.points.shop import NOW, Shop


@pytest.fixture
def connection(committed: None) -> Iterator[psycopg.Connection[Any]]:
    with connect() as opened:
        yield opened


def adjust(connection: psycopg.Connection[Any], *commands: AdjustPoints) -> list[Adjusted | Refusal]:
    return retried(connection, lambda c: adjust_points(c, commands, now=NOW))


def command(shop: Shop, member: UUID, points: int, number: str, **more: Any) -> AdjustPoints:
    usual = {"reason": "Goodwill", "actor": "test", "owner_id": shop.id}
    return AdjustPoints(shop.id, number, ("person", str(member)), points, **{**usual, **more})


def balance(connection: psycopg.Connection[Any], shop: Shop, member: UUID) -> int:
    row = connection.execute(
        "SELECT balance FROM ledger_account WHERE owner_id = %s AND unit_id = %s AND purpose = 'wallet'",
        (member, shop.id),
    ).fetchone()
    return row[0] if row else 0


def test_giving_and_taking_are_entries_with_a_reason(connection: psycopg.Connection[Any]) -> None:
    shop = Shop()
    member = shop.member()
    given, taken = adjust(connection, command(shop, member, 10, "a"), command(shop, member, -4, "b"))
    assert isinstance(given, Adjusted)
    assert isinstance(taken, Adjusted)
    assert balance(connection, shop, member) == 6
    rows = connection.execute(
        "SELECT kind, amount, reason, actor FROM ledger_transfer WHERE owner_id = %s ORDER BY id", (member,)
    ).fetchall()
    assert rows == [("adjustment", 10, "Goodwill", "test"), ("adjustment", 4, "Goodwill", "test")]


def test_a_number_has_effect_once_whoever_it_is_for(connection: psycopg.Connection[Any]) -> None:
    shop = Shop()
    member, other = shop.member(), shop.member()
    first, again, elsewhere = adjust(
        connection,
        command(shop, member, 10, "a"), command(shop, member, 10, "a"), command(shop, other, 10, "a"),
    )  # fmt: skip
    assert isinstance(first, Adjusted)
    assert again == Adjusted(first.transfer_id, member, "a", 10, repeat=True)
    assert isinstance(elsewhere, AdjustmentReused)
    assert (balance(connection, shop, member), balance(connection, shop, other)) == (10, 0)


def test_a_request_id_with_another_body_is_refused(connection: psycopg.Connection[Any]) -> None:
    shop = Shop()
    member = shop.member()
    adjust(connection, command(shop, member, 1, "a", request_id="k", request_digest=b"1"))
    [refused] = adjust(connection, command(shop, member, 1, "b", request_id="k", request_digest=b"2"))
    assert isinstance(refused, IdReused)
    assert balance(connection, shop, member) == 1


def test_a_refusal_leaves_no_trace_and_stops_no_other(connection: psycopg.Connection[Any]) -> None:
    shop = Shop()
    member = shop.member()
    too_much, nobody, fine = adjust(
        connection,
        command(shop, member, -1, "a"),
        command(shop, new_id(), 5, "b"),
        command(shop, member, 5, "c"),
    )
    assert isinstance(too_much, InsufficientBalance)
    assert isinstance(nobody, MemberUnknown)
    assert isinstance(fine, Adjusted)
    kept = connection.execute("SELECT request_id FROM kit_request WHERE owner_id = %s", (shop.id,)).fetchall()
    assert kept == [("adjustment:c",)]
    [now_fine] = adjust(connection, command(shop, member, -1, "a"))
    assert isinstance(now_fine, Adjusted)


def test_an_unknown_merchant_adjusts_nothing(connection: psycopg.Connection[Any]) -> None:
    shop = Shop()
    stranger = AdjustPoints(new_id(), "a", ("person", str(shop.member())), 5, "x", "test", shop.id)
    assert isinstance(adjust(connection, stranger)[0], MerchantInactive)


def test_32_threads_on_one_number_have_effect_once(committed: None) -> None:
    shop = Shop()
    member = shop.member()
    start = threading.Barrier(32)
    answers: list[Adjusted | Refusal] = []

    def run() -> None:
        with connect() as own:
            start.wait()
            answers.extend(adjust(own, command(shop, member, 7, "once")))

    threads = [threading.Thread(target=run) for _ in range(32)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    made = [answer for answer in answers if isinstance(answer, Adjusted)]
    assert len(made) == 32
    assert sum(not answer.repeat for answer in made) == 1
    assert len({answer.transfer_id for answer in made}) == 1
    with connect() as own:
        assert balance(own, shop, member) == 7
