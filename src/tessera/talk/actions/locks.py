"""Who comes first when several want something of the same two people: locks that end with the transaction.

Order everywhere: the circle (shared; its erasing alone holds it), the person who writes, the two people, rows of
talk_allowance by (circle, person). They are locks of the transaction, so that they live behind a pooler.
"""

import hashlib
from uuid import UUID

from django.db import connection

from tessera.talk.errors import TalkErased
from tessera.talk.models import ErasedCircle
from tessera.talk.rules import pair_of

__all__ = ["lock_circle", "lock_circle_whole", "lock_pair", "lock_writer"]


def lock_circle(circle_id: UUID) -> None:
    """Hold the circle as it is until the transaction ends; refuses `talk_erased` once it was erased."""
    _lock("circle", circle_id, shared=True)
    if ErasedCircle.objects.filter(pk=circle_id).exists():
        raise TalkErased


def lock_circle_whole(circle_id: UUID) -> None:
    """Let nobody else do anything in the circle until the transaction ends."""
    _lock("circle", circle_id)


def lock_writer(circle_id: UUID, person_id: UUID) -> None:
    """Let the person write, or be muted, once at a time."""
    _lock("writer", circle_id, person_id)


def lock_pair(one_id: UUID, other_id: UUID) -> None:
    """Let one thing at a time happen between two people, in whatever circle."""
    _lock("pair", *pair_of(one_id, other_id))


def _lock(kind: str, *ids: UUID, shared: bool = False) -> None:
    spoken = b"talk:" + kind.encode() + b"".join(one.bytes for one in ids)
    key = int.from_bytes(hashlib.blake2b(spoken, digest_size=8).digest(), "big", signed=True)
    with connection.cursor() as cursor:
        if shared:
            cursor.execute("SELECT pg_advisory_xact_lock_shared(%s)", [key])
        else:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [key])
