"""Records returns: the basket that is kept is computed anew, the difference is clawed back from the very lots."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

import psycopg

from tessera.catalog.lookup import Sold, find_categories, find_sold
from tessera.kit.arrays import uuids
from tessera.kit.errors import IdReused
from tessera.kit.ids import new_id
from tessera.kit.refusals import Refusal
from tessera.kit.rounds import in_rounds
from tessera.kit.sql import statement
from tessera.ledger.actions.posting import hold_accounts, post
from tessera.ledger.rules import Leg, Reversal
from tessera.merchants.errors import MemberUnknown, MerchantInactive
from tessera.merchants.recognition import find_trading, recognise
from tessera.orders.earlier import Earlier, load_earlier, take_back
from tessera.orders.errors import (
    MomentImplausible,
    NothingLeft,
    ProductUnknown,
    ReceiptUnknown,
    ReturnExceedsPurchase,
)
from tessera.orders.once import ask_seen, keys_of
from tessera.orders.rules import (
    EARLIEST,
    FUTURE_TOLERANCE,
    RecordedReturn,
    RecordReturn,
    ReturnedLine,
    SoldLine,
    content_digest,
)
from tessera.points.actions.caps import add_cap_use

__all__ = ["record_returns"]


@dataclass(slots=True)
class _Draft:
    """One return on its way; `members` are all ids of the person, `member_id` is the one it is recorded under."""

    command: RecordReturn
    members: list[UUID]
    occurred_at: datetime
    purchase_id: UUID | None
    return_id: UUID = field(default_factory=new_id)
    earlier: dict[UUID, Earlier] = field(default_factory=dict)
    lines: list[tuple[Sold, ReturnedLine]] = field(default_factory=list)
    matches: list[tuple[int, Earlier, int, int, int]] = field(default_factory=list)

    @property
    def member_id(self) -> UUID:
        """The person himself."""
        return self.members[0]


def record_returns(
    connection: psycopg.Connection[Any], commands: Sequence[RecordReturn], *, now: datetime
) -> list[RecordedReturn | Refusal]:
    """Record returns in the caller's transaction and answer for each, in order (spec/points.md, Earning: Returns).

    The points of the kept basket are computed anew under the purchase's own rules and context; the difference is
    clawed back from the very lots, and what was spent already becomes owed. Refuses `merchant_inactive` (unknown),
    `moment_implausible`, `product_unknown`, `member_unknown`, `receipt_unknown`, `return_exceeds_purchase`,
    `nothing_left`, `receipt_reused`, `id_reused`.
    """

    def each(part: Sequence[RecordReturn]) -> list[RecordedReturn | Refusal]:
        digests = [content_digest(command) for command in part]
        seen = ask_seen(connection, part, digests, "return")()
        return [
            _record_one(connection, command, digest, before, now)
            for command, digest, before in zip(part, digests, seen, strict=True)
        ]

    return in_rounds(commands, keys=keys_of, act=each)


def _record_one(
    connection: psycopg.Connection[Any],
    command: RecordReturn,
    digest: bytes,
    before: tuple[UUID, UUID] | Refusal | None,
    now: datetime,
) -> RecordedReturn | Refusal:
    if isinstance(before, Refusal):
        return before
    if before is not None:
        return _recorded(connection, *before)
    try:
        sold = _products(connection, command)
        draft = _draft(connection, command, now)
        wallets = [Leg(member, "member", command.merchant_id, "wallet", 0) for member in draft.members]
        hold_accounts(connection, wallets, now=now)
        for line in command.lines or _whole(connection, draft):
            _take_back(connection, draft, line, sold or _products_of(connection, draft))
    except Refusal as refusal:
        return refusal
    if (refused := _claw_back(connection, draft, now)) is not None:
        return refused
    _write(connection, draft, digest, now)
    lines = tuple(line for _, line in draft.lines)
    points = sum(line.points for line in lines)
    return RecordedReturn(draft.return_id, draft.member_id, command.receipt_number, points, lines)


def _products(connection: psycopg.Connection[Any], command: RecordReturn) -> dict[str, Sold]:
    if not command.lines:
        return {}
    found = find_sold(connection, {(command.merchant_id, line.sku) for line in command.lines})
    for line in command.lines:
        if (command.merchant_id, line.sku) not in found:
            raise ProductUnknown(sku=line.sku)
    return {sku: sold for (_, sku), sold in found.items()}


def _draft(connection: psycopg.Connection[Any], command: RecordReturn, now: datetime) -> _Draft:
    if command.merchant_id not in find_trading(connection, [command.merchant_id]):
        raise MerchantInactive
    occurred_at = command.occurred_at or now
    latest = now + FUTURE_TOLERANCE
    if not EARLIEST <= occurred_at <= latest:
        raise MomentImplausible(
            occurred_at=occurred_at.isoformat(), earliest=EARLIEST.isoformat(), latest=latest.isoformat()
        )
    if command.of_receipt is not None:
        row = connection.execute(
            "SELECT member_id, object_id FROM orders_receipt WHERE merchant_id = %s AND number = %s AND kind = 'purchase'",
            (command.merchant_id, command.of_receipt),
        ).fetchone()
        if row is None:
            raise ReceiptUnknown(receipt_number=command.of_receipt)
        return _Draft(command, _same_person(connection, row[0]), occurred_at, row[1])
    assert command.member is not None, "the edge refuses a return of nobody"
    [person] = recognise(connection, [(command.merchant_id, *command.member)], now=now)
    if person is None:
        raise MemberUnknown
    return _Draft(command, _same_person(connection, person.person_id), occurred_at, None)


def _same_person(connection: psycopg.Connection[Any], member_id: UUID) -> list[UUID]:
    """A number's holder and the person it was joined to are one: what the one bought the other may bring back."""
    return [row[0] for row in connection.execute(statement("orders", "same_person"), {"member": member_id})]


