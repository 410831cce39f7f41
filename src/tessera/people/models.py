"""Tables of the room `people`."""

from typing import ClassVar

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.db import models

from tessera.kit.ids import new_id

__all__ = [
    "CodeDevice",
    "Consent",
    "Erasure",
    "Joining",
    "PasswordTry",
    "Person",
    "Role",
    "ShortCode",
    "SignInCode",
    "UsedCode",
]


class Person(AbstractBaseUser):
    """A human being. `phone` is unique where known; without `registered_at` only a merchant has named him so far.

    The password is optional (empty: none set); signing in is by phone number and code.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    phone = models.TextField(null=True, unique=True)
    password = models.TextField(default="", db_default="", blank=True)
    last_login = None  # sign-ins are rows of their own, not a column that every sign-in writes
    registered_at = models.DateTimeField(null=True)
    nickname = models.TextField(default="", db_default="", blank=True)
    birthday = models.DateField(null=True)
    language = models.TextField(default="zh-Hans", db_default="zh-Hans")
    district = models.TextField(default="", db_default="", blank=True)
    picture = models.TextField(default="", db_default="", blank=True)
    """Name of the stored picture (kit.media); empty: none."""
    erased_at = models.DateTimeField(null=True)
    created_at = models.DateTimeField()

    USERNAME_FIELD = "phone"
    REQUIRED_FIELDS: ClassVar[list[str]] = []

    objects = BaseUserManager["Person"]()

    class Meta:
        db_table = "people_person"
        constraints = [
            models.CheckConstraint(
                name="people_person_phone_e164",
                condition=models.Q(phone__isnull=True) | models.Q(phone__regex=r"^\+[1-9][0-9]{5,14}$"),
            ),
            models.CheckConstraint(
                name="people_person_erased_is_nameless",
                condition=models.Q(erased_at__isnull=True)
                | models.Q(phone__isnull=True, birthday__isnull=True, nickname="", district=""),
            ),
        ]

    @property
    def is_active(self) -> bool:  # type: ignore[override]  # Django only reads it
        """Whether this person may act at all."""
        return self.erased_at is None


class Consent(models.Model):
    """What a person agreed to or withdrew: purpose, the text's version, when, and who wrote it down. Append-only."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    person_id = models.UUIDField()
    purpose = models.TextField()
    text_version = models.TextField()
    given = models.BooleanField()
    at = models.DateTimeField()
    actor = models.TextField()

    class Meta:
        db_table = "people_consent"
        indexes = [models.Index(fields=["person_id", "-id"], name="people_consent_person")]


class Role(models.Model):
    """A role that a person holds for the platform (`scope` narrows it; empty: everywhere)."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    person_id = models.UUIDField()
    role = models.TextField()
    scope = models.TextField(default="", db_default="", blank=True)
    since = models.DateTimeField()
    until = models.DateTimeField(null=True)
    actor = models.TextField()

    class Meta:
        db_table = "people_role"
        constraints = [
            models.UniqueConstraint(
                fields=["person_id", "role", "scope"],
                name="people_role_once_open",
                condition=models.Q(until__isnull=True),
            )
        ]


class Joining(models.Model):
    """A person known only by a merchant's customer number turned out to be a registered person."""

    from_person_id = models.UUIDField(primary_key=True)
    into_person_id = models.UUIDField()
    at = models.DateTimeField()
    actor = models.TextField()

    class Meta:
        db_table = "people_joining"
        indexes = [models.Index(fields=["into_person_id"], name="people_joining_into")]
        constraints = [
            models.CheckConstraint(
                name="people_joining_two_persons",
                condition=~models.Q(from_person_id=models.F("into_person_id")),
            )
        ]


class Erasure(models.Model):
    """A person's name, phone and birthday were taken away: when, by whom, why."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    person_id = models.UUIDField(unique=True)
    at = models.DateTimeField()
    actor = models.TextField()
    reason = models.TextField(blank=True)

    class Meta:
        db_table = "people_erasure"


class SignInCode(models.Model):
    """A code sent to a phone number: its keyed digest, how often it was tried, whether it was used.

    The rows of the last day are also what the limits by number and by address are counted from; `address_digest` is a
    keyed digest of the sender's network address. Rows older than two days are removed by a job.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    phone = models.TextField()
    purpose = models.TextField()
    digest = models.BinaryField(max_length=32)
    address_digest = models.BinaryField(max_length=32)
    sent_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    tries = models.SmallIntegerField(default=0, db_default=0)
    used_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "people_sign_in_code"
        constraints = [
            models.CheckConstraint(
                name="people_sign_in_code_five_tries", condition=models.Q(tries__gte=0, tries__lte=5)
            )
        ]
        indexes = [
            models.Index(fields=["phone", "-sent_at"], name="people_code_phone"),
            models.Index(fields=["address_digest", "-sent_at"], name="people_code_address"),
            models.Index(fields=["sent_at"], name="people_code_sent"),
        ]


class CodeDevice(models.Model):
    """A browser that can show its owner's member code, offline too: `number` and a secret that both sides hold.

    It lives as long as the session it was made in: whoever signs the device out, from wherever, ends its codes.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    person_id = models.UUIDField()
    number = models.TextField(unique=True)
    secret = models.BinaryField(max_length=32)
    session_key = models.TextField(unique=True)
    label = models.TextField(default="", db_default="", blank=True)
    made_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "people_code_device"
        constraints = [
            models.CheckConstraint(
                name="people_code_device_eight_digits", condition=models.Q(number__regex=r"^[0-9]{8}$")
            )
        ]
        indexes = [models.Index(fields=["person_id"], name="people_code_device_person")]


class UsedCode(models.Model):
    """A device's code of one minute was accepted at a counter: never again."""

    pk = models.CompositePrimaryKey("person_id", "device_id", "step")
    person_id = models.UUIDField()
    device_id = models.UUIDField()
    step = models.BigIntegerField()
    merchant_id = models.UUIDField()
    at = models.DateTimeField()
    actor = models.TextField()

    class Meta:
        db_table = "people_used_code"
        indexes = [models.Index(fields=["at"], name="people_used_code_at")]


class ShortCode(models.Model):
    """The eight digits that a person can say at a counter now; each new one takes the place of the one before."""

    person_id = models.UUIDField(primary_key=True)
    code = models.TextField(unique=True)
    made_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "people_short_code"
        constraints = [
            models.CheckConstraint(
                name="people_short_code_eight_digits", condition=models.Q(code__regex=r"^[0-9]{8}$")
            )
        ]


class PasswordTry(models.Model):
    """A number and password that did not match: what the limits on guessing are counted from.

    The number stands here as a keyed digest, so that tries for numbers that nobody has look like all others. Rows
    older than two days are removed by a job.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    phone_digest = models.BinaryField(max_length=32)
    address_digest = models.BinaryField(max_length=32)
    at = models.DateTimeField()

    class Meta:
        db_table = "people_password_try"
        indexes = [
            models.Index(fields=["phone_digest", "-at"], name="people_try_phone"),
            models.Index(fields=["address_digest", "-at"], name="people_try_address"),
            models.Index(fields=["at"], name="people_try_at"),
        ]
