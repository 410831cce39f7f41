"""Tables of the room `talk`. Distribution key: the circle; of blocks: the person who blocks."""

from django.db import models

from tessera.kit.ids import new_id

__all__ = [
    "Allowance",
    "Block",
    "ContactOffer",
    "Conversation",
    "ErasedCircle",
    "Message",
    "Mute",
    "ReadMark",
    "Report",
]


class Conversation(models.Model):
    """Two people of one circle, the lesser id first; begun by `asker_id` with a request that the other answers.

    `answer`: "" (not yet), "accepted" or "declined".
    """

    pk = models.CompositePrimaryKey("circle_id", "id")
    circle_id = models.UUIDField()
    id = models.UUIDField(default=new_id)
    low_id = models.UUIDField()
    high_id = models.UUIDField()
    asker_id = models.UUIDField()
    asked_at = models.DateTimeField()
    answer = models.TextField(default="", db_default="", blank=True)
    answered_at = models.DateTimeField(null=True)
    last_at = models.DateTimeField()

    class Meta:
        db_table = "talk_conversation"
        constraints = [
            models.UniqueConstraint(fields=["circle_id", "low_id", "high_id"], name="talk_conversation_once"),
            models.CheckConstraint(
                name="talk_conversation_two", condition=models.Q(low_id__lt=models.F("high_id"))
            ),
            models.CheckConstraint(
                name="talk_conversation_answer", condition=models.Q(answer__in=["", "accepted", "declined"])
            ),
        ]
        indexes = [
            models.Index(fields=["circle_id", "low_id", "-last_at"], name="talk_conversation_low"),
            models.Index(fields=["circle_id", "high_id", "-last_at"], name="talk_conversation_high"),
        ]


class Message(models.Model):
    """What one of the two has written; the request's own text is the first."""

    pk = models.CompositePrimaryKey("circle_id", "conversation_id", "id")
    circle_id = models.UUIDField()
    conversation_id = models.UUIDField()
    id = models.UUIDField(default=new_id)
    from_id = models.UUIDField()
    text = models.TextField()
    at = models.DateTimeField()

    class Meta:
        db_table = "talk_message"
        indexes = [models.Index(fields=["from_id", "circle_id", "id"], name="talk_message_writer")]


class ReadMark(models.Model):
    """Up to which moment one of the two has read."""

    pk = models.CompositePrimaryKey("circle_id", "conversation_id", "person_id")
    circle_id = models.UUIDField()
    conversation_id = models.UUIDField()
    person_id = models.UUIDField()
    up_to = models.UUIDField()
    """Id of the last message read: ids sort like the moments at which they were made."""

    class Meta:
        db_table = "talk_read_mark"


class Allowance(models.Model):
    """How many requests of a person are unanswered in a circle: changed conditionally, so that the cap is exact."""

    pk = models.CompositePrimaryKey("circle_id", "person_id")
    circle_id = models.UUIDField()
    person_id = models.UUIDField()
    unanswered = models.IntegerField(default=0, db_default=0)

    class Meta:
        db_table = "talk_allowance"
        constraints = [
            models.CheckConstraint(name="talk_allowance_counted", condition=models.Q(unanswered__gte=0))
        ]


class Block(models.Model):
    """A person wants nothing from another one, in any circle; over when lifted."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    person_id = models.UUIDField()
    blocked_id = models.UUIDField()
    circle_id = models.UUIDField()
    at = models.DateTimeField()
    lifted_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "talk_block"
        constraints = [
            models.UniqueConstraint(
                fields=["person_id", "blocked_id"],
                name="talk_block_one_open",
                condition=models.Q(lifted_at__isnull=True),
            )
        ]
        indexes = [models.Index(fields=["blocked_id"], name="talk_block_blocked")]


class Report(models.Model):
    """A person told the organiser about another one; what the reporter was sent is kept with it as evidence."""

    pk = models.CompositePrimaryKey("circle_id", "id")
    circle_id = models.UUIDField()
    id = models.UUIDField(default=new_id)
    by_id = models.UUIDField()
    about_id = models.UUIDField()
    conversation_id = models.UUIDField(null=True)
    kind = models.TextField()
    text = models.TextField(default="", db_default="", blank=True)
    evidence = models.JSONField(default=list)
    at = models.DateTimeField()
    handled_at = models.DateTimeField(null=True)
    handled_by = models.TextField(default="", db_default="", blank=True)
    outcome = models.TextField(default="", db_default="", blank=True)

    class Meta:
        db_table = "talk_report"
        indexes = [models.Index(fields=["circle_id", "handled_at", "id"], name="talk_report_open")]


class Mute(models.Model):
    """The organiser lets a person write nothing in a circle until it is lifted."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    circle_id = models.UUIDField()
    person_id = models.UUIDField()
    reason = models.TextField()
    at = models.DateTimeField()
    actor = models.TextField()
    lifted_at = models.DateTimeField(null=True)
    lifted_by = models.TextField(default="", db_default="", blank=True)

    class Meta:
        db_table = "talk_mute"
        constraints = [
            models.UniqueConstraint(
                fields=["circle_id", "person_id"],
                name="talk_mute_one_open",
                condition=models.Q(lifted_at__isnull=True),
            )
        ]


class ContactOffer(models.Model):
    """A person is ready to show his phone number in a conversation; both have to be before either sees it."""

    pk = models.CompositePrimaryKey("circle_id", "conversation_id", "person_id")
    circle_id = models.UUIDField()
    conversation_id = models.UUIDField()
    person_id = models.UUIDField()
    at = models.DateTimeField()

    class Meta:
        db_table = "talk_contact_offer"


class ErasedCircle(models.Model):
    """What was said in a circle was erased; how much it was stays.

    `by_partners`: number of people somebody talked with -> how many had so many.
    """

    circle_id = models.UUIDField(primary_key=True)
    at = models.DateTimeField()
    requests = models.IntegerField()
    accepted = models.IntegerField()
    declined = models.IntegerField()
    messages = models.IntegerField()
    reports = models.IntegerField()
    by_partners = models.JSONField(default=dict)

    class Meta:
        db_table = "talk_erased_circle"
