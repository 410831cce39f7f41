"""A customer known by number alone becomes a person who has registered."""

from datetime import datetime
from uuid import UUID

from tessera.kit.actors import Actor
from tessera.merchants.models import Customer, CustomerNumber

__all__ = ["hand_over_customer"]


def hand_over_customer(
    *, merchant_id: UUID, number: str, from_person_id: UUID, into_person_id: UUID, now: datetime, actor: Actor
) -> None:
    """Let all that merchants know under `from_person_id` be known under `into_person_id`; `number` is proven.

    Where both are customers of a merchant, the person's own level stays, unless he has none. The caller has seen to
    it that the two are the same human being (tessera.people.actions.persons.join_person).
    """
    CustomerNumber.objects.filter(person_id=from_person_id).update(person_id=into_person_id)
    CustomerNumber.objects.filter(merchant_id=merchant_id, number=number).update(proven_at=now)
    known = {row.merchant_id: row for row in Customer.objects.filter(person_id=into_person_id)}
    for leaving in Customer.objects.filter(person_id=from_person_id):
        row = Customer.objects.filter(merchant_id=leaving.merchant_id, person_id=from_person_id)
        staying = known.get(leaving.merchant_id)
        if staying is None:
            row.update(person_id=into_person_id)
            continue
        if leaving.level and not staying.level:
            same = Customer.objects.filter(merchant_id=leaving.merchant_id, person_id=into_person_id)
            same.update(level=leaving.level)
        row.delete()
