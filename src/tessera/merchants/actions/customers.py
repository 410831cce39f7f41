"""Customers are enrolled."""

from datetime import datetime
from typing import Any
from uuid import UUID

from tessera.kit.actors import Actor
from tessera.kit.errors import NotFound
from tessera.kit.ids import show_id
from tessera.merchants.errors import CustomerUnnamed, NumberTaken
from tessera.merchants.models import Customer, CustomerNumber, Merchant
from tessera.merchants.queries import find_customer_number
from tessera.people.actions.persons import lock_person, open_person, recognise_phone

__all__ = ["enrol_customer"]


def enrol_customer(
    *,
    merchant_id: UUID,
    number: str | None = None,
    phone: str | None = None,
    person_id: UUID | None = None,
    level: str | None = None,
    now: datetime,
    actor: Actor,
) -> tuple[Customer, bool]:
    """Make a person a customer of the merchant; return the customer and whether he is new.

    Named by the merchant's own `number`, by `phone` (E.164) or by `person_id`; a number may come with one of the
    others. Enrolling again changes only the level and adds the number. Refuses `customer_unnamed`, `not_found`
    (merchant or person), `person_erased` and `customer_number_taken`. Source: spec/points.md, Earning.
    """
    if (phone is not None and person_id is not None) or not (number or phone or person_id):
        raise CustomerUnnamed
    if not Merchant.objects.filter(pk=merchant_id).exists():
        raise NotFound
    known = find_customer_number(merchant_id, number) if number else None
    person_id = _person(phone=phone, person_id=person_id, known=known, now=now, actor=actor)
    if known is not None and known.person_id != person_id:
        raise NumberTaken(number=known.number, person=show_id("per", known.person_id))
    customer, new = Customer.objects.get_or_create(
        merchant_id=merchant_id,
        person_id=person_id,
        defaults={"level": level or "", "phone_given": phone is not None, "joined_at": now},
    )
    if number and known is None:
        CustomerNumber.objects.create(merchant_id=merchant_id, number=number, person_id=person_id)
    if not new:
        _change(customer, level=level, phone_given=phone is not None)
    return customer, new


def _person(
    *, phone: str | None, person_id: UUID | None, known: CustomerNumber | None, now: datetime, actor: Actor
) -> UUID:
    if phone is not None:
        return recognise_phone(phone=phone, now=now, actor=actor).id
    if person_id is not None:
        return lock_person(person_id).id
    if known is not None:
        return known.person_id
    return open_person(phone=None, now=now, actor=actor).id


def _change(customer: Customer, *, level: str | None, phone_given: bool) -> None:
    changed: dict[str, Any] = {}
    if level is not None and level != customer.level:
        changed["level"] = level
    if phone_given and not customer.phone_given:
        changed["phone_given"] = phone_given
    if changed:
        rows = Customer.objects.filter(merchant_id=customer.merchant_id, person_id=customer.person_id)
        rows.update(**changed)
        for name, value in changed.items():
            setattr(customer, name, value)
