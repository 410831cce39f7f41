"""Limits hold under concurrency: exact with 32 racers, and no fault that passes reaches a caller (spec/README.md, 3)."""

import random
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from typing import Any
from uuid import UUID

import pytest

from tessera.kit.connections import connect
from tessera.kit.errors import IdReused
from tessera.kit.ids import new_id
from tessera.kit.retry import retried
from tessera.ledger.actions.posting import post
from tessera.ledger.errors import InsufficientBalance, ReversalExceedsOriginal, TransferUnknown
from tessera.ledger.rules import Leg, Posting, Reversal, Transfer
from tests.ledger.conftest import NOW, Book
from tests.races.race import RUNNERS, assert_sound, post_retried, race


@pytest.fixture
def book(committed: None) -> Iterator[Book]:
    """A new merchant's book; what it posts is committed at once."""
    with connect() as plain:
        plain.autocommit = True
        merchant = new_id()
        plain.execute(
            "SELECT ledger_open_unit_v1(%s, 'points', %s, %s, 0, %s)",
            [merchant, f"points:{merchant}", merchant, NOW],
        )
        yield Book(plain, merchant)


def kinds(answers: list[list[Any]]) -> Counter[str]:
    return Counter(
        answer.status if isinstance(answer, Posting) else answer.code for batch in answers for answer in batch
    )


def test_one_balance_is_spent_exactly(book: Book) -> None:
    member = new_id()
    book.ok(book.accrual(member, 10, "a"), book.accrual(member, 3, "b"))
    answers = race(lambda c, n: post_retried(c, [book.burn(member, 2, f"burn{n}")]))
    assert kinds(answers) == {"posted": 6, "insufficient_balance": RUNNERS - 6}
    assert (book.balance(member), sum(book.lots(member))) == (1, 1)
    refused = {tuple(sorted(a.details.items())) for [a] in answers if isinstance(a, InsufficientBalance)}
    assert refused == {(("available", 1), ("needed", 2), ("pending", 0))}
    assert_sound()


def test_one_request_id_has_effect_once(book: Book) -> None:
    member = new_id()
    answers = race(lambda c, n: post_retried(c, [book.accrual(member, 5, "same")]))
    assert kinds(answers) == {"posted": 1, "repeat": RUNNERS - 1}
    assert len({answer.transfer_id for [answer] in answers}) == 1
    assert book.balance(member) == 5
    assert_sound()


