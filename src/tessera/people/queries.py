"""Reads of the room `people`."""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any
from uuid import UUID

from allauth.mfa.models import Authenticator
from allauth.usersessions.models import UserSession
from django.contrib.sessions.models import Session

from tessera.kit.errors import NotFound
from tessera.kit.paging import Page, page_of, position_of
from tessera.people.models import CodeDevice, Consent, Erasure, Joining, Person
from tessera.people.rules import device_name, is_phone

if TYPE_CHECKING:
    from django.db.models import QuerySet

__all__ = [
    "Device",
    "Passkey",
    "Person",
    "export_person",
    "find_by_phone",
    "find_code_device",
    "find_joined",
    "get_person",
    "has_consent",
    "joinings_since",
    "list_consents",
    "list_devices",
    "list_named",
    "list_passkeys",
    "list_persons",
    "list_standing_consents",
    "persons_by_id",
]


def get_person(person_id: UUID) -> Person:
    """Return the person; refuses `not_found`."""
    person = Person.objects.filter(pk=person_id).first()
    if person is None:
        raise NotFound
    return person


def find_by_phone(phone: str) -> Person | None:
    """Return the person with this phone number (E.164) or None."""
    return Person.objects.filter(phone=phone).first()


def find_code_device(session_key: str, person_id: UUID) -> CodeDevice | None:
    """Return the code device that this session's browser has been given, or None."""
    return CodeDevice.objects.filter(
        session_key=session_key, person_id=person_id, ended_at__isnull=True
    ).first()


def find_joined(person_id: UUID) -> UUID:
    """Return the person into whom `person_id` was joined, or `person_id` itself."""
    row = Joining.objects.filter(pk=person_id).values_list("into_person_id", flat=True).first()
    return row or person_id


def joinings_since(moment: datetime) -> Iterator[tuple[UUID, UUID]]:
    """Yield (from, into) of every joining since `moment`, in the order of the first; read piece by piece."""
    rows = Joining.objects.filter(at__gte=moment).order_by("from_person_id")
    return rows.values_list("from_person_id", "into_person_id").iterator()


def persons_by_id(person_ids: Collection[UUID]) -> dict[UUID, Person]:
    """Return those of the persons that exist, by id; at most one page of them is asked for."""
    return Person.objects.in_bulk(list(person_ids))


def list_persons(
    *, phone: str | None = None, registered: bool | None = None, cursor: str | None = None, limit: int = 50
) -> Page[Person]:
    """Return persons, oldest first; `phone` (E.164) and `registered` narrow the list. Refuses `cursor_invalid`."""
    rows = Person.objects.order_by("id")
    position = position_of(cursor)
    if position:
        rows = rows.filter(id__gt=position)
    if phone is not None:
        rows = rows.filter(phone=phone)
    if registered is not None:
        rows = rows.filter(registered_at__isnull=not registered)
    return page_of(list(rows[: limit + 1]), limit=limit, key=lambda person: person.id)


def list_named(
    among: "QuerySet[Any, Any]", beginning: str, *, after: UUID | None = None, limit: int = 50
) -> list[Person]:
    """Return up to `limit` of the persons whose ids `among` yields and whose name begins so, in either case, by id.

    `among` is a query of another room (its customers): the database reads both in one go.
    """
    rows = Person.objects.filter(id__in=among, nickname__istartswith=beginning).order_by("id")
    if after is not None:
        rows = rows.filter(id__gt=after)
    return list(rows[:limit])


def list_consents(person_id: UUID, *, cursor: str | None = None, limit: int = 50) -> Page[Consent]:
    """Return what the person agreed to or withdrew, oldest first. Refuses `cursor_invalid`."""
    rows = Consent.objects.filter(person_id=person_id).order_by("id")
    position = position_of(cursor)
    if position:
        rows = rows.filter(id__gt=position)
    return page_of(list(rows[: limit + 1]), limit=limit, key=lambda consent: consent.id)


def list_standing_consents(person_id: UUID) -> dict[str, Consent]:
    """Return the person's last word on every purpose, by purpose."""
    rows = Consent.objects.filter(person_id=person_id).order_by("purpose", "-at", "-id").distinct("purpose")
    return {consent.purpose: consent for consent in rows}


def has_consent(person_id: UUID, purpose: str) -> bool:
    """Return whether the person's last word on `purpose` was yes."""
    last = Consent.objects.filter(person_id=person_id, purpose=purpose).order_by("-at", "-id").first()
    return last is not None and last.given


def export_person(person_id: UUID) -> dict[str, object]:
    """Return everything this room keeps about the person, as plain JSON values."""
    person = get_person(person_id)
    return {
        "phone": person.phone,
        "nickname": person.nickname,
        "birthday": person.birthday and person.birthday.isoformat(),
        "language": person.language,
        "district": person.district,
        "picture": person.picture,
        "code_devices": [
            {"number": device.number, "made_at": device.made_at.isoformat()}
            for device in CodeDevice.objects.filter(person_id=person_id).order_by("id")
        ],
        "created_at": person.created_at.isoformat(),
        "registered_at": person.registered_at and person.registered_at.isoformat(),
        "erased_at": person.erased_at and person.erased_at.isoformat(),
        "consents": [
            {
                "purpose": consent.purpose,
                "text_version": consent.text_version,
                "given": consent.given,
                "at": consent.at.isoformat(),
                "recorded_by": consent.actor,
            }
            for consent in Consent.objects.filter(person_id=person_id).order_by("id")
        ],
        "erasures": [
            {"at": erasure.at.isoformat(), "reason": erasure.reason}
            for erasure in Erasure.objects.filter(person_id=person_id)
        ],
    }


@dataclass(frozen=True, slots=True)
class Device:
    """One place where a person is signed in."""

    id: int
    name: str
    is_phone: bool
    is_current: bool
    address: str
    since: datetime
    seen_at: datetime


@dataclass(frozen=True, slots=True)
class Passkey:
    """One passkey of a person."""

    id: int
    name: str
    made_at: datetime
    used_at: datetime | None


def list_devices(person_id: UUID, *, current: str) -> Sequence[Device]:
    """Return where the person is signed in, the session with the key `current` first, at most 100."""
    rows = UserSession.objects.filter(
        user_id=person_id, session_key__in=Session.objects.values("session_key")
    ).order_by("-last_seen_at")[:100]
    devices = [
        Device(
            id=row.pk,
            name=device_name(row.user_agent),
            is_phone=is_phone(row.user_agent),
            is_current=row.session_key == current,
            address=row.ip,
            since=row.created_at,
            seen_at=row.last_seen_at,
        )
        for row in rows
    ]
    return sorted(devices, key=lambda device: not device.is_current)


def list_passkeys(person_id: UUID) -> Sequence[Passkey]:
    """Return the person's passkeys, the oldest first; there are at most MOST_PASSKEYS."""
    rows = Authenticator.objects.filter(user_id=person_id).order_by("pk")
    return [Passkey(row.pk, row.data["name"], row.created_at, row.last_used_at) for row in rows]
