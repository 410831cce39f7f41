"""Every fault is named: each check sees what its owner planted, and nothing else."""

import argparse
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import psycopg
import pytest

from tessera.kit.actors import SYSTEM
from tessera.kit.connections import connect
from tessera.kit.ids import new_id, show_id
from tessera.ledger.actions.closing import close_days
from tessera.ledger.audit import audit
from tessera.site.commands import audit as command
from tests.ledger.broken import APPEND_ONLY, Breakable, app_url
from tests.ledger.conftest import NOW
from tests.settings import owner_url


@pytest.fixture
def ledger(empty_database: str, settings: object, committed: None) -> Iterator[Breakable]:
    """Two closed days and an open one."""
    settings.TESSERA_DATABASE_URL = app_url(empty_database)
    with psycopg.connect(owner_url(empty_database), autocommit=True) as owner, connect() as plain:
        plain.autocommit = True
        found = Breakable(owner, plain)
        found.live("first")
        found.age(2)
        found.live("second")
        found.age(1)
        with connect() as closer:
            closer.autocommit = True
            assert len(close_days(closer, now=NOW, actor=SYSTEM).closed) == 2
        found.live("open")
        yield found


def run(capsys: pytest.CaptureFixture[str]) -> tuple[int, list[str]]:
    """Run the command in this process; return its exit status and what it printed."""
    status = command.run(argparse.Namespace(quiet=True))
    return status, capsys.readouterr().out.splitlines()


