"""Tables of the room `notices`."""

from django.db import models

from tessera.kit.ids import new_id

__all__ = ["Notice"]


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