def _whole(connection: psycopg.Connection[Any], draft: _Draft) -> list[SoldLine]:
    """All that is left of the named purchase, product by product."""
    assert draft.purchase_id is not None
    left: dict[UUID, int] = {}
    for line in _earlier(connection, draft, draft.purchase_id).lines.values():
        left[line.product_id] = left.get(line.product_id, 0) + line.quantity - line.returned
    if not any(left.values()):
        raise NothingLeft(receipt_number=draft.command.of_receipt)
    skus = find_categories(connection, left)
    return [SoldLine(skus[product][0], quantity) for product, quantity in left.items() if quantity]


def _products_of(connection: psycopg.Connection[Any], draft: _Draft) -> dict[str, Sold]:
    """The products of the purchases loaded so far, by SKU: a whole return names none itself."""
    products = {line.product_id for earlier in draft.earlier.values() for line in earlier.lines.values()}
    return {
        sku: Sold(product, None, above)
        for product, (sku, above) in find_categories(connection, products).items()
    }


def _take_back(
    connection: psycopg.Connection[Any], draft: _Draft, line: SoldLine, sold: dict[str, Sold]
) -> None:
    """Match one returned line to earlier purchases and compute what each loses."""
    product = sold[line.sku]
    rows = connection.execute(
        statement("orders", "returnable"),
        {
            "members": uuids(draft.members),
            "product": product.product_id,
            "merchant": draft.command.merchant_id,
            "occurred": draft.occurred_at,
            "purchase": draft.purchase_id,
            "quantity": 2**31
            if draft.earlier
            else line.quantity,  # this return may have taken some of them already
        },
    ).fetchall()
    number = len(draft.lines) + 1
    wanted, points = line.quantity, 0
    by_purchase: dict[UUID, list[tuple[int, int]]] = {}
    for purchase_id, line_no, _ in rows:
        kept = _earlier(connection, draft, purchase_id).lines[line_no] if wanted else None
        if kept is None:
            break
        quantity = min(wanted, kept.quantity - kept.returned)
        if quantity:
            by_purchase.setdefault(purchase_id, []).append((line_no, quantity))
            kept.returned += quantity
            wanted -= quantity
    if wanted and draft.purchase_id is not None:
        raise ReturnExceedsPurchase(sku=line.sku, left=line.quantity - wanted, asked=line.quantity)
    for purchase_id, parts in by_purchase.items():
        lost = take_back(connection, draft.command.merchant_id, draft.earlier[purchase_id])
        points += lost
        for position, (line_no, quantity) in enumerate(parts):
            draft.matches.append(
                (number, draft.earlier[purchase_id], line_no, quantity, 0 if position else lost)
            )
    draft.lines.append((product, ReturnedLine(line.sku, line.quantity, wanted, points)))


