"""Reading what was posted: balances, entries, transfers, lots, liabilities."""

from collections.abc import Callable, Iterator
from datetime import timedelta
from itertools import pairwise

import psycopg
import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from tessera.kit.actors import SYSTEM
from tessera.kit.connections import connect
from tessera.kit.errors import CursorInvalid, NotFound
from tessera.kit.ids import new_id
from tessera.ledger import queries
from tessera.ledger.actions.units import open_unit
from tests.ledger.conftest import LATER, NOW, Book


@pytest.fixture
def open_book(committed: None) -> Iterator[Callable[[], Book]]:
    """Makes books of new merchants whose postings are committed at once, so that the queries see them."""
    with connect() as plain:
        plain.autocommit = True

        def make() -> Book:
            merchant = new_id()
            open_unit(
                unit_id=merchant,
                kind="points",
                code=f"points:{merchant}",
                issuer_id=merchant,
                now=NOW,
                actor=SYSTEM,
            )
            return Book(plain, merchant)

        yield make


@pytest.fixture
def book(open_book: Callable[[], Book]) -> Book:
    return open_book()


def test_a_balance_says_what_is_there_what_waits_and_what_ends_next(book: Book) -> None:
    member = new_id()
    soon = NOW + timedelta(days=3)
    book.ok(
        book.accrual(member, 5, "active"),
        book.accrual(member, 7, "waits", active_from=NOW + timedelta(days=1), expires_at=LATER),
        book.accrual(member, 11, "over", expires_at=NOW),
        book.accrual(member, 13, "soon", expires_at=soon),
        book.accrual(member, 17, "soon too", expires_at=soon),
    )
    [found] = queries.get_balances(member, NOW)
    assert (found.unit_id, found.unit_kind, found.exponent) == (book.merchant, "points", 0)
    assert (found.balance, found.available, found.pending, found.expired) == (53, 35, 7, 11)
    assert (found.next_amount, found.next_at, found.owed) == (30, soon, 0)
    [later] = queries.get_balances(member, soon)
    assert (later.available, later.pending, later.expired, later.next_amount) == (12, 0, 41, 7)
    assert queries.get_balances(new_id(), NOW) == []


def test_a_balance_tells_what_is_owed_apart(book: Book) -> None:
    member = new_id()
    [earned] = book.ok(book.accrual(member, 9, "a"))
    book.ok(book.burn(member, 5, "b"))
    book.ok(book.reversal(member, earned, "r", shortfall="owe"))
    [found] = queries.get_balances(member, NOW)
    assert (found.balance, found.available, found.owed) == (0, 0, 5)
    issued = queries.get_issued(book.merchant)
    assert (issued.outstanding, issued.receivable, issued.breakage) == (0, 5, 0)


def test_units_are_kept_apart(open_book: Callable[[], Book]) -> None:
    one, two = open_book(), open_book()
    member = new_id()
    one.ok(one.accrual(member, 5, "a"))
    two.ok(two.accrual(member, 6, "a2"))
    found = {row.unit_id: row.balance for row in queries.get_balances(member, NOW)}
    assert found == {one.merchant: 5, two.merchant: 6}
    assert [row.balance for row in queries.get_balances(member, NOW, unit_id=two.merchant)] == [6]
    assert len(queries.list_entries(member).items) == 2
    assert [row.amount for row in queries.list_entries(member, one.merchant).items] == [5]


def test_entries_come_newest_first_page_by_page(book: Book) -> None:
    member = new_id()
    book.ok(*(book.accrual(member, n, f"a{n}") for n in range(1, 8)))
    seen, cursor = [], None
    while True:
        page = queries.list_entries(member, cursor=cursor, limit=3)
        assert len(page.items) <= 3
        seen += page.items
        cursor = page.next_cursor
        if cursor is None:
            break
    assert [row.amount for row in seen] == [7, 6, 5, 4, 3, 2, 1]
    assert all(newer.transfer_id > older.transfer_id for newer, older in pairwise(seen))
    assert [row.seq for row in seen] == [7, 6, 5, 4, 3, 2, 1]
    with pytest.raises(CursorInvalid):
        queries.list_entries(member, cursor="x")


def test_both_entries_of_one_transfer_survive_a_page_break(book: Book) -> None:
    member = new_id()
    [earned] = book.ok(book.accrual(member, 9, "a"))
    book.ok(book.burn(member, 5, "b"))
    book.ok(book.reversal(member, earned, "r", shortfall="owe"))
    first = queries.list_entries(member, limit=1)
    second = queries.list_entries(member, limit=1, cursor=first.next_cursor)
    assert {(row.purpose, row.amount) for row in [*first.items, *second.items]} == {
        ("wallet", -4),
        ("owed", 5),
    }
    assert first.items[0].transfer_id == second.items[0].transfer_id


