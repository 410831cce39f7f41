"""Member codes: what a member shows at a counter so that one knows him, for a minute and once.

A device's code is computed by the browser, offline too, from a secret that it shares with us; a short code is made here
for saying or typing. Source: spec/README.md, rule 10; spec/points.md, Earning.
"""

import secrets
from datetime import datetime, timedelta
from uuid import UUID

from django.contrib.sessions.models import Session
from django.db import IntegrityError, transaction

from tessera.kit.actors import Actor
from tessera.kit.ids import first_id_at
from tessera.kit.models import AuditLine
from tessera.people.actions.persons import lock_person
from tessera.people.errors import CodeOwn, CodeStale, CodeUnknown, CodeUsed, MemberCodesTooOften
from tessera.people.models import CodeDevice, Person, ShortCode, UsedCode
from tessera.people.rules import (
    CODE_AGES,
    CODE_STEP_S,
    SHORT_CODE_LENGTH,
    code_age,
    code_step,
    parse_member_code,
)

__all__ = [
    "MOST_UNKNOWN_CODES",
    "UNKNOWN_WINDOW",
    "end_code_devices",
    "forget_used_codes",
    "issue_short_code",
    "move_code_device",
    "open_code_device",
    "redeem_code",
]

MOST_UNKNOWN_CODES = 20
UNKNOWN_WINDOW = timedelta(minutes=10)
"""So many unknown codes may one actor try in this time; counted from the audit trail, where every refusal leaves a line."""

_SHORT_CODE_LEFT = timedelta(seconds=20)
_USED_KEPT = timedelta(days=2)
_DRAWS = 20


def redeem_code(*, code: str, merchant_id: UUID, now: datetime, actor: Actor) -> Person:
    """Return the member whose code this is and use it up: no counter accepts it again.

    `code` is what was scanned or typed, as `parse_member_code` reads it; `merchant_id` is whose counter asks. The code
    of this minute and of the last one are accepted. Refuses `code_unknown`, `code_stale` (out of its minute),
    `code_used`, `code_own` (nobody is both halves of one match) and `member_codes_too_often` after 20 unknown ones in ten
    minutes. The edge writes the refusal's audit line, as `do_once` does: from those lines the tries are counted.
    """
    _check_tries(actor, merchant_id, now=now)
    digits = parse_member_code(code)
    if digits is None:
        raise CodeUnknown
    if len(digits) == SHORT_CODE_LENGTH:
        return _redeem_short(digits, now=now, actor=actor)
    return _redeem_device(digits, merchant_id, now=now, actor=actor)


def _check_tries(actor: Actor, merchant_id: UUID, *, now: datetime) -> None:
    since = now - UNKNOWN_WINDOW
    missed = AuditLine.objects.filter(
        merchant_id=merchant_id, id__gte=first_id_at(since), actor=actor.name, outcome=CodeUnknown.code
    ).order_by("-id")
    moments = list(missed.values_list("happened_at", flat=True)[:MOST_UNKNOWN_CODES])
    if len(moments) == MOST_UNKNOWN_CODES:
        wait = moments[-1] + UNKNOWN_WINDOW - now
        raise MemberCodesTooOften(retry_after_s=max(1, int(wait.total_seconds())))


def _redeem_short(digits: str, *, now: datetime, actor: Actor) -> Person:
    found = ShortCode.objects.filter(code=digits).first()
    if found is None:
        raise CodeUnknown
    person = _known(found.person_id, actor)
    if found.used_at is not None:
        raise CodeUsed
    if now >= found.expires_at:
        raise CodeStale
    if not ShortCode.objects.filter(pk=found.pk, code=digits, used_at__isnull=True).update(used_at=now):
        raise CodeUsed
    return person


