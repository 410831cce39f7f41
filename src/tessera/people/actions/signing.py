"""Codes and passwords are tried within limits; who proves a new number joins.

A code stands on its own row and is answered by the browser that asked for it: nobody uses up another's tries.
"""

import secrets
from datetime import datetime, timedelta
from hmac import compare_digest
from typing import TYPE_CHECKING
from uuid import UUID
from zoneinfo import ZoneInfo

from allauth.usersessions.models import UserSession
from django.conf import settings
from django.contrib.sessions.models import Session
from django.db import connection
from django.db.models import F

from tessera.kit.actors import Actor
from tessera.kit.errors import NotFound
from tessera.kit.keyed import keyed_digest
from tessera.kit.refusals import Refusal
from tessera.people.actions.persons import describe_person, recognise_phone, register_person
from tessera.people.actions.privacy import record_consent
from tessera.people.errors import CodeExpired, CodesTooOften, CodeUsedUp, CodeWrong, SignInTriesUsed
from tessera.people.models import PasswordTry, Person, SignInCode
from tessera.people.rules import (
    CODE_LASTS_S,
    CODE_LIMITS,
    CODE_TRIES,
    PASSWORD_LIMITS,
    PASSWORD_LIMITS_BY_ADDRESS,
    TEXT_VERSION,
    Limits,
    wait_s,
)

if TYPE_CHECKING:
    from django.db.models import QuerySet

__all__ = [
    "forget_password_try",
    "forget_tries",
    "issue_code",
    "join_by_phone",
    "take_password_try",
    "try_code",
]

_DAY = timedelta(days=1)
_KEPT = timedelta(days=2)


def issue_code(
    *, phone: str, purpose: str, address: str, address_limits: Limits, now: datetime, actor: Actor
) -> tuple[SignInCode, str]:
    """Make a code of six digits for `phone` (E.164) and return its row and the digits, which are kept nowhere.

    Refuses `codes_too_often` beyond CODE_LIMITS for the number and `address_limits` for the network address, exactly,
    however many ask at once. Source: issue of the faces, sign-in.
    """
    address_digest = keyed_digest("address", address)
    _lock(keyed_digest("phone", phone), address_digest)
    recent = SignInCode.objects.filter(sent_at__gt=now - _DAY)
    by_phone = list(recent.filter(phone=phone).values_list("sent_at", flat=True))
    by_address = list(recent.filter(address_digest=address_digest).values_list("sent_at", flat=True))
    wait = max(wait_s(by_phone, CODE_LIMITS, now=now), wait_s(by_address, address_limits, now=now))
    if wait:
        raise CodesTooOften(retry_after_s=wait, at=_time_of(now + timedelta(seconds=wait)))
    digits = f"{secrets.randbelow(1_000_000):06d}"
    row = SignInCode.objects.create(
        phone=phone,
        purpose=purpose,
        digest=_digest(phone, purpose, digits),
        address_digest=address_digest,
        sent_at=now,
        expires_at=now + timedelta(seconds=CODE_LASTS_S),
    )
    return row, digits


def try_code(*, code_id: UUID, digits: str, now: datetime, actor: Actor) -> Refusal | None:
    """Try `digits` against one code; None when they match, and then the code is used up.

    The refusal (`code_wrong`, `code_used_up`, `code_expired`) is returned and not raised: the try stays counted. Of
    racers exactly five are heard, and exactly one of them can be right. Refuses `not_found`.
    """
    row = SignInCode.objects.filter(pk=code_id).first()
    if row is None:
        raise NotFound
    if row.expires_at <= now:
        return CodeExpired(expires_at=_time_of(row.expires_at))
    open_code = SignInCode.objects.filter(pk=code_id, used_at__isnull=True)
    if not open_code.filter(tries__lt=CODE_TRIES).update(tries=F("tries") + 1):
        return CodeUsedUp()
    if compare_digest(bytes(row.digest), _digest(row.phone, row.purpose, digits)):
        return None if open_code.update(used_at=now) else CodeUsedUp()
    left = CODE_TRIES - SignInCode.objects.values_list("tries", flat=True).get(pk=code_id)
    return CodeWrong(tries_left=left) if left else CodeUsedUp()


