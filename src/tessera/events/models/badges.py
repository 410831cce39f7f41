"""Badges: printers of an event and what they are to print."""

from django.db import models

from tessera.kit.ids import new_id

__all__ = ["PrintJob", "Printer"]


class Printer(models.Model):
    """A printer at an event's doors: `language` is "escpos", "tspl", "zpl" or "browser" (printed by the terminal itself)."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    event_id = models.UUIDField()
    name = models.TextField()
    language = models.TextField()
    host = models.TextField(default="", db_default="", blank=True)
    port = models.IntegerField(default=9100, db_default=9100)
    width_mm = models.SmallIntegerField()
    height_mm = models.SmallIntegerField()
    dots_per_mm = models.SmallIntegerField(default=8, db_default=8)
    made_at = models.DateTimeField()
    removed_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "events_printer"
        constraints = [
            models.CheckConstraint(
                name="events_printer_language",
                condition=models.Q(language__in=["escpos", "tspl", "zpl", "browser"]),
            ),
            models.CheckConstraint(
                name="events_printer_size",
                condition=models.Q(
                    width_mm__range=(20, 210), height_mm__range=(15, 300), dots_per_mm__range=(6, 24)
                ),
            ),
        ]
        indexes = [models.Index(fields=["event_id", "id"], name="events_printer_event")]


class PrintJob(models.Model):
    """One badge to print. `state`: "queued", "sent", "printed" or "failed"; `reason` of a reprint.

    A printer's jobs are printed in the order in which they were asked for, those of one moment by number. While a job is
    "sent", `due_at` is when the one who sent it is taken for dead. Of a trial print `registration_id` is the printer's id.
    """

    pk = models.CompositePrimaryKey("event_id", "id")
    event_id = models.UUIDField()
    id = models.UUIDField(default=new_id)
    registration_id = models.UUIDField()
    printer_id = models.UUIDField()
    number = models.IntegerField()
    state = models.TextField(default="queued", db_default="queued")
    reason = models.TextField(default="", db_default="", blank=True)
    asked_at = models.DateTimeField()
    asked_by = models.TextField()
    due_at = models.DateTimeField()
    sent_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)
    attempts = models.SmallIntegerField(default=0, db_default=0)
    fault = models.TextField(default="", db_default="", blank=True)

    class Meta:
        db_table = "events_print_job"
        constraints = [
            models.CheckConstraint(
                name="events_print_job_state",
                condition=models.Q(state__in=["queued", "sent", "printed", "failed"]),
            )
        ]
        indexes = [
            models.Index(
                fields=["printer_id", "asked_at", "number", "id"],
                name="events_print_job_in_order",
                condition=models.Q(state__in=["queued", "sent"]),
            ),
            models.Index(fields=["event_id", "registration_id"], name="events_print_job_guest"),
            models.Index(fields=["event_id", "asked_at", "id"], name="events_print_job_latest"),
        ]
