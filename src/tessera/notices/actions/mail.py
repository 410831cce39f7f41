"""A person's e-mail address: named, proven by a code, given up."""

import secrets
from collections.abc import Callable
from datetime import datetime, timedelta
from uuid import UUID

from django.db import connection
from django.db.models import F

from tessera.kit.actors import Actor
from tessera.kit.keyed import keyed_digest
from tessera.kit.refusals import Refusal
from tessera.notices.errors import MailCodeStale, MailCodeWrong, MailInvalid, MailNotSent, MailTooOften
from tessera.notices.models import MailAddress
from tessera.notices.ports import Mail
from tessera.notices.rules import is_mail_address

__all__ = ["MAIL_CODE_VALID", "ask_mail_address", "forget_mail_address", "prove_mail_address"]

MAIL_CODE_VALID = timedelta(minutes=15)
_MOST_TRIES = 5
_LIMITS = ((timedelta(minutes=1), 1), (timedelta(hours=1), 5), (timedelta(days=1), 10))


def ask_mail_address(
    *,
    person_id: UUID,
    address: str,
    send: Callable[[Mail], None],
    words: Callable[[str], tuple[str, str]],
    now: datetime,
    actor: Actor,
) -> str:
    """Send a code to the address and return it (for the demo, which shows it); the earlier address stays until then.

    `words` makes subject and text from the code. Refuses `mail_invalid`, `mail_too_often` (1 a minute, 5 an hour, 10 a
    day for one person) and `mail_not_sent`.
    """
    address = address.strip()
    if not is_mail_address(address):
        raise MailInvalid
    _lock(person_id)
    for span, most in _LIMITS:
        recent = MailAddress.objects.filter(person_id=person_id, asked_at__gt=now - span)
        asked = list(recent.order_by("-asked_at").values_list("asked_at", flat=True)[:most])
        if len(asked) == most:
            raise MailTooOften(retry_after_s=int((asked[-1] + span - now).total_seconds()) + 1)
    code = f"{secrets.randbelow(10**6):06d}"
    MailAddress.objects.filter(person_id=person_id, asked_at__lt=now - timedelta(days=2)).filter(
        proven_at__isnull=True
    ).delete()
    MailAddress.objects.create(
        person_id=person_id, address=address, digest=_digest(person_id, address, code), asked_at=now
    )
    subject, text = words(code)
    try:
        send(Mail(address, subject, text, now))
    except OSError:
        raise MailNotSent from None
    return code


def prove_mail_address(*, person_id: UUID, code: str, now: datetime, actor: Actor) -> MailAddress | Refusal:
    """Take the address whose code this is as proven; return it, or the refusal `mail_code_wrong` or `mail_code_stale`.

    The refusal is returned, not raised: the try has to be counted. Five tries, 15 minutes, the last code only.
    """
    _lock(person_id)
    rows = MailAddress.objects.filter(person_id=person_id)
    row = (
        rows.filter(proven_at__isnull=True, asked_at__gt=now - MAIL_CODE_VALID).order_by("-asked_at").first()
    )
    if row is None or row.tries >= _MOST_TRIES:
        return MailCodeStale()
    if not secrets.compare_digest(bytes(row.digest), _digest(person_id, row.address, code.strip())):
        rows.filter(pk=row.pk).update(tries=F("tries") + 1)
        left = _MOST_TRIES - row.tries - 1
        return MailCodeWrong(tries_left=left) if left else MailCodeStale()
    rows.filter(proven_at__isnull=False).delete()
    row.proven_at = now
    row.save(update_fields=["proven_at"])
    return row


def forget_mail_address(*, person_id: UUID, now: datetime, actor: Actor) -> None:
    """Give up the person's e-mail address; nothing is sent there any more."""
    MailAddress.objects.filter(person_id=person_id, proven_at__isnull=False).delete()


def _lock(person_id: UUID) -> None:
    """One request of a person at a time, so that limits and tries are exact."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 7))", [str(person_id)])


def _digest(person_id: UUID, address: str, code: str) -> bytes:
    return keyed_digest("mail_code", str(person_id), address, code)