def test_a_rare_kind_gives_short_pages_that_go_on(book: Book, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(queries, "_WINDOW", 5)
    member = new_id()
    book.ok(book.accrual(member, 1, "first"), book.burn(member, 1, "rare"))
    book.ok(*(book.accrual(member, n, f"a{n}") for n in range(1, 12)))
    pages, cursor = [], None
    while True:
        page = queries.list_entries(member, kinds=["burn"], cursor=cursor, limit=2)
        pages.append([row.kind for row in page.items])
        cursor = page.next_cursor
        if cursor is None:
            break
    assert [kind for page in pages for kind in page] == ["burn"]
    assert len(pages) == 3


def test_a_transfer_opens_to_its_entries_and_lots(book: Book) -> None:
    member = new_id()
    first, second = book.ok(
        book.accrual(member, 5, "soon", expires_at=NOW + timedelta(days=1)), book.accrual(member, 5, "never")
    )
    [burnt] = book.ok(book.burn(member, 7, "b"))
    [undone] = book.ok(book.reversal(member, burnt, "r", 3))
    found = queries.get_transfer(member, burnt)
    assert (found.transfer.kind, found.transfer.amount, found.reversed_by) == ("burn", 7, [undone])
    assert [(row.purpose, row.amount) for row in found.entries] == [("wallet", -7), ("issued", 7)]
    assert {(move.lot_transfer_id, move.amount) for move in found.lot_moves} == {(first, -5), (second, -2)}
    for owner, transfer, unit in (
        (new_id(), burnt, None),
        (member, new_id(), None),
        (member, burnt, new_id()),
    ):
        with pytest.raises(NotFound):
            queries.get_transfer(owner, transfer, unit_id=unit)


def test_lots_are_listed_with_what_is_left(book: Book, monkeypatch: pytest.MonkeyPatch) -> None:
    member = new_id()
    made = book.ok(*(book.accrual(member, n, f"a{n}") for n in range(1, 6)))
    book.ok(book.burn(member, 3, "b"))
    page = queries.list_lots(member, book.merchant, limit=2)
    assert [(lot.transfer_id, lot.remaining) for lot in page.items] == [(made[4], 5), (made[3], 4)]
    rest = queries.list_lots(member, book.merchant, limit=2, cursor=page.next_cursor)
    assert ([lot.amount for lot in rest.items], rest.next_cursor) == ([3], None)
    everything = queries.list_lots(member, book.merchant, spent=True, limit=5)
    assert [lot.remaining for lot in everything.items] == [5, 4, 3, 0, 0]
    monkeypatch.setattr(queries, "_WINDOW", 2)
    assert len(queries.list_lots(member, book.merchant, limit=5).items) == 2
    assert [lot.remaining for lot in queries.list_lots_made_by(member, made[2:4])] == [3, 4]


def test_the_merchant_sees_what_it_owes(book: Book) -> None:
    member = new_id()
    assert queries.get_issued(book.merchant).outstanding == 0
    book.ok(book.accrual(member, 9, "a"), book.accrual(new_id(), 4, "b"), book.burn(member, 2, "c"))
    assert queries.get_issued(book.merchant).outstanding == 11


def test_a_statement_line_hashes_to_the_digest_s_entry(book: Book) -> None:
    member = new_id()
    [earned] = book.ok(
        book.accrual(member, 9, "a|b 合符", active_from=NOW + timedelta(days=1, microseconds=7))
    )
    [_undone] = book.ok(book.reversal(member, earned, "r", 4))
    for row in [*queries.list_entries(member).items, *queries.list_entries(book.merchant).items]:
        found = book.connection.execute(
            "SELECT ledger_entry_line_v1(e.account_id, e.transfer_id, e.owner_id, e.amount, e.balance_after, e.seq,"
            " e.booked_on, t.kind, t.amount, t.reverses, t.occurred_at, t.posted_at, t.request_id)"
            " FROM ledger_entry e JOIN ledger_transfer t ON t.owner_id = e.owner_id AND t.id = e.transfer_id"
            " WHERE e.account_id = %s AND e.transfer_id = %s",
            [row.account_id, row.transfer_id],
        ).fetchone()
        assert queries.entry_digest_line(row) == found[0]
    assert f"|{earned}|" in queries.entry_digest_line(queries.list_entries(member).items[0])


def test_a_page_of_entries_is_one_query(book: Book) -> None:
    member = new_id()
    book.ok(*(book.accrual(member, n, f"a{n}") for n in range(1, 30)))
    with CaptureQueriesContext(connection) as seen:
        queries.list_entries(member)
        queries.get_balances(member, NOW)
    assert len(seen) == 2


def rows_read(query: str, parameters: list) -> int:
    """How many rows of the ledger's tables PostgreSQL fetched for this query, run as the application does."""
    count = (
        "SELECT sum(seq_tup_read + coalesce(idx_tup_fetch, 0))::int FROM pg_stat_xact_user_tables"
        " WHERE relname LIKE 'ledger_%%'"
    )
    with transaction.atomic(), connection.cursor() as cursor:
        found = []
        for text, values in ((count, []), (query, parameters), (count, [])):
            cursor.execute(text, values)
            found.append(cursor.fetchall())
    return found[2][0][0] - found[0][0][0]


def test_reading_does_not_grow_with_the_history(book: Book) -> None:
    """A plan that sorts or scans a member's whole history would show itself here, whatever the statistics say."""
    member = new_id()

    def earn(count: int, start: int) -> None:
        for first in range(start, start + count, 500):
            batch = [
                book.accrual(member, 2, f"a{n}", expires_at=LATER + timedelta(seconds=n))
                for n in range(first, first + 500)
            ]
            book.ok(*batch)

    def read() -> list[int]:
        last = [queries._LAST, queries._LAST]
        return [
            rows_read("SELECT ledger_read_balances_v1(%s, %s, %s)", [member, None, NOW]),
            rows_read("SELECT ledger_read_entries_v1(%s, NULL, %s, %s, 21, NULL, 21)", [member, *last]),
        ]

    earn(500, 0)
    book.ok(book.burn(member, 500, "b1"))
    few = read()
    earn(5_000, 1_000)
    book.ok(book.burn(member, 5_000, "b2"))
    assert read() == few
    assert max(few) < 60


def test_the_application_may_read_but_not_close(book: Book) -> None:
    with connect() as other, pytest.raises(psycopg.errors.InsufficientPrivilege):
        other.execute("INSERT INTO ledger_day_digest VALUES (current_date, '', '', 0, now())")