def _redeem_device(digits: str, merchant_id: UUID, *, now: datetime, actor: Actor) -> Person:
    device = CodeDevice.objects.filter(number=digits[:SHORT_CODE_LENGTH], ended_at__isnull=True).first()
    if device is None or not _is_signed_in(device, now=now):
        raise CodeUnknown
    age = code_age(digits, secret=bytes(device.secret), now=now)
    if age is None:
        raise CodeUnknown
    person = _known(device.person_id, actor)
    if age not in CODE_AGES:
        raise CodeStale
    _, first = UsedCode.objects.get_or_create(
        person_id=device.person_id,
        device_id=device.id,
        step=code_step(now) + age,
        defaults={"merchant_id": merchant_id, "at": now, "actor": actor.name},
    )
    if not first:
        raise CodeUsed
    return person


def _is_signed_in(device: CodeDevice, *, now: datetime) -> bool:
    return Session.objects.filter(session_key=device.session_key, expire_date__gt=now).exists()


def _known(person_id: UUID, actor: Actor) -> Person:
    person = Person.objects.filter(pk=person_id, erased_at__isnull=True).first()
    if person is None:
        raise CodeUnknown
    if actor.kind == "person" and actor.id == person_id:
        raise CodeOwn
    return person


def open_code_device(
    *, person_id: UUID, session_key: str, label: str = "", now: datetime, actor: Actor
) -> CodeDevice:
    """Return the code device of this signed-in browser, made now if it has none yet; so asking twice does no harm.

    Refuses `not_found` and `person_erased`.
    """
    lock_person(person_id)
    device = CodeDevice.objects.filter(session_key=session_key).first()
    if device is not None and device.person_id == person_id and device.ended_at is None:
        return device
    if device is not None:
        device.delete()
    for _ in range(_DRAWS):
        try:
            with transaction.atomic():
                return CodeDevice.objects.create(
                    person_id=person_id,
                    number=_drawn_digits(),
                    secret=secrets.token_bytes(32),
                    session_key=session_key,
                    label=label[:200],
                    made_at=now,
                )
        except IntegrityError:  # another device has this number
            continue
    raise AssertionError("twenty draws out of a hundred million all taken")


def move_code_device(*, session_key: str, new_session_key: str, now: datetime, actor: Actor) -> int:
    """Let the device live on where its session goes on under a new key; return how many moved (0 or 1)."""
    return CodeDevice.objects.filter(session_key=session_key).update(session_key=new_session_key)


def end_code_devices(*, person_id: UUID, now: datetime, actor: Actor) -> int:
    """End all the person's code devices, and the short code; return how many devices ended."""
    ShortCode.objects.filter(pk=person_id).delete()
    return CodeDevice.objects.filter(person_id=person_id, ended_at__isnull=True).update(
        ended_at=now, secret=b""
    )


def issue_short_code(*, person_id: UUID, now: datetime, actor: Actor) -> ShortCode:
    """Return eight digits that stand for the person for the next minute; the person's last ones are void.

    Where the last ones are unused and good for 20 seconds more, these are returned. Refuses `not_found` and
    `person_erased`.
    """
    lock_person(person_id)
    held = ShortCode.objects.filter(pk=person_id).first()
    if held is not None and held.used_at is None and held.expires_at - now > _SHORT_CODE_LEFT:
        return held
    for _ in range(_DRAWS):
        try:
            with transaction.atomic():
                made, _ = ShortCode.objects.update_or_create(
                    person_id=person_id,
                    defaults={
                        "code": _drawn_digits(),
                        "made_at": now,
                        "expires_at": now + timedelta(seconds=CODE_STEP_S),
                        "used_at": None,
                    },
                )
                return made
        except IntegrityError:  # someone else's digits
            continue
    raise AssertionError("twenty draws out of a hundred million all taken")


def forget_used_codes(*, now: datetime, actor: Actor) -> int:
    """Remove what was used more than two days ago, when no counter could accept it any more; return how many."""
    removed, _ = UsedCode.objects.filter(at__lt=now - _USED_KEPT).delete()
    return removed


def _drawn_digits() -> str:
    return f"{secrets.randbelow(10**SHORT_CODE_LENGTH):0{SHORT_CODE_LENGTH}d}"
