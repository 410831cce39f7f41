"""A ledger of its own in a cloned database: filled through the front door, broken by its owner."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from uuid import UUID

import psycopg

from tessera.kit.ids import new_id
from tessera.ledger.rules import Leg, Transfer
from tests.ledger.conftest import LATER, NOW, Book
from tests.settings import HOME, OUTSIDE, owner_url

APPEND_ONLY = (
    "ledger_transfer",
    "ledger_entry",
    "ledger_lot_move",
    "ledger_lot_activation",
    "ledger_day_digest",
    "ledger_digest_chunk",
)


def app_url(database: str) -> str:
    """The application's address of another database of this run."""
    return owner_url(database) if OUTSIDE else f"postgresql://tessera@/{database}?host={HOME}/run"


class Breakable:
    """A small ledger with a closed past, and the owner's tools to break it."""

    def __init__(self, owner: psycopg.Connection, plain: psycopg.Connection) -> None:
        self.owner = owner
        merchant = new_id()
        plain.execute(
            "SELECT ledger_open_unit_v1(%s, 'points', %s, %s, 0, %s)",
            [merchant, f"points:{merchant}", merchant, NOW],
        )
        self.book = Book(plain, merchant)
        self.member, self.other = new_id(), new_id()
        self.ids: dict[str, UUID] = {}

    def live(self, mark: str) -> None:
        """Let some of everything happen."""
        book, a, b = self.book, self.member, self.other
        for name, transfer in (
            ("accrual", book.accrual(a, 9, f"{mark}1")),
            ("ending", book.accrual(a, 4, f"{mark}2", expires_at=NOW + timedelta(days=1))),
            ("burn", book.burn(a, 5, f"{mark}3")),
            ("big", book.accrual(b, 10, f"{mark}4")),
            ("spent", book.burn(b, 8, f"{mark}5")),
        ):
            [self.ids[f"{mark}.{name}"]] = book.ok(transfer)
        [self.ids[f"{mark}.refund"]] = book.ok(book.reversal(a, self.ids[f"{mark}.burn"], f"{mark}6", 2))
        [self.ids[f"{mark}.claw"]] = book.ok(
            book.reversal(b, self.ids[f"{mark}.big"], f"{mark}7", shortfall="owe")
        )
        [self.ids[f"{mark}.more"]] = book.ok(book.accrual(b, 30, f"{mark}8"))
        legs = (
            Leg(a, "member", book.merchant, "wallet", -1),
            Leg(book.merchant, "merchant", book.merchant, "breakage", 1, True),
        )
        book.ok(
            Transfer(
                new_id(),
                a,
                "expiry",
                f"{mark}9",
                legs,
                1,
                NOW,
                "job",
                lot_transfer_id=self.ids[f"{mark}.ending"],
            ),
            now=LATER,
        )

    def age(self, days: int = 1) -> None:
        """Let everything that is not closed have happened some days earlier."""
        with self.broken_open():
            for table in ("ledger_entry", "ledger_transfer"):
                self.owner.execute(
                    f"UPDATE {table} SET booked_on = booked_on - %s"
                    " WHERE booked_on > coalesce((SELECT max(day) FROM ledger_day_digest), '-infinity')",
                    [days],
                )

    @contextmanager
    def broken_open(self) -> Iterator[None]:
        """Switch the append-only triggers off, and on again."""
        for table in APPEND_ONLY:
            self.owner.execute(f"ALTER TABLE {table} DISABLE TRIGGER append_only")
        yield
        for table in APPEND_ONLY:
            self.owner.execute(f"ALTER TABLE {table} ENABLE TRIGGER append_only")

    def account(self, owner: UUID, purpose: str = "wallet") -> UUID:
        """The id of an account."""
        row = self.owner.execute(
            "SELECT id FROM ledger_account WHERE owner_id = %s AND purpose = %s", [owner, purpose]
        ).fetchone()
        assert row
        return row[0]

    def names(self) -> dict[str, object]:
        """What the planted statements speak of."""
        return {
            **{name.replace(".", "_"): value for name, value in self.ids.items()},
            "wallet": self.account(self.member),
            "issued": self.account(self.book.merchant, "issued"),
            "member": self.member,
            "merchant": self.book.merchant,
            "nobody": new_id(),
        }
