"""The door: crew, terminals, arrivals and their numbers."""

from django.db import models

from tessera.kit.ids import new_id

__all__ = [
    "Arrival",
    "CrewMember",
    "Guess",
    "Lease",
    "NumberSetAside",
    "Numbering",
    "Terminal",
    "UndoneArrival",
]


class CrewMember(models.Model):
    """A person works at the door of one event, until it ends: "crew" scans, a "supervisor" also searches and corrects."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    event_id = models.UUIDField()
    person_id = models.UUIDField()
    role = models.TextField()
    since = models.DateTimeField()
    until = models.DateTimeField(null=True)
    actor = models.TextField()

    class Meta:
        db_table = "events_crew_member"
        constraints = [
            models.UniqueConstraint(
                fields=["event_id", "person_id"],
                name="events_crew_once_open",
                condition=models.Q(until__isnull=True),
            ),
            models.CheckConstraint(
                name="events_crew_role", condition=models.Q(role__in=["crew", "supervisor"])
            ),
        ]
        indexes = [models.Index(fields=["person_id"], name="events_crew_person")]


class Terminal(models.Model):
    """A phone (or PC) that may check guests in at one event: its credential's digest, and the key of what it keeps.

    `vault_key` opens what the terminal keeps encrypted; it is given to the terminal alone and only while it is not revoked.
    `waiting`: arrivals it had not uploaded yet when it was seen (None: it did not say).
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    event_id = models.UUIDField()
    person_id = models.UUIDField(null=True)
    door = models.TextField()
    printer_id = models.UUIDField(null=True)
    digest = models.BinaryField(max_length=32, unique=True)
    vault_key = models.BinaryField(max_length=32)
    made_at = models.DateTimeField()
    seen_at = models.DateTimeField(null=True)
    waiting = models.IntegerField(null=True)
    revoked_at = models.DateTimeField(null=True)
    revoked_by = models.TextField(default="", db_default="", blank=True)
    revoked_why = models.TextField(default="", db_default="", blank=True)

    class Meta:
        db_table = "events_terminal"
        indexes = [models.Index(fields=["event_id", "id"], name="events_terminal_event")]


class Numbering(models.Model):
    """Where an event's numbers stand: the next online one, where the online run ends, the next block's beginning.

    Whoever gives numbers holds this row; so arrivals of one event come one after another, a batch at a time.
    """

    event_id = models.UUIDField(primary_key=True)
    next_number = models.IntegerField()
    run_end = models.IntegerField()
    """First number that the online run does not hold."""
    next_block = models.IntegerField()
    """First number that no run and no lease holds."""
    arrived = models.IntegerField(default=0, db_default=0)

    class Meta:
        db_table = "events_numbering"
        constraints = [
            models.CheckConstraint(
                name="events_numbering_in_order",
                condition=models.Q(next_number__lte=models.F("run_end"))
                & models.Q(run_end__lte=models.F("next_block"))
                & models.Q(arrived__gte=0),
            )
        ]


class Lease(models.Model):
    """A block of numbers that one terminal may give by itself: `first_number` to `last_number`, both included."""

    pk = models.CompositePrimaryKey("event_id", "first_number")
    event_id = models.UUIDField()
    first_number = models.IntegerField()
    last_number = models.IntegerField()
    terminal_id = models.UUIDField()
    at = models.DateTimeField()

    class Meta:
        db_table = "events_lease"
        constraints = [
            models.CheckConstraint(
                name="events_lease_holds_numbers",
                condition=models.Q(last_number__gte=models.F("first_number")),
            )
        ]
        indexes = [models.Index(fields=["event_id", "terminal_id"], name="events_lease_terminal")]


class Arrival(models.Model):
    """A guest is here: once, with a number that nobody else has. `arrived_at` is the door's time, in UTC.

    `corrected`: a reviewer has given this number; no later upload changes it. Only the primary key begins with the event:
    a plan made while the table is empty cannot take another index for it and read all arrivals of the event each time.
    """

    pk = models.CompositePrimaryKey("event_id", "registration_id")
    event_id = models.UUIDField()
    registration_id = models.UUIDField()
    person_id = models.UUIDField()
    number = models.IntegerField()
    prefix = models.TextField(default="", db_default="", blank=True)
    arrived_at = models.DateTimeField()
    recorded_at = models.DateTimeField()
    door = models.TextField(default="", db_default="", blank=True)
    terminal_id = models.UUIDField(null=True)
    offline = models.BooleanField(default=False, db_default=False)
    corrected = models.BooleanField(default=False, db_default=False)
    actor = models.TextField()

    class Meta:
        db_table = "events_arrival"
        constraints = [
            models.UniqueConstraint(
                fields=["number", "event_id"],
                name="events_arrival_number",
                deferrable=models.Deferrable.IMMEDIATE,
            ),
        ]
        indexes = [
            models.Index(fields=["person_id", "event_id"], name="events_arrival_of_person"),
        ]


class UndoneArrival(models.Model):
    """An arrival, or a second one of the same guest, that does not count: why, by whom; its number is void.

    `why` is "undone" (a supervisor) or "second_door" (the guest had passed another door before, or passed it again).
    """

    pk = models.CompositePrimaryKey("event_id", "id")
    event_id = models.UUIDField()
    id = models.UUIDField(default=new_id)
    registration_id = models.UUIDField()
    person_id = models.UUIDField()
    number = models.IntegerField()
    arrived_at = models.DateTimeField()
    door = models.TextField(default="", db_default="", blank=True)
    terminal_id = models.UUIDField(null=True)
    why = models.TextField()
    reason = models.TextField(default="", db_default="", blank=True)
    at = models.DateTimeField()
    actor = models.TextField()

    class Meta:
        db_table = "events_undone_arrival"
        indexes = [models.Index(fields=["event_id", "registration_id"], name="events_undone_registration")]


class NumberSetAside(models.Model):
    """A number that the run must not give: it is void, or was given out of turn by a correction. For ever."""

    pk = models.CompositePrimaryKey("event_id", "number")
    event_id = models.UUIDField()
    number = models.IntegerField()
    kind = models.TextField()
    """"void" or "out_of_turn"."""
    registration_id = models.UUIDField()
    at = models.DateTimeField()
    actor = models.TextField()

    class Meta:
        db_table = "events_number_set_aside"
        constraints = [
            models.CheckConstraint(
                name="events_number_set_aside_kind", condition=models.Q(kind__in=["void", "out_of_turn"])
            )
        ]


class Guess(models.Model):
    """Wrong codes at one event: of one phone number (keyed digest), at one terminal, and in all.

    `kind` is "phone", "terminal" or "event". Locked until a supervisor unlocks.
    """

    pk = models.CompositePrimaryKey("event_id", "kind", "subject")
    event_id = models.UUIDField()
    kind = models.TextField()
    subject = models.TextField()
    wrong = models.IntegerField(default=0, db_default=0)
    since = models.DateTimeField()
    locked_at = models.DateTimeField(null=True)
    unlocked_at = models.DateTimeField(null=True)
    unlocked_by = models.TextField(default="", db_default="", blank=True)

    class Meta:
        db_table = "events_guess"
