"""How a hot call names whose merchant it acts for and which member it means."""

from typing import Annotated
from uuid import UUID

import msgspec
from django.conf import settings

from tessera.kit.errors import RequestInvalid
from tessera.kit.hot import Asked
from tessera.kit.ids import parse_id
from tessera.kit.phones import normal_phone
from tessera.merchants.errors import MerchantKeyNeeded

__all__ = ["MemberIn", "Number", "merchant_of", "named_member"]

_UNSEEN = r"\u0000-\u001f\u007f\u00ad\u061c\u180e\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff"
"""Control characters, and those without a width: two numbers that look alike must be one."""

Number = Annotated[
    str,
    msgspec.Meta(
        min_length=1,
        max_length=64,
        # "$" alone would let a newline pass at the end
        pattern=rf"^[^\s{_UNSEEN}]([^{_UNSEEN}]*[^\s{_UNSEEN}])?$(?!\n)",
        examples=["A-10023"],
    ),
]
"""A merchant's own number for something: 1 to 64 characters, no control or invisible characters, no blank at either end."""


class MemberIn(msgspec.Struct, forbid_unknown_fields=True):
    """Who is meant: exactly one of a person's id, a phone number, the merchant's own customer number."""

    person_id: str | None = None
    phone: str | None = None
    number: Number | None = None


def named_member(given: MemberIn) -> tuple[str, str]:
    """Return (kind, value) for `recognise`; refuses `request_invalid`, `invalid_id`, `phone_invalid`."""
    named = [
        (kind, value)
        for kind, value in (("person", given.person_id), ("phone", given.phone), ("number", given.number))
        if value is not None
    ]
    if len(named) != 1:
        raise RequestInvalid(reason="member: exactly one of person_id, phone, number")
    [(kind, value)] = named
    if kind == "person":
        return kind, str(parse_id("per", value))
    if kind == "phone":
        return kind, normal_phone(value, region=settings.TESSERA_DEFAULT_REGION)
    return kind, value


def merchant_of(asked: Asked) -> UUID:
    """Return the merchant that the key acts for; refuses `merchant_key_needed` for the operator's key."""
    if asked.actor.merchant_id is None:
        raise MerchantKeyNeeded
    return asked.actor.merchant_id
