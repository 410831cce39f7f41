"""Tables of the room `notices`."""

from django.db import models

from tessera.kit.ids import new_id

__all__ = ["Delivery", "MailAddress", "Notice", "OptOut", "PushSubscription", "QuietHours", "SmsMessage"]


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


class Delivery(models.Model):
    """A notice on its way to one place outside the inbox; over when `at` is set, and then never tried again.

    `target` is the subscription of a Web Push; the other channels have one place each.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    notice = models.ForeignKey(Notice, on_delete=models.CASCADE, related_name="deliveries")
    channel = models.TextField()
    target = models.UUIDField(null=True)
    due_at = models.DateTimeField()
    attempts = models.SmallIntegerField(default=0, db_default=0)
    fault = models.TextField(default="", db_default="", blank=True)
    """What kind of fault the last attempt met; never its words."""
    at = models.DateTimeField(null=True)
    outcome = models.TextField(default="", db_default="", blank=True)
    """"sent", "failed" after the last attempt, or "gone" where the place is no more."""

    class Meta:
        db_table = "notices_delivery"
        constraints = [
            models.UniqueConstraint(
                fields=["notice", "channel", "target"], name="notices_delivery_once", nulls_distinct=False
            ),
            models.CheckConstraint(
                name="notices_delivery_channel", condition=models.Q(channel__in=["sms", "email", "push"])
            ),
        ]
        indexes = [
            models.Index(fields=["due_at"], name="notices_delivery_due", condition=models.Q(at__isnull=True)),
            models.Index(
                fields=["-at"], name="notices_delivery_failed", condition=models.Q(outcome="failed")
            ),
        ]


class OptOut(models.Model):
    """A person does not want notices of this kind on this channel; they stay in the inbox."""

    pk = models.CompositePrimaryKey("person_id", "kind", "channel")
    person_id = models.UUIDField()
    kind = models.TextField()
    channel = models.TextField()
    at = models.DateTimeField()

    class Meta:
        db_table = "notices_opt_out"


class QuietHours(models.Model):
    """When a person is not to be disturbed, in minutes after midnight of his time zone; the same twice: never.

    Without a row the operator's policy holds.
    """

    person_id = models.UUIDField(primary_key=True)
    from_minute = models.SmallIntegerField()
    to_minute = models.SmallIntegerField()
    time_zone = models.TextField()

    class Meta:
        db_table = "notices_quiet_hours"
        constraints = [
            models.CheckConstraint(
                name="notices_quiet_hours_of_a_day",
                condition=models.Q(from_minute__range=(0, 1439), to_minute__range=(0, 1439)),
            )
        ]


class PushSubscription(models.Model):
    """A browser that takes Web Push for a person, as long as the session lasts in which he agreed."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    person_id = models.UUIDField()
    endpoint = models.TextField(unique=True)
    public_key = models.TextField()
    secret = models.TextField()
    session_key = models.TextField()
    made_at = models.DateTimeField()

    class Meta:
        db_table = "notices_push_subscription"
        indexes = [models.Index(fields=["person_id"], name="notices_push_person")]


class MailAddress(models.Model):
    """An e-mail address of a person: proven by a code that was sent there, until it is given up or another is proven."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    person_id = models.UUIDField()
    address = models.TextField()
    digest = models.BinaryField(max_length=32)
    """Keyed digest of the code."""
    asked_at = models.DateTimeField()
    tries = models.SmallIntegerField(default=0, db_default=0)
    proven_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "notices_mail_address"
        constraints = [
            models.CheckConstraint(
                name="notices_mail_five_tries", condition=models.Q(tries__gte=0, tries__lte=5)
            ),
            models.UniqueConstraint(
                fields=["person_id"],
                name="notices_mail_one_proven",
                condition=models.Q(proven_at__isnull=False),
            ),
        ]
        indexes = [models.Index(fields=["person_id", "-asked_at"], name="notices_mail_person")]
