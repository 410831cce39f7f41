"""Who may see which person, and whether the phone number whole.

Persons are shared by all merchants; which of them a merchant knows is told by the rooms above, wired in `site`.
"""

from collections.abc import Callable, Collection
from uuid import UUID

from tessera.kit.actors import Actor
from tessera.kit.edge import is_operator
from tessera.kit.phones import masked_phone
from tessera.people.models import Person

__all__ = ["SIGHTS", "phone_for", "sight_of"]

SIGHTS: list[Callable[[UUID, Collection[UUID]], dict[UUID, bool]]] = []
"""Functions of merchant and persons: those the merchant knows, each with whether it may see the phone number whole."""


def sight_of(actor: Actor, person_ids: Collection[UUID]) -> dict[UUID, bool]:
    """Return the persons that `actor` may see, each with whether the phone number is shown whole.

    An operator sees all whole; a platform key without that scope sees all masked; a merchant's key sees the
    merchant's customers.
    """
    if actor.merchant_id is None:
        return dict.fromkeys(person_ids, is_operator(actor))
    seen: dict[UUID, bool] = {}
    for sight in SIGHTS:
        for person_id, whole in sight(actor.merchant_id, person_ids).items():
            seen[person_id] = whole or seen.get(person_id, False)
    return seen


def phone_for(person: Person, *, whole: bool) -> str | None:
    """Return the phone number as it is shown: whole, masked, or None where none is known."""
    if not person.phone:
        return None
    return person.phone if whole else masked_phone(person.phone)
