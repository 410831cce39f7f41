"""A person's password: set or removed; either ends the sessions on all other devices."""

from datetime import datetime
from uuid import UUID

from django.contrib.auth.hashers import make_password

from tessera.kit.actors import Actor
from tessera.people.actions.persons import lock_person
from tessera.people.actions.sessions import end_other_devices
from tessera.people.models import Person

__all__ = ["remove_password", "set_password"]


def set_password(*, person_id: UUID, password: str, session_key: str, now: datetime, actor: Actor) -> Person:
    """Keep the hash of `password`, already validated, and end all sessions but `session_key`.

    Refuses `not_found` and `person_erased`.
    """
    return _write(person_id, make_password(password), session_key, now=now, actor=actor)


def remove_password(*, person_id: UUID, session_key: str, now: datetime, actor: Actor) -> Person:
    """Take the password away and end all sessions but `session_key`. Refuses `not_found` and `person_erased`."""
    return _write(person_id, "", session_key, now=now, actor=actor)


def _write(person_id: UUID, hashed: str, session_key: str, *, now: datetime, actor: Actor) -> Person:
    person = lock_person(person_id)
    person.password = hashed
    person.save(update_fields=["password"])
    end_other_devices(person_id=person_id, kept=session_key, now=now, actor=actor)
    return person