def join_by_phone(
    *, phone: str, nickname: str, language: str, given: tuple[str, ...], now: datetime, actor: Actor
) -> Person:
    """Return the person who has just proven `phone`, registered and with the consents `given`; again: unchanged.

    Refuses `person_erased` never in practice: an erased person has no number.
    """
    person = recognise_phone(phone=phone, now=now, actor=actor)
    himself = Actor(kind="person", id=person.id)
    locked = Person.objects.select_for_update().get(pk=person.pk)
    if locked.registered_at:
        return locked
    person = register_person(person_id=person.id, now=now, actor=himself)
    described = {"language": language} | ({"nickname": nickname} if nickname else {})
    describe_person(person_id=person.id, described=described, now=now, actor=himself)
    for purpose in given:
        record_consent(
            person_id=person.id,
            purpose=purpose,
            text_version=TEXT_VERSION,
            given=True,
            now=now,
            actor=himself,
        )
    return person


def take_password_try(
    *, phone: str, address: str, address_factor: int = 1, now: datetime, actor: Actor
) -> PasswordTry:
    """Count one password for this number and address before it is looked at; a match takes it back.

    Refuses `sign_in_tries_used`. `address_factor` raises the limits by address for networks that many share.
    """
    phone_digest, address_digest = keyed_digest("phone", phone), keyed_digest("address", address)
    _lock(phone_digest, address_digest)
    recent = PasswordTry.objects.filter(at__gt=now - _DAY)
    limits = tuple((window, most * address_factor) for window, most in PASSWORD_LIMITS_BY_ADDRESS)
    wait = max(
        wait_s(_moments(recent.filter(phone_digest=phone_digest)), PASSWORD_LIMITS, now=now),
        wait_s(_moments(recent.filter(address_digest=address_digest)), limits, now=now),
    )
    if wait:
        raise SignInTriesUsed(retry_after_s=wait, at=_time_of(now + timedelta(seconds=wait)))
    return PasswordTry.objects.create(phone_digest=phone_digest, address_digest=address_digest, at=now)


def forget_password_try(*, try_id: UUID, now: datetime, actor: Actor) -> None:
    """Take back a try that matched."""
    PasswordTry.objects.filter(pk=try_id).delete()


def forget_tries(*, now: datetime, actor: Actor) -> int:
    """Remove codes, password tries and ended sessions older than the limits look back; return how many rows went."""
    codes, _ = SignInCode.objects.filter(sent_at__lt=now - _KEPT).delete()
    tries, _ = PasswordTry.objects.filter(at__lt=now - _KEPT).delete()
    sessions, _ = Session.objects.filter(expire_date__lt=now).delete()
    living = Session.objects.values("session_key")
    devices, _ = (
        UserSession.objects.exclude(session_key__in=living).filter(created_at__lt=now - _KEPT).delete()
    )
    return codes + tries + sessions + int(devices)


def _time_of(at: datetime) -> str:
    return at.astimezone(ZoneInfo(settings.TESSERA_TIME_ZONE)).strftime("%H:%M")


def _digest(phone: str, purpose: str, digits: str) -> bytes:
    return keyed_digest("code", phone, purpose, digits)


def _moments(tries: "QuerySet[PasswordTry]") -> list[datetime]:
    return list(tries.values_list("at", flat=True))


def _lock(*digests: bytes) -> None:
    """Let no two count for the same number or address at once; always in the order of the keys."""
    keys = sorted({int.from_bytes(digest[:8], "big", signed=True) for digest in digests})
    with connection.cursor() as cursor:
        for key in keys:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [key])
