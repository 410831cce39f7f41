"""Merchants are opened, approved, suspended and reinstated."""

from datetime import datetime
from uuid import UUID

from django.db import connection

from tessera.kit.actors import Actor
from tessera.kit.errors import NotFound
from tessera.kit.ids import new_id, show_id
from tessera.kit.outbox import tell
from tessera.kit.sql import statement
from tessera.ledger.actions.units import open_unit
from tessera.merchants.errors import (
    AlreadyApproved,
    AlreadySuspended,
    CodeInvalid,
    CodeTaken,
    NotSuspended,
    TimeZoneUnknown,
)
from tessera.merchants.models import Approval, Declination, Merchant, Suspension
from tessera.merchants.rules import is_credit_code, is_time_zone

__all__ = [
    "approve_merchant",
    "lock_merchant",
    "next_rules_revision",
    "open_merchant",
    "reinstate_merchant",
    "suspend_merchant",
]


def lock_merchant(merchant_id: UUID) -> Merchant:
    """Return the merchant, locked until the transaction ends; refuses `not_found`."""
    merchant = Merchant.objects.select_for_update(no_key=True).filter(pk=merchant_id).first()
    if merchant is None:
        raise NotFound
    return merchant


def open_merchant(
    *,
    name: str,
    code: str = "",
    phone: str = "",
    currency: str = "CNY",
    time_zone: str = "Asia/Shanghai",
    now: datetime,
    actor: Actor,
) -> Merchant:
    """Open a merchant, pending until it is approved, and its points unit, whose id is the merchant's.

    `code` is the unified social credit code, `phone` is E.164, either may be empty. Refuses `code_invalid`,
    `code_taken` and `time_zone_unknown`. Source: spec/membership.md, Merchants and customers.
    """
    if code:
        if not is_credit_code(code):
            raise CodeInvalid(given=code)
        other = Merchant.objects.filter(code=code).only("id").first()
        if other is not None:
            raise CodeTaken(merchant=show_id("mer", other.id))
    _check_time_zone(time_zone)
    merchant = Merchant.objects.create(
        id=new_id(), name=name, code=code, phone=phone, currency=currency, time_zone=time_zone, created_at=now
    )
    open_unit(
        unit_id=merchant.id,
        kind="points",
        code=f"points:{merchant.id}",
        issuer_id=merchant.id,
        exponent=0,
        now=now,
        actor=actor,
    )
    return merchant


def next_rules_revision(*, merchant_id: UUID, now: datetime, actor: Actor) -> int:
    """Count one publication of the merchant's rules and return its number, the revision; refuses `not_found`.

    Under the caller's lock on the merchant (`lock_merchant`): a revision is seen only with all its versions.
    Source: spec/README.md, rule 5.
    """
    with connection.cursor() as cursor:
        cursor.execute(statement("merchants", "next_rules_revision"), [merchant_id])
        row = cursor.fetchone()
    if row is None:
        raise NotFound
    revision: int = row[0]
    return revision


def _check_time_zone(name: str) -> None:
    if not is_time_zone(name):
        raise TimeZoneUnknown(given=name)


def approve_merchant(*, merchant_id: UUID, now: datetime, actor: Actor) -> Approval:
    """Let the merchant take part; tells "merchants.approved". Refuses `not_found` and `already_approved`."""
    merchant = lock_merchant(merchant_id)
    earlier = Approval.objects.filter(merchant=merchant).first()
    if earlier is not None:
        raise AlreadyApproved(approved_at=earlier.at.isoformat())
    Declination.objects.filter(merchant=merchant, lifted_at__isnull=True).update(
        lifted_at=now, lifted_by=actor.name
    )
    tell("merchants.approved", {"merchant_id": str(merchant.id)}, now=now)
    return Approval.objects.create(merchant=merchant, at=now, actor=actor.name)


def suspend_merchant(*, merchant_id: UUID, reason: str, now: datetime, actor: Actor) -> Suspension:
    """Stop the merchant until it is reinstated; tells "merchants.suspended".

    Refuses `not_found` and `already_suspended`.
    """
    merchant = lock_merchant(merchant_id)
    open_one = Suspension.objects.filter(merchant=merchant, lifted_at__isnull=True).first()
    if open_one is not None:
        raise AlreadySuspended(suspended_at=open_one.at.isoformat())
    tell("merchants.suspended", {"merchant_id": str(merchant.id)}, now=now)
    return Suspension.objects.create(merchant=merchant, at=now, actor=actor.name, reason=reason)


def reinstate_merchant(*, merchant_id: UUID, now: datetime, actor: Actor) -> Suspension:
    """Lift the open suspension; tells "merchants.reinstated". Refuses `not_found` and `not_suspended`."""
    merchant = lock_merchant(merchant_id)
    suspension = Suspension.objects.filter(merchant=merchant, lifted_at__isnull=True).first()
    if suspension is None:
        raise NotSuspended
    suspension.lifted_at = now
    suspension.lifted_by = actor.name
    suspension.save(update_fields=["lifted_at", "lifted_by"])
    tell("merchants.reinstated", {"merchant_id": str(merchant.id)}, now=now)
    return suspension
