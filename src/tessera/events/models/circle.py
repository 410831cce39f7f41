"""The circle: how guests find one another, and how a wrong number is put right."""

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db import models

from tessera.kit.ids import new_id

__all__ = ["CircleClosure", "CircleProfile", "Correction", "Jotting", "MutualInterest"]


class CircleProfile(models.Model):
    """What a guest shows of himself in one circle, and to whom (`seen_by`: field -> "circle", "talks" or "nobody").

    `words` are what appearance is found by (rules.words), each beginning with the event's mark. Erased when the circle closes.
    """

    pk = models.CompositePrimaryKey("event_id", "person_id")
    event_id = models.UUIDField()
    person_id = models.UUIDField()
    appearance = models.TextField(default="", db_default="", blank=True)
    introduction = models.TextField(default="", db_default="", blank=True)
    interests = models.TextField(default="", db_default="", blank=True)
    name = models.TextField(default="", db_default="", blank=True)
    picture = models.TextField(default="", db_default="", blank=True)
    seen_by = models.JSONField(default=dict)
    words = ArrayField(models.TextField(), default=list)
    changed_at = models.DateTimeField()

    class Meta:
        db_table = "events_circle_profile"
        indexes = [GinIndex(fields=["words"], name="events_circle_words", fastupdate=False)]


class Jotting(models.Model):
    """A number that a guest noted, with a remark for himself alone."""

    pk = models.CompositePrimaryKey("event_id", "person_id", "number")
    event_id = models.UUIDField()
    person_id = models.UUIDField()
    number = models.IntegerField()
    remark = models.TextField(default="", db_default="", blank=True)
    at = models.DateTimeField()

    class Meta:
        db_table = "events_jotting"
        indexes = [models.Index(fields=["event_id", "number"], name="events_jotting_number")]


class MutualInterest(models.Model):
    """Two guests have jotted each other's number: both are told, once."""

    pk = models.CompositePrimaryKey("event_id", "low_id", "high_id")
    event_id = models.UUIDField()
    low_id = models.UUIDField()
    high_id = models.UUIDField()
    at = models.DateTimeField()

    class Meta:
        db_table = "events_mutual_interest"


class CircleClosure(models.Model):
    """The circle is over; appearances, pictures and door codes were erased. `counts`: what of it may still be counted."""

    event_id = models.UUIDField(primary_key=True)
    at = models.DateTimeField()
    erased = models.IntegerField()
    counts = models.JSONField(default=dict, db_default={})

    class Meta:
        db_table = "events_circle_closure"


class Correction(models.Model):
    """A guest's number is wrong: what he asked for and what a reviewer did about it.

    `state`: "open", "accepted" (a free number), "swapped" (with `other_registration_id`), "refused" or "withdrawn".
    """

    pk = models.CompositePrimaryKey("event_id", "id")
    event_id = models.UUIDField()
    id = models.UUIDField(default=new_id)
    registration_id = models.UUIDField()
    number = models.IntegerField()
    wanted_number = models.IntegerField(null=True)
    reason = models.TextField()
    state = models.TextField(default="open", db_default="open")
    asked_at = models.DateTimeField()
    decided_at = models.DateTimeField(null=True)
    decided_by = models.TextField(default="", db_default="", blank=True)
    decision_reason = models.TextField(default="", db_default="", blank=True)
    new_number = models.IntegerField(null=True)
    other_registration_id = models.UUIDField(null=True)

    class Meta:
        db_table = "events_correction"
        constraints = [
            models.UniqueConstraint(
                fields=["event_id", "registration_id"],
                name="events_correction_one_open",
                condition=models.Q(state="open"),
            ),
            models.CheckConstraint(
                name="events_correction_state",
                condition=models.Q(state__in=["open", "accepted", "swapped", "refused", "withdrawn"]),
            ),
        ]
        indexes = [models.Index(fields=["event_id", "state", "id"], name="events_correction_by_state")]
