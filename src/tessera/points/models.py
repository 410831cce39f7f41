"""Tables of the room `points`. Versions are written once; what changes with every purchase is `CapUse` alone."""

from django.contrib.postgres.fields import ArrayField
from django.db import models

from tessera.kit.ids import new_id

__all__ = ["CapUse", "EarningRule", "EarningRuleVersion", "ExpiryWarning", "ProgrammeVersion"]


class EarningRule(models.Model):
    """A merchant's rule; what it says is in its versions. Ended is final: the last version ends the rule's window."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    merchant = models.ForeignKey("merchants.Merchant", on_delete=models.PROTECT, related_name="+")
    name = models.TextField()
    kind = models.TextField()
    created_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "points_earning_rule"
        constraints = [
            models.CheckConstraint(
                name="points_rule_kind",
                condition=models.Q(kind__in=["product", "category", "spend", "multiplier", "cap"]),
            )
        ]
        indexes = [models.Index(fields=["merchant", "id"], name="points_rule_page")]


class EarningRuleVersion(models.Model):
    """One wording of a rule, never changed: from `revision` of the merchant's rule book on, greatest version wins.

    A version whose window is empty ends the rule.
    """

    pk = models.CompositePrimaryKey("rule_id", "version")
    rule = models.ForeignKey(EarningRule, on_delete=models.PROTECT, related_name="versions")
    version = models.IntegerField()
    merchant_id = models.UUIDField()
    revision = models.IntegerField()
    terms = models.JSONField()
    effective_from = models.DateTimeField()
    effective_until = models.DateTimeField(null=True)
    store_ids = ArrayField(models.UUIDField(), default=list)
    position = models.IntegerField(default=0)
    created_at = models.DateTimeField()
    actor = models.TextField()

    class Meta:
        db_table = "points_earning_rule_version"
        constraints = [
            models.UniqueConstraint(
                fields=["merchant_id", "revision"], name="points_rule_version_revision_once"
            ),
            models.CheckConstraint(
                name="points_rule_version_window",
                condition=models.Q(effective_until__isnull=True)
                | models.Q(effective_until__gte=models.F("effective_from")),
            ),
        ]


class ProgrammeVersion(models.Model):
    """One version of a merchant's terms for points, never changed."""

    pk = models.CompositePrimaryKey("merchant_id", "version")
    merchant = models.ForeignKey("merchants.Merchant", on_delete=models.PROTECT, related_name="+")
    version = models.IntegerField()
    revision = models.IntegerField()
    effective_from = models.DateTimeField()
    pending_days = models.IntegerField()
    expiry = models.JSONField()
    unclaimed_days = models.IntegerField()
    point_cost_num = models.BigIntegerField()
    point_cost_den = models.BigIntegerField()
    created_at = models.DateTimeField()
    actor = models.TextField()

    class Meta:
        db_table = "points_programme_version"
        constraints = [
            models.UniqueConstraint(fields=["merchant", "revision"], name="points_programme_revision_once"),
            models.CheckConstraint(
                name="points_programme_bounds",
                condition=models.Q(
                    pending_days__range=(0, 365),
                    unclaimed_days__range=(1, 3650),
                    point_cost_num__gte=0,
                    point_cost_den__gte=1,
                ),
            ),
        ]


class CapUse(models.Model):
    """Points that a cap has let through for one member on one merchant-local day."""

    pk = models.CompositePrimaryKey("member_id", "rule_id", "on_day")
    member_id = models.UUIDField()
    rule_id = models.UUIDField()
    on_day = models.DateField()
    points = models.BigIntegerField()

    class Meta:
        db_table = "points_cap_use"


class ExpiryWarning(models.Model):
    """A member was told, once, how many points of a merchant end with a merchant-local day."""

    pk = models.CompositePrimaryKey("member_id", "merchant_id", "on_day")
    member_id = models.UUIDField()
    merchant_id = models.UUIDField()
    on_day = models.DateField()
    points = models.BigIntegerField()
    warned_at = models.DateTimeField()

    class Meta:
        db_table = "points_expiry_warning"
