"""What a terminal carries of a guest: nothing that can be read back without trying all numbers (spec/events.md, Offline door).

All digests are HMAC-SHA256. A salt is sent as hexadecimal text; the bytes that it writes are the key.
"""

import hashlib
import hmac
from uuid import UUID

__all__ = ["code_salt", "digest_under", "roster_salt"]

_SALT_BYTES = 16


def roster_salt(vault_key: bytes, terminal_id: UUID) -> bytes:
    """Return the salt of one terminal: the digests of two terminals cannot be compared with one another."""
    return hmac.digest(vault_key, b"roster" + terminal_id.bytes, hashlib.sha256)[:_SALT_BYTES]


def code_salt(salt: bytes, registration_id: UUID) -> bytes:
    """Return the salt of one guest's code: a million codes must be tried for each guest anew."""
    return hmac.digest(salt, b"code" + registration_id.bytes, hashlib.sha256)[:_SALT_BYTES]


def digest_under(salt: bytes, text: str) -> str:
    """Return the digest of `text` in hexadecimal; empty for an empty text, which nothing matches."""
    return hmac.digest(salt, text.encode(), hashlib.sha256).hex() if text else ""
