"""Writes that happen once: request ids, kept for ever (spec/README.md, rule 1)."""

import hashlib
import re
from datetime import datetime
from uuid import UUID

from tessera.kit.errors import IdReused, RequestIdMissing
from tessera.kit.models import Request

__all__ = ["checked_request_id", "digest_of", "find_answer", "keep_answer"]

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


def keep_answer(owner_id: UUID, request_id: str, digest: bytes, *, status: int, answer: bytes, now: datetime) -> None:
    """Keep the answer, in the transaction of the write itself.

    Raises IntegrityError when a racer with the same id committed first: the edge lets its own work roll back and
    answers with the racer's.
    """
    Request.objects.create(
        owner_id=owner_id, request_id=request_id, digest=digest, status=status, answer=answer, made_at=now
    )
