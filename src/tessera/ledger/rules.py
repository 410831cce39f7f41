"""What a transfer is, in plain values: the shapes that `post` takes and answers (spec/ledger.md, Model and Posting)."""

from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

__all__ = ["Leg", "LotTerms", "Posting", "Reversal", "Transfer", "accrual_legs", "unbalanced"]


class Leg(NamedTuple):
    """One side of a transfer: `amount` (smallest unit, signed) on the account (owner, unit, purpose).

    `may_go_below_zero` is said when the account is opened: True for merchants' and the platform's hot accounts, never
    for a member's. The lot terms apply where points come in: who funds them, what they cost in the smallest unit of
    money, when they were earned, become active and expire (None: never).
    """

    owner_id: UUID
    owner_kind: str
    unit_id: UUID
    purpose: str
    amount: int
    may_go_below_zero: bool = False
    funder_id: UUID | None = None
    cost_minor: int | None = None
    earned_at: datetime | None = None
    active_from: datetime | None = None
    expires_at: datetime | None = None


class Transfer(NamedTuple):
    """A movement between accounts, all or nothing.

    `owner_id` is the member or merchant in whose history it stands; `request_id` is unique within that history.
    `amount` is the gross amount it is about. `lot_transfer_id` names the very lot to take from (expiry).
    """

    id: UUID
    owner_id: UUID
    kind: str
    request_id: str
    legs: tuple[Leg, ...]
    amount: int
    occurred_at: datetime
    actor: str
    reference_kind: str = ""
    reference_id: UUID | None = None
    rule_version: str = ""
    reason: str = ""
    lot_transfer_id: UUID | None = None


class Reversal(NamedTuple):
    """Undoes a transfer of the same history, whole (`amount` None: all that is left of it) or in part.

    `shortfall`: "refuse" when the very lots no longer hold enough, or "owe": the rest becomes the member's debt.
    `reopen_until`: lots that have expired meanwhile live until then; without it the reversal is refused (`lot_expired`).
    """

    id: UUID
    owner_id: UUID
    kind: str
    request_id: str
    reverses: UUID
    occurred_at: datetime
    actor: str
    amount: int | None = None
    shortfall: str = "refuse"
    reopen_until: datetime | None = None
    reference_kind: str = ""
    reference_id: UUID | None = None
    rule_version: str = ""
    reason: str = ""


@dataclass(frozen=True, slots=True)
class LotTerms:
    """What a pending lot is given when it is activated: from when it can be spent, until when (None: for ever).

    A lot is named by the transfer that made it and its part (1, unless a transfer or a joining made several).
    """

    transfer_id: UUID
    active_from: datetime
    expires_at: datetime | None
    part: int = 1


class Posting(NamedTuple):
    """The answer to one transfer: `status` is "posted" or "repeat"; `transfer_id` is the first answer's id."""

    status: str
    transfer_id: UUID


def accrual_legs(
    *,
    member_id: UUID,
    merchant_id: UUID,
    points: int,
    funder_id: UUID,
    cost_minor: int,
    earned_at: datetime,
    active_from: datetime,
    expires_at: datetime | None,
) -> tuple[Leg, Leg]:
    """Return the two legs of `points` (whole, > 0) given by a merchant to a member, with the terms of their lot."""
    wallet = Leg(
        member_id,
        "member",
        merchant_id,
        "wallet",
        points,
        False,
        funder_id,
        cost_minor,
        earned_at,
        active_from,
        expires_at,
    )
    return wallet, Leg(merchant_id, "merchant", merchant_id, "issued", -points, True)


def unbalanced(legs: tuple[Leg, ...]) -> str | None:
    """Return why these legs are no transfer, or None: two legs at least, one per account, zero per unit, none of zero."""
    if len(legs) == 2 and legs[0].unit_id is legs[1].unit_id and legs[0].amount == -legs[1].amount != 0:
        one, other = legs  # nearly all transfers: said without building sets
        if one.owner_id != other.owner_id and type(one.amount) is int:
            return None
    if len(legs) < 2:
        return "a transfer has at least two legs"
    if len({(leg.owner_id, leg.unit_id, leg.purpose) for leg in legs}) != len(legs):
        return "a transfer touches each account once"
    sums: dict[UUID, int] = {}
    for leg in legs:
        if type(leg.amount) is not int or leg.amount == 0:
            return "a leg moves a whole number other than zero"
        sums[leg.unit_id] = sums.get(leg.unit_id, 0) + leg.amount
    return "legs sum to zero per unit" if any(sums.values()) else None
