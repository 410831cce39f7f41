"""Records purchases: one handler for the till, the API, the bulk call, the import and the replay."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import msgspec
import psycopg

from tessera.catalog.lookup import Sold, find_sold
from tessera.kit.arrays import digests, integers, moments, texts, uuids
from tessera.kit.errors import IdReused
from tessera.kit.ids import new_id
from tessera.kit.refusals import Refusal
from tessera.kit.sql import statement
from tessera.ledger.actions.posting import hold_accounts, post
from tessera.ledger.rules import Leg, Transfer, accrual_legs
from tessera.merchants.recognition import Recognised, Trading, find_stores, find_trading, recognise
from tessera.orders.errors import (
    MemberUnknown,
    MerchantInactive,
    MomentImplausible,
    ProductUnknown,
    ReceiptReused,
    StoreUnknown,
)
from tessera.orders.rules import FUTURE_TOLERANCE, RecordedPurchase, RecordPurchase, content_digest
from tessera.points.actions.caps import add_cap_use
from tessera.points.queries import CapKey, load_book, read_cap_use
from tessera.points.rules import Accrual, Context, Line, RuleBook, cost_minor, evaluate, lot_terms

__all__ = ["in_rounds", "record_purchases", "seen_before"]

_json = msgspec.json.Encoder()
_EARLIEST = datetime(2000, 1, 1, tzinfo=UTC)

Outcome = RecordedPurchase | Refusal


@dataclass(slots=True)
class _Draft:
    """One purchase on its way through the batch; `refusal` ends the way."""

    command: RecordPurchase
    digest: bytes
    occurred_at: datetime
    refusal: Refusal | None = None
    repeat: tuple[UUID, UUID] | None = None
    trading: Trading = field(init=False)
    store_id: UUID | None = None
    sold: list[Sold] = field(default_factory=list)
    buyer: Recognised = field(init=False)
    book: RuleBook = field(init=False)
    context: Context = field(init=False)
    accrual: Accrual = field(init=False)
    amounts: list[int] = field(default_factory=list)
    purchase_id: UUID = field(default_factory=new_id)
    transfer_id: UUID | None = None
    cap_use: list[tuple[CapKey, int]] = field(default_factory=list)


def record_purchases(
    connection: psycopg.Connection[Any], commands: Sequence[RecordPurchase], *, now: datetime
) -> list[Outcome]:
    """Record a batch in the caller's transaction and answer for each, in order (spec/points.md, Earning).

    Each answer is what was recorded, the first answer again for a receipt or request seen before with the same
    content (`repeat`), or a refusal: `merchant_inactive`, `store_unknown`, `product_unknown`, `member_unknown`,
    `moment_implausible`, `receipt_reused`, `id_reused`, and what the ledger refuses. A refusal stops no other purchase
    of the batch and writes nothing. Raises UniqueViolation when a racer recorded the same receipt: retry the batch.
    """
    return in_rounds(commands, lambda part: _record_distinct(connection, part, now))


def in_rounds(commands: Sequence[Any], record: Any) -> list[Any]:
    """Answer the commands by `record`, in as many rounds as one receipt or request id stands in the batch."""
    answers: list[Any] = [None] * len(commands)
    waiting = list(range(len(commands)))
    while waiting:
        seen: set[object] = set()
        this_round, later = [], []
        for index in waiting:
            command = commands[index]
            keys = {(command.merchant_id, command.receipt_number), (command.owner_id, command.request_id or object())}
            (later if keys & seen else this_round).append(index)
            seen |= keys
        for index, answer in zip(this_round, record([commands[i] for i in this_round]), strict=True):
            answers[index] = answer
        waiting = later
    return answers


def _record_distinct(
    connection: psycopg.Connection[Any], commands: Sequence[RecordPurchase], now: datetime
) -> list[Outcome]:
    drafts = [_Draft(command, content_digest(command), command.occurred_at or now) for command in commands]
    _check_place_and_time(connection, drafts, now)
    _check_seen(connection, drafts)
    _find_products(connection, _open(drafts))
    _find_buyers(connection, _open(drafts), now)
    _earn(connection, _open(drafts), now)
    _post(connection, _open(drafts), now)
    _write(connection, _open(drafts), now)
    repeats = _recorded(connection, [draft.repeat for draft in drafts if draft.repeat])
    return [
        draft.refusal or (repeats[draft.repeat[1]] if draft.repeat else _answer(draft))
        for draft in drafts
    ]  # fmt: skip


def _open(drafts: Iterable[_Draft]) -> list[_Draft]:
    return [draft for draft in drafts if draft.refusal is None and draft.repeat is None]


def _check_place_and_time(connection: psycopg.Connection[Any], drafts: Sequence[_Draft], now: datetime) -> None:
    trading = find_trading(connection, {draft.command.merchant_id for draft in drafts})
    named = {(d.command.merchant_id, d.command.store) for d in drafts if d.command.store is not None}
    stores = find_stores(connection, named)  # type: ignore[arg-type]  # None was filtered out above
    latest = now + FUTURE_TOLERANCE
    for draft in drafts:
        command = draft.command
        merchant = trading.get(command.merchant_id)
        if merchant is None or not merchant.active:
            draft.refusal = MerchantInactive()
            continue
        draft.trading = merchant
        if command.store is not None:
            draft.store_id = stores.get((command.merchant_id, command.store))
            if draft.store_id is None:
                draft.refusal = StoreUnknown(store=command.store)
        if not _EARLIEST <= draft.occurred_at <= latest:
            draft.refusal = MomentImplausible(
                occurred_at=draft.occurred_at.isoformat(), earliest=_EARLIEST.isoformat(), latest=latest.isoformat()
            )


def seen_before(
    connection: psycopg.Connection[Any], commands: Sequence[Any], digests: Sequence[bytes], kind: str
) -> list[tuple[UUID, UUID] | Refusal | None]:
    """Return for each command None (new), (member, object) of what was recorded first, or why it is refused.

    `digests` say what each receipt contains; `kind` is "purchase" or "return". Refuses `receipt_reused`, `id_reused`.
    """
    rows = connection.execute(
        statement("orders", "seen"),
        (
            uuids([c.merchant_id for c in commands]),
            texts([c.receipt_number for c in commands]),
            uuids([c.owner_id for c in commands]),
            texts([c.request_id for c in commands]),
        ),
    ).fetchall()
    found: list[tuple[UUID, UUID] | Refusal | None] = [None] * len(commands)
    for n, seen_kind, member_id, object_id, digest, request_digest, answer in rows:
        index = n - 1
        command = commands[index]
        if request_digest is not None and bytes(request_digest) != command.request_digest:
            found[index] = IdReused(request_id=command.request_id)
        elif request_digest is not None:
            found[index] = (UUID(bytes=bytes(answer)[:16]), UUID(bytes=bytes(answer)[16:]))
        elif seen_kind != kind or bytes(digest) != digests[index]:
            found[index] = ReceiptReused(receipt_number=command.receipt_number)
        else:
            found[index] = (member_id, object_id)
    return found


def _check_seen(connection: psycopg.Connection[Any], drafts: Sequence[_Draft]) -> None:
    """A receipt or request seen before is answered before anything else is asked of it."""
    found = seen_before(connection, [d.command for d in drafts], [d.digest for d in drafts], "purchase")
    for draft, before in zip(drafts, found, strict=True):
        if isinstance(before, Refusal):
            draft.refusal = before
        elif before is not None:
            draft.refusal, draft.repeat = None, before


def _find_products(connection: psycopg.Connection[Any], drafts: Sequence[_Draft]) -> None:
    wanted = {(d.command.merchant_id, line.sku) for d in drafts for line in d.command.lines}
    sold = find_sold(connection, wanted) if wanted else {}
    for draft in drafts:
        for line in draft.command.lines:
            product = sold.get((draft.command.merchant_id, line.sku))
            if product is None:
                draft.refusal = ProductUnknown(sku=line.sku)
                break
            draft.sold.append(product)
            draft.amounts.append(
                (product.price_minor or 0) * line.quantity if line.amount_minor is None else line.amount_minor
            )


def _find_buyers(connection: psycopg.Connection[Any], drafts: Sequence[_Draft], now: datetime) -> None:
    if not drafts:
        return
    wanted = [(d.command.merchant_id, *d.command.member) for d in drafts]
    for draft, buyer in zip(drafts, recognise(connection, wanted, now=now), strict=True):
        if buyer is None:
            draft.refusal = MemberUnknown()
        else:
            draft.buyer = buyer


def _earn(connection: psycopg.Connection[Any], drafts: Sequence[_Draft], now: datetime) -> None:
    """Decide the points, under the members' wallets' locks: caps per person and day are exact."""
    wallets = [Leg(d.buyer.person_id, "member", d.command.merchant_id, "wallet", 0) for d in drafts]
    if wallets:
        hold_accounts(connection, wallets, now=now)
    capped = []
    for draft in drafts:
        draft.book = load_book(connection, draft.command.merchant_id, draft.trading.rules_revision)
        local = draft.occurred_at.astimezone(draft.trading.time_zone)
        for rule in draft.book.capped(draft.occurred_at):
            capped.append((draft.buyer.person_id, rule.rule_id, local.date()))
    used = read_cap_use(connection, capped) if capped else {}
    for draft in drafts:
        _earn_one(draft, used)

def _earn_one(draft: _Draft, used: dict[CapKey, int]) -> None:
    local = draft.occurred_at.astimezone(draft.trading.time_zone)
    caps = draft.book.capped(draft.occurred_at)
    keys = {rule.rule_id: (draft.buyer.person_id, rule.rule_id, local.date()) for rule in caps}
    left = {rule.rule_id: max(0, rule.terms.points - used.get(keys[rule.rule_id], 0)) for rule in caps}
    birthday = draft.buyer.birthday
    draft.context = Context(
        store_id=draft.store_id,
        local=local,
        level=draft.buyer.level,
        birthday=birthday is not None and (birthday.month, birthday.day) == (local.month, local.day),
        caps_left=left,
    )
    lines = [
        Line(product.product_id, product.category_ids, line.quantity, amount)
        for line, product, amount in zip(draft.command.lines, draft.sold, draft.amounts, strict=True)
    ]
    draft.accrual = evaluate(lines, draft.book.in_force(draft.occurred_at), draft.context)
    if draft.accrual.points:
        for key in keys.values():
            used[key] = used.get(key, 0) + draft.accrual.points
            draft.cap_use.append((key, draft.accrual.points))


def _post(connection: psycopg.Connection[Any], drafts: Sequence[_Draft], now: datetime) -> None:
    earning = [draft for draft in drafts if draft.accrual.points]
    if not earning:
        return
    for draft, answer in zip(earning, post(connection, [_transfer(d, now) for d in earning], now=now), strict=True):
        if isinstance(answer, Refusal):
            draft.refusal = answer
        else:
            draft.transfer_id = answer.transfer_id


def _transfer(draft: _Draft, now: datetime) -> Transfer:
    command = draft.command
    programme = draft.book.programme_at(draft.occurred_at)
    terms = lot_terms(
        programme,
        occurred_at=draft.occurred_at,
        now=now,
        time_zone=draft.trading.time_zone,
        claimed=draft.buyer.registered,
    )
    legs = accrual_legs(
        member_id=draft.buyer.person_id,
        merchant_id=command.merchant_id,
        points=draft.accrual.points,
        funder_id=command.merchant_id,
        cost_minor=cost_minor(programme, draft.accrual.points),
        earned_at=draft.occurred_at,
        active_from=terms.active_from,
        expires_at=terms.expires_at,
    )
    return Transfer(
        id=new_id(),
        owner_id=draft.buyer.person_id,
        kind="accrual",
        request_id=f"purchase:{command.merchant_id.hex}:{command.receipt_number}",
        legs=legs,
        amount=draft.accrual.points,
        occurred_at=draft.occurred_at,
        actor=command.actor,
        reference_kind="purchase",
        reference_id=draft.purchase_id,
        rule_version=f"r{draft.book.revision}",
    )


def _context_json(draft: _Draft) -> str:
    """Only what cannot be read elsewhere and is not as usual: what the same arithmetic needs when goods come back.

    A product may stand in another category by then: where a rule asks for categories, they are kept.
    """
    context = draft.context
    kept: dict[str, Any] = {"local": context.local.isoformat()}
    if any(version.kind == "category" for version in draft.book.in_force(draft.occurred_at)):
        kept["categories"] = {
            str(sold.product_id): [str(one) for one in sold.category_ids] for sold in draft.sold if sold.category_ids
        }
    if context.level:
        kept["level"] = context.level
    if context.birthday:
        kept["birthday"] = True
    if context.caps_left:
        kept["caps_left"] = {str(rule): points for rule, points in context.caps_left.items()}
    return _json.encode(kept).decode()


def _write(connection: psycopg.Connection[Any], drafts: Sequence[_Draft], now: datetime) -> None:
    if not drafts:
        return
    if cap_use := [row for draft in drafts for row in draft.cap_use]:
        add_cap_use(connection, cap_use)
    lines = [
        (d.buyer.person_id, d.purchase_id, number, product.product_id, line.quantity, amount, points)
        for d in drafts
        for number, (line, product, amount, points) in enumerate(
            zip(d.command.lines, d.sold, d.amounts, d.accrual.line_points, strict=True), start=1
        )
    ]
    commands = [draft.command for draft in drafts]
    connection.execute(
        statement("orders", "record_purchases"),
        {
            "now": now,
            "merchant": uuids([c.merchant_id for c in commands]),
            "number": texts([c.receipt_number for c in commands]),
            "member": uuids([d.buyer.person_id for d in drafts]),
            "id": uuids([d.purchase_id for d in drafts]),
            "digest": digests([d.digest for d in drafts]),
            "owner": uuids([c.owner_id for c in commands]),
            "request": texts([c.request_id for c in commands]),
            "request_digest": digests([c.request_digest for c in commands]),
            "store": uuids([d.store_id for d in drafts]),
            "occurred": moments([d.occurred_at for d in drafts]),
            "currency": texts([d.trading.currency for d in drafts]),
            "amount": integers([sum(d.amounts) for d in drafts]),
            "points": integers([d.accrual.points for d in drafts]),
            "transfer": uuids([d.transfer_id for d in drafts]),
            "revision": integers([d.book.revision for d in drafts]),
            "context": texts([_context_json(d) for d in drafts]),
            "fired": texts([_json.encode(d.accrual.fired).decode() for d in drafts]),
            "source": texts([c.source for c in commands]),
            "actor": texts([c.actor for c in commands]),
            "l_member": uuids([line[0] for line in lines]),
            "l_purchase": uuids([line[1] for line in lines]),
            "l_no": integers([line[2] for line in lines]),
            "l_product": uuids([line[3] for line in lines]),
            "l_quantity": integers([line[4] for line in lines]),
            "l_amount": integers([line[5] for line in lines]),
            "l_points": integers([line[6] for line in lines]),
        },
    )


def _recorded(
    connection: psycopg.Connection[Any], repeats: Sequence[tuple[UUID, UUID]]
) -> dict[UUID, RecordedPurchase]:
    if not repeats:
        return {}
    rows = connection.execute(
        statement("orders", "recorded_purchases"), (uuids([m for m, _ in repeats]), uuids([p for _, p in repeats]))
    ).fetchall()
    return {
        row[0]: RecordedPurchase(row[0], row[1], row[2], row[3], tuple(row[8]), row[4], row[5], row[6], row[7], True)
        for row in rows
    }


def _answer(draft: _Draft) -> RecordedPurchase:
    return RecordedPurchase(
        purchase_id=draft.purchase_id,
        member_id=draft.buyer.person_id,
        receipt_number=draft.command.receipt_number,
        points=draft.accrual.points,
        line_points=draft.accrual.line_points,
        transfer_id=draft.transfer_id,
        rules_revision=draft.book.revision,
        amount_minor=sum(draft.amounts),
        currency=draft.trading.currency,
    )