def test_a_sound_ledger_passes(ledger: Breakable, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(capsys) == (0, [])


ENTRY = "UPDATE ledger_entry SET {} WHERE account_id = %(wallet)s AND transfer_id = %(open_refund)s"
HOT = "UPDATE ledger_entry SET {} WHERE account_id = %(issued)s AND transfer_id = %(open_refund)s"
STRIPE = "UPDATE ledger_stripe SET {} WHERE account_id = %(issued)s"
WALLET = "UPDATE ledger_account SET {} WHERE id = %(wallet)s"
TRANSFER = "UPDATE ledger_transfer SET {} WHERE owner_id = %(member)s AND id = %({})s"
LOT = "UPDATE ledger_lot SET {} WHERE account_id = %(wallet)s AND transfer_id = %(open_accrual)s"
DAY = "UPDATE ledger_day_digest SET {} WHERE day = (SELECT max(day) FROM ledger_day_digest)"
MOVED = "(SELECT max(lot_transfer_id::text)::uuid FROM ledger_lot_move WHERE transfer_id = %(open_burn)s)"
FIRST = "(SELECT min(day) FROM ledger_day_digest)"

PLANTED = {
    "an amount changed": ([ENTRY.format("amount = amount + 1")],
                          ["balance_wrong", "running_balance_wrong", "transfer_not_zero"]),
    "an amount changed on a hot account": ([HOT.format("amount = amount + 1"), STRIPE.format("balance = balance + 1")],
                                           ["transfer_not_zero", "unit_not_zero"]),
    "a balance after changed": ([("UPDATE ledger_entry SET balance_after = balance_after + 1 WHERE account_id = %(wallet)s"
                                 " AND seq = (SELECT max(seq) FROM ledger_entry WHERE account_id = %(wallet)s)")],
                                ["running_balance_wrong"]),
    "a balance after below zero": ([ENTRY.format("balance_after = -7")],
                                   ["balance_below_zero", "running_balance_wrong", "running_balance_wrong"]),
    "a number skipped": ([("UPDATE ledger_entry SET seq = seq + 1 WHERE account_id = %(wallet)s"
                          " AND seq = (SELECT max(seq) FROM ledger_entry WHERE account_id = %(wallet)s)")],
                         ["sequence_broken"]),
    "a balance changed": ([WALLET.format("balance = balance + 1")], ["balance_wrong", "lots_wrong", "unit_not_zero"]),
    "a balance below zero": (["ALTER TABLE ledger_account DROP CONSTRAINT ledger_account_floor",
                              WALLET.format("balance = -3")],
                             ["account_below_zero", "balance_wrong", "lots_wrong", "unit_not_zero"]),
    "a hot balance changed": (["UPDATE ledger_stripe SET balance = balance + 1 WHERE account_id = %(issued)s"],
                              ["balance_wrong", "unit_not_zero"]),
    "a count changed": ([WALLET.format("entry_count = entry_count + 1")], ["entry_count_wrong"]),
    "a hot count changed": ([STRIPE.format("entry_count = entry_count + 1")], ["entry_count_wrong"]),
    "an account gone": (["DELETE FROM ledger_account WHERE id = %(wallet)s"],
                        ["account_unknown", "lots_wrong", "unit_not_zero"]),
    "a lot move changed": (["UPDATE ledger_lot_move SET amount = amount - 1 WHERE account_id = %(wallet)s"
                            " AND transfer_id = %(open_burn)s AND lot_transfer_id = " + MOVED], ["lot_wrong"]),
    "a lot move gone": (["DELETE FROM ledger_lot_move WHERE account_id = %(wallet)s AND transfer_id = %(open_burn)s"
                         " AND lot_transfer_id = " + MOVED], ["lot_wrong"]),
    "a lot changed": ([LOT.format("remaining = remaining - 1, amount = amount - 1")], ["lots_wrong"]),
    "a lot gone": (["DELETE FROM ledger_lot WHERE account_id = %(wallet)s AND transfer_id = " + MOVED],
                   ["lot_wrong"]),
    "an entry gone": (["DELETE FROM ledger_entry WHERE account_id = %(issued)s AND transfer_id = %(open_refund)s",
                       STRIPE.format("balance = balance + 2, entry_count = entry_count - 1")],
                      ["entry_missing", "unit_not_zero"]),
    "an entry put in": (["INSERT INTO ledger_entry VALUES (%(issued)s, %(nobody)s, %(member)s, 5, NULL, NULL, current_date)",
                         STRIPE.format("balance = balance + 5, entry_count = entry_count + 1")],
                        ["entry_unknown", "unit_not_zero"]),
    "an entry on another day": ([ENTRY.format("booked_on = booked_on + 1")], ["entry_misdated"]),
    "an entry named twice": ([TRANSFER.format("account_ids = account_ids || account_ids[1]", "open_refund")],
                             ["entry_named_twice", "transfer_not_zero"]),
    "a reversal grown": ([TRANSFER.format("amount = 6", "open_refund")], ["reversed_too_much"]),
    "a reversal of nothing": ([TRANSFER.format("reverses = %(nobody)s", "open_refund")], ["reversal_of_nothing"]),
    "a reversal of a reversal": ([TRANSFER.format("reverses = %(open_accrual)s", "open_burn")],
                                 ["reversal_of_reversal"]),
    "the unique key gone": (["ALTER TABLE ledger_transfer DROP CONSTRAINT ledger_transfer_owner_id_request_id_key"],
                            ["request_ids_not_unique"]),
    "a request id used twice": (["ALTER TABLE ledger_transfer DROP CONSTRAINT ledger_transfer_owner_id_request_id_key",
                                 TRANSFER.format("request_id = 'open1'", "open_refund")],
                                ["request_id_used_twice", "request_ids_not_unique"]),
    "the closed past changed": ([TRANSFER.format("request_id = 'forged'", "first_burn")], ["entry_changed"]),
    "an entry put into the past": ([f"UPDATE ledger_entry SET booked_on = {FIRST} WHERE transfer_id = %(open_burn)s",
                                    f"UPDATE ledger_transfer SET booked_on = {FIRST} WHERE id = %(open_burn)s"],
                                   ["entry_put_in"]),
    "an entry taken out of the past": (["UPDATE ledger_entry SET booked_on = current_date WHERE transfer_id = %(first_burn)s",
                                        "UPDATE ledger_transfer SET booked_on = current_date WHERE id = %(first_burn)s"],
                                       ["entry_taken_out"]),
    "a whole day taken out": ([f"UPDATE ledger_entry SET booked_on = current_date WHERE booked_on = {FIRST}",
                               f"UPDATE ledger_transfer SET booked_on = current_date WHERE booked_on = {FIRST}"],
                              ["entry_taken_out"]),
    "a chunk digest changed": ([f"UPDATE ledger_digest_chunk SET digest = sha256('x') WHERE day = {FIRST}"],
                               ["chunk_digest_wrong", "day_digest_wrong"]),
    "a fingerprint changed": ([("UPDATE ledger_digest_chunk SET fingerprints = set_byte(fingerprints, 9, 1 #"
                               f" get_byte(fingerprints, 9)) WHERE day = {FIRST}")], ["entry_changed"]),
    "the last digest changed": ([DAY.format("digest = sha256('x')")], ["day_digest_wrong"]),
    "a link changed": ([DAY.format("previous = sha256('x')")],
                       ["chain_broken", "chunk_digest_wrong"]),
    "a day's count changed": ([DAY.format("entry_count = entry_count + 1")], ["day_count_wrong"]),
    "a closed day gone": ([f"DELETE FROM ledger_day_digest WHERE day = {FIRST}"], ["chain_broken", "day_not_closed"]),
}  # fmt: skip


@pytest.mark.parametrize("fault", PLANTED)
def test_each_fault_is_named(ledger: Breakable, capsys: pytest.CaptureFixture[str], fault: str) -> None:
    statements, expected = PLANTED[fault]
    names = ledger.names()
    with ledger.broken_open():
        for text in statements:
            ledger.owner.execute(text, names)
    status, lines = run(capsys)
    assert status == 1
    assert sorted(line.split(" ")[0].rstrip(":") for line in lines) == expected, lines


@pytest.mark.parametrize("table", APPEND_ONLY)
def test_a_switched_off_trigger_is_named(
    ledger: Breakable, capsys: pytest.CaptureFixture[str], table: str
) -> None:
    ledger.owner.execute(f"ALTER TABLE {table} DISABLE TRIGGER append_only")
    assert run(capsys) == (1, [f"not_append_only {table}"])


def test_a_fault_says_where(ledger: Breakable, capsys: pytest.CaptureFixture[str]) -> None:
    names = ledger.names()
    with ledger.broken_open():
        ledger.owner.execute(ENTRY.format("amount = amount + 1"), names)
        ledger.owner.execute(TRANSFER.format("request_id = 'forged'", "first_burn"), names)
    _, lines = run(capsys)
    wallet, refund = show_id("acc", names["wallet"]), show_id("txn", names["open_refund"])
    assert any(line.startswith(f"running_balance_wrong {wallet} {refund}: expected ") for line in lines)
    assert f"transfer_not_zero {refund}: expected 0, found 1" in lines
    day = datetime.now(UTC).date() - timedelta(days=3)
    [named] = [line for line in lines if line.startswith("entry_changed")]
    assert named.startswith(f"entry_changed {day} entry ")
    assert show_id("txn", names["first_burn"]) in named


def test_the_very_entry_is_named_among_thousands(
    ledger: Breakable, capsys: pytest.CaptureFixture[str]
) -> None:
    book = ledger.book
    made = [
        transfer
        for start in range(0, 5_000, 500)
        for transfer in book.ok(*(book.accrual(new_id(), 1, f"a{n}") for n in range(start, start + 500)))
    ]
    ledger.age(1)
    with ledger.broken_open():
        ledger.owner.execute("TRUNCATE ledger_day_digest, ledger_digest_chunk")
    with connect() as closer:
        closer.autocommit = True
        close_days(closer, now=NOW, actor=SYSTEM)
    assert run(capsys) == (0, [])
    victim = made[3_456]
    with ledger.broken_open():
        ledger.owner.execute("UPDATE ledger_transfer SET amount = 2 WHERE id = %s", [victim])
    _, [line] = run(capsys)
    assert line.startswith("entry_changed")
    assert show_id("txn", victim) in line


def test_many_faults_are_counted_not_listed(ledger: Breakable, capsys: pytest.CaptureFixture[str]) -> None:
    book = ledger.book
    book.ok(*(book.accrual(new_id(), 1, f"a{n}") for n in range(150)))
    ledger.owner.execute("UPDATE ledger_account SET entry_count = entry_count + 1 WHERE balance = 1")
    status, lines = run(capsys)
    assert status == 1
    assert len(lines) == 101
    assert lines[-1] == "... and 50 more"


def test_ranges_cover_every_account(ledger: Breakable, monkeypatch: pytest.MonkeyPatch) -> None:
    """Small ranges and pages see the same as large ones."""
    from tessera.ledger import audit as module

    monkeypatch.setattr(module, "_RANGE", 3)
    monkeypatch.setattr(module, "_PAGE", 2)
    ledger.owner.execute("UPDATE ledger_account SET entry_count = entry_count + 1")
    with connect() as connection:
        seen: dict[str, int] = {}

        def watch(phase: str, entries: int) -> None:
            seen[phase] = seen.get(phase, 0) + entries

        faults = list(audit(connection, watch=watch))
    count = ledger.owner.execute(
        "SELECT (SELECT count(*) FROM ledger_account), (SELECT count(*) FROM ledger_entry)"
    )
    accounts, entries = count.fetchone()
    assert [fault.kind for fault in faults] == ["entry_count_wrong"] * accounts
    assert len({fault.account_id for fault in faults}) == accounts
    assert seen["accounts"] == seen["transfers"] == entries


def test_the_command_itself(ledger: Breakable, empty_database: str) -> None:
    import os

    environment = {
        **os.environ,
        "DJANGO_SETTINGS_MODULE": "tessera.site.settings",
        "DATABASE_URL": app_url(empty_database),
        "TESSERA_OWNER_DATABASE_URL": owner_url(empty_database),
    }
    command = [sys.executable, "-m", "tessera", "audit"]
    sound = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert (sound.returncode, sound.stdout) == (0, "")
    assert "The ledger is sound" in sound.stderr
    ledger.owner.execute("UPDATE ledger_account SET entry_count = entry_count + 1")
    broken = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert broken.returncode == 1
    assert broken.stdout.startswith("entry_count_wrong acc_")
