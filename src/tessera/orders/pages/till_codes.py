"""What was scanned or typed at a counter: a member, a product, a receipt, or the beginning of a product's name."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import transaction

from tessera.catalog.queries import Product, list_products
from tessera.catalog.rules import GTIN_LENGTHS, normal_gtin
from tessera.kit import trail
from tessera.kit.errors import PhoneInvalid
from tessera.kit.ids import InvalidId, parse_id
from tessera.kit.phones import normal_phone
from tessera.kit.refusals import Refusal
from tessera.kit.requests import checked_request_id, digest_of, find_answer, keep_answer
from tessera.merchants.gate import Workplace
from tessera.merchants.queries import find_customer_number
from tessera.orders.errors import CodeNotRecognised
from tessera.orders.pages.till import Guest
from tessera.orders.queries import find_receipt
from tessera.people.actions.codes import redeem_code
from tessera.people.rules import parse_member_code

__all__ = ["MOST_CHOICES", "Meant", "meant_by", "member_meant_by", "receipt_meant_by", "redeemed"]

MOST_CHOICES = 12
"""Most products offered for a part of a name."""

_RECEIPT = re.compile(r"(?:https?://[^/?#\s]+)?/receipts/(pur_[0-9a-v]{26})/?(?:[?#]\S*)?")
_PHONE = re.compile(r"\+?[0-9][0-9\s()\-]{5,20}")


@dataclass(frozen=True, slots=True)
class Meant:
    """What the cashier meant: one of these. `choices`: several products of which he has to pick."""

    guest: Guest | None = None
    product: Product | None = None
    choices: Sequence[Product] = ()
    purchase_id: UUID | None = None


def meant_by(
    text: str, workplace: Workplace, *, member_wanted: bool, scan_id: str = "", now: datetime
) -> Meant:
    """Return what `text` means here; a member's code is used up by it, once for the same `scan_id`.

    An address says itself what it is. Else a product's number or bar code comes first, then (while nobody is being
    served) a customer number, a member code, a phone number, then a receipt's number, then part of a product's name.
    Refuses `code_not_recognised` and what `redeem_code` refuses.
    """
    text = text.strip()
    if "/m/" in text and parse_member_code(text):
        return Meant(guest=redeemed(text, workplace, scan_id=scan_id, now=now))
    if _RECEIPT.fullmatch(text) and (found := receipt_meant_by(text, workplace.merchant.id)):
        return Meant(purchase_id=found)
    if product := _product(text, workplace.merchant.id):
        return Meant(product=product)
    if member_wanted and (guest := _guest(text, workplace, scan_id=scan_id, now=now)):
        return Meant(guest=guest)
    if found := receipt_meant_by(text, workplace.merchant.id):
        return Meant(purchase_id=found)
    return _searched(text, workplace.merchant.id)


def member_meant_by(text: str, workplace: Workplace, *, scan_id: str = "", now: datetime) -> Guest:
    """Return the member whose code, customer number or phone number `text` is; refuses `code_not_recognised`."""
    guest = _guest(text.strip(), workplace, scan_id=scan_id, now=now)
    if guest is None:
        raise CodeNotRecognised(given=text.strip()[:40])
    return guest


def receipt_meant_by(text: str, merchant_id: UUID) -> UUID | None:
    """Return the purchase whose receipt's code or number `text` is, or None."""
    if found := _RECEIPT.fullmatch(text):
        try:
            return parse_id("pur", found[1])
        except InvalidId:
            return None
    receipt = find_receipt(merchant_id, text, "purchase") if 0 < len(text) <= 64 else None
    return receipt.object_id if receipt else None


def redeemed(code: str, workplace: Workplace, *, scan_id: str = "", now: datetime) -> Guest:
    """Return the member whose code this is and use it up, with a line in the audit trail either way.

    The same `scan_id`, sent again because its answer was lost, finds the member again; another scan does not.
    """
    actor, merchant_id = workplace.actor, workplace.merchant.id
    assert actor.id is not None, "a person stands at a counter"
    noted: dict[str, Any] = {
        "actor": actor,
        "verb": "redeem_member_code",
        "object_kind": "person",
        "now": now,
    }
    digest = digest_of(b"redeem_member_code", merchant_id.bytes, code.encode())
    try:
        with transaction.atomic():
            if scan_id and (first := find_answer(actor.id, checked_request_id(scan_id), digest)):
                return Guest("person", first[1].decode(), shown_code=True)
            person = redeem_code(code=code, merchant_id=merchant_id, now=now, actor=actor)
            if scan_id:
                kept = str(person.id).encode()
                keep_answer(actor.id, scan_id, digest, status=200, answer=kept, now=now)
            trail.note(**noted, object_id=person.id, merchant_id=merchant_id)
    except Refusal as refusal:
        with transaction.atomic():
            trail.note(**noted, merchant_id=merchant_id, outcome=refusal.code)
        raise
    return Guest("person", str(person.id), shown_code=True)


def _guest(text: str, workplace: Workplace, *, scan_id: str, now: datetime) -> Guest | None:
    if find_customer_number(workplace.merchant.id, text):
        return Guest("number", text)
    if parse_member_code(text):
        return redeemed(text, workplace, scan_id=scan_id, now=now)
    if _PHONE.fullmatch(text):
        try:
            return Guest("phone", normal_phone(text, region=settings.TESSERA_DEFAULT_REGION))
        except PhoneInvalid:
            return None
    return None


def _product(text: str, merchant_id: UUID) -> Product | None:
    rows = list_products(merchant_id, sku=text, withdrawn=False, limit=1).items
    gtin = normal_gtin(text) if len(text) in GTIN_LENGTHS else None
    if not rows and gtin:
        rows = list_products(merchant_id, gtin=gtin, withdrawn=False, limit=1).items
    return rows[0] if rows else None


def _searched(text: str, merchant_id: UUID) -> Meant:
    rows = list_products(merchant_id, text=text, withdrawn=False, limit=MOST_CHOICES).items if text else []
    if not rows:
        raise CodeNotRecognised(given=text[:40])
    return Meant(product=rows[0]) if len(rows) == 1 else Meant(choices=rows)
