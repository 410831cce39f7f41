"""Writes that happen once: request ids, kept for ever (spec/README.md, rule 1)."""

import hashlib
import re
from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import psycopg

from tessera.kit import clock
from tessera.kit.arrays import digests, texts, uuids
from tessera.kit.errors import IdReused, RequestIdMissing
from tessera.kit.models import Request
from tessera.kit.sql import statement

__all__ = [
    "checked_request_id",
    "digest_of",
    "find_answer",
    "keep_answer",
    "keep_requests",
    "remember_requests",
    "seen_requests",
]

_VISIBLE = re.compile(r"[\x21-\x7e]{1,128}")


def checked_request_id(value: str | None) -> str:
    """Return a usable request id: 1 to 128 visible ASCII characters; refuses `request_id_missing`."""
    if value is None or not _VISIBLE.fullmatch(value):
        raise RequestIdMissing
    return value


def digest_of(*parts: bytes) -> bytes:
    """Return the SHA-256 over `parts`, each preceded by its length: what "the same body" means."""
    total = hashlib.sha256()
    for part in parts:
        total.update(len(part).to_bytes(8, "big"))
        total.update(part)
    return total.digest()


def find_answer(owner_id: UUID, request_id: str, digest: bytes) -> tuple[int, bytes] | None:
    """Return the first answer (status, body) to this request id or None; refuses `id_reused` for another body."""
    row = Request.objects.filter(pk=(owner_id, request_id)).first()
    if row is None:
        return None
    if bytes(row.digest) != digest:
        raise IdReused(request_id=request_id)
    return row.status, bytes(row.answer)


def keep_answer(
    owner_id: UUID, request_id: str, digest: bytes, *, status: int, answer: bytes, now: datetime
) -> None:
    """Keep the answer, in the transaction of the write itself.

    Raises IntegrityError when a racer with the same id committed first: the edge lets its own work roll back and
    answers with the racer's.
    """
    Request.objects.create(
        owner_id=owner_id, request_id=request_id, digest=digest, status=status, answer=answer, made_at=now
    )


def remember_requests(
    connection: psycopg.Connection[Any], requests: Sequence[tuple[UUID, str, bytes]]
) -> list[bool]:
    """Keep (owner, request id, digest of the body) of bulk calls; for group commit.

    Returns for each whether its id had been used before with another body.
    """
    rows = connection.execute(
        statement("kit", "remember_requests"),
        (
            uuids([r[0] for r in requests]),
            texts([r[1] for r in requests]),
            digests([r[2] for r in requests]),
            clock.now(),
        ),
    ).fetchall()
    kept = {(row[0], row[1]): bytes(row[2]) for row in rows}
    if any((owner_id, request_id) not in kept for owner_id, request_id, _ in requests):
        raise psycopg.errors.SerializationFailure("a racer kept the same request id at this moment")
    return [kept[owner_id, request_id] != digest for owner_id, request_id, digest in requests]


def seen_requests(
    connection: psycopg.Connection[Any], keys: Sequence[tuple[UUID, str]]
) -> dict[tuple[UUID, str], tuple[bytes, bytes]]:
    """Return (digest, answer) of those of `keys` (owner, request id) that were kept; for batches."""
    rows = connection.execute(
        statement("kit", "seen_requests"), (uuids([key[0] for key in keys]), texts([key[1] for key in keys]))
    ).fetchall()
    return {(row[0], row[1]): (bytes(row[2]), bytes(row[3])) for row in rows}


def keep_requests(
    connection: psycopg.Connection[Any], kept: Sequence[tuple[UUID, str, bytes, bytes]], *, now: datetime
) -> None:
    """Keep (owner, request id, digest, answer) in the transaction of a batch's own writes.

    Raises UniqueViolation when a racer kept one of the ids: run again, the batch finds and answers the racer's.
    """
    connection.execute(
        statement("kit", "keep_requests"),
        (
            now,
            uuids([row[0] for row in kept]),
            texts([row[1] for row in kept]),
            digests([row[2] for row in kept]),
            digests([row[3] for row in kept]),
        ),
    )
