"""Days are chained by hash, in order, once, and never before the last posting of the day is in."""

import hashlib
import threading
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import psycopg
import pytest

from tessera.kit.actors import SYSTEM
from tessera.kit.connections import connect
from tessera.kit.ids import new_id
from tessera.kit.models import AuditLine
from tessera.ledger import jobs, queries
from tessera.ledger.actions.closing import close_days
from tests.ledger.broken import Breakable, app_url
from tests.ledger.conftest import NOW
from tests.settings import owner_url


@pytest.fixture
def ledger(empty_database: str, settings: object, committed: None) -> Iterator[Breakable]:
    settings.TESSERA_DATABASE_URL = app_url(empty_database)
    with psycopg.connect(owner_url(empty_database), autocommit=True) as owner, connect() as plain:
        plain.autocommit = True
        yield Breakable(owner, plain)


def close(**more: object) -> object:
    with connect() as connection:
        connection.autocommit = True
        return close_days(connection, now=NOW, actor=SYSTEM, **more)


def today() -> datetime:
    return datetime.now(UTC).date()


def chain_by_hand(ledger: Breakable, day: object, before: bytes) -> bytes:
    """The digest of a day as the documentation describes it, made of statement lines."""
    rows = ledger.owner.execute(
        "SELECT e.transfer_id, e.account_id, e.owner_id, e.amount, e.balance_after, e.seq, e.booked_on, a.unit_id,"
        " a.purpose, t.kind, t.amount, t.request_id, t.reverses, t.reference_kind, t.reference_id, t.rule_version,"
        " t.reason, t.actor, t.occurred_at, t.posted_at FROM ledger_entry e"
        " JOIN ledger_transfer t ON t.owner_id = e.owner_id AND t.id = e.transfer_id"
        " JOIN ledger_account a ON a.id = e.account_id WHERE e.booked_on = %s",
        [day],
    ).fetchall()
    entries = sorted(
        (queries.EntryRow(*row) for row in rows),
        key=lambda e: (e.account_id.bytes, e.transfer_id.bytes, e.owner_id.bytes),
    )
    hashes = [hashlib.sha256(queries.entry_digest_line(entry).encode()).digest() for entry in entries]
    for start in range(0, len(hashes), 4096):
        before = hashlib.sha256(before + b"".join(hashes[start : start + 4096])).digest()
    return before


def test_past_days_are_closed_in_order_and_chained(ledger: Breakable) -> None:
    ledger.live("old")
    ledger.age(2)
    ledger.live("new")
    ledger.age(1)
    ledger.live("today")
    done = close()
    two, one = today() - timedelta(days=3), today() - timedelta(days=1)
    assert [day for day, _ in done.closed] == [two, one]
    rows = ledger.owner.execute(
        "SELECT day, previous, digest, entry_count FROM ledger_day_digest ORDER BY day"
    ).fetchall()
    assert [row[0] for row in rows] == [two, one]
    assert rows[0][1] == bytes(32)
    assert rows[0][2] == chain_by_hand(ledger, two, bytes(32))
    assert rows[1][1] == rows[0][2]
    assert rows[1][2] == chain_by_hand(ledger, one, rows[0][2])
    assert [row[3] for row in rows] == [count for _, count in done.closed]
    assert AuditLine.objects.filter(verb="close_day", object_id=str(two)).exists()
    assert close().closed == ()


def test_a_day_of_several_chunks_is_one_chain(ledger: Breakable) -> None:
    book = ledger.book
    for start in range(0, 2_500, 500):
        book.ok(*(book.accrual(new_id(), 1, f"a{n}") for n in range(start, start + 500)))
    ledger.age()
    assert close().closed == ((today() - timedelta(days=1), 5_000),)
    chunks = ledger.owner.execute(
        "SELECT number, entry_count, octet_length(fingerprints) FROM ledger_digest_chunk ORDER BY number"
    ).fetchall()
    assert chunks == [(0, 4_096, 8 * 4_096), (1, 904, 8 * 904)]
    [digest] = ledger.owner.execute("SELECT digest FROM ledger_day_digest").fetchone()
    assert digest == chain_by_hand(ledger, today() - timedelta(days=1), bytes(32))


def test_a_posting_that_began_before_the_day_was_over_is_waited_for(ledger: Breakable) -> None:
    ledger.live("old")
    ledger.age()
    with connect() as slow:
        slow.execute("SELECT 1")  # any open transaction may yet post
        # As if it had begun yesterday: its beginning is hidden from the one who asks.
        waiting = close_hidden(patience_s=0)
        assert (waiting.closed, waiting.waiting_for) == ((), today() - timedelta(days=1))
        assert waiting.open_transactions >= 1
        release = threading.Timer(0.5, slow.rollback)
        release.start()
        begun = time.monotonic()
        assert len(close_hidden(patience_s=20).closed) == 1
        assert 0.3 < time.monotonic() - begun < 10
        release.join()


def close_hidden(**more: object) -> object:
    """Close while every open transaction counts as begun before the end of the day."""
    from tessera.ledger.actions import closing

    text = closing.statement("ledger", "open_transactions")
    everyone = text.replace("s.xact_start < %s", "s.xact_start < %s + interval '100 years'")
    assert everyone != text
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(
            closing,
            "statement",
            lambda room, name: everyone if name == "open_transactions" else statement_of(name),
        )
        return close(**more)


def statement_of(name: str) -> str:
    from tessera.kit.sql import statement

    return statement("ledger", name)


def test_a_transaction_that_began_today_holds_nothing_up(ledger: Breakable) -> None:
    ledger.live("old")
    ledger.age()
    with connect() as slow:
        slow.execute("SELECT 1")
        with connect() as watching:
            sees = "SELECT xact_start IS NOT NULL FROM pg_stat_activity WHERE pid = %s"
            (visible,) = watching.execute(sees, [slow.info.backend_pid]).fetchone() or (False,)
        # With one login the restricted role sees no other session's beginning: it waits for all that are open now.
        assert len(close(patience_s=0).closed) == (1 if visible else 0)
    assert len(close(patience_s=5).closed) == (0 if visible else 1)


def test_today_is_never_closed_and_posting_goes_on_behind_the_last_closed_day(ledger: Breakable) -> None:
    ledger.live("today")
    assert close().closed == ()
    assert ledger.owner.execute("SELECT ledger_close_day_v1(current_date, now())").fetchone() == (None,)
    future = today() + timedelta(days=2)
    ledger.owner.execute("INSERT INTO ledger_day_digest VALUES (%s, '', '', 0, now())", [future])
    [late] = ledger.book.ok(ledger.book.accrual(new_id(), 1, "late"))
    row = ledger.owner.execute("SELECT booked_on FROM ledger_transfer WHERE id = %s", [late]).fetchone()
    assert row == (future + timedelta(days=1),)


def test_two_closers_close_a_day_once(ledger: Breakable) -> None:
    ledger.live("old")
    ledger.age()
    found: list[object] = []
    threads = [threading.Thread(target=lambda: found.append(close())) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(len(done.closed) for done in found) == [0, 0, 0, 1]
    assert ledger.owner.execute("SELECT count(*) FROM ledger_day_digest").fetchone() == (1,)


def test_the_job_closes(ledger: Breakable) -> None:
    ledger.live("old")
    ledger.age()
    jobs.close_day(timestamp=0)
    page = ledger.owner.execute("SELECT day FROM ledger_day_digest").fetchall()
    assert page == [(today() - timedelta(days=1),)]
