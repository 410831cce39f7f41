"""One receipt, one request id, one cap: exact with 32 racers and with two processes."""

import json
import os
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from typing import Any

import psycopg
import pytest

from tessera.kit.connections import connect
from tessera.kit.ids import new_id
from tessera.kit.retry import retried
from tessera.orders.actions.receipts import record_receipts
from tessera.orders.models import Purchase, Receipt
from tessera.orders.rules import RecordedPurchase, RecordedReturn
from tests.cast import made_up_phone
from tests.orders.till import NOW, Till
from tests.races.race import RUNNERS, assert_sound, race


@pytest.fixture
def till(committed: None) -> Iterator[Till]:
    with connect() as connection:
        yield Till(connection)
        connection.rollback()


def sent(connection: psycopg.Connection[Any], *commands: Any) -> list[Any]:
    return retried(connection, lambda c: record_receipts(c, commands, now=NOW))


def test_one_receipt_number(till: Till) -> None:
    member = till.member()
    answers = race(lambda c, n: sent(c, till.purchase("1", member, ("A", 2), actor=f"racer {n}")))
    done = [one for [one] in answers]
    assert Counter(one.repeat for one in done) == {False: 1, True: RUNNERS - 1}
    assert len({(one.purchase_id, one.transfer_id, one.points) for one in done}) == 1
    assert till.points(member) == (3, 0, 0)
    assert_sound()


def test_one_receipt_number_with_other_contents(till: Till) -> None:
    """One of the contents wins, whoever sends it; the others are told."""
    member = till.member()
    answers = race(lambda c, n: sent(c, till.purchase("1", member, ("A", n % 4 + 1))))
    done = [one for [one] in answers if isinstance(one, RecordedPurchase)]
    refused = [one for [one] in answers if not isinstance(one, RecordedPurchase)]
    assert len({one.purchase_id for one in done}) == 1
    assert (len(done), {one.code for one in refused}) == (RUNNERS // 4, {"receipt_reused"})
    assert till.points(member)[0] == done[0].points


def test_one_request_id(till: Till) -> None:
    """The same request id with two receipts: one has effect, the other is refused."""
    member, owner = till.member(), new_id()

    def ask(connection: psycopg.Connection[Any], number: int) -> list[Any]:
        receipt = str(number % 2)
        asked = {"owner_id": owner, "request_id": "same", "request_digest": receipt.encode() * 32}
        return sent(connection, till.purchase(receipt, member, ("A", 1), **asked))

    answers = [one for [one] in race(ask)]
    kinds = Counter("done" if isinstance(one, RecordedPurchase) else one.code for one in answers)
    assert kinds == {"done": RUNNERS // 2, "id_reused": RUNNERS // 2}
    assert Purchase.objects.filter(merchant_id=till.id).count() == 1
    assert till.points(member) == (1, 0, 0)


def test_one_member_with_a_cap(till: Till) -> None:
    till.rule("cap", {"points": 50})
    member = till.member()
    answers = race(lambda c, n: sent(c, till.purchase(f"{n}", member, ("A", 4))))
    points = [one.points for [one] in answers]
    assert sum(points) == 50
    assert Counter(points) == {6: 8, 2: 1, 0: RUNNERS - 9}
    assert till.points(member) == (50, 0, 0)
    assert_sound()


def test_one_new_phone_number(till: Till) -> None:
    """Thirty-two tills meet the same stranger at once: he is one person."""
    phone = made_up_phone()
    answers = race(lambda c, n: sent(c, till.purchase(f"{n}", phone, ("A", 1))))
    assert len({one.member_id for [one] in answers}) == 1
    assert till.points(answers[0][0].member_id) == (0, RUNNERS, 0)


def test_one_purchase_is_returned_once(till: Till) -> None:
    member = till.member()
    till.buy("1", member, ("A", 10))
    answers = race(lambda c, n: sent(c, till.back(f"r{n}", None, ("A", 1), of_receipt="1")))
    done = [one for [one] in answers if isinstance(one, RecordedReturn)]
    refused = [one for [one] in answers if not isinstance(one, RecordedReturn)]
    assert (len(done), sum(one.points for one in done)) == (10, 15)
    assert {one.code for one in refused} == {"return_exceeds_purchase"}
    assert till.points(member) == (0, 0, 0)
    assert_sound()


def test_batches_that_share_members_in_other_orders(till: Till) -> None:
    """Locks are taken in one order, whatever the order of the batch; a deadlock would be retried, never shown."""
    till.rule("cap", {"points": 1_000_000})
    members = [till.member() for _ in range(6)]

    def ask(connection: psycopg.Connection[Any], number: int) -> list[Any]:
        turned = members[number % 6 :] + members[: number % 6]
        return sent(
            connection,
            *[till.purchase(f"{number}-{place}", one, ("A", 2)) for place, one in enumerate(turned)],
        )

    answers = race(ask)
    assert all(isinstance(one, RecordedPurchase) for batch in answers for one in batch)
    assert [till.points(member) for member in members] == [(3 * RUNNERS, 0, 0)] * 6
    assert_sound()


def test_two_processes(till: Till) -> None:
    """Two servers record the same thousand receipts at once: each has effect once."""
    program = [sys.executable, "-m", "tests.races.recorder", str(till.id), "1000"]
    environment = {**os.environ, "DJANGO_SETTINGS_MODULE": "tests.settings"}
    both = [
        subprocess.Popen(program, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        for _ in range(2)
    ]
    said = []
    for one in both:
        out, fault = one.communicate(timeout=120)
        assert one.returncode == 0, fault
        said.append(json.loads(out.splitlines()[-1]))
    assert [counted["recorded"] + counted["repeats"] for counted in said] == [1000, 1000]
    assert sum(counted["recorded"] for counted in said) == 1000
    assert Receipt.objects.filter(merchant_id=till.id).count() == 1000
    assert_sound()
