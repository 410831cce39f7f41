"""Tables of purchases and returns. Distribution key: the member; of receipts: the merchant."""

from django.db import models

__all__ = [
    "Import",
    "ImportFault",
    "Purchase",
    "PurchaseLine",
    "Receipt",
    "Return",
    "ReturnLine",
    "ReturnMatch",
]


class Receipt(models.Model):
    """The identity of a purchase or return: merchant and receipt number, once."""

    pk = models.CompositePrimaryKey("merchant_id", "number")
    merchant_id = models.UUIDField()
    number = models.TextField()
    kind = models.TextField()
    member_id = models.UUIDField()
    object_id = models.UUIDField()
    digest = models.BinaryField()

    class Meta:
        db_table = "orders_receipt"


class Purchase(models.Model):
    """What a member bought and earned: under which revision of the merchant's rules, and why (`context`, `fired`)."""

    pk = models.CompositePrimaryKey("member_id", "id")
    member_id = models.UUIDField()
    id = models.UUIDField()
    merchant_id = models.UUIDField()
    store_id = models.UUIDField(null=True)
    receipt_number = models.TextField()
    occurred_at = models.DateTimeField()
    recorded_at = models.DateTimeField()
    currency = models.TextField()
    amount_minor = models.BigIntegerField()
    points = models.BigIntegerField()
    points_returned = models.BigIntegerField(default=0, db_default=0)
    transfer_id = models.UUIDField(null=True)
    rules_revision = models.IntegerField()
    context = models.JSONField()
    fired = models.JSONField()
    source = models.TextField()
    actor = models.TextField()

    class Meta:
        db_table = "orders_purchase"
        constraints = [
            models.CheckConstraint(
                condition=models.Q(points_returned__gte=0)
                & models.Q(points_returned__lte=models.F("points")),
                name="orders_purchase_returned_within",
            )
        ]
        indexes = [models.Index(fields=["merchant_id", "id"], name="orders_purchase_merchant")]


class PurchaseLine(models.Model):
    """One line of a purchase; `returned_quantity` of it came back."""

    pk = models.CompositePrimaryKey("purchase_id", "line_no", "member_id")
    member_id = models.UUIDField()
    purchase_id = models.UUIDField()
    line_no = models.IntegerField()
    product_id = models.UUIDField()
    quantity = models.IntegerField()
    amount_minor = models.BigIntegerField()
    points = models.BigIntegerField()
    returned_quantity = models.IntegerField(default=0, db_default=0)

    class Meta:
        db_table = "orders_purchase_line"
        constraints = [
            models.CheckConstraint(
                condition=models.Q(returned_quantity__gte=0)
                & models.Q(returned_quantity__lte=models.F("quantity")),
                name="orders_line_returned_within",
            )
        ]
        indexes = [
            models.Index(fields=["member_id", "product_id", "purchase_id"], name="orders_line_product")
        ]


class Return(models.Model):
    """Goods that came back, with the points that were clawed back for them."""

    pk = models.CompositePrimaryKey("member_id", "id")
    member_id = models.UUIDField()
    id = models.UUIDField()
    merchant_id = models.UUIDField()
    receipt_number = models.TextField()
    occurred_at = models.DateTimeField()
    recorded_at = models.DateTimeField()
    points = models.BigIntegerField()
    source = models.TextField()
    actor = models.TextField()

    class Meta:
        db_table = "orders_return"
        indexes = [models.Index(fields=["merchant_id", "id"], name="orders_return_merchant")]


class ReturnLine(models.Model):
    """One line of a return; `unmatched_quantity` of it was never bought here and takes nothing back."""

    pk = models.CompositePrimaryKey("member_id", "return_id", "line_no")
    member_id = models.UUIDField()
    return_id = models.UUIDField()
    line_no = models.IntegerField()
    product_id = models.UUIDField()
    quantity = models.IntegerField()
    unmatched_quantity = models.IntegerField()
    points = models.BigIntegerField()

    class Meta:
        db_table = "orders_return_line"


class ReturnMatch(models.Model):
    """Which purchase's line a returned quantity belongs to, and the points it took back."""

    pk = models.CompositePrimaryKey("member_id", "return_id", "line_no", "purchase_id", "purchase_line_no")
    member_id = models.UUIDField()
    return_id = models.UUIDField()
    line_no = models.IntegerField()
    purchase_id = models.UUIDField()
    purchase_line_no = models.IntegerField()
    quantity = models.IntegerField()
    points = models.BigIntegerField()

    class Meta:
        db_table = "orders_return_match"
        indexes = [models.Index(fields=["member_id", "purchase_id"], name="orders_match_purchase")]


class Import(models.Model):
    """A file of purchases on its way in: what it is, how it is read, and how far it came.

    `next_place` counts the file's receipts that are done; it moves in the transaction that records them, with `counts`.
    """

    id = models.UUIDField(primary_key=True, editable=False)
    merchant_id = models.UUIDField()
    file_name = models.TextField()
    file_sha256 = models.BinaryField(max_length=32)
    reading = models.JSONField()
    next_place = models.BigIntegerField(default=0, db_default=0)
    counts = models.JSONField(default=dict)
    begun_at = models.DateTimeField()
    moved_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True)
    actor = models.TextField()

    class Meta:
        db_table = "orders_import"
        indexes = [models.Index(fields=["merchant_id", "-id"], name="orders_import_merchant")]


class ImportFault(models.Model):
    """Why a line of an imported file had no effect; `details` hold no personal data."""

    pk = models.CompositePrimaryKey("import_id", "line_no")
    import_id = models.UUIDField()
    line_no = models.BigIntegerField()
    receipt_number = models.TextField(blank=True)
    code = models.TextField()
    details = models.JSONField(default=dict)

    class Meta:
        db_table = "orders_import_fault"
