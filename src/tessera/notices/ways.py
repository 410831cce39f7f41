"""The ways out of this house, as its settings open them."""

from functools import partial
from pathlib import Path

from django.conf import settings
from django.contrib.sessions.models import Session

from tessera.kit import clock
from tessera.kit.keyed import keyed_digest
from tessera.kit.phones import masked_phone
from tessera.notices.actions.delivery import Push, Ways
from tessera.notices.models import SmsMessage
from tessera.notices.ports import MAIL_PORTS, PORTS, Letter, Mail, MailPort, Port
from tessera.notices.push import PushGone, allowed_endpoint, load_push_key, send_push
from tessera.notices.sms import SMS_PORTS, Sms

__all__ = ["public_push_key", "ways_here"]


def public_push_key() -> str:
    """Return what a browser is given when it subscribes to pushes; empty where no push service may be called."""
    return load_push_key(Path(settings.TESSERA_DATA_DIR)).public if settings.TESSERA_PUSH_SERVICES else ""


def ways_here() -> Ways:
    """Return the ways that are open by TESSERA_NOTICES, TESSERA_MAIL and TESSERA_PUSH_SERVICES."""
    place = Path(settings.TESSERA_DATA_DIR)
    port = PORTS.get(settings.TESSERA_NOTICES)
    if settings.TESSERA_NOTICES == "sms" and settings.TESSERA_SMS in SMS_PORTS:
        port = _by_sms
    mail = MAIL_PORTS.get(settings.TESSERA_MAIL)
    return Ways(
        sms=partial(_text, port, place) if port else None,
        email=partial(_mail, mail, place) if mail else None,
        push=_push if settings.TESSERA_PUSH_SERVICES else None,
        sender=settings.TESSERA_OPERATOR_NAME,
    )


def _mail(port: MailPort, place: Path, mail: Mail) -> None:
    port(mail, place)


def _by_sms(letter: Letter, data_dir: Path) -> None:
    """By the port that codes take as well."""
    SMS_PORTS[settings.TESSERA_SMS](Sms(letter.phone, letter.text, "notice", letter.at), data_dir)


def _text(port: Port, place: Path, letter: Letter) -> None:
    port(letter, place)
    SmsMessage.objects.create(
        phone_masked=masked_phone(letter.phone),
        phone_digest=keyed_digest("phone", letter.phone),
        kind="notice",
        sent_at=letter.at,
        outcome="sent",
    )


def _push(push: Push) -> None:
    """Send it, unless the session is over in which the person agreed: another may sit at that browser now."""
    row = push.subscription
    alive = Session.objects.filter(session_key=row.session_key, expire_date__gt=clock.now()).exists()
    if not alive or not allowed_endpoint(row.endpoint, settings.TESSERA_PUSH_SERVICES):
        raise PushGone
    told = {"title": push.title, "text": push.text, "address": push.address, "tag": push.tag}
    send_push(
        endpoint=row.endpoint,
        public_key=row.public_key,
        secret=row.secret,
        told=told,
        key=load_push_key(Path(settings.TESSERA_DATA_DIR)),
        contact=settings.TESSERA_CONTACT,
    )
