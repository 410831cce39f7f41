"""Who wants to come, and what was decided about it."""

from django.db import models

from tessera.kit.ids import new_id

__all__ = ["AnswerFile", "Decision", "Registration", "Reminder"]

STATES = ("pending", "accepted", "declined", "waitlisted", "cancelled")
"""That a guest has arrived is a row of its own (Arrival)."""


class Registration(models.Model):
    """One person's registration for one event.

    `phone` (E.164) and its last four digits are copies for the door, erased with the person. `code`: the six digits that
    admit together with the phone, made at acceptance; `ticket`: the secret in the ticket's QR. `answers`: question id -> answer.
    """

    pk = models.CompositePrimaryKey("event_id", "id")
    event_id = models.UUIDField()
    id = models.UUIDField(default=new_id)
    person_id = models.UUIDField()
    state = models.TextField()
    phone = models.TextField(null=True)
    phone_tail = models.TextField(default="", db_default="", blank=True)
    name = models.TextField(default="", db_default="", blank=True)
    picture = models.TextField(default="", db_default="", blank=True)
    group = models.TextField(default="", db_default="", blank=True)
    answers = models.JSONField(default=dict)
    code = models.TextField(default="", db_default="", blank=True)
    ticket = models.TextField()
    walk_in = models.BooleanField(default=False, db_default=False)
    source = models.TextField()
    registered_at = models.DateTimeField()
    decided_at = models.DateTimeField(null=True)
    waitlisted_at = models.DateTimeField(null=True)
    text_version = models.TextField()
    """Of the consent text that was agreed to."""

    class Meta:
        db_table = "events_registration"
        constraints = [
            models.UniqueConstraint(fields=["person_id", "event_id"], name="events_registration_once"),
            models.UniqueConstraint(fields=["ticket", "event_id"], name="events_registration_ticket"),
            models.CheckConstraint(
                name="events_registration_state",
                condition=models.Q(state__in=STATES),
            ),
            models.CheckConstraint(
                name="events_registration_code", condition=models.Q(code__regex=r"^([0-9]{6})?$")
            ),
        ]
        indexes = [
            models.Index(fields=["phone", "event_id"], name="events_registration_phone"),
            models.Index(fields=["phone_tail", "event_id"], name="events_registration_tail"),
            models.Index(fields=["event_id", "state", "id"], name="events_registration_by_state"),
            models.Index(
                fields=["event_id", "waitlisted_at", "id"],
                name="events_registration_waiting",
                condition=models.Q(state="waitlisted"),
            ),
        ]


class Decision(models.Model):
    """A registration went from one state to another: by whom (a rule, a reviewer, the guest), why; undone by another one."""

    pk = models.CompositePrimaryKey("event_id", "id")
    event_id = models.UUIDField()
    id = models.UUIDField(default=new_id)
    registration_id = models.UUIDField()
    before = models.TextField()
    after = models.TextField()
    by = models.TextField()
    """"rule", "person", "guest" or "waitlist"."""
    rule = models.TextField(default="", db_default="", blank=True)
    policy_revision = models.IntegerField(null=True)
    reason = models.TextField(default="", db_default="", blank=True)
    undoes = models.UUIDField(null=True)
    at = models.DateTimeField()
    actor = models.TextField()

    class Meta:
        db_table = "events_decision"
        constraints = [
            models.UniqueConstraint(
                fields=["event_id", "undoes"],
                name="events_decision_undone_once",
                condition=models.Q(undoes__isnull=False),
            )
        ]
        indexes = [
            models.Index(fields=["event_id", "registration_id", "id"], name="events_decision_registration")
        ]


class AnswerFile(models.Model):
    """A file that was given as an answer, under a name that nobody can guess."""

    pk = models.CompositePrimaryKey("event_id", "id")
    event_id = models.UUIDField()
    id = models.UUIDField(default=new_id)
    person_id = models.UUIDField()
    question_id = models.UUIDField()
    file_name = models.TextField()
    media_type = models.TextField()
    size_bytes = models.IntegerField()
    stored = models.TextField()
    at = models.DateTimeField()

    class Meta:
        db_table = "events_answer_file"
        indexes = [models.Index(fields=["event_id", "person_id"], name="events_answer_file_person")]


class Reminder(models.Model):
    """Guests of an event were reminded: once for each kind."""

    pk = models.CompositePrimaryKey("event_id", "kind")
    event_id = models.UUIDField()
    kind = models.TextField()
    at = models.DateTimeField()
    guests = models.IntegerField()

    class Meta:
        db_table = "events_reminder"
