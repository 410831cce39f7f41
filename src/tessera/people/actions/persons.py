"""Persons come to be known, register, describe themselves, and are joined."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any
from uuid import UUID

from tessera.kit.actors import Actor
from tessera.kit.errors import NotFound
from tessera.kit.ids import show_id
from tessera.kit.outbox import tell
from tessera.people.errors import (
    AlreadyJoined,
    AlreadyRegistered,
    BirthdayInvalid,
    JoiningImpossible,
    PersonErased,
    PersonRegistered,
    PhoneMissing,
    PhoneTaken,
)
from tessera.people.models import Joining, Person
from tessera.people.rules import EARLIEST_BIRTHDAY, is_possible_birthday

__all__ = [
    "describe_person",
    "join_person",
    "lock_person",
    "open_person",
    "recognise_phone",
    "register_person",
]

_DESCRIBED = ("nickname", "birthday", "language", "district")


def lock_person(person_id: UUID) -> Person:
    """Return the person, locked until the transaction ends; refuses `not_found` and `person_erased`."""
    person = Person.objects.select_for_update().filter(pk=person_id).first()
    if person is None:
        raise NotFound
    if person.erased_at:
        raise PersonErased(erased_at=person.erased_at.isoformat())
    return person


def _check_birthday(birthday: date | None, *, now: datetime) -> None:
    if birthday is not None and not is_possible_birthday(birthday, today=now.date()):
        raise BirthdayInvalid(earliest=EARLIEST_BIRTHDAY.isoformat(), latest=now.date().isoformat())


def open_person(
    *,
    phone: str | None,
    nickname: str = "",
    birthday: date | None = None,
    language: str = "zh-Hans",
    district: str = "",
    now: datetime,
    actor: Actor,
) -> Person:
    """Make a person known, by phone number (E.164) or, without one, by a merchant's customer number alone.

    Refuses `phone_taken` and `birthday_invalid`. The person has not registered by that.
    """
    _check_birthday(birthday, now=now)
    if phone is not None:
        known = Person.objects.filter(phone=phone).only("id").first()
        if known is not None:
            raise PhoneTaken(person=show_id("per", known.id))
    return Person.objects.create(
        phone=phone,
        nickname=nickname,
        birthday=birthday,
        language=language,
        district=district,
        created_at=now,
    )


def recognise_phone(*, phone: str, now: datetime, actor: Actor) -> Person:
    """Return the person with this phone number (E.164), made known now if nobody has it."""
    person = Person.objects.filter(phone=phone).first()
    if person is not None:
        return person
    try:
        return open_person(phone=phone, now=now, actor=actor)
    except PhoneTaken:  # a racer made the number known between our look and our deed
        return Person.objects.get(phone=phone)


def register_person(*, person_id: UUID, now: datetime, actor: Actor) -> Person:
    """Note that the person has proven the phone number and joins himself; tells "people.registered".

    Refuses `not_found`, `person_erased`, `phone_missing`, `already_registered`.
    """
    person = lock_person(person_id)
    if person.phone is None:
        raise PhoneMissing
    if person.registered_at:
        raise AlreadyRegistered(registered_at=person.registered_at.isoformat())
    person.registered_at = now
    person.save(update_fields=["registered_at"])
    tell("people.registered", {"person_id": str(person.id)}, now=now)
    return person


def describe_person(*, person_id: UUID, described: Mapping[str, Any], now: datetime, actor: Actor) -> Person:
    """Change what is known of a person: any of nickname, birthday, language, district.

    Refuses `not_found`, `person_erased`, `birthday_invalid`, and `person_registered` for a merchant where the person
    has registered.
    """
    person = lock_person(person_id)
    if actor.merchant_id is not None and person.registered_at:
        raise PersonRegistered
    fields = [name for name in _DESCRIBED if name in described]
    _check_birthday(described.get("birthday"), now=now)
    for name in fields:
        setattr(person, name, described[name])
    if fields:
        person.save(update_fields=fields)
    return person


def join_person(*, from_person_id: UUID, into_person_id: UUID, now: datetime, actor: Actor) -> Joining:
    """Note that a customer known by number alone is a registered person; moving points is the ledger's business.

    Refuses `not_found`, `person_erased`, `joining_impossible` (the first has a phone number or is registered, the
    second is not registered, both are the same) and `already_joined`. Source: spec/points.md, Earning.
    """
    first, second = sorted((from_person_id, into_person_id))
    locked = {person_id: lock_person(person_id) for person_id in (first, second)}
    leaving, staying = locked[from_person_id], locked[into_person_id]
    if leaving == staying or leaving.phone or leaving.registered_at or not staying.registered_at:
        raise JoiningImpossible
    if Joining.objects.filter(from_person_id=from_person_id).exists():
        raise AlreadyJoined
    return Joining.objects.create(
        from_person_id=from_person_id, into_person_id=into_person_id, at=now, actor=actor.name
    )
