"""An event: what it is, what it asks, how it admits."""

from django.db import models

from tessera.kit.ids import new_id

__all__ = ["Cancellation", "Event", "Publication", "Question", "ReviewPolicy", "Seats"]


class Event(models.Model):
    """What an organiser (a merchant; none: the platform) invites to. Coordinates are ten-millionths of a degree (WGS 84).

    `review` says who decides about registrations: "automatic" (whoever comes first), "rules" (the review policy, the rest
    by hand) or "hand". `group_question`: the choice question whose answer is the guest's group; `prefixes`: group -> prefix
    of its numbers. Numbers given online begin at `number_start` and are shown in `number_width` digits; blocks for terminals
    without a network begin at `offline_start` (docs/decisions/0018). `badge` and `circle` are the terms of badge and circle
    (rules.badge, rules.circle). `walk_ins`: the crew may take in who has not registered.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    merchant = models.ForeignKey("merchants.Merchant", on_delete=models.PROTECT, related_name="+", null=True)
    title = models.TextField()
    text = models.TextField(default="", db_default="", blank=True)
    picture = models.TextField(default="", db_default="", blank=True)
    place = models.TextField(default="", db_default="", blank=True)
    address = models.TextField(default="", db_default="", blank=True)
    district = models.TextField(default="", db_default="", blank=True)
    latitude_e7 = models.IntegerField(null=True)
    longitude_e7 = models.IntegerField(null=True)
    time_zone = models.TextField(default="Asia/Shanghai", db_default="Asia/Shanghai")
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    doors_at = models.DateTimeField()
    registration_from = models.DateTimeField()
    registration_until = models.DateTimeField()
    review = models.TextField(default="automatic", db_default="automatic")
    group_question = models.UUIDField(null=True)
    prefixes = models.JSONField(default=dict)
    number_start = models.IntegerField(default=1, db_default=1)
    number_width = models.SmallIntegerField(default=3, db_default=3)
    offline_start = models.IntegerField()
    walk_ins = models.BooleanField(default=True, db_default=True)
    badge = models.JSONField(default=dict)
    circle = models.JSONField(default=dict)
    created_at = models.DateTimeField()
    changed_at = models.DateTimeField()

    class Meta:
        db_table = "events_event"
        constraints = [
            models.CheckConstraint(
                name="events_event_ends_after_start", condition=models.Q(ends_at__gte=models.F("starts_at"))
            ),
            models.CheckConstraint(
                name="events_event_registration_window",
                condition=models.Q(registration_until__gte=models.F("registration_from")),
            ),
            models.CheckConstraint(
                name="events_event_review", condition=models.Q(review__in=["automatic", "rules", "hand"])
            ),
            models.CheckConstraint(
                name="events_event_numbers",
                condition=models.Q(number_start__gte=0)
                & models.Q(number_width__range=(1, 8))
                & models.Q(offline_start__gt=models.F("number_start")),
            ),
            models.CheckConstraint(
                name="events_event_on_earth",
                condition=models.Q(latitude_e7__isnull=True, longitude_e7__isnull=True)
                | models.Q(
                    latitude_e7__range=(-900_000_000, 900_000_000),
                    longitude_e7__range=(-1_800_000_000, 1_800_000_000),
                ),
            ),
        ]
        indexes = [
            models.Index(fields=["merchant", "-starts_at"], name="events_event_merchant"),
            models.Index(fields=["starts_at"], name="events_event_starts"),
            models.Index(fields=["ends_at"], name="events_event_ends"),
        ]


class Publication(models.Model):
    """The event can be seen and registered for: once."""

    event = models.OneToOneField(
        Event, on_delete=models.PROTECT, primary_key=True, related_name="publication"
    )
    at = models.DateTimeField()
    actor = models.TextField()

    class Meta:
        db_table = "events_publication"


class Cancellation(models.Model):
    """The event does not take place: once, with a reason that guests are told."""

    event = models.OneToOneField(
        Event, on_delete=models.PROTECT, primary_key=True, related_name="cancellation"
    )
    at = models.DateTimeField()
    actor = models.TextField()
    reason = models.TextField()

    class Meta:
        db_table = "events_cancellation"


class Seats(models.Model):
    """How many may be accepted (None: any number) and how many are: who takes a seat changes this row, conditionally.

    `over_capacity`: how many a door without a network let in when all seats were taken (docs/decisions/0018); nobody else
    is accepted until `taken` has come below the capacity again.
    """

    event = models.OneToOneField(Event, on_delete=models.PROTECT, primary_key=True, related_name="seats")
    capacity = models.IntegerField(null=True)
    taken = models.IntegerField(default=0, db_default=0)
    over_capacity = models.IntegerField(default=0, db_default=0)

    class Meta:
        db_table = "events_seats"
        constraints = [
            models.CheckConstraint(
                name="events_seats_within_capacity",
                condition=models.Q(taken__gte=0)
                & models.Q(over_capacity__gte=0)
                & (
                    models.Q(capacity__isnull=True)
                    | models.Q(taken__lte=models.F("capacity") + models.F("over_capacity"))
                ),
            )
        ]


class Question(models.Model):
    """What the registration asks: `kind` is "text", "choice", "choices", "number", "date" or "file".

    `terms`: choices, least and most of a number, longest text, what a file may be (rules.questions). One that was answered
    is not changed but retired, so that answers keep their question.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    event = models.ForeignKey(Event, on_delete=models.PROTECT, related_name="questions")
    position = models.SmallIntegerField()
    kind = models.TextField()
    label = models.TextField()
    note = models.TextField(default="", db_default="", blank=True)
    required = models.BooleanField(default=False)
    terms = models.JSONField(default=dict)
    retired_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "events_question"
        constraints = [
            models.CheckConstraint(
                name="events_question_kind",
                condition=models.Q(kind__in=["text", "choice", "choices", "number", "date", "file"]),
            )
        ]
        indexes = [models.Index(fields=["event", "position"], name="events_question_event")]


class ReviewPolicy(models.Model):
    """The rules by which registrations are decided from `since` on (rules.review); earlier ones stay on record."""

    pk = models.CompositePrimaryKey("event_id", "revision")
    event_id = models.UUIDField()
    revision = models.IntegerField()
    rules = models.JSONField()
    since = models.DateTimeField()
    actor = models.TextField()

    class Meta:
        db_table = "events_review_policy"
