"""Tables of the room `merchants`."""

from django.contrib.postgres.fields import ArrayField
from django.db import models

from tessera.kit.ids import new_id

__all__ = [
    "ApiKey",
    "Approval",
    "Customer",
    "CustomerNumber",
    "Declination",
    "Employment",
    "Merchant",
    "Store",
    "Suspension",
]


class Merchant(models.Model):
    """A business that sells and issues points; the id of its points unit is this id."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    name = models.TextField()
    code = models.TextField(default="", db_default="", blank=True)
    phone = models.TextField(default="", db_default="", blank=True)
    currency = models.TextField(default="CNY", db_default="CNY")
    time_zone = models.TextField(default="Asia/Shanghai", db_default="Asia/Shanghai")
    rules_revision = models.IntegerField(default=0, db_default=0)
    created_at = models.DateTimeField()

    class Meta:
        db_table = "merchants_merchant"
        constraints = [
            models.UniqueConstraint(
                fields=["code"], name="merchants_merchant_code_once", condition=~models.Q(code="")
            )
        ]
        indexes = [
            models.Index(fields=["name"], name="merchants_merchant_name"),
            models.Index(fields=["phone"], name="merchants_merchant_phone", condition=~models.Q(phone="")),
        ]


class Approval(models.Model):
    """The operator let this merchant take part: once."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    merchant = models.OneToOneField(Merchant, on_delete=models.PROTECT, related_name="approval")
    at = models.DateTimeField()
    actor = models.TextField()

    class Meta:
        db_table = "merchants_approval"


class Declination(models.Model):
    """The operator declined this merchant's application; over when the merchant applies anew or is approved."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    merchant = models.ForeignKey(Merchant, on_delete=models.PROTECT, related_name="declinations")
    at = models.DateTimeField()
    actor = models.TextField()
    reason = models.TextField()
    lifted_at = models.DateTimeField(null=True)
    lifted_by = models.TextField(default="", db_default="", blank=True)

    class Meta:
        db_table = "merchants_declination"
        constraints = [
            models.UniqueConstraint(
                fields=["merchant"],
                name="merchants_declination_one_open",
                condition=models.Q(lifted_at__isnull=True),
            )
        ]


class Suspension(models.Model):
    """The operator stopped this merchant; over when lifted."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    merchant = models.ForeignKey(Merchant, on_delete=models.PROTECT, related_name="suspensions")
    at = models.DateTimeField()
    actor = models.TextField()
    reason = models.TextField()
    lifted_at = models.DateTimeField(null=True)
    lifted_by = models.TextField(default="", db_default="", blank=True)

    class Meta:
        db_table = "merchants_suspension"
        constraints = [
            models.UniqueConstraint(
                fields=["merchant"],
                name="merchants_suspension_one_open",
                condition=models.Q(lifted_at__isnull=True),
            )
        ]


class Store(models.Model):
    """A place where a merchant sells. Coordinates are ten-millionths of a degree (WGS 84)."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    merchant = models.ForeignKey(Merchant, on_delete=models.PROTECT, related_name="stores")
    number = models.TextField()
    name = models.TextField()
    address = models.TextField(default="", db_default="", blank=True)
    district = models.TextField(default="", db_default="", blank=True)
    latitude_e7 = models.IntegerField(null=True)
    longitude_e7 = models.IntegerField(null=True)
    created_at = models.DateTimeField()
    closed_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "merchants_store"
        constraints = [
            models.UniqueConstraint(fields=["merchant", "number"], name="merchants_store_number_once"),
            models.CheckConstraint(
                name="merchants_store_on_earth",
                condition=models.Q(latitude_e7__isnull=True, longitude_e7__isnull=True)
                | models.Q(
                    latitude_e7__range=(-900_000_000, 900_000_000),
                    longitude_e7__range=(-1_800_000_000, 1_800_000_000),
                ),
            ),
        ]
        indexes = [models.Index(fields=["district"], name="merchants_store_district")]


class Employment(models.Model):
    """A person works for a merchant in a role, at one store or (no store) at all of them, until it ends."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    person_id = models.UUIDField()
    merchant = models.ForeignKey(Merchant, on_delete=models.PROTECT, related_name="employments")
    store = models.ForeignKey(Store, on_delete=models.PROTECT, related_name="employments", null=True)
    role = models.TextField()
    since = models.DateTimeField()
    until = models.DateTimeField(null=True)
    actor = models.TextField()

    class Meta:
        db_table = "merchants_employment"
        constraints = [
            models.UniqueConstraint(
                fields=["merchant", "person_id", "store", "role"],
                name="merchants_employment_once_open",
                condition=models.Q(until__isnull=True),
                nulls_distinct=False,
            ),
            models.CheckConstraint(
                name="merchants_employment_role",
                condition=models.Q(role__in=["owner", "manager", "cashier", "guide"]),
            ),
        ]
        indexes = [models.Index(fields=["person_id"], name="merchants_employment_person")]


class ApiKey(models.Model):
    """What a machine shows to act for a merchant (no merchant: for the operator). Only the secret's digest is kept."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    merchant = models.ForeignKey(Merchant, on_delete=models.PROTECT, related_name="api_keys", null=True)
    label = models.TextField()
    digest = models.BinaryField(max_length=32, unique=True)
    shown_prefix = models.TextField()
    scopes = ArrayField(models.TextField())
    created_at = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True)
    last_used_on = models.DateField(null=True)

    class Meta:
        db_table = "merchants_api_key"


class Customer(models.Model):
    """A person is known to a merchant. Hot: purchases add rows, so there is no foreign key."""

    pk = models.CompositePrimaryKey("merchant_id", "person_id")
    merchant_id = models.UUIDField()
    person_id = models.UUIDField()
    level = models.TextField(default="", db_default="", blank=True)
    phone_given = models.BooleanField(default=False, db_default=False)
    """The merchant itself named this customer by the phone number: it may see the number whole."""
    joined_at = models.DateTimeField()

    class Meta:
        db_table = "merchants_customer"
        indexes = [models.Index(fields=["person_id"], name="merchants_customer_person")]


class CustomerNumber(models.Model):
    """A merchant's own number for a customer; `proven_at` says when the person showed that it is his."""

    pk = models.CompositePrimaryKey("merchant_id", "number")
    merchant_id = models.UUIDField()
    number = models.TextField()
    person_id = models.UUIDField()
    proven_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "merchants_customer_number"
        indexes = [models.Index(fields=["merchant_id", "person_id"], name="merchants_number_person")]
