"""API keys: how they look, and who stands behind one. Both lanes ask here.

A key found is remembered for a few seconds, so that a busy till costs no query each time; a key revoked by another
process therefore works on for as long at most.
"""

import hashlib
import secrets
import threading
import time
from dataclasses import dataclass

from tessera.kit import clock
from tessera.kit.actors import Actor
from tessera.merchants.models import ApiKey

__all__ = [
    "CACHE_S",
    "digest_of_secret",
    "find_key",
    "forget_keys",
    "new_secret",
    "remembered_key",
    "shown_prefix",
]

CACHE_S = 5
_MOST_REMEMBERED = 10_000
_START = "tsk_"
_SHOWN = 12


@dataclass(frozen=True, slots=True)
class _Remembered:
    actor: Actor
    until_s: int | float


_remembered: dict[bytes, _Remembered] = {}
_lock = threading.Lock()


def new_secret() -> str:
    """Return a new secret: `tsk_` and 43 characters that nobody can guess."""
    return _START + secrets.token_urlsafe(32)


def shown_prefix(secret: str) -> str:
    """Return the beginning by which a key is told from others once its secret is no longer shown."""
    return secret[:_SHOWN]


def digest_of_secret(secret: str) -> bytes:
    """Return what is kept instead of the secret; plain SHA-256 suffices for 256 random bits."""
    return hashlib.sha256(secret.encode("utf-8", "surrogatepass")).digest()


def remembered_key(secret: str) -> Actor | None:
    """Return who acts with this secret if that is still remembered; None says nothing, ask `find_key` then."""
    known = _remembered.get(digest_of_secret(secret))
    return known.actor if known is not None and known.until_s > time.monotonic() else None


def find_key(secret: str) -> Actor | None:
    """Return who acts with this secret, or None for one that is unknown or revoked."""
    if not secret.startswith(_START) or len(secret) > 128:
        return None
    digest = digest_of_secret(secret)
    known = _remembered.get(digest)
    if known is not None and known.until_s > time.monotonic():
        return known.actor
    actor = _look_up(digest)
    with _lock:
        if actor is None:
            _remembered.pop(digest, None)
        else:
            if len(_remembered) >= _MOST_REMEMBERED:
                _remembered.clear()
            _remembered[digest] = _Remembered(actor, time.monotonic() + CACHE_S)
    return actor


def forget_keys() -> None:
    """Forget what is remembered in this process, as after a revocation."""
    with _lock:
        _remembered.clear()


def _look_up(digest: bytes) -> Actor | None:
    key = ApiKey.objects.filter(digest=digest, revoked_at__isnull=True).first()
    if key is None:
        return None
    today = clock.now().date()
    if key.last_used_on != today:
        ApiKey.objects.filter(pk=key.pk).update(last_used_on=today)
    return Actor(kind="key", id=key.id, merchant_id=key.merchant_id, scopes=frozenset(key.scopes))
