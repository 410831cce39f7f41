"""Tables of the room `notices`."""

from django.db import models

from tessera.kit.ids import new_id

__all__ = ["Notice", "SmsMessage"]


class Notice(models.Model):
    """One thing told to one person; the text is made from template and context when it is read."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    person_id = models.UUIDField()
    kind = models.TextField()
    template = models.TextField()
    context = models.JSONField(default=dict)
    created_at = models.DateTimeField()
    read_at = models.DateTimeField(null=True)
    delivered_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "notices_notice"
        indexes = [
            models.Index(fields=["person_id", "-id"], name="notices_notice_inbox"),
            models.Index(
                fields=["id"],
                name="notices_notice_undelivered",
                condition=models.Q(delivered_at__isnull=True),
            ),
        ]


class SmsMessage(models.Model):
    """One text message that left, or should have: never its text, and the number only masked and as a keyed digest."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    phone_masked = models.TextField()
    phone_digest = models.BinaryField(max_length=32)
    kind = models.TextField()
    """What it was for: "sign_in", "password", ..."""
    sent_at = models.DateTimeField()
    outcome = models.TextField()
    """"sent", "failed", or "off" where no port is set."""

    class Meta:
        db_table = "notices_sms_message"
        indexes = [
            models.Index(fields=["-id"], name="notices_sms_latest"),
            models.Index(fields=["phone_digest", "-id"], name="notices_sms_phone"),
        ]
