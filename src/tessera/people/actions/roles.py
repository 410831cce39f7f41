"""Roles for the platform: who runs it (spec/README.md, People and roles)."""

from datetime import datetime
from uuid import UUID

from tessera.kit.actors import Actor
from tessera.people.actions.persons import lock_person
from tessera.people.models import Role

__all__ = ["end_role", "grant_role"]


def grant_role(*, person_id: UUID, role: str, now: datetime, actor: Actor) -> Role:
    """Give the person a role for the platform ("operator"); one who has it keeps it. Refuses `not_found`, `person_erased`."""
    lock_person(person_id)
    held = Role.objects.filter(person_id=person_id, role=role, scope="", until__isnull=True).first()
    return held or Role.objects.create(person_id=person_id, role=role, since=now, actor=actor.name)


def end_role(*, person_id: UUID, role: str, now: datetime, actor: Actor) -> int:
    """End the role if it is held; return how many were ended. Refuses `not_found`, `person_erased`."""
    lock_person(person_id)
    return Role.objects.filter(person_id=person_id, role=role, until__isnull=True).update(until=now)
