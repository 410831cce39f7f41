"""Records purchases: one handler for the till, the API, the bulk call, the import and the replay."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec
import psycopg

from tessera.kit.amounts import MAX_AMOUNT
from tessera.kit.arrays import digests, integers, moments, texts, uuids
from tessera.kit.errors import AmountInvalid, IdReused
from tessera.kit.ids import new_id
from tessera.kit.refusals import Refusal
from tessera.kit.rounds import in_rounds
from tessera.kit.sql import statement
from tessera.ledger.actions.posting import hold_accounts, post
from tessera.ledger.rules import Leg, Transfer, accrual_legs
from tessera.orders.drafts import Draft, draft_purchases, still_open
from tessera.orders.once import keys_of
from tessera.orders.rules import RecordedPurchase, RecordPurchase
from tessera.points.actions.caps import add_cap_use
from tessera.points.queries import CapKey, load_book, read_cap_use
from tessera.points.rules import CapTerms, Context, Line, cost_minor, evaluate, lot_terms

__all__ = ["record_purchases"]

_json = msgspec.json.Encoder()

Outcome = RecordedPurchase | Refusal


def record_purchases(
    connection: psycopg.Connection[Any], commands: Sequence[RecordPurchase], *, now: datetime
) -> list[Outcome]:
    """Record a batch in the caller's transaction and answer for each, in order (spec/points.md, Earning).

    Each answer is what was recorded, the first answer again for a receipt or request seen before with the same
    content (`repeat`), or a refusal: `merchant_inactive`, `store_unknown`, `product_unknown`, `member_unknown`,
    `moment_implausible`, `amount_invalid`, `receipt_reused`, `id_reused`, and what the ledger refuses. A refusal stops
    no other purchase of the batch and writes nothing. Raises UniqueViolation when a racer recorded the same receipt: retry the batch.
    """
    return in_rounds(commands, keys=keys_of, act=lambda part: _record_distinct(connection, part, now))


def _record_distinct(
    connection: psycopg.Connection[Any], commands: Sequence[RecordPurchase], now: datetime
) -> list[Outcome]:
    drafts = draft_purchases(connection, commands, now=now)
    _earn(connection, still_open(drafts), now)
    _post(connection, still_open(drafts), now)
    _write(connection, still_open(drafts), now)
    repeats = _recorded(connection, [draft.repeat for draft in drafts if draft.repeat])
    return [
        draft.refusal or (repeats[draft.repeat[1]] if draft.repeat else _answer(draft))
        for draft in drafts
    ]  # fmt: skip


def _earn(connection: psycopg.Connection[Any], drafts: Sequence[Draft], now: datetime) -> None:
    """Decide the points. Where a cap per person and day applies, under the wallets' locks: it is exact."""
    capped: list[tuple[Draft, CapKey]] = []
    for draft in drafts:
        draft.book = load_book(connection, draft.command.merchant_id, draft.trading.rules_revision)
        local = draft.occurred_at.astimezone(draft.trading.time_zone)
        capped += [
            (draft, (draft.buyer.person_id, rule.rule_id, local.date()))
            for rule in draft.book.capped(draft.occurred_at, draft.store_id)
        ]
    used: dict[CapKey, int] = {}
    if capped:
        wallets = [Leg(d.buyer.person_id, "member", d.command.merchant_id, "wallet", 0) for d, _ in capped]
        hold_accounts(connection, wallets, now=now)
        used = read_cap_use(connection, [key for _, key in capped])
    for draft in drafts:
        _earn_one(draft, used)


def _earn_one(draft: Draft, used: dict[CapKey, int]) -> None:
    local = draft.occurred_at.astimezone(draft.trading.time_zone)
    caps = draft.book.capped(draft.occurred_at, draft.store_id)
    keys = {rule.rule_id: (draft.buyer.person_id, rule.rule_id, local.date()) for rule in caps}
    left = {
        rule.rule_id: max(0, rule.terms.points - used.get(keys[rule.rule_id], 0))
        for rule in caps
        if isinstance(rule.terms, CapTerms)
    }
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
    if draft.accrual.points > MAX_AMOUNT:
        draft.refusal = AmountInvalid(field="points", least=0, most=MAX_AMOUNT)
    elif draft.accrual.points:
        for key in keys.values():
            used[key] = used.get(key, 0) + draft.accrual.points
            draft.cap_use.append((key, draft.accrual.points))


def _post(connection: psycopg.Connection[Any], drafts: Sequence[Draft], now: datetime) -> None:
    earning = [draft for draft in drafts if draft.accrual.points]
    if not earning:
        return
    for draft, answer in zip(
        earning, post(connection, [_transfer(d, now) for d in earning], now=now), strict=True
    ):
        if isinstance(
            answer, IdReused
        ):  # the ledger's own id is made of the receipt: it is the receipt that is taken
            raise psycopg.errors.SerializationFailure("a racer recorded the same receipt at this moment")
        if isinstance(answer, Refusal):
            draft.refusal = answer
        else:
            draft.transfer_id = answer.transfer_id


def _transfer(draft: Draft, now: datetime) -> Transfer:
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


def _context_json(draft: Draft) -> str:
    """Only what cannot be read elsewhere and is not as usual: what the same arithmetic needs when goods come back.

    A product may stand in another category by then: where a rule asks for categories, they are kept.
    """
    context = draft.context
    kept: dict[str, Any] = {"local": context.local.isoformat()}
    if any(version.kind == "category" for version in draft.book.in_force(draft.occurred_at)):
        kept["categories"] = {
            str(sold.product_id): [str(one) for one in sold.category_ids]
            for sold in draft.sold
            if sold.category_ids
        }
    if context.level:
        kept["level"] = context.level
    if context.birthday:
        kept["birthday"] = True
    if context.caps_left:
        kept["caps_left"] = {str(rule): points for rule, points in context.caps_left.items()}
    return _json.encode(kept).decode()


def _write(connection: psycopg.Connection[Any], drafts: Sequence[Draft], now: datetime) -> None:
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
        statement("orders", "recorded_purchases"),
        (uuids([m for m, _ in repeats]), uuids([p for _, p in repeats])),
    ).fetchall()
    return {
        row[0]: RecordedPurchase(
            row[0], row[1], row[2], row[3], tuple(row[8]), row[4], row[5], row[6], row[7], True
        )
        for row in rows
    }


def _answer(draft: Draft) -> RecordedPurchase:
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
