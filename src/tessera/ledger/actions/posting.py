"""Posts transfers: the one door through which balances change."""

import hashlib
from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec
import psycopg

from tessera.kit import live
from tessera.kit.arrays import booleans, digests, integers, moments, texts, uuids
from tessera.kit.refusals import Refusal
from tessera.kit.sql import statement
from tessera.ledger.errors import refusal_of
from tessera.ledger.rules import Leg, Posting, Reversal, Transfer, unbalanced

__all__ = ["hold_accounts", "post"]

_encode = msgspec.json.Encoder().encode
_NO_LEGS: tuple[Leg, ...] = ()


def post(
    connection: psycopg.Connection[Any], transfers: Sequence[Transfer | Reversal], *, now: datetime
) -> list[Posting | Refusal]:
    """Post a batch and answer for each, in order; one refusal stops no other (spec/ledger.md, Posting).

    Runs in the caller's transaction on `connection`; who looks at a wallet that changed is told after its commit.
    Refuses per transfer: `insufficient_balance`, `account_closed`,
    `id_reused`, `reversal_exceeds_original`, `reversal_must_be_whole`, `reversal_not_reversible`, `transfer_unknown`,
    `lot_expired`, `lot_not_expired`. The same request id with the same content answers "repeat" with the first id.
    Raises ValueError for legs that are no transfer (a bug, not a refusal), and psycopg's UniqueViolation when a racer
    on hot accounts alone posted the same request id: the caller's retry then finds the repeat.
    """
    answers: list[Posting | Refusal] = [Posting("", transfer.id) for transfer in transfers]
    waiting = list(range(len(transfers)))
    while waiting:  # the same request id twice in one batch: the second time is asked after the first
        seen: set[tuple[UUID, str]] = set()
        now_at: list[int] = []
        later: list[int] = []
        for index in waiting:
            key = (transfers[index].owner_id, transfers[index].request_id)
            (later if key in seen else now_at).append(index)
            seen.add(key)
        for index, answer in zip(
            now_at, _post_once(connection, [transfers[i] for i in now_at], now), strict=True
        ):
            answers[index] = answer
        waiting = later
    live.note(connection, _changed_wallets(transfers, answers))
    return answers


def _changed_wallets(
    transfers: Sequence[Transfer | Reversal], answers: Sequence[Posting | Refusal]
) -> set[live.Word]:
    owners: set[UUID] = set()
    for transfer, answer in zip(transfers, answers, strict=True):
        if isinstance(answer, Posting) and answer.status == "posted":
            if isinstance(transfer, Reversal):
                owners.add(transfer.owner_id)  # a member's transfer: its other side is the merchant
            else:
                owners |= {leg.owner_id for leg in transfer.legs if leg.owner_kind == "member"}
    return {(live.person_topic(owner), "wallet") for owner in owners}


def hold_accounts(connection: psycopg.Connection[Any], accounts: Sequence[Leg], *, now: datetime) -> None:
    """Open the accounts named by these legs where missing and lock the guarded ones, in account order.

    For callers that decide under the lock what to post (caps per person and day, returns). `amount` is not looked at.
    """
    owners, units = uuids([leg.owner_id for leg in accounts]), uuids([leg.unit_id for leg in accounts])
    purposes = texts([leg.purpose for leg in accounts])
    kinds = texts([leg.owner_kind for leg in accounts])
    below = booleans([leg.may_go_below_zero for leg in accounts])
    connection.execute(
        statement("ledger", "hold_accounts"),
        (owners, kinds, units, purposes, below, now, owners, units, purposes),
    )


def _post_once(
    connection: psycopg.Connection[Any], transfers: Sequence[Transfer | Reversal], now: datetime
) -> list[Posting | Refusal]:
    legs: list[Leg] = []
    numbers: list[int] = []
    for number, transfer in enumerate(transfers, start=1):
        if isinstance(transfer, Transfer):
            if (fault := unbalanced(transfer.legs)) is not None:
                raise ValueError(fault)
            legs.extend(transfer.legs)
            numbers.extend([number] * len(transfer.legs))
    rows = connection.execute(
        statement("ledger", "post"),
        (now, *_transfer_columns(transfers), integers(numbers), *_leg_columns(legs)),
        binary=True,
    ).fetchall()
    answers: list[Posting | Refusal] = [Posting("posted", transfer.id) for transfer in transfers]
    for number, status, transfer_id, refusal in rows:
        answers[number - 1] = refusal_of(refusal) if status == "refused" else Posting(status, transfer_id)
    return answers


def _transfer_columns(transfers: Sequence[Transfer | Reversal]) -> tuple[str, ...]:
    def of(kind: type, name: str) -> list[Any]:
        return [getattr(t, name) if isinstance(t, kind) else None for t in transfers]

    return (
        uuids([t.id for t in transfers]),
        uuids([t.owner_id for t in transfers]),
        texts([t.kind for t in transfers]),
        texts([t.request_id for t in transfers]),
        digests([_digest(t) for t in transfers]),
        integers([t.amount for t in transfers]),
        uuids(of(Reversal, "reverses")),
        texts(of(Reversal, "shortfall")),
        uuids(of(Transfer, "lot_transfer_id")),
        moments(of(Reversal, "reopen_until")),
        texts([t.reference_kind for t in transfers]),
        uuids([t.reference_id for t in transfers]),
        texts([t.rule_version for t in transfers]),
        texts([t.actor for t in transfers]),
        texts([t.reason for t in transfers]),
        moments([t.occurred_at for t in transfers]),
    )


def _leg_columns(legs: Sequence[Leg]) -> tuple[str, ...]:
    return (
        uuids([leg.owner_id for leg in legs]),
        texts([leg.owner_kind for leg in legs]),
        uuids([leg.unit_id for leg in legs]),
        texts([leg.purpose for leg in legs]),
        booleans([leg.may_go_below_zero for leg in legs]),
        integers([leg.amount for leg in legs]),
        uuids([leg.funder_id for leg in legs]),
        integers([leg.cost_minor for leg in legs]),
        moments([leg.earned_at for leg in legs]),
        moments([leg.active_from for leg in legs]),
        moments([leg.expires_at for leg in legs]),
    )


def _digest(transfer: Transfer | Reversal) -> bytes:
    """What "the same body" means: all but the id, the actor and the moment, which a repeat may have anew."""
    if isinstance(transfer, Transfer):
        content: Any = (
            transfer.kind, transfer.amount, transfer.reference_kind, transfer.lot_transfer_id, transfer.rule_version,
            [(leg.owner_id, leg.unit_id, leg.purpose, leg.amount, leg.funder_id, leg.expires_at) for leg in transfer.legs],
        )  # fmt: skip
    else:
        content = (
            transfer.kind,
            transfer.amount,
            transfer.reverses,
            transfer.shortfall,
            transfer.reference_kind,
        )
    return hashlib.sha256(_encode(content)).digest()
