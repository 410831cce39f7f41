"""What makes a receipt have effect once: its keys within a batch, and what was recorded before it."""

from collections.abc import Callable, Hashable, Sequence
from typing import Any
from uuid import UUID

import psycopg

from tessera.kit.arrays import texts, uuids
from tessera.kit.errors import IdReused
from tessera.kit.refusals import Refusal
from tessera.kit.sql import statement
from tessera.orders.errors import ReceiptReused
from tessera.orders.rules import RecordPurchase, RecordReturn

__all__ = ["Seen", "ask_seen", "keys_of"]

Seen = tuple[UUID, UUID] | Refusal | None
"""Of one command: None (new), (member, purchase or return) that was recorded first, or why it is refused."""


def keys_of(command: RecordPurchase | RecordReturn) -> set[Hashable]:
    """Return what may stand only once in a round: the receipt and, of a single call, its request id."""
    keys: set[Hashable] = {(command.merchant_id, command.receipt_number)}
    if command.request_id is not None:
        keys.add((command.owner_id, command.request_id, "request"))
    return keys


def ask_seen(
    connection: psycopg.Connection[Any],
    commands: Sequence[RecordPurchase] | Sequence[RecordReturn],
    digests: Sequence[bytes],
    kind: str,
) -> Callable[[], list[Seen]]:
    """Ask what was recorded before under the commands' receipt numbers and request ids; call the result to read it.

    `digests` say what each receipt contains; `kind` is "purchase" or "return". Finds `receipt_reused`, `id_reused`.
    """
    asked = connection.execute(
        statement("orders", "seen"),
        (
            uuids([c.merchant_id for c in commands]),
            texts([c.receipt_number for c in commands]),
            uuids([c.owner_id for c in commands]),
            texts([c.request_id for c in commands]),
        ),
    )

    def read() -> list[Seen]:
        found: list[Seen] = [None] * len(commands)
        for n, seen_kind, member_id, object_id, digest, request_digest, answer in asked.fetchall():
            command = commands[n - 1]
            if request_digest is not None and bytes(request_digest) != command.request_digest:
                found[n - 1] = IdReused(request_id=command.request_id)
            elif request_digest is not None:
                found[n - 1] = (UUID(bytes=bytes(answer)[:16]), UUID(bytes=bytes(answer)[16:]))
            elif seen_kind != kind or bytes(digest) != digests[n - 1]:
                found[n - 1] = ReceiptReused(receipt_number=command.receipt_number)
            else:
                found[n - 1] = (member_id, object_id)
        return found

    return read
