"""Tables of the room `catalog`."""

from django.db import models

from tessera.kit.ids import new_id

__all__ = ["Category", "Price", "Product", "ProductFile"]


class Category(models.Model):
    """A merchant's own grouping of products; may stand under another one."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    merchant = models.ForeignKey("merchants.Merchant", on_delete=models.PROTECT, related_name="+")
    name = models.TextField()
    parent = models.ForeignKey("self", on_delete=models.PROTECT, related_name="children", null=True)
    created_at = models.DateTimeField()

    class Meta:
        db_table = "catalog_category"
        constraints = [
            models.UniqueConstraint(
                fields=["merchant", "parent", "name"],
                name="catalog_category_name_once",
                nulls_distinct=False,
            )
        ]


class Product(models.Model):
    """Something a merchant sells; its price is in the smallest unit of the merchant's currency."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    merchant = models.ForeignKey("merchants.Merchant", on_delete=models.PROTECT, related_name="+")
    sku = models.TextField()
    name = models.TextField()
    gtin = models.TextField(default="", db_default="", blank=True)
    category = models.ForeignKey(Category, on_delete=models.PROTECT, related_name="products", null=True)
    price_minor = models.BigIntegerField(null=True)
    picture = models.TextField(default="", db_default="", blank=True)
    """Name of the stored picture (kit.media); empty: none."""
    withdrawn_at = models.DateTimeField(null=True)
    created_at = models.DateTimeField()

    class Meta:
        db_table = "catalog_product"
        constraints = [
            models.UniqueConstraint(fields=["merchant", "sku"], name="catalog_product_sku_once"),
            models.UniqueConstraint(
                fields=["merchant", "gtin"], name="catalog_product_gtin_once", condition=~models.Q(gtin="")
            ),
            models.CheckConstraint(
                name="catalog_product_price_not_negative",
                condition=models.Q(price_minor__isnull=True) | models.Q(price_minor__gte=0),
            ),
        ]
        indexes = [
            models.Index(fields=["merchant", "id"], name="catalog_product_page"),
            models.Index(fields=["category", "id"], name="catalog_product_category"),
        ]


class Price(models.Model):
    """The price of a product from a moment on (None: no price any more)."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    product = models.ForeignKey(Product, on_delete=models.PROTECT, related_name="prices")
    price_minor = models.BigIntegerField(null=True)
    from_at = models.DateTimeField()
    actor = models.TextField()

    class Meta:
        db_table = "catalog_price"
        indexes = [models.Index(fields=["product", "-from_at"], name="catalog_price_from")]


class ProductFile(models.Model):
    """A table of products that somebody sent: looked at first, brought in once; then what came of it stays."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    merchant = models.ForeignKey("merchants.Merchant", on_delete=models.PROTECT, related_name="+")
    name = models.TextField()
    content = models.BinaryField()
    """The bytes as they came; emptied when the file is brought in."""
    encoding = models.TextField()
    delimiter = models.TextField()
    made_at = models.DateTimeField()
    actor = models.TextField()
    done_at = models.DateTimeField(null=True)
    counts = models.JSONField(default=dict)
    faults = models.JSONField(default=list)
    """Lines that were refused: number in the file, article number, code and details of the refusal."""

    class Meta:
        db_table = "catalog_product_file"
        indexes = [models.Index(fields=["merchant", "-id"], name="catalog_file_merchant")]
