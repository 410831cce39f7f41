"""Points given or taken by hand, with a reason: a correction is a new entry (spec/README.md, rule 6)."""

import hashlib
from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import psycopg

from tessera.kit import clock
from tessera.kit.errors import IdReused
from tessera.kit.ids import new_id
from tessera.kit.refusals import Refusal
from tessera.kit.requests import keep_requests, seen_requests
from tessera.kit.rounds import in_rounds
from tessera.ledger.actions.posting import post
from tessera.ledger.rules import Leg, Transfer, accrual_legs
from tessera.merchants.errors import MemberUnknown, MerchantInactive
from tessera.merchants.recognition import find_trading, recognise
from tessera.points.errors import AdjustmentReused
from tessera.points.queries import load_book
from tessera.points.rules import cost_minor, lot_terms

__all__ = ["AdjustPoints", "Adjusted", "adjust_points", "handle_adjustments"]


@dataclass(frozen=True, slots=True)
class AdjustPoints:
    """Give (`points` > 0) or take (`points` < 0) by hand. `number` is the merchant's own for this adjustment, once.

    `member` is (kind, value) as in a purchase; `owner_id` and `request_id` identify a single call (None: in bulk).
    """

    merchant_id: UUID
    number: str
    member: tuple[str, str]
    points: int
    reason: str
    actor: str
    owner_id: UUID
    request_id: str | None = None
    request_digest: bytes = b""

    @property
    def key(self) -> tuple[UUID, str]:
        """Under which this adjustment has effect once."""
        return self.merchant_id, f"adjustment:{self.number}"

    @property
    def keys(self) -> set[Hashable]:
        """All ids under which this adjustment, or its request, has effect once."""
        return {self.key} if self.request_id is None else {self.key, (self.owner_id, self.request_id)}

    @property
    def digest(self) -> bytes:
        """What "the same adjustment" means."""
        return hashlib.sha256(repr((self.member, self.points, self.reason)).encode()).digest()


@dataclass(frozen=True, slots=True)
class Adjusted:
    """The answer: the transfer, and whose it is; `repeat` when it had been made before."""

    transfer_id: UUID
    member_id: UUID
    number: str
    points: int
    repeat: bool = False


def handle_adjustments(
    connection: psycopg.Connection[Any], commands: Sequence[AdjustPoints]
) -> list[Adjusted | Refusal]:
    """Adjust a batch now; for group commit."""
    return adjust_points(connection, commands, now=clock.now())


def adjust_points(
    connection: psycopg.Connection[Any], commands: Sequence[AdjustPoints], *, now: datetime
) -> list[Adjusted | Refusal]:
    """Post a batch of adjustments in the caller's transaction and answer for each, in order.

    Refuses `merchant_inactive`, `member_unknown`, `adjustment_reused`, `id_reused`, and what the ledger refuses
    (`insufficient_balance` for taking more than is there and active). A refusal stops no other and posts nothing.
    """
    return in_rounds(
        commands, keys=lambda command: command.keys, act=lambda part: _adjust_distinct(connection, part, now)
    )


def _adjust_distinct(
    connection: psycopg.Connection[Any], commands: Sequence[AdjustPoints], now: datetime
) -> list[Adjusted | Refusal]:
    found: list[Adjusted | Refusal | None] = _repeats(connection, commands)
    trading = find_trading(connection, {command.merchant_id for command in commands})
    for place, command in enumerate(commands):
        merchant = trading.get(command.merchant_id)
        if found[place] is None and (merchant is None or not merchant.active):
            found[place] = MerchantInactive()
    new = [place for place, answer in enumerate(found) if answer is None]
    if new:
        persons = recognise(
            connection, [(commands[p].merchant_id, *commands[p].member) for p in new], now=now
        )
        posting: list[tuple[int, Transfer]] = []
        for place, person in zip(new, persons, strict=True):
            command = commands[place]
            if person is None:
                found[place] = MemberUnknown()
                continue
            book = load_book(connection, command.merchant_id, trading[command.merchant_id].rules_revision)
            terms = lot_terms(
                book.programme_at(now), occurred_at=now, now=now,
                time_zone=trading[command.merchant_id].time_zone, claimed=person.registered,
            )  # fmt: skip
            cost = cost_minor(book.programme_at(now), abs(command.points))
            posting.append(
                (place, _transfer(command, person.person_id, terms.expires_at, terms.active_from, cost, now))
            )
        _post(connection, commands, posting, found, now)
    return [answer for answer in found if answer is not None]


def _repeats(
    connection: psycopg.Connection[Any], commands: Sequence[AdjustPoints]
) -> list[Adjusted | Refusal | None]:
    asked = [(c.owner_id, c.request_id) for c in commands if c.request_id is not None]
    seen = seen_requests(connection, [*(command.key for command in commands), *asked])
    found: list[Adjusted | Refusal | None] = []
    for command in commands:
        call = seen.get((command.owner_id, command.request_id)) if command.request_id else None
        made = seen.get(command.key)
        if call is not None and call[0] != command.request_digest:
            found.append(IdReused(request_id=command.request_id))
        elif made is not None and made[0] != command.digest:
            found.append(AdjustmentReused(number=command.number))
        elif made is not None:
            transfer_id, member_id = UUID(bytes=made[1][:16]), UUID(bytes=made[1][16:])
            found.append(Adjusted(transfer_id, member_id, command.number, command.points, repeat=True))
        else:
            found.append(None)
    return found


def _transfer(
    command: AdjustPoints,
    member_id: UUID,
    expires_at: datetime | None,
    active_from: datetime,
    cost: int,
    now: datetime,
) -> Transfer:
    if command.points > 0:
        legs = accrual_legs(
            member_id=member_id, merchant_id=command.merchant_id, points=command.points,
            funder_id=command.merchant_id, cost_minor=cost, earned_at=now, active_from=active_from, expires_at=expires_at,
        )  # fmt: skip
    else:
        legs = (
            Leg(member_id, "member", command.merchant_id, "wallet", command.points),
            Leg(command.merchant_id, "merchant", command.merchant_id, "issued", -command.points, True),
        )
    return Transfer(
        id=new_id(),
        owner_id=member_id,
        kind="adjustment",
        request_id=f"adjustment:{command.merchant_id.hex}:{command.number}",
        legs=legs,
        amount=abs(command.points),
        occurred_at=now,
        actor=command.actor,
        reference_kind="adjustment",
        reason=command.reason,
    )


def _post(
    connection: psycopg.Connection[Any],
    commands: Sequence[AdjustPoints],
    posting: Sequence[tuple[int, Transfer]],
    found: list[Adjusted | Refusal | None],
    now: datetime,
) -> None:
    kept: list[tuple[UUID, str, bytes, bytes]] = []
    answers = post(connection, [transfer for _, transfer in posting], now=now)
    for (place, transfer), answer in zip(posting, answers, strict=True):
        command = commands[place]
        if isinstance(answer, Refusal):
            found[place] = answer
            continue
        found[place] = Adjusted(answer.transfer_id, transfer.owner_id, command.number, command.points)
        whose = answer.transfer_id.bytes + transfer.owner_id.bytes
        kept.append((*command.key, command.digest, whose))
        if command.request_id is not None:
            kept.append((command.owner_id, command.request_id, command.request_digest, whose))
    if kept:
        keep_requests(connection, kept, now=now)