def test_one_request_id_with_two_bodies_takes_one(book: Book) -> None:
    member = new_id()
    answers = race(lambda c, n: post_retried(c, [book.accrual(member, 5 + n % 2, "same")]))
    count = kinds(answers)
    assert (count["posted"], count["repeat"], count["id_reused"]) == (1, RUNNERS // 2 - 1, RUNNERS // 2)
    assert all(
        answer == IdReused(request_id="same") for [answer] in answers if not isinstance(answer, Posting)
    )
    assert_sound()


def test_one_request_id_between_hot_accounts_has_effect_once(book: Book) -> None:
    """Nothing is locked here: the unique key decides, and the retry finds the repeat."""
    merchant = book.merchant
    legs = (
        Leg(merchant, "merchant", merchant, "issued", -7, True),
        Leg(merchant, "merchant", merchant, "breakage", 7, True),
    )
    answers = race(
        lambda c, n: post_retried(c, [Transfer(new_id(), merchant, "move", "same", legs, 7, NOW, "test")])
    )
    assert kinds(answers) == {"posted": 1, "repeat": RUNNERS - 1}
    assert book.balance(merchant, "breakage") == 7
    assert_sound()


def test_a_racer_on_hot_accounts_is_waited_for_and_repeated(book: Book) -> None:
    """The other has posted the same request and not committed yet: the unique key waits, fails, and is retried."""
    merchant = book.merchant
    legs = (
        Leg(merchant, "merchant", merchant, "issued", -7, True),
        Leg(merchant, "merchant", merchant, "breakage", 7, True),
    )

    def move(request: str) -> Transfer:
        return Transfer(new_id(), merchant, "move", request, legs, 7, NOW, "test")

    book.ok(move("opens the accounts"))
    with connect() as first, ThreadPoolExecutor(1) as pool, connect() as second:
        [posted] = post(first, [move("same")], now=NOW)
        waiting = pool.submit(post_retried, second, [move("same")])
        time.sleep(0.3)
        assert not waiting.done()
        first.commit()
        assert waiting.result(timeout=10) == [Posting("repeat", posted.transfer_id)]
    assert_sound()


def test_a_deadlock_between_two_callers_passes(book: Book) -> None:
    """Two posts in one transaction, in opposite order: PostgreSQL ends one of them, the retry carries it through."""
    one, two = new_id(), new_id()
    book.ok(book.accrual(one, 10, "a"), book.accrual(two, 10, "b"))
    gate = threading.Barrier(2)

    def work(connection: Any, number: int) -> list[Any]:
        tries = iter((True, *[False] * 20))

        def both(c: Any) -> list[Any]:
            first, second = (one, two) if number else (two, one)
            found = post(c, [book.burn(first, 1, f"{number}.first")], now=NOW)
            if next(tries):
                gate.wait(timeout=10)
            return found + post(c, [book.burn(second, 1, f"{number}.second")], now=NOW)

        return retried(connection, both)

    assert kinds(race(work, 2)) == {"posted": 4}
    assert (book.balance(one), book.balance(two)) == (8, 8)
    assert_sound()


def test_opposite_transfers_never_show_a_deadlock(book: Book) -> None:
    one, two = new_id(), new_id()
    book.ok(book.accrual(one, 1_000, "a"), book.accrual(two, 1_000, "b"))

    def give(sender: UUID, receiver: UUID, points: int, request: str) -> Transfer:
        legs = (
            Leg(sender, "member", book.merchant, "wallet", -points),
            Leg(receiver, "member", book.merchant, "wallet", points),
        )
        return Transfer(new_id(), sender, "transfer", request, legs, points, NOW, "test")

    def work(connection: Any, number: int) -> list[Any]:
        there = [give(one, two, 1, f"{number}.{k}") for k in range(5)]
        back = [give(two, one, 1, f"{number}.{k}") for k in range(5)]
        batch = there + back if number % 2 else back + there
        return [answer for single in batch for answer in post_retried(connection, [single])] + post_retried(
            connection, [give(*((one, two) if number % 2 else (two, one)), 1, f"{number}.last")]
        )

    assert kinds(race(work)) == {"posted": RUNNERS * 11}
    assert (book.balance(one), book.balance(two)) == (1_000, 1_000)
    assert_sound()


def test_reversals_never_exceed_the_whole(book: Book) -> None:
    member = new_id()
    [earned] = book.ok(book.accrual(member, 50, "a"))
    answers = race(lambda c, n: post_retried(c, [book.reversal(member, earned, f"r{n}", 3)]))
    assert kinds(answers) == {"posted": 16, "reversal_exceeds_original": RUNNERS - 16}
    assert book.balance(member) == 2
    assert all(a == ReversalExceedsOriginal(left=2, asked=3) for [a] in answers if not isinstance(a, Posting))
    assert_sound()


def test_a_whole_reversal_happens_once(book: Book) -> None:
    member = new_id()
    book.ok(book.accrual(member, 50, "a"))
    [burnt] = book.ok(book.burn(member, 20, "b"))
    answers = race(lambda c, n: post_retried(c, [book.reversal(member, burnt, f"r{n}")]))
    assert kinds(answers) == {"posted": 1, "reversal_exceeds_original": RUNNERS - 1}
    assert book.balance(member) == 50
    assert_sound()


def test_claw_backs_race_with_spending(book: Book) -> None:
    """What is spent first is owed, what is clawed back first cannot be spent: never both, never neither."""
    for turn in range(4):
        member = new_id()
        [earned] = book.ok(book.accrual(member, 8, f"a{turn}"))

        def work(connection: Any, number: int, member: UUID = member, earned: UUID = earned) -> list[Any]:
            if number % 2:
                return post_retried(connection, [book.burn(member, 1, f"b{number}")])
            return post_retried(connection, [book.reversal(member, earned, f"r{number}", 1, shortfall="owe")])

        answers = race(work, 16)
        burnt = sum(isinstance(answer, Posting) for batch in answers[1::2] for answer in batch)
        assert all(isinstance(answer, Posting) for batch in answers[0::2] for answer in batch)
        assert book.balance(member) == 0
        assert book.balance(member, "owed") == burnt
    assert_sound()


def test_a_claw_back_races_with_the_purchase_it_undoes(book: Book) -> None:
    """The reversal may arrive before its original is there, or while it is being committed."""
    posted = 0
    for turn in range(12):
        member = new_id()
        earned = book.accrual(member, 8, "a")
        undo = Reversal(new_id(), member, "claw_back", "r", earned.id, NOW, "test", None, "owe")

        def work(connection: Any, number: int, batches: Any = None) -> list[Any]:
            return post_retried(connection, batches[number])

        batches = {0: [earned], 1: [undo], 2: [book.burn(member, 5, f"b{turn}")]}
        answers = race(lambda c, n, batches=batches: work(c, n, batches), 3)
        [undone] = answers[1]
        burnt = 5 if isinstance(answers[2][0], Posting) else 0
        if isinstance(undone, Posting):
            posted += 1
            assert (book.balance(member), book.balance(member, "owed")) == (0, burnt)
        else:
            assert isinstance(undone, TransferUnknown)
            assert (book.balance(member), book.balance(member, "owed")) == (8 - burnt, 0)
    assert_sound()


def test_accounts_first_used_by_all_at_once(book: Book) -> None:
    member = new_id()
    answers = race(lambda c, n: post_retried(c, [book.accrual(member, 1, f"a{n}")]))
    assert kinds(answers) == {"posted": RUNNERS}
    assert book.balance(member) == RUNNERS
    assert book.balance(book.merchant, "issued") == -RUNNERS
    assert_sound()


def test_mixed_batches_of_everyone_at_once(book: Book) -> None:
    members = [new_id() for _ in range(4)]
    earned = book.ok(*(book.accrual(member, 100, "start") for member in members))

    def work(connection: Any, number: int) -> list[Any]:
        chance = random.Random(number)
        answers: list[Any] = []
        for turn in range(6):
            batch: list[Transfer | Reversal] = []
            for place in range(5):
                who = chance.randrange(4)
                request = f"{number}.{turn}.{place}"
                batch.append(
                    chance.choice(
                        [
                            book.accrual(members[who], chance.randint(1, 9), request),
                            book.burn(members[who], chance.randint(1, 60), request),
                            book.reversal(members[who], earned[who], request, 4, shortfall="owe"),
                            book.accrual(members[who], 2, f"shared{turn}"),
                        ]
                    )
                )
            answers += post_retried(connection, batch)
        return answers

    assert set(kinds(race(work))) <= {
        "posted", "repeat", "insufficient_balance", "reversal_exceeds_original",
    }  # fmt: skip
    assert_sound()


def test_two_processes_share_a_balance(book: Book) -> None:
    member = new_id()
    book.ok(book.accrual(member, 70, "a"))
    command = [sys.executable, "-m", "tests.races.burner", str(book.merchant), str(member)]
    with ExitStack() as stack:
        burners = []
        for name in ("one", "two"):
            burner = subprocess.Popen(
                [*command, name, "40"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
            )
            stack.enter_context(burner)
            stack.callback(burner.kill)
            burners.append(burner)
        for burner in burners:
            assert burner.stdout.readline() == "ready\n"
        for burner in burners:
            burner.stdin.write("go\n")
            burner.stdin.flush()
        done = [int(burner.communicate(timeout=60)[0]) for burner in burners]
    assert sum(done) == 70
    assert book.balance(member) == 0
    assert_sound()
