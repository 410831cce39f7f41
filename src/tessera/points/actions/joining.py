"""A customer number is joined to the person who has proven that it is his: his points go with him."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import psycopg

from tessera.kit.actors import Actor
from tessera.kit.ids import new_id
from tessera.kit.lent import lent_connection
from tessera.kit.refusals import Refusal
from tessera.ledger.actions.posting import hold_accounts, post
from tessera.ledger.lots import list_holdings
from tessera.ledger.rules import Leg, Transfer
from tessera.merchants.actions.joining import hand_over_customer
from tessera.merchants.queries import find_customer_number
from tessera.people.actions.persons import join_person
from tessera.people.queries import find_joined
from tessera.points.errors import NumberAlreadyJoined, NumberUnknown

__all__ = ["carry_over", "join_customer_number"]


def join_customer_number(
    *, merchant_id: UUID, number: str, person_id: UUID, now: datetime, actor: Actor
) -> int:
    """Join the merchant's customer `number` to a registered person; return the points that came along.

    All that stands under the number's holder, who is known by number alone, goes to the person: his numbers, his
    being a customer, his points with their terms, and what he owes. Refuses `number_unknown`,
    `number_already_joined`, `not_found`, `person_erased` and `joining_impossible`. Source: spec/points.md, Earning.
    """
    known = find_customer_number(merchant_id, number)
    if known is None:
        raise NumberUnknown(number=number)
    holder_id = known.person_id
    if holder_id == person_id or known.proven_at is not None or find_joined(holder_id) != holder_id:
        raise NumberAlreadyJoined(number=number)
    join_person(from_person_id=holder_id, into_person_id=person_id, now=now, actor=actor)
    hand_over_customer(
        merchant_id=merchant_id,
        number=number,
        from_person_id=holder_id,
        into_person_id=person_id,
        now=now,
        actor=actor,
    )
    return carry_over(from_person_id=holder_id, into_person_id=person_id, now=now, actor=actor)


def carry_over(*, from_person_id: UUID, into_person_id: UUID, now: datetime, actor: Actor) -> int:
    """Move all points, and all that is owed, from one holder to the person whom he was joined to; return the points.

    Done again after a purchase that was under way during the joining, it moves what came in since. Raises a refusal
    of the ledger (`account_closed`) as it is.
    """
    connection = lent_connection()
    legs = _legs(connection, from_person_id, into_person_id)
    hold_accounts(connection, legs, now=now)
    transfers = []
    points = 0
    for holding in list_holdings(connection, from_person_id):
        if holding.purpose == "wallet":
            points += holding.balance
        pair = _pair(from_person_id, into_person_id, holding.unit_id, holding.purpose, holding.balance)
        transfers.append(
            Transfer(
                id=new_id(),
                owner_id=into_person_id,
                kind="join",
                request_id=f"join:{from_person_id}:{holding.unit_id}:{holding.purpose}:{holding.entry_count}",
                legs=pair,
                amount=holding.balance,
                occurred_at=now,
                actor=actor.name,
                reference_kind="person",
                reference_id=from_person_id,
            )
        )
    for answer in post(connection, transfers, now=now):
        if isinstance(answer, Refusal):
            raise answer
    return points


def _legs(connection: psycopg.Connection[Any], from_id: UUID, into_id: UUID) -> Sequence[Leg]:
    found = list_holdings(connection, from_id)
    return [leg for one in found for leg in _pair(from_id, into_id, one.unit_id, one.purpose, one.balance)]


def _pair(from_id: UUID, into_id: UUID, unit_id: UUID, purpose: str, amount: int) -> tuple[Leg, Leg]:
    return (
        Leg(from_id, "member", unit_id, purpose, -amount),
        Leg(into_id, "member", unit_id, purpose, amount),
    )
