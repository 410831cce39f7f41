"""The operator decides about applications: declined, applied for anew."""

from datetime import datetime
from uuid import UUID

from tessera.kit.actors import Actor
from tessera.kit.outbox import tell
from tessera.kit.policies import adopt_policy
from tessera.merchants.actions.merchants import lock_merchant
from tessera.merchants.errors import AlreadyApproved, AlreadyDeclined, NotDeclined
from tessera.merchants.models import Approval, Declination
from tessera.merchants.queries import APPLICATIONS_POLICY

__all__ = ["adopt_applications", "decline_merchant", "reapply_merchant"]


def decline_merchant(*, merchant_id: UUID, reason: str, now: datetime, actor: Actor) -> Declination:
    """Decline the merchant's application, with a reason that its owners are told; tells "merchants.declined".

    Refuses `not_found`, `already_approved` and `already_declined`. Source: spec/membership.md, Comparison.
    """
    merchant = lock_merchant(merchant_id)
    approval = Approval.objects.filter(merchant=merchant).first()
    if approval is not None:
        raise AlreadyApproved(approved_at=approval.at.isoformat())
    open_one = Declination.objects.filter(merchant=merchant, lifted_at__isnull=True).first()
    if open_one is not None:
        raise AlreadyDeclined(declined_at=open_one.at.isoformat())
    tell("merchants.declined", {"merchant_id": str(merchant.id)}, now=now)
    return Declination.objects.create(merchant=merchant, at=now, actor=actor.name, reason=reason)


def reapply_merchant(*, merchant_id: UUID, now: datetime, actor: Actor) -> Declination:
    """Put a declined application before the operator again. Refuses `not_found` and `not_declined`."""
    merchant = lock_merchant(merchant_id)
    declination = Declination.objects.filter(merchant=merchant, lifted_at__isnull=True).first()
    if declination is None:
        raise NotDeclined
    declination.lifted_at = now
    declination.lifted_by = actor.name
    declination.save(update_fields=["lifted_at", "lifted_by"])
    return declination


def adopt_applications(*, accepted: bool, now: datetime, actor: Actor) -> None:
    """Say whether persons may apply with a business of their own (the operator's policy)."""
    adopt_policy(name=APPLICATIONS_POLICY, value={"accepted": accepted}, now=now, actor=actor)
