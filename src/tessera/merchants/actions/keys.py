"""API keys are issued and revoked."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from django.db import transaction

from tessera.kit.actors import Actor
from tessera.kit.errors import NotFound
from tessera.merchants.errors import AlreadyRevoked, MerchantInactive, ScopeNotForMerchants, ScopeUnknown
from tessera.merchants.keys import digest_of_secret, forget_keys, new_secret, shown_prefix
from tessera.merchants.models import ApiKey, Merchant
from tessera.merchants.queries import is_suspended
from tessera.merchants.rules import MERCHANT_SCOPES, SCOPES

__all__ = ["issue_key", "revoke_key"]


def issue_key(
    *, merchant_id: UUID | None, label: str, scopes: Sequence[str], now: datetime, actor: Actor
) -> tuple[ApiKey, str]:
    """Make an API key of the merchant (None: of the platform); return it with its secret, shown this once.

    Refuses `not_found`, `scope_unknown`, `scope_not_for_merchants`, and `merchant_inactive` where the operator has
    suspended the merchant and the merchant itself asks.
    """
    for scope in scopes:
        if scope not in SCOPES:
            raise ScopeUnknown(given=scope, known=", ".join(SCOPES))
        if merchant_id is not None and scope not in MERCHANT_SCOPES:
            raise ScopeNotForMerchants(given=scope)
    if merchant_id is not None and not Merchant.objects.filter(pk=merchant_id).exists():
        raise NotFound
    if merchant_id is not None and actor.merchant_id is not None and is_suspended(merchant_id):
        raise MerchantInactive
    secret = new_secret()
    key = ApiKey.objects.create(
        merchant_id=merchant_id,
        label=label,
        digest=digest_of_secret(secret),
        shown_prefix=shown_prefix(secret),
        scopes=sorted(set(scopes)),
        created_at=now,
    )
    return key, secret


def revoke_key(*, key_id: UUID, now: datetime, actor: Actor) -> ApiKey:
    """Take a key out of use: at once in this process, within seconds in others.

    Refuses `not_found` and `already_revoked`.
    """
    key = ApiKey.objects.select_for_update(no_key=True).filter(pk=key_id).first()
    if key is None:
        raise NotFound
    if key.revoked_at:
        raise AlreadyRevoked(revoked_at=key.revoked_at.isoformat())
    key.revoked_at = now
    key.save(update_fields=["revoked_at"])
    forget_keys()
    transaction.on_commit(forget_keys)
    return key