def _earlier(connection: psycopg.Connection[Any], draft: _Draft, purchase_id: UUID) -> Earlier:
    known = draft.earlier.get(purchase_id)
    if known is None:
        known = draft.earlier[purchase_id] = load_earlier(connection, draft.members, purchase_id)
    return known


def _claw_back(connection: psycopg.Connection[Any], draft: _Draft, now: datetime) -> Refusal | None:
    command = draft.command
    reversals = [
        Reversal(
            id=new_id(),
            owner_id=earlier.member_id,
            kind="claw_back",
            request_id=f"return:{command.merchant_id.hex}:{command.receipt_number}:{earlier.purchase_id.hex}",
            reverses=earlier.transfer_id,
            occurred_at=draft.occurred_at,
            actor=command.actor,
            amount=earlier.taken,
            shortfall="owe",
            reference_kind="return",
            reference_id=draft.return_id,
            rule_version=f"r{earlier.revision}",
        )
        for earlier in draft.earlier.values()
        if earlier.taken and earlier.transfer_id is not None
    ]
    several = len(reversals) > 1  # one refused, none may stay
    if several:
        connection.execute("SAVEPOINT claw_back")
    for answer in post(connection, reversals, now=now) if reversals else []:
        if isinstance(
            answer, IdReused
        ):  # the ledger's own id is made of the receipt: it is the receipt that is taken
            raise psycopg.errors.SerializationFailure("a racer recorded the same receipt at this moment")
        if isinstance(answer, Refusal):
            if several:
                connection.execute("ROLLBACK TO SAVEPOINT claw_back")
            return answer
    given_back = [
        ((earlier.member_id, rule_id, earlier.context.local.date()), -earlier.taken)
        for earlier in draft.earlier.values()
        if earlier.taken
        for rule_id in earlier.context.caps_left
    ]
    if given_back:
        add_cap_use(connection, given_back)
    return None


def _write(connection: psycopg.Connection[Any], draft: _Draft, digest: bytes, now: datetime) -> None:
    command = draft.command
    taken = [earlier for earlier in draft.earlier.values() if earlier.taken]
    connection.execute(
        statement("orders", "record_return"),
        {
            "merchant": command.merchant_id,
            "number": command.receipt_number,
            "member": draft.member_id,
            "id": draft.return_id,
            "digest": digest,
            "owner": command.owner_id,
            "request": command.request_id,
            "request_digest": command.request_digest,
            "now": now,
            "occurred": draft.occurred_at,
            "points": sum(line.points for _, line in draft.lines),
            "source": command.source,
            "actor": command.actor,
            "l_no": list(range(1, len(draft.lines) + 1)),
            "l_product": [sold.product_id for sold, _ in draft.lines],
            "l_quantity": [line.quantity for _, line in draft.lines],
            "l_unmatched": [line.unmatched_quantity for _, line in draft.lines],
            "l_points": [line.points for _, line in draft.lines],
            "m_no": [match[0] for match in draft.matches],
            "m_member": [match[1].member_id for match in draft.matches],
            "m_purchase": [match[1].purchase_id for match in draft.matches],
            "m_line": [match[2] for match in draft.matches],
            "m_quantity": [match[3] for match in draft.matches],
            "m_points": [match[4] for match in draft.matches],
            "p_member": [earlier.member_id for earlier in taken],
            "p_id": [earlier.purchase_id for earlier in taken],
            "p_points": [earlier.taken for earlier in taken],
        },
    )


def _recorded(connection: psycopg.Connection[Any], member_id: UUID, return_id: UUID) -> RecordedReturn:
    rows = connection.execute(statement("orders", "recorded_return"), (member_id, return_id)).fetchall()
    lines = tuple(ReturnedLine(row[2], row[3], row[4], row[5]) for row in rows)
    return RecordedReturn(return_id, member_id, rows[0][0], rows[0][1], lines, repeat=True)
