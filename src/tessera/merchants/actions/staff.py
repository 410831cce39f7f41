"""Persons are employed and dismissed."""

from datetime import datetime
from uuid import UUID

from tessera.kit.actors import Actor
from tessera.kit.errors import NotFound
from tessera.merchants.actions.merchants import lock_merchant
from tessera.merchants.errors import AlreadyEmployed, AlreadyEnded, LastOwner
from tessera.merchants.models import Employment, Merchant
from tessera.merchants.queries import get_store
from tessera.merchants.rules import Role
from tessera.people.actions.persons import lock_person

__all__ = ["dismiss_employee", "employ_person"]


def employ_person(
    *, merchant_id: UUID, person_id: UUID, role: Role, store_id: UUID | None, now: datetime, actor: Actor
) -> Employment:
    """Take a person on in a role, at one store or (None) at all of the merchant's.

    Refuses `not_found` (merchant, person or store), `person_erased` and `already_employed`.
    """
    if not Merchant.objects.filter(pk=merchant_id).exists():
        raise NotFound
    if store_id is not None:
        store = get_store(store_id, merchant_id=merchant_id)
        if store.closed_at:
            raise AlreadyEnded(ended_at=store.closed_at.isoformat())
    person = lock_person(person_id)
    open_ones = Employment.objects.filter(
        merchant_id=merchant_id, person_id=person.id, role=role, until__isnull=True
    )
    same = next((one for one in open_ones if one.store_id == store_id), None)
    if same is not None:
        raise AlreadyEmployed(since=same.since.isoformat())
    return Employment.objects.create(
        merchant_id=merchant_id,
        person_id=person.id,
        store_id=store_id,
        role=role,
        since=now,
        actor=actor.name,
    )


def dismiss_employee(*, employment_id: UUID, now: datetime, actor: Actor) -> Employment:
    """End an employment; tells nobody, history stays. Refuses `not_found`, `already_ended` and `last_owner`."""
    employment = Employment.objects.select_for_update(no_key=True).filter(pk=employment_id).first()
    if employment is None:
        raise NotFound
    if employment.until:
        raise AlreadyEnded(ended_at=employment.until.isoformat())
    if employment.role == "owner":
        lock_merchant(employment.merchant_id)
        owners = Employment.objects.filter(
            merchant_id=employment.merchant_id, role="owner", until__isnull=True
        )
        if not owners.exclude(person_id=employment.person_id).exists():
            raise LastOwner
    employment.until = now
    employment.save(update_fields=["until"])
    return employment
