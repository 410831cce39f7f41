"""Text messages leave, and each leaves a row."""

from datetime import datetime
from pathlib import Path

from tessera.kit.actors import Actor
from tessera.kit.keyed import keyed_digest
from tessera.kit.phones import masked_phone
from tessera.notices.models import SmsMessage
from tessera.notices.sms import SMS_PORTS, Sms

__all__ = ["send_sms"]


def send_sms(
    *, phone: str, text: str, kind: str, port: str, data_dir: Path, now: datetime, actor: Actor
) -> SmsMessage:
    """Send `text` to `phone` (E.164) by the port named and keep a row of it, without text and with the number masked.

    The row's outcome is "sent", "failed" where the port could not take it, or "off" where there is no such port. A
    message that has left stays gone, so this runs after what it tells of was committed.
    """
    send = SMS_PORTS.get(port)
    outcome = "sent" if send else "off"
    if send:
        try:
            send(Sms(phone, text, kind, now), data_dir)
        except OSError:
            outcome = "failed"
    return SmsMessage.objects.create(
        phone_masked=masked_phone(phone),
        phone_digest=keyed_digest("phone", phone),
        kind=kind,
        sent_at=now,
        outcome=outcome,
    )
