"""Keyed digests: what must be found again but not read back from the database (numbers, addresses, codes)."""

import hashlib
import hmac

from django.conf import settings

__all__ = ["keyed_digest"]


def keyed_digest(what: str, *parts: str) -> bytes:
    """Return the HMAC-SHA256 of `parts` under the secret key; `what` keeps digests of different things apart."""
    total = hmac.new(settings.SECRET_KEY.encode(), digestmod=hashlib.sha256)
    for part in (what, *parts):
        written = part.encode()
        total.update(len(written).to_bytes(4, "big") + written)
    return total.digest()
