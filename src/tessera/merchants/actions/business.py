"""A person opens a business of his own, and its details change."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from tessera.kit.actors import Actor
from tessera.kit.phones import normal_phone
from tessera.merchants.actions.merchants import lock_merchant, open_merchant
from tessera.merchants.actions.staff import employ_person
from tessera.merchants.actions.stores import open_store
from tessera.merchants.errors import (
    ApplicationsClosed,
    ApplicationsWaiting,
    CodeInUse,
    CodeInvalid,
    CodeTaken,
    TimeZoneUnknown,
)
from tessera.merchants.models import Employment, Merchant, Store
from tessera.merchants.queries import accepts_applications
from tessera.merchants.rules import is_credit_code, is_time_zone
from tessera.people.actions.persons import lock_person

__all__ = ["MOST_WAITING", "FirstStore", "change_merchant", "open_business"]

MOST_WAITING = 3
"""Most businesses of one owner that wait for the operator at the same time."""


@dataclass(frozen=True, slots=True)
class FirstStore:
    """Where a new business sells."""

    name: str
    district: str = ""
    address: str = ""


def open_business(
    *, name: str, code: str, phone: str, store: FirstStore, person_id: UUID, now: datetime, actor: Actor
) -> tuple[Merchant, Store]:
    """Open a merchant with its first store and the person as its owner; it is pending until the operator approves.

    `code` is the unified social credit code or empty, `phone` E.164 or empty. Refuses `code_invalid`, `code_in_use`
    (which tells nothing of the other merchant), `applications_waiting`, `applications_closed`, `not_found` and `person_erased`.
    Source: spec/membership.md, Merchants and customers.
    """
    if not accepts_applications():
        raise ApplicationsClosed
    lock_person(person_id)
    waiting = Employment.objects.filter(
        person_id=person_id, role="owner", until__isnull=True, merchant__approval__isnull=True
    )
    if waiting.count() >= MOST_WAITING:
        raise ApplicationsWaiting(most=MOST_WAITING)
    try:
        merchant = open_merchant(name=name, code=code, phone=phone, now=now, actor=actor)
    except CodeTaken:
        raise CodeInUse(given=code) from None
    first = open_store(
        merchant_id=merchant.id,
        number="1",
        name=store.name,
        address=store.address,
        district=store.district,
        now=now,
        actor=actor,
    )
    employ_person(
        merchant_id=merchant.id, person_id=person_id, role="owner", store_id=None, now=now, actor=actor
    )
    return merchant, first


def change_merchant(
    *, merchant_id: UUID, name: str, phone: str, time_zone: str, code: str = "", now: datetime, actor: Actor
) -> tuple[Merchant, dict[str, list[str]]]:
    """Change a merchant's name, phone (E.164 or empty) and time zone; return it with what changed: [before, after].

    `code`, the unified social credit code, is taken where none was given before: the operator compares by it. Days that
    were counted in another time zone stay as they were. Refuses `not_found`, `time_zone_unknown`, `phone_invalid`,
    `code_invalid` and `code_in_use`.
    """
    merchant = lock_merchant(merchant_id)
    if code and not merchant.code:
        _check_code(code)
    if not is_time_zone(time_zone):
        raise TimeZoneUnknown(given=time_zone)
    wanted = {"name": name, "phone": normal_phone(phone) if phone else "", "time_zone": time_zone}
    if code and not merchant.code:
        wanted["code"] = code
    changed = {
        field: [getattr(merchant, field), value]
        for field, value in wanted.items()
        if getattr(merchant, field) != value
    }
    for field, (_, value) in changed.items():
        setattr(merchant, field, value)
    if changed:
        merchant.save(update_fields=list(changed))
    return merchant, changed


def _check_code(code: str) -> None:
    if not is_credit_code(code):
        raise CodeInvalid(given=code)
    if Merchant.objects.filter(code=code).exists():
        raise CodeInUse(given=code)
