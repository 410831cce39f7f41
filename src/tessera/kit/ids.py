"""Ids: application-made UUIDv7, shown to people and machines with a prefix (`txn_0cq3...`)."""

import base64
import binascii
from datetime import datetime
from uuid import UUID

from uuid_utils.compat import uuid7 as _uuid7

from tessera.kit.refusals import Refusal

__all__ = ["InvalidId", "first_id_at", "new_id", "parse_id", "show_id"]

_LENGTH = 26
_ALPHABET = "0123456789abcdefghijklmnopqrstuv"
_PAIRS = [one + two for one in _ALPHABET for two in _ALPHABET]
_SHIFTS = range(120, -1, -10)


class InvalidId(Refusal):
    """An id that was not made by Tessera, or that names another kind of thing."""

    code = "invalid_id"
    status = 422
    sentence = {
        "en": "“{given}” is not an id of this kind; it should start with “{prefix}_”.",
        "zh-Hans": "“{given}”不是这类对象的编号，编号应以“{prefix}_”开头。",
    }


def new_id() -> UUID:
    """Return a new UUIDv7: unique without asking the database, sorted by the moment it was made."""
    return _uuid7()


def first_id_at(moment: datetime) -> UUID:
    """Return the least UUIDv7 that can have been made at `moment`: where a list by id begins that is asked for by time."""
    return UUID(int=(int(moment.timestamp() * 1000) << 80) | 7 << 76 | 2 << 62)


def show_id(prefix: str, value: UUID) -> str:
    """Return `value` as shown outside: prefix, underscore, 26 lower-case characters that sort like the id."""
    number = value.int << 2  # 128 bits and 2 of padding make 26 characters of 5 bits, as base32hex has them
    return prefix + "_" + "".join([_PAIRS[number >> shift & 1023] for shift in _SHIFTS])


def parse_id(prefix: str, text: str) -> UUID:
    """Return the UUID behind `text`; refuses `invalid_id` for anything that `show_id(prefix, ...)` never made."""
    head, _, body = text.partition("_")
    if head != prefix or len(body) != _LENGTH or not body.isascii():
        raise InvalidId(given=text[:64], prefix=prefix)
    try:
        value = UUID(bytes=base64.b32hexdecode(body.upper() + "======"))
    except (binascii.Error, ValueError):
        raise InvalidId(given=text[:64], prefix=prefix) from None
    if show_id(prefix, value) != text:
        raise InvalidId(given=text[:64], prefix=prefix)
    return value
