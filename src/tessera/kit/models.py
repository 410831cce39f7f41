"""Tables of the kit: request ids (for ever), news waiting to be told, the audit trail, and the operator's policies."""

from django.db import models

from tessera.kit.ids import new_id

__all__ = ["AuditLine", "News", "Policy", "Request"]


class Request(models.Model):
    """A write that took effect under its owner's request id; kept as long as the ledger.

    `owner_id` is the API key, device or member that made the id: ids are unique per owner, not globally.
    """

    pk = models.CompositePrimaryKey("owner_id", "request_id")
    owner_id = models.UUIDField()
    request_id = models.TextField()
    digest = models.BinaryField(max_length=32)
    status = models.SmallIntegerField()
    answer = models.BinaryField()
    made_at = models.DateTimeField()

    class Meta:
        db_table = "kit_request"


class News(models.Model):
    """Something that happened, written in the transaction in which it happened, told afterwards (outbox)."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    topic = models.TextField()
    body = models.JSONField()
    happened_at = models.DateTimeField()
    told_at = models.DateTimeField(null=True)
    attempts = models.SmallIntegerField(default=0)
    fault = models.TextField(default="", blank=True)

    class Meta:
        db_table = "kit_news"
        indexes = [
            models.Index(fields=["id"], name="kit_news_untold", condition=models.Q(told_at__isnull=True))
        ]


class AuditLine(models.Model):
    """Who did what to which object, when, and with which outcome ("done" or a refusal's code). Append-only."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    happened_at = models.DateTimeField()
    actor = models.TextField()
    merchant_id = models.UUIDField(null=True)
    verb = models.TextField()
    object_kind = models.TextField()
    object_id = models.TextField(blank=True)
    outcome = models.TextField(default="done")
    details = models.JSONField(default=dict)

    class Meta:
        db_table = "kit_audit_line"
        indexes = [
            models.Index(fields=["merchant_id", "-id"], name="kit_audit_merchant"),
            models.Index(fields=["object_id", "-id"], name="kit_audit_object"),
            models.Index(fields=["actor", "-id"], name="kit_audit_actor"),
            models.Index(fields=["verb", "-id"], name="kit_audit_verb"),
            models.Index(fields=["outcome", "-id"], name="kit_audit_no", condition=~models.Q(outcome="done")),
        ]


class Policy(models.Model):
    """What the operator decided, from a moment on; the newest row of a name holds. Append-only."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    name = models.TextField()
    value = models.JSONField()
    since = models.DateTimeField()
    actor = models.TextField()

    class Meta:
        db_table = "kit_policy"
        indexes = [models.Index(fields=["name", "-id"], name="kit_policy_latest")]
