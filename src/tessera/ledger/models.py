"""Tables of the ledger. The application's database role may only read them; the functions in sql/ write.

Distribution key of every hot table: `owner_id`, the member (or merchant) in whose history the row stands.
"""

from django.contrib.postgres.fields import ArrayField
from django.db import models

__all__ = [
    "Account",
    "DayDigest",
    "DigestChunk",
    "Entry",
    "Lot",
    "LotActivation",
    "LotMove",
    "Stripe",
    "Transfer",
    "Unit",
]


class Unit(models.Model):
    """What is counted: fen of CNY, points of one merchant (the unit's id is the merchant's), online points."""

    id = models.UUIDField(primary_key=True, editable=False)
    kind = models.TextField()
    code = models.TextField(unique=True)
    issuer_id = models.UUIDField(null=True)
    exponent = models.SmallIntegerField(default=0)
    lotted = models.BooleanField(default=False)
    opened_at = models.DateTimeField()

    class Meta:
        db_table = "ledger_unit"


class Account(models.Model):
    """Owner x unit x purpose.

    One that may not go below zero is locked while it is posted to and keeps its balance and entry count here; one that
    may is never a lock: its balance is the sum of its stripes.
    """

    pk = models.CompositePrimaryKey("owner_id", "id")
    owner_id = models.UUIDField()
    id = models.UUIDField()
    owner_kind = models.TextField()
    unit_id = models.UUIDField()
    purpose = models.TextField()
    may_go_below_zero = models.BooleanField()
    balance = models.BigIntegerField(default=0)
    entry_count = models.BigIntegerField(default=0)
    opened_at = models.DateTimeField()
    closed_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "ledger_account"
        constraints = [
            models.UniqueConstraint(fields=["owner_id", "unit_id", "purpose"], name="ledger_account_once"),
            models.CheckConstraint(
                condition=models.Q(may_go_below_zero=True) | models.Q(balance__gte=0),
                name="ledger_account_floor",
            ),
        ]


class Stripe(models.Model):
    """A part of a hot account's balance; batches of different connections add to different stripes."""

    pk = models.CompositePrimaryKey("account_id", "stripe", "owner_id")
    account_id = models.UUIDField()
    stripe = models.SmallIntegerField()
    owner_id = models.UUIDField()
    balance = models.BigIntegerField()
    entry_count = models.BigIntegerField()

    class Meta:
        db_table = "ledger_stripe"


class Transfer(models.Model):
    """A movement, whole or not at all. `amount` is what it is about: the gross amount of its first leg."""

    pk = models.CompositePrimaryKey("id", "owner_id")
    owner_id = models.UUIDField()
    id = models.UUIDField()
    kind = models.TextField()
    request_id = models.TextField()
    digest = models.BinaryField()
    amount = models.BigIntegerField()
    reverses = models.UUIDField(null=True)
    reference_kind = models.TextField()
    reference_id = models.UUIDField(null=True)
    rule_version = models.TextField()
    actor = models.TextField()
    reason = models.TextField()
    occurred_at = models.DateTimeField()
    posted_at = models.DateTimeField()
    booked_on = models.DateField()
    account_ids = ArrayField(models.UUIDField())

    class Meta:
        db_table = "ledger_transfer"
        managed = False


class Entry(models.Model):
    """One leg of a transfer on one account. `balance_after` and `seq` are kept for accounts that are locked."""

    pk = models.CompositePrimaryKey("account_id", "transfer_id", "owner_id")
    account_id = models.UUIDField()
    transfer_id = models.UUIDField()
    owner_id = models.UUIDField()
    amount = models.BigIntegerField()
    balance_after = models.BigIntegerField(null=True)
    seq = models.BigIntegerField(null=True)
    booked_on = models.DateField()

    class Meta:
        db_table = "ledger_entry"
        managed = False


class Lot(models.Model):
    """Points that came together and expire together; `remaining` of them are still there."""

    pk = models.CompositePrimaryKey("account_id", "transfer_id", "part", "owner_id")
    account_id = models.UUIDField()
    transfer_id = models.UUIDField()
    part = models.SmallIntegerField()
    owner_id = models.UUIDField()
    funder_id = models.UUIDField(null=True)
    amount = models.BigIntegerField()
    remaining = models.BigIntegerField()
    cost_minor = models.BigIntegerField()
    earned_at = models.DateTimeField()
    active_from = models.DateTimeField()
    expires_at = models.DateTimeField(null=True)
    origin_transfer_id = models.UUIDField(null=True)

    class Meta:
        db_table = "ledger_lot"
        managed = False


class LotMove(models.Model):
    """What a transfer took from a lot (negative) or put back into it (positive)."""

    pk = models.CompositePrimaryKey("account_id", "lot_transfer_id", "lot_part", "transfer_id", "owner_id")
    account_id = models.UUIDField()
    lot_transfer_id = models.UUIDField()
    lot_part = models.SmallIntegerField()
    transfer_id = models.UUIDField()
    owner_id = models.UUIDField()
    amount = models.BigIntegerField()

    class Meta:
        db_table = "ledger_lot_move"
        managed = False


class LotActivation(models.Model):
    """A pending lot became active: who, when, under which request id, and the terms before and after."""

    pk = models.CompositePrimaryKey("owner_id", "request_id", "account_id", "lot_transfer_id", "lot_part")
    owner_id = models.UUIDField()
    request_id = models.TextField()
    account_id = models.UUIDField()
    lot_transfer_id = models.UUIDField()
    lot_part = models.SmallIntegerField()
    active_from = models.DateTimeField()
    expires_at = models.DateTimeField(null=True)
    actor = models.TextField()
    made_at = models.DateTimeField()
    was_active_from = models.DateTimeField()
    was_expires_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "ledger_lot_activation"
        managed = False


class DayDigest(models.Model):
    """The chained SHA-256 over one closed day's entries; includes the digest of the closed day before."""

    day = models.DateField(primary_key=True)
    previous = models.BinaryField()
    digest = models.BinaryField()
    entry_count = models.BigIntegerField()
    closed_at = models.DateTimeField()

    class Meta:
        db_table = "ledger_day_digest"


class DigestChunk(models.Model):
    """Fingerprints (8 bytes each) of up to 4,096 consecutive entries of a closed day: they let audit name the very entry."""

    pk = models.CompositePrimaryKey("day", "number")
    day = models.DateField()
    number = models.IntegerField()
    entry_count = models.IntegerField()
    fingerprints = models.BinaryField()
    digest = models.BinaryField()

    class Meta:
        db_table = "ledger_digest_chunk"
